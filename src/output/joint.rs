//! The timeline of a joined movie: when each packet of the segments is shown and decoded.

use std::collections::VecDeque;

use crate::av::{StreamInfo, StreamParameters};
use crate::segment::{IndexedPacket, PacketIndex};
use crate::settings::Container;
use crate::time::{FrameRate, TimeBase};

/// The most frames by which a packet is decoded before it is shown; x264's limit.
const MOST_REORDERED: usize = 32;

/// The time base of Matroska, in which most frame periods are rounded.
pub(super) const MILLISECONDS: TimeBase = TimeBase { numerator: 1, denominator: 1_000 };

/// The movie so far.
pub(super) struct Joint {
    stream: StreamParameters,
    /// What the first packets say, where the stream does not.
    info: Option<StreamInfo>,
    /// Where all frames last equally long, how many come in a second.
    constant_rate: Option<FrameRate>,
    pub(super) index: PacketIndex,
    /// Ticks of a frame period, where the rate is known.
    frame_ticks: Option<i64>,
    /// When the last frames are shown, in that order.
    shown: VecDeque<i64>,
    /// When the movie ends.
    end: i64,
}

impl Joint {
    pub(super) fn new(
        stream: StreamParameters,
        info: Option<StreamInfo>,
        index: PacketIndex,
        container: Container,
    ) -> Self {
        let mut joint = Self {
            info,
            constant_rate: stream.frame_rate.filter(|_| container.is_constant_rate()),
            index: PacketIndex::new(clock(&stream, index.time_base)),
            frame_ticks: None,
            shown: VecDeque::new(),
            end: 0,
            stream,
        };
        joint.frame_ticks = joint
            .stream
            .frame_rate
            .map(|rate| rate.exact().frame_time_base().at(1).rescale(joint.index.time_base).ticks);
        // The first segment has none before it that it could meet.
        let _ = joint.push(&index);
        joint
    }

    /// Adds a segment, or returns why it does not fit.
    pub(super) fn add(
        &mut self,
        stream: &StreamParameters,
        info: Option<StreamInfo>,
        index: &PacketIndex,
    ) -> Result<(), String> {
        if let Some(difference) = self.stream.difference(stream) {
            return Err(difference);
        }
        if self.info != info {
            return Err("was encoded with other settings, or by another version".to_owned());
        }
        if let Some(rate) = self.constant_rate
            && stream.frame_rate != Some(rate)
        {
            return Err(format!("has another frame rate than {rate}, and the container has one for all frames"));
        }
        self.push(index)
    }

    fn push(&mut self, index: &PacketIndex) -> Result<(), String> {
        let from = index.time_base;
        let to_movie = |ticks: i64| self.on_frame(from, ticks);
        let first = index.packets().iter().map(|packet| packet.pts).min().unwrap_or(0);
        // The first segment keeps the time at which it starts.
        let offset = if self.index.packets().is_empty() { 0 } else { self.end - to_movie(first) };
        let mut packets: Vec<IndexedPacket> = index
            .packets()
            .iter()
            .map(|packet| {
                let (pts, end) = (to_movie(packet.pts) + offset, to_movie(packet.pts + packet.duration) + offset);
                IndexedPacket { pts, dts: to_movie(packet.dts) + offset, duration: end - pts, ..*packet }
            })
            .collect();
        self.decode_before(&mut packets)?;
        let mut shown: Vec<i64> = packets.iter().map(|packet| packet.pts).collect();
        shown.sort_unstable();
        self.shown.extend(shown);
        self.shown.drain(..self.shown.len().saturating_sub(MOST_REORDERED));
        self.end = packets.iter().map(|packet| packet.pts + packet.duration).max().unwrap_or(self.end);
        for packet in packets {
            self.index.push(packet, packet.bytes.into());
        }
        Ok(())
    }

    /// Gives packets that are decoded before the segment's first frame is shown the times of the frames before, as one
    /// encoder for all would.
    fn decode_before(&self, packets: &mut [IndexedPacket]) -> Result<(), String> {
        let Some(last) = self.index.packets().last().map(|packet| packet.dts) else { return Ok(()) };
        let start = self.end;
        let early = packets.iter().take_while(|packet| packet.dts < start).count();
        let before = self.shown.len().checked_sub(early).map(|first| self.shown.range(first..));
        let times: Vec<i64> = match before {
            Some(times) if times.clone().next().is_none_or(|first| *first > last) => times.copied().collect(),
            _ => (1..=early as i64).map(|step| last + (start - last) * step / (early as i64 + 1)).collect(),
        };
        for (packet, dts) in packets.iter_mut().zip(times) {
            packet.dts = dts;
        }
        let early: Vec<i64> =
            [last].into_iter().chain(packets.iter().take(early).map(|packet| packet.dts)).collect();
        match early.windows(2).all(|pair| pair[0] < pair[1]) {
            true => Ok(()),
            false => {
                Err("comes too close to the one before it: its frames would be decoded at the same time".to_owned())
            }
        }
    }

    /// A time of a segment in ticks of the movie. A time that the segment rounded, and that is nearest to a whole number
    /// of frame periods, becomes that number of periods.
    fn on_frame(&self, from: TimeBase, ticks: i64) -> i64 {
        let to = self.index.time_base;
        let time = from.at(ticks).rescale(to).ticks;
        let Some(period) = self.frame_ticks.filter(|period| *period > 0) else { return time };
        let nearest = (time + period / 2).div_euclid(period) * period;
        if to.at(nearest).rescale(from).ticks == ticks { nearest } else { time }
    }
}

/// In what the movie counts its time: as the segments do, or, where these round it, so that a frame period is whole.
fn clock(stream: &StreamParameters, time_base: TimeBase) -> TimeBase {
    match stream.frame_rate.map(FrameRate::exact) {
        Some(rate) if time_base == MILLISECONDS => rate.fine_time_base().0,
        _ => time_base,
    }
}
