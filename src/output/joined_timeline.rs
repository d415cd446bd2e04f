//! The timeline of a joined movie: the times of each packet of the segments.

use std::collections::VecDeque;

use super::holes::MAX_REORDERED;
use crate::av::{StreamInfo, StreamParameters};
use crate::segment::{IndexedPacket, MAX_DELAY, PacketIndex};
use crate::settings::Container;
use crate::time::{FrameRate, TimeBase};

/// The time base of Matroska, which rounds most frame periods.
pub(super) const MILLISECONDS: TimeBase = TimeBase { numerator: 1, denominator: 1_000 };

/// The movie so far.
pub(super) struct JoinedTimeline {
    stream: StreamParameters,
    /// The properties in the first packets, if the stream parameters do not have them.
    info: Option<StreamInfo>,
    /// The frame rate, if all frames have the same duration.
    constant_rate: Option<FrameRate>,
    index: PacketIndex,
    /// The ticks of a frame period, if the rate is known.
    frame_ticks: Option<i64>,
    /// The times of the last frames, in presentation order.
    shown: VecDeque<i64>,
    /// How many frame periods before its first presentation a segment is decoded, for the one that reorders most.
    delay: i64,
    /// The end of the movie.
    end: i64,
}

impl JoinedTimeline {
    pub(super) fn new(
        stream: StreamParameters,
        info: Option<StreamInfo>,
        index: PacketIndex,
        container: Container,
    ) -> Self {
        let mut joint = Self {
            info,
            constant_rate: stream.frame_rate.filter(|_| container.is_constant_rate()),
            index: PacketIndex::new(clock(&stream, index.time_base, container)),
            frame_ticks: None,
            shown: VecDeque::new(),
            delay: 0,
            end: 0,
            stream,
        };
        joint.frame_ticks = joint
            .stream
            .frame_rate
            .map(|rate| rate.exact().frame_time_base().at(1).rescale(joint.index.time_base).ticks);
        // Nothing precedes the first segment, so it cannot conflict.
        let _ = joint.push(&index);
        joint
    }

    /// Adds a segment, or returns why it does not match.
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
            return Err(format!(
                "does not have the frame rate {rate}, and the container needs one rate for all frames"
            ));
        }
        self.push(index)
    }

    fn push(&mut self, index: &PacketIndex) -> Result<(), String> {
        let from = index.time_base;
        let to_movie = |ticks: i64| self.on_frame(from, ticks);
        let first = index.packets().iter().map(|packet| packet.pts).min().unwrap_or(0);
        // The first segment keeps its start time.
        let offset = if self.index.packets().is_empty() { 0 } else { self.end - to_movie(first) };
        let mut packets: Vec<IndexedPacket> = index
            .packets()
            .iter()
            .map(|packet| {
                let (pts, end) = (to_movie(packet.pts) + offset, to_movie(packet.pts + packet.duration) + offset);
                IndexedPacket { pts, dts: to_movie(packet.dts) + offset, duration: end - pts, ..*packet }
            })
            .collect();
        if let (Some(first), Some(period)) = (packets.first(), self.frame_ticks) {
            self.delay = self.delay.max((first.pts - first.dts) / period.max(1));
        }
        self.decode_before(&mut packets)?;
        let mut shown: Vec<i64> = packets.iter().map(|packet| packet.pts).collect();
        shown.sort_unstable();
        self.shown.extend(shown);
        self.shown.drain(..self.shown.len().saturating_sub(MAX_REORDERED));
        self.end = packets.iter().map(|packet| packet.pts + packet.duration).max().unwrap_or(self.end);
        for packet in packets {
            self.index.push(packet, packet.bytes.into());
        }
        Ok(())
    }

    /// Moves the decoding times of packets before the segment's first presentation to the times of earlier frames, as a
    /// single encoder would.
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
                Err("is too close to the previous segment: their frames would be decoded at the same time"
                    .to_owned())
            }
        }
    }

    /// Returns the packets of the movie. The encoder of a short segment reorders less, or not at all. Its packets get the
    /// delay of the others, because players compute the frame rate from decoding times.
    pub(super) fn into_index(mut self) -> PacketIndex {
        let mut shown: Vec<i64> = self.index.packets().iter().map(|packet| packet.pts).collect();
        shown.sort_unstable();
        let (Some(start), Some(period)) = (shown.first().copied(), self.frame_ticks) else { return self.index };
        let before = (1..=self.delay).rev().map(|frames| start - frames * period);
        let times = || before.clone().chain(shown.iter().copied());
        let is_storable = |(packet, dts): (&IndexedPacket, i64)| packet.pts - dts <= MAX_DELAY;
        // Frames may be hours apart.
        if self.index.packets().iter().zip(times()).all(is_storable) {
            for (packet, dts) in self.index.packets_mut().iter_mut().zip(times()) {
                packet.dts = packet.dts.min(dts);
            }
        }
        self.index
    }

    /// Converts a time of a segment to ticks of the movie. A time that the segment rounded, closest to a whole number
    /// of frame periods, becomes that number of periods.
    fn on_frame(&self, from: TimeBase, ticks: i64) -> i64 {
        let to = self.index.time_base;
        let time = from.at(ticks).rescale(to).ticks;
        let Some(period) = self.frame_ticks.filter(|period| *period > 0) else { return time };
        let nearest = (time + period / 2).div_euclid(period) * period;
        if to.at(nearest).rescale(from).ticks == ticks { nearest } else { time }
    }
}

/// Returns the time base of the movie: the time base of the segments, or, if that rounds times, one in which a frame
/// period is a whole number of ticks.
fn clock(stream: &StreamParameters, time_base: TimeBase, container: Container) -> TimeBase {
    match stream.frame_rate.map(FrameRate::exact) {
        Some(rate) if container.is_matroska() && time_base == MILLISECONDS => rate.fine_time_base().0,
        _ => time_base,
    }
}
