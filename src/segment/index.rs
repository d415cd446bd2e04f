//! The index of a segment's packets: recorded while it is written, or read from the file after a crash.

use crate::av::{Demuxer, Packet, StreamParameters};
use crate::error::Result;
use crate::settings::Container;
use crate::time::{TimeBase, Timestamp};

/// The most ticks between decoding and presentation of a packet: FFmpeg reads no more from an MP4 (2²⁸, in
/// `mov_read_ctts`).
pub(crate) const MAX_DELAY: i64 = (1 << 28) - 1;

/// A packet, in ticks of its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IndexedPacket {
    /// When its frame is shown.
    pub(crate) pts: i64,
    /// When its frame is decoded.
    pub(crate) dts: i64,
    /// How long its frame is shown.
    pub(crate) duration: i64,
    /// Its bytes in the file.
    pub(crate) bytes: u32,
    /// Whether decoding can start with it.
    pub(crate) keyframe: bool,
}

/// The packets of a segment, in decoding order.
#[derive(Clone, Debug)]
pub(crate) struct PacketIndex {
    /// The time base of the packets.
    pub(crate) time_base: TimeBase,
    packets: Vec<IndexedPacket>,
}

impl PacketIndex {
    /// Makes an empty index.
    pub(crate) fn new(time_base: TimeBase) -> Self {
        Self { time_base, packets: Vec::new() }
    }

    /// Adds a packet with `bytes` bytes in the file.
    pub(crate) fn push(&mut self, packet: IndexedPacket, bytes: u64) {
        self.packets.push(IndexedPacket { bytes: u32::try_from(bytes).unwrap_or(u32::MAX), ..packet });
    }

    pub(crate) fn packets(&self) -> &[IndexedPacket] {
        &self.packets
    }

    /// Returns the packets, whose times may be changed.
    pub(crate) fn packets_mut(&mut self) -> &mut [IndexedPacket] {
        &mut self.packets
    }

    /// Returns the duration to store with packet `place` in this container.
    pub(crate) fn stored_duration(&self, place: usize, container: Container) -> i64 {
        match self.packets[place..] {
            [last] => self.stored_last_duration(last, container),
            _ => self.packets[place].duration,
        }
    }

    /// Returns the duration to store with `last`, the last packet in decoding order. An MP4 stores the times from one
    /// packet to the next, and readers add them up, so the last one reaches to the end of the movie, even if another frame
    /// is shown last. It is not decoded earlier than `decode_last_late` allows, so it does not end after the movie.
    pub(crate) fn stored_last_duration(&self, last: IndexedPacket, container: Container) -> i64 {
        if !container.is_mp4_family() {
            return last.duration;
        }
        let (mut start, mut end) = (last.pts, last.pts.saturating_add(last.duration));
        for packet in &self.packets {
            (start, end) = (start.min(packet.pts), end.max(packet.pts.saturating_add(packet.duration)));
        }
        let before = last.dts.saturating_sub(self.packets.first().map_or(last.dts, |first| first.dts));
        let rest = end.saturating_sub(start).saturating_sub(before);
        last.duration.max(rest)
    }

    /// Decodes the last packet as late as [`last_decoding_time`] says.
    pub(crate) fn decode_last_late(&mut self) {
        let start = self.start();
        let ahead = self.packets.first().map_or(0, |first| start.saturating_sub(first.dts));
        if let Some(last) = self.packets.last_mut() {
            last.dts = last_decoding_time(last.pts, last.dts, ahead);
        }
    }

    /// Lets the last frame end `length` ticks after the first one starts, if that makes it longer.
    pub(crate) fn lengthen(&mut self, length: i64) {
        let start = self.start();
        let Some(last) = self.packets.iter_mut().max_by_key(|packet| packet.pts) else { return };
        let duration = start.saturating_add(length).saturating_sub(last.pts);
        if i32::try_from(duration).is_ok() && duration > last.duration {
            last.duration = duration;
        }
    }

    /// Returns the ticks from the start of the first frame to the end of the last one.
    pub(crate) fn length(&self) -> i64 {
        self.end().ticks.saturating_sub(self.start())
    }

    /// Returns when the first frame is shown.
    fn start(&self) -> i64 {
        self.packets.iter().map(|packet| packet.pts).min().unwrap_or(0)
    }

    /// Returns the end of the last frame.
    pub(crate) fn end(&self) -> Timestamp {
        self.time_base.at(self
            .packets
            .iter()
            .map(|packet| packet.pts.saturating_add(packet.duration))
            .max()
            .unwrap_or(0))
    }

    /// Reads the packets of `movie` with `next_packet`, up to the first packet that `is_whole` rejects. Demuxers do not
    /// report durations reliably, so a frame lasts until the next is shown, and the last one a frame period, or as long
    /// as the one before.
    pub(crate) fn read(
        movie: &mut Demuxer,
        container: Container,
        next_packet: impl Fn(&mut Demuxer) -> Result<Option<Packet>>,
        is_whole: impl Fn(&Packet) -> bool,
    ) -> Result<Self> {
        let stream = movie.stream_parameters()?;
        let mut index = Self::new(stream.time_base);
        while let Some(packet) = next_packet(movie)? {
            if !is_whole(&packet) {
                break;
            }
            index.push(IndexedPacket::of(&packet), packet.bytes());
        }
        if container.is_matroska() {
            let shown: Vec<_> = index.packets.iter().map(|packet| packet.pts).collect();
            for (packet, dts) in index.packets.iter_mut().zip(decoding_times(shown)) {
                packet.dts = dts;
            }
        }
        index.complete_durations(movie, &stream);
        Ok(index)
    }

    /// Leaves out all packets behind the first `packets`.
    pub(crate) fn truncate(&mut self, packets: usize, movie: &Demuxer) -> Result<()> {
        self.packets.truncate(packets);
        self.complete_durations(movie, &movie.stream_parameters()?);
        Ok(())
    }

    fn complete_durations(&mut self, movie: &Demuxer, stream: &StreamParameters) {
        let mut shown: Vec<_> = self.packets.iter().map(|packet| packet.pts).collect();
        shown.sort_unstable();
        let Some(last) = shown.last().copied() else { return };
        let before = shown.len().checked_sub(2).map(|place| last.saturating_sub(shown[place]));
        // FFmpeg computes a rate from durations, which may be damaged; a muxer accepts no longer ones.
        let rate_period = stream.frame_ticks().filter(|ticks| i32::try_from(*ticks).is_ok());
        let period = rate_period.or(before).or_else(|| movie.duration()).unwrap_or(1);
        let end = last.saturating_add(period);
        for packet in &mut self.packets {
            let next = shown.partition_point(|time| *time <= packet.pts);
            packet.duration = shown.get(next).copied().unwrap_or(end).saturating_sub(packet.pts);
        }
    }
}

impl IndexedPacket {
    /// Returns the index entry of a packet.
    pub(crate) fn of(packet: &Packet) -> Self {
        let pts = presentation_time(packet);
        Self {
            pts,
            dts: packet.dts().unwrap_or(pts),
            duration: packet.duration(),
            bytes: u32::try_from(packet.bytes()).unwrap_or(u32::MAX),
            keyframe: packet.is_keyframe(),
        }
    }
}

/// Returns the presentation time. AVI only stores the decoding time, which is the same there.
fn presentation_time(packet: &Packet) -> i64 {
    packet.pts().or(packet.dts()).unwrap_or(0)
}

/// Returns the decoding time of a movie's last packet, which its encoder decodes at `dts`: at least as late as if it were
/// the first one, which is decoded `ahead` ticks before it is shown. If the times of frames vary, an encoder may decode
/// the last packet much earlier. Then the durations that an MP4 stores would end before the movie, or the last frame after
/// it.
pub(crate) fn last_decoding_time(pts: i64, dts: i64, ahead: i64) -> i64 {
    dts.max(pts.saturating_sub(ahead.max(0)))
}

/// Returns a decoding time for each frame from the presentation times in decoding order: the earliest presentation time
/// of this or a later frame. It never decreases, and is never after the frame's own presentation time.
pub(crate) fn decoding_times(mut presentation_times: Vec<i64>) -> Vec<i64> {
    let mut earliest = i64::MAX;
    for time in presentation_times.iter_mut().rev() {
        earliest = earliest.min(*time);
        *time = earliest;
    }
    presentation_times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_times_never_fall_and_never_follow_the_picture() {
        let shown = vec![0, 160, 80, 40, 120, 320, 240];
        let decoded = decoding_times(shown.clone());
        assert_eq!(decoded, [0, 40, 40, 40, 120, 240, 240]);
        assert!(decoded.iter().zip(&shown).all(|(dts, pts)| dts <= pts));
    }

    /// Makes an index of frames that are shown at these times and decoded once per tick, the last one for `held` ticks.
    fn index(shown: &[i64], held: i64) -> PacketIndex {
        let mut index = PacketIndex::new(TimeBase { numerator: 1, denominator: 10 });
        let last = shown.iter().max().copied().unwrap_or(0);
        for (pts, dts) in shown.iter().zip(-1..) {
            let duration = if *pts == last { held } else { 1 };
            index.push(IndexedPacket { pts: *pts, dts, duration, bytes: 1, keyframe: false }, 1);
        }
        index
    }

    #[test]
    fn the_stored_durations_of_an_mp4_add_up_to_the_movie() {
        for (shown, held, stored) in [
            (&[0][..], 30, 30),
            (&[0, 1, 2, 3], 30, 30),
            (&[0, 1, 3, 2], 1, 1),
            (&[0, 1, 3, 2], 30, 30),
            (&[0, 2, 1, 4, 3], 1, 1),
        ] {
            let index = index(shown, held);
            let last = shown.len() - 1;
            assert_eq!(index.stored_duration(last, Container::Mp4), stored, "{shown:?}");
            let sum = last as i64 + stored;
            assert_eq!(sum, index.end().ticks, "{shown:?}");
            assert_eq!(index.stored_duration(last, Container::Mkv), index.packets()[last].duration);
        }
    }

    #[test]
    fn a_recorded_length_only_makes_a_movie_longer() {
        let ended = |shown: &[i64], length: i64| {
            let mut index = index(shown, 1);
            index.lengthen(length);
            index.end().ticks
        };
        assert_eq!([ended(&[0, 1, 2], 32), ended(&[0, 1, 2], 2), ended(&[0, 1, 2], i64::MAX)], [32, 3, 3]);
        assert_eq!([ended(&[0, 2, 1], 32), ended(&[0, 2, 1], 2)], [32, 3]);
        assert_eq!(ended(&[5, 6], 12), 17);
    }

    #[test]
    fn times_at_the_end_of_their_range_do_not_overflow() {
        let mut index = PacketIndex::new(TimeBase { numerator: 1, denominator: 1 });
        let packet = IndexedPacket { pts: i64::MAX, dts: 0, duration: i64::MAX, bytes: 0, keyframe: true };
        index.push(packet, 1);
        assert_eq!(index.end().ticks, i64::MAX);
    }
}
