//! Computes when packets are shown and decoded, from the numbers and times of frames: pure arithmetic.

use std::collections::VecDeque;

use crate::segment::{MAX_DELAY, last_decoding_time};
use crate::time::TimeBase;

/// The clock of the movie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MovieClock {
    pub(crate) time_base: TimeBase,
    /// Ticks of a frame period.
    pub(crate) frame_ticks: i64,
    /// The most ticks between two frames of one encoder; `None` if there is no limit.
    pub(crate) most_gap: Option<i64>,
}

impl MovieClock {
    /// Makes a clock for packets that are decoded up to `reordered` frames before they are shown; 0 if none is, or if the
    /// container can store any delay.
    pub(crate) fn new(time_base: TimeBase, frame_ticks: i64, reordered: u32) -> Self {
        let most_gap = (reordered > 0).then(|| MAX_DELAY / i64::from(reordered));
        Self { time_base, frame_ticks, most_gap }
    }

    /// Returns whether, at the movie's own rate, packets would be decoded earlier than the container can store.
    pub(crate) fn is_too_slow_to_reorder(&self) -> bool {
        self.most_gap.is_some_and(|most| self.frame_ticks > most)
    }
}

/// The presentation time, the decoding time and the duration of a packet, in ticks of the movie's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) pts: i64,
    pub(crate) dts: i64,
    pub(crate) duration: i64,
}

/// A frame whose packet has not arrived yet.
struct PendingFrame {
    index: i64,
    pts: i64,
    /// Known once the next frame, or the end, is known.
    duration: Option<i64>,
}

/// The times of frames, by their numbers.
pub(crate) struct PacketTimes {
    clock: MovieClock,
    frames: i64,
    shown: VecDeque<PendingFrame>,
    /// The numbers and presentation times of frames. For each packet, an encoder names the frame at whose time the packet
    /// is decoded. Frames before that frame are removed.
    decoded: VecDeque<(i64, i64)>,
    /// The decoding time of the last packet.
    last_dts: Option<i64>,
    /// An encoder's first packets are decoded before its first frame is shown, this many ticks apart. Known from the
    /// first packet on.
    lead: Option<i64>,
    /// The number of packets that were taken or kept.
    packets: i64,
    /// By how many frames the movie's packets are decoded before they would be without reordering. Known from the first
    /// packet on.
    delay: Option<i64>,
    /// How many ticks before its presentation the movie's first packet is decoded. Known from that packet on.
    ahead: Option<i64>,
    /// Whether all frames were added, and the end of the last one is known.
    is_complete: bool,
}

impl PacketTimes {
    pub(crate) fn new(clock: MovieClock) -> Self {
        Self {
            clock,
            frames: 0,
            shown: VecDeque::new(),
            decoded: VecDeque::new(),
            last_dts: None,
            lead: None,
            packets: 0,
            delay: None,
            ahead: None,
            is_complete: false,
        }
    }

    /// Counts a frame of an earlier run, whose packet is decoded at `dts`, in decoding order.
    pub(crate) fn keep(&mut self, dts: i64) {
        self.frames += 1;
        self.last_dts = Some(dts);
        self.delay.get_or_insert(-dts / self.clock.frame_ticks);
        self.ahead.get_or_insert(-dts);
        self.packets += 1;
    }

    /// Ends the last frame at `pts`. Returns whether packets of an encoder that continues beyond it would span more
    /// time than a container can store.
    pub(crate) fn end_last(&mut self, pts: i64) -> bool {
        let Some((_, last)) = self.decoded.back() else { return false };
        let gap = pts - last;
        if let Some(last) = self.shown.back_mut() {
            last.duration = Some(pts - last.pts);
        }
        self.clock.most_gap.is_some_and(|most| gap > most)
    }

    /// Ends the last frame of the movie at `pts`: no more frames are added.
    pub(crate) fn complete(&mut self, pts: i64) {
        self.end_last(pts);
        self.is_complete = true;
    }

    /// Starts a new encoder, none of whose packets is decoded at the time of an earlier frame.
    pub(crate) fn restart(&mut self) {
        self.decoded.clear();
        (self.lead, self.delay) = (None, None);
    }

    /// Adds a frame that is shown at `pts`; returns its number.
    pub(crate) fn add(&mut self, pts: i64) -> i64 {
        let index = self.frames;
        self.frames += 1;
        self.shown.push_back(PendingFrame { index, pts, duration: None });
        self.decoded.push_back((index, pts));
        index
    }

    /// Returns whether all packets of the movie have been taken.
    pub(crate) fn have_ended(&self) -> bool {
        self.is_complete && self.shown.is_empty()
    }

    /// Returns the number of frames whose packets have not arrived.
    pub(crate) fn missing(&self) -> usize {
        self.shown.len()
    }

    /// Returns whether a frame's packet can be timed; `None` if there is no such frame.
    pub(crate) fn is_known(&self, shown: i64) -> Option<bool> {
        self.shown.iter().find(|frame| frame.index == shown).map(|frame| frame.duration.is_some())
    }

    /// Returns the times of the packet that shows one frame and is decoded at the time of another. Packets come in
    /// decoding order, each once.
    pub(crate) fn take(&mut self, shown: i64, decoded: i64) -> Option<Times> {
        let place = self.shown.iter().position(|frame| frame.index == shown && frame.duration.is_some())?;
        let frame = self.shown.remove(place)?;
        // The encoder of a short segment reorders less, or not at all. Its packets keep the delay of the others, because
        // players compute the frame rate from decoding times.
        let delay = *self.delay.get_or_insert(self.packets - decoded);
        let dts = self.decoding_time(decoded.min(self.packets - delay));
        let ahead = *self.ahead.get_or_insert(frame.pts - dts);
        let dts = if self.have_ended() { last_decoding_time(frame.pts, dts, ahead) } else { dts };
        self.packets += 1;
        self.last_dts = Some(dts);
        Some(Times { pts: frame.pts, dts, duration: frame.duration? })
    }

    /// Returns the time of the frame with this number. Packets that are decoded before an encoder's first frame is
    /// shown are a frame period apart, or less if another encoder's packets are decoded shortly before.
    fn decoding_time(&mut self, index: i64) -> i64 {
        while self.decoded.len() > 1 && self.decoded.front().is_some_and(|(earlier, _)| *earlier < index) {
            self.decoded.pop_front();
        }
        let Some((first, pts)) = self.decoded.front().copied() else { return index * self.clock.frame_ticks };
        let ahead = first - index;
        let room = self.last_dts.map(|last| (pts - last) / (ahead + 1));
        let lead =
            *self.lead.get_or_insert(room.map_or(self.clock.frame_ticks, |room| room.min(self.clock.frame_ticks)));
        pts - ahead * lead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(reordered: u32) -> MovieClock {
        MovieClock::new(TimeBase { numerator: 1, denominator: 60_000 }, 2_000, reordered)
    }

    #[test]
    fn packets_get_the_times_of_their_frames() {
        let mut times = PacketTimes::new(clock(5));
        let shown = [0, 500, 7_000, 7_100];
        for pts in shown {
            assert!(!times.end_last(pts));
            times.add(pts);
        }
        times.end_last(9_000);
        let taken: Vec<_> = [(0, -2), (3, -1), (1, 0), (2, 1)]
            .into_iter()
            .map(|(shown, decoded)| times.take(shown, decoded).expect("known"))
            .collect();
        let expected = [(0, -4_000, 500), (7_100, -2_000, 1_900), (500, 0, 6_500), (7_000, 500, 100)];
        assert_eq!(taken, expected.map(|(pts, dts, duration)| Times { pts, dts, duration }));
        assert_eq!(times.missing(), 0);
    }

    #[test]
    fn the_last_packet_is_not_decoded_earlier_than_its_delay() {
        let mut times = PacketTimes::new(clock(5));
        for pts in [0, 500, 1_000, 60_000] {
            times.end_last(pts);
            times.add(pts);
        }
        times.complete(90_000);
        let taken = [(0, -2), (1, -1), (2, 0), (3, 1)].map(|(shown, decoded)| times.take(shown, decoded));
        assert_eq!(taken.map(|times| times.expect("known").dts), [-4_000, -2_000, 0, 56_000]);
        assert!(times.have_ended());
    }

    #[test]
    fn a_frame_is_timed_when_the_next_one_is_known() {
        let mut times = PacketTimes::new(clock(0));
        times.add(0);
        assert_eq!((times.is_known(0), times.is_known(1), times.take(0, 0)), (Some(false), None, None));
        times.end_last(300);
        assert_eq!(times.is_known(0), Some(true));
        assert_eq!(times.take(0, 0), Some(Times { pts: 0, dts: 0, duration: 300 }));
    }

    #[test]
    fn packets_of_a_segment_without_reordering_keep_the_delay_of_the_others() {
        let mut times = PacketTimes::new(clock(5));
        for pts in [0, 2_000, 4_000, 6_000] {
            times.end_last(pts);
            times.add(pts);
        }
        times.end_last(8_000);
        let decoded = [(0, -2), (2, -1), (1, 0), (3, 3)].map(|(shown, decoded)| times.take(shown, decoded));
        assert_eq!(decoded.map(|times| times.expect("known").dts), [-4_000, -2_000, 0, 2_000]);
    }

    #[test]
    fn after_a_long_gap_decoding_restarts_one_frame_period_early() {
        let mut times = PacketTimes::new(clock(5));
        times.add(0);
        assert!(!times.end_last(MAX_DELAY / 5));
        assert!(times.end_last(MAX_DELAY / 5 + 1));
        let late = 1 << 30;
        assert!(times.end_last(late));
        assert_eq!(times.take(0, -2), Some(Times { pts: 0, dts: -4_000, duration: late }));
        times.restart();
        times.add(late);
        times.end_last(late + 10);
        assert_eq!(times.take(1, -1), Some(Times { pts: late, dts: late - 4_000, duration: 10 }));
        assert!(!PacketTimes::new(clock(0)).end_last(late));
    }

    #[test]
    fn decoding_never_goes_back_when_an_encoder_is_renewed() {
        // A frame lasts 240 s, and frames come every second until there is a gap.
        let slow = MovieClock::new(TimeBase { numerator: 1, denominator: 60_000 }, 14_400_000, 18);
        for gap in [15_000_000_i64, 20_000_000, 500_000_000] {
            let mut times = PacketTimes::new(slow);
            let (mut pts, mut last) = (0, i64::MIN);
            for run in 0..3 {
                let first = run * 10;
                for _ in 0..10 {
                    times.end_last(pts);
                    times.add(pts);
                    pts += 60_000;
                }
                pts += gap;
                times.end_last(pts);
                for index in first..first + 10 {
                    let taken = times.take(index, index - 2).expect("known");
                    assert!(taken.dts > last && taken.dts <= taken.pts, "{gap} {index}: {taken:?} after {last}");
                    last = taken.dts;
                }
                times.restart();
            }
        }
    }

    #[test]
    fn rates_too_slow_for_reordering_are_detected() {
        let slow = |ticks, reordered| MovieClock::new(TimeBase { numerator: 1, denominator: 1 }, ticks, reordered);
        assert!(slow(100_000_000, 5).is_too_slow_to_reorder());
        assert!(!slow(100_000_000, 0).is_too_slow_to_reorder());
        assert!(!slow(2_000, 18).is_too_slow_to_reorder());
    }
}
