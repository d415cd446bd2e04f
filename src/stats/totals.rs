//! The statistics of a movie: counters that can be merged.

use std::ops::{Add, AddAssign};
use std::time::Duration;

use super::{AudioStats, EncoderReport, PacketStats, PictureType, QualityStats, VbvStats};

/// The packets of one picture type.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct TypeStats {
    /// The number of packets.
    pub packets: u64,
    /// The bytes of the packets.
    pub bytes: u64,
    /// The number of packets with a known quantizer.
    pub qp_packets: u64,
    /// The sum of the known quantizers.
    pub qp_sum: f64,
}

impl TypeStats {
    fn add(&mut self, packet: &PacketStats) {
        self.packets += 1;
        self.bytes += packet.bytes;
        self.qp_packets += u64::from(packet.qp.is_some());
        self.qp_sum += packet.qp.map_or(0.0, f64::from);
    }

    /// Returns the mean of the known quantizers.
    #[must_use]
    pub fn mean_qp(&self) -> Option<f64> {
        (self.qp_packets > 0).then(|| self.qp_sum / self.qp_packets as f64)
    }

    /// Returns the mean bytes of a packet.
    #[must_use]
    pub fn mean_bytes(&self) -> Option<f64> {
        (self.packets > 0).then(|| self.bytes as f64 / self.packets as f64)
    }
}

impl AddAssign for TypeStats {
    fn add_assign(&mut self, other: Self) {
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.qp_packets += other.qp_packets;
        self.qp_sum += other.qp_sum;
    }
}

/// GOPs: runs of packets from one keyframe to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct GopStats {
    /// The number of GOPs.
    pub count: u64,
    /// The packets of the shortest and of the longest GOP that has ended.
    pub ended: Option<(u64, u64)>,
    /// The packets of the last GOP so far.
    pub last: u64,
}

impl GopStats {
    fn add(&mut self, keyframe: bool) {
        if keyframe || self.count == 0 {
            self.end_last();
            self.count += 1;
        }
        self.last += 1;
    }

    fn end_last(&mut self) {
        let last = std::mem::take(&mut self.last);
        if last > 0 {
            self.include((last, last));
        }
    }

    fn include(&mut self, (shortest, longest): (u64, u64)) {
        let known = self.ended.unwrap_or((shortest, longest));
        self.ended = Some((known.0.min(shortest), known.1.max(longest)));
    }

    /// Returns the packets of the shortest and of the longest GOP.
    #[must_use]
    pub fn range(&self) -> Option<(u64, u64)> {
        let mut all = *self;
        all.end_last();
        all.ended
    }
}

/// Adds the GOPs of the next part, which starts with a keyframe.
impl AddAssign for GopStats {
    fn add_assign(&mut self, other: Self) {
        if other.count > 0 {
            self.end_last();
            self.count += other.count;
            other.ended.into_iter().for_each(|ended| self.include(ended));
            self.last = other.last;
        }
    }
}

/// The time spent in each stage. The first two stages run in the caller's thread and the others in the encoding thread,
/// at the same time. The time of callbacks is not included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct StageTimes {
    /// Caller: conversion of frames to the encoder's.
    pub converting: Duration,
    /// Caller: waiting because the queue was full, as the encoding thread was slower.
    pub waiting: Duration,
    /// Encoding thread: in the encoder, whose own threads may have done the work.
    pub encoding: Duration,
    /// Encoding thread: in the muxer and writing.
    pub muxing: Duration,
    /// Encoding thread: waiting for the thread that [measures](crate::VideoWriterBuilder::measure_quality).
    pub measuring: Duration,
    /// Encoding thread: finishing the file, which moves an MP4's index to the front and syncs the file to the disk.
    pub finishing: Duration,
}

impl AddAssign for StageTimes {
    fn add_assign(&mut self, other: Self) {
        self.converting += other.converting;
        self.waiting += other.waiting;
        self.encoding += other.encoding;
        self.muxing += other.muxing;
        self.measuring += other.measuring;
        self.finishing += other.finishing;
    }
}

/// The statistics of a movie, or of a part of it: counters that can be merged with [`+`](Add) and [`+=`](AddAssign).
/// They [display](std::fmt::Display) as a table.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct EncodeStats {
    /// Frames that were written.
    pub frames: u64,
    /// Frames that equal their previous frame sample for sample, after conversion. Segments are counted apart.
    pub duplicates: u64,
    /// Packets that were encoded and muxed.
    pub packets: u64,
    /// Packets at which decoding can start.
    pub keyframes: u64,
    /// Bytes of all packets.
    pub stream_bytes: u64,
    /// Bytes of the finished movie, including the container; 0 before it is finished.
    pub file_bytes: u64,
    /// The largest sum of packet bytes whose decoding times are within one second.
    pub peak_second_bytes: u64,
    /// The duration of the movie: from 0, even if the first frame comes later, to the end of the last frame.
    pub duration: Duration,
    /// The elapsed time from opening the movie until now, or until its end.
    pub wall: Duration,
    /// The CPU time of the whole process meanwhile; zero if the system does not report it.
    pub cpu: Duration,
    /// The peak memory of the process in bytes; 0 if the system does not report it.
    pub peak_memory_bytes: u64,
    /// I packets, without references.
    pub i: TypeStats,
    /// P packets, with references to earlier frames.
    pub p: TypeStats,
    /// B packets, with references to earlier and later frames.
    pub b: TypeStats,
    /// GOPs: runs of packets from one keyframe to the next.
    pub gops: GopStats,
    /// The time spent in each stage.
    pub stages: StageTimes,
    /// The VBV buffer, if one was set ([`Vbv`](crate::Vbv)).
    pub vbv: Option<VbvStats>,
    /// The quality of the encoded pictures, if it is [measured](crate::VideoWriterBuilder::measure_quality).
    pub quality: Option<QualityStats>,
    /// The sound of a finished movie, if it has any.
    #[cfg_attr(feature = "serde", serde(default))]
    pub audio: Option<AudioStats>,
    /// The reports of the encoder at its end, if it makes any (x264 does): one for each part.
    pub encoder_reports: Vec<EncoderReport>,
}

impl EncodeStats {
    /// Counts a packet.
    pub(crate) fn count(&mut self, packet: &PacketStats) {
        self.packets += 1;
        self.keyframes += u64::from(packet.keyframe);
        self.stream_bytes += packet.bytes;
        self.duration += Duration::try_from_secs_f64(packet.duration.as_secs_f64()).unwrap_or_default();
        self.gops.add(packet.keyframe);
        match packet.picture_type {
            Some(PictureType::I) => self.i.add(packet),
            Some(PictureType::P) => self.p.add(packet),
            Some(PictureType::B) => self.b.add(packet),
            None => {}
        }
        if let Some(quality) = &packet.quality {
            self.quality.get_or_insert_default().add(packet.index, quality);
        }
    }

    /// Returns the bits of the stream per second of the movie.
    #[must_use]
    pub fn bits_per_second(&self) -> Option<f64> {
        let seconds = self.duration.as_secs_f64();
        (seconds > 0.0).then(|| self.stream_bytes as f64 * 8.0 / seconds)
    }

    /// Returns the most bits within one second; the average if the movie is shorter than a second.
    #[must_use]
    pub fn peak_bits_per_second(&self) -> Option<f64> {
        Some(self.bits_per_second()?.max(self.peak_second_bytes as f64 * 8.0))
    }

    /// Returns the packets per second of wall time.
    #[must_use]
    pub fn encoding_fps(&self) -> Option<f64> {
        let seconds = self.wall.as_secs_f64();
        (seconds > 0.0).then(|| self.packets as f64 / seconds)
    }

    /// Returns the seconds of the movie per second of wall time: 1 is real time.
    #[must_use]
    pub fn speed(&self) -> Option<f64> {
        let seconds = self.wall.as_secs_f64();
        (seconds > 0.0).then(|| self.duration.as_secs_f64() / seconds)
    }

    /// Returns the mean of the known quantizers of all packets.
    #[must_use]
    pub fn mean_qp(&self) -> Option<f64> {
        let mut all = self.i;
        all += self.p;
        all += self.b;
        all.mean_qp()
    }

    /// Returns the bytes that the container adds to the packets; `None` before the movie is finished.
    #[must_use]
    pub fn overhead_bytes(&self) -> Option<u64> {
        let streams = self.stream_bytes + self.audio.as_ref().map_or(0, |audio| audio.bytes);
        self.file_bytes.checked_sub(streams).filter(|_| self.file_bytes > 0)
    }
}

/// Adds the statistics of the next segment of a movie, whose frames are counted from 0.
///
/// Counts, bytes and times are added, so `wall` becomes the total time of all runs, parallel or not. Quality covers all
/// frames, and the worst frames of `other` get their numbers in the movie. The higher peak is kept; for
/// `peak_second_bytes` it is a lower bound, because a second may span two segments. [`Inspection::stats`] of the joined
/// movie has the exact value, and its `file_bytes`. The VBV buffer is assumed to be as full at the start of each
/// segment as at the start of the movie.
///
/// [`Inspection::stats`]: crate::Inspection::stats
impl AddAssign<&Self> for EncodeStats {
    fn add_assign(&mut self, other: &Self) {
        if let Some(quality) = &other.quality {
            let mut quality = quality.clone();
            quality.worst.iter_mut().for_each(|frame| frame.index += self.frames);
            *self.quality.get_or_insert_default() += &quality;
        }
        self.frames += other.frames;
        self.duplicates += other.duplicates;
        self.packets += other.packets;
        self.keyframes += other.keyframes;
        self.stream_bytes += other.stream_bytes;
        self.file_bytes += other.file_bytes;
        self.peak_second_bytes = self.peak_second_bytes.max(other.peak_second_bytes);
        self.duration += other.duration;
        self.wall += other.wall;
        self.cpu += other.cpu;
        self.peak_memory_bytes = self.peak_memory_bytes.max(other.peak_memory_bytes);
        self.i += other.i;
        self.p += other.p;
        self.b += other.b;
        self.gops += other.gops;
        self.stages += other.stages;
        match (&mut self.vbv, &other.vbv) {
            (Some(vbv), Some(other)) => *vbv += other,
            (vbv, other) => *vbv = vbv.or(*other),
        }
        self.audio = self.audio.take().or_else(|| other.audio.clone());
        self.encoder_reports.extend_from_slice(&other.encoder_reports);
    }
}

impl Add for EncodeStats {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += &other;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{FrameTimes, PlaneQuality, Quality};
    use crate::time::TimeBase;

    fn packet(index: u64, picture_type: PictureType, bytes: u64, qp: f32) -> PacketStats {
        let time_base = TimeBase { numerator: 1, denominator: 30 };
        let plane = PlaneQuality { samples: 64, squared_error: 64.0 * (index + 1) as f64, ssim: Some(0.5) };
        PacketStats {
            index,
            pts: time_base.at(0),
            dts: time_base.at(0),
            duration: time_base.at(1),
            bytes,
            second_bytes: 0,
            keyframe: picture_type == PictureType::I,
            picture_type: Some(picture_type),
            qp: Some(qp),
            times: FrameTimes::default(),
            quality: Some(Quality { peak: 255, planes: [Some(plane), None, None] }),
        }
    }

    fn of(packets: &[PacketStats]) -> EncodeStats {
        let mut stats = EncodeStats::default();
        packets.iter().for_each(|packet| stats.count(packet));
        stats
    }

    #[test]
    fn the_first_part_is_added_once() {
        let mut part = of(&[packet(0, PictureType::I, 900, 20.0)]);
        part.vbv = Some(VbvStats { underflows: 2, lowest_bits: 5.0, ..VbvStats::default() });
        part.file_bytes = 1_000;
        assert_eq!(EncodeStats::default() + part.clone(), part);
        assert_eq!((part.overhead_bytes(), EncodeStats::default().overhead_bytes()), (Some(100), None));
    }

    #[test]
    fn the_parts_merge_to_the_whole() {
        let packets = [
            packet(0, PictureType::I, 900, 20.0),
            packet(1, PictureType::P, 90, 24.0),
            packet(2, PictureType::I, 900, 20.0),
            packet(3, PictureType::P, 90, 24.0),
            packet(4, PictureType::B, 20, 27.0),
        ];
        let whole = of(&packets);
        assert_eq!(of(&packets[..2]) + of(&packets[2..]), whole);
        assert_eq!((whole.packets, whole.keyframes, whole.stream_bytes), (5, 2, 2000));
        assert_eq!((whole.gops.count, whole.gops.range()), (2, Some((2, 3))));
        assert_eq!(whole.mean_qp(), Some(23.0));
        assert!((whole.bits_per_second().expect("has a duration") - 2000.0 * 8.0 * 6.0).abs() < 1.0);
        assert_eq!((whole.encoding_fps(), whole.overhead_bytes()), (None, None));
        let quality = whole.quality.expect("measured");
        assert_eq!((quality.frames, quality.worst[0].index), (5, 4));
    }

    #[test]
    fn the_worst_frames_get_their_numbers_in_the_movie() {
        let part = |index| EncodeStats { frames: 3, ..of(&[packet(index, PictureType::P, 90, 24.0)]) };
        let quality = (part(0) + part(1) + part(2)).quality.expect("measured");
        assert_eq!(quality.worst.iter().map(|frame| frame.index).collect::<Vec<_>>(), [8, 4, 0]);
    }
}
