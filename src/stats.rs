//! What the encoder did: values that add up. Nothing here prints, and nothing here looks at a clock.

use std::fmt;
use std::ops::AddAssign;
use std::time::Duration;

use crate::time::Timestamp;

/// What the encoder made of one frame.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PacketStats {
    /// The frame's number in the order of writing, from 0. Packets come in the order of decoding.
    pub index: u64,
    /// When the frame is shown.
    pub pts: Timestamp,
    /// When the frame is decoded; negative where frames are decoded before the first is shown.
    pub dts: Timestamp,
    /// How long the frame is shown.
    pub duration: Timestamp,
    /// Bytes of the compressed frame, as the container holds it.
    pub bytes: u64,
    /// Whether decoding can start here.
    pub keyframe: bool,
    /// How the frame was compressed, where the encoder tells.
    pub picture_type: Option<PictureType>,
    /// The average quantiser of the frame's blocks, where the encoder tells: lower is better.
    pub qp: Option<f32>,
}

/// How a frame was compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PictureType {
    /// On its own.
    I,
    /// From frames before it.
    P,
    /// From frames before and after it.
    B,
}

impl fmt::Display for PictureType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::I => "I",
            Self::P => "P",
            Self::B => "B",
        })
    }
}

/// Packets of one picture type.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TypeStats {
    /// How many.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many of them tell their quantiser.
    pub qp_packets: u64,
    /// The sum of those quantisers.
    pub qp_sum: f64,
}

impl TypeStats {
    fn add(&mut self, packet: &PacketStats) {
        self.packets += 1;
        self.bytes += packet.bytes;
        self.qp_packets += u64::from(packet.qp.is_some());
        self.qp_sum += packet.qp.map_or(0.0, f64::from);
    }

    /// The mean quantiser of those that tell it.
    #[must_use]
    pub fn mean_qp(&self) -> Option<f64> {
        (self.qp_packets > 0).then(|| self.qp_sum / self.qp_packets as f64)
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

/// What the encoder made of a movie, or of a part of it: counters, which [`+=`](AddAssign) merges.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct EncodeStats {
    /// Frames that were written.
    pub frames: u64,
    /// Packets that came out of the encoder and went into the movie.
    pub packets: u64,
    /// Those of them at which decoding can start.
    pub keyframes: u64,
    /// Bytes of all packets.
    pub stream_bytes: u64,
    /// Bytes of the finished movie, container included; 0 before it is finished.
    pub file_bytes: u64,
    /// How long the packets are shown, all together.
    pub duration: Duration,
    /// Time from opening the movie to this moment, or to its end.
    pub wall: Duration,
    /// Packets that stand on their own.
    pub i: TypeStats,
    /// Packets that lean on frames before them.
    pub p: TypeStats,
    /// Packets that lean on frames before and after them.
    pub b: TypeStats,
}

impl EncodeStats {
    /// Counts a packet.
    pub(crate) fn add(&mut self, packet: &PacketStats) {
        self.packets += 1;
        self.keyframes += u64::from(packet.keyframe);
        self.stream_bytes += packet.bytes;
        self.duration += Duration::from_secs_f64(packet.duration.as_secs_f64().max(0.0));
        match packet.picture_type {
            Some(PictureType::I) => self.i.add(packet),
            Some(PictureType::P) => self.p.add(packet),
            Some(PictureType::B) => self.b.add(packet),
            None => {}
        }
    }

    /// Bits of the stream for each second of the movie.
    #[must_use]
    pub fn bits_per_second(&self) -> Option<f64> {
        let seconds = self.duration.as_secs_f64();
        (seconds > 0.0).then(|| self.stream_bytes as f64 * 8.0 / seconds)
    }

    /// Packets for each second of wall time.
    #[must_use]
    pub fn encoding_fps(&self) -> Option<f64> {
        let seconds = self.wall.as_secs_f64();
        (seconds > 0.0).then(|| self.packets as f64 / seconds)
    }

    /// The mean quantiser of all packets that tell it.
    #[must_use]
    pub fn mean_qp(&self) -> Option<f64> {
        let mut all = self.i;
        all += self.p;
        all += self.b;
        all.mean_qp()
    }
}

/// Merges the figures of two parts of a movie: counts and times add up.
impl AddAssign<&Self> for EncodeStats {
    fn add_assign(&mut self, other: &Self) {
        self.frames += other.frames;
        self.packets += other.packets;
        self.keyframes += other.keyframes;
        self.stream_bytes += other.stream_bytes;
        self.file_bytes += other.file_bytes;
        self.duration += other.duration;
        self.wall += other.wall;
        self.i += other.i;
        self.p += other.p;
        self.b += other.b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::TimeBase;

    fn packet(picture_type: PictureType, bytes: u64, qp: f32) -> PacketStats {
        let time_base = TimeBase { numerator: 1, denominator: 30 };
        PacketStats {
            index: 0,
            pts: time_base.at(0),
            dts: time_base.at(0),
            duration: time_base.at(1),
            bytes,
            keyframe: picture_type == PictureType::I,
            picture_type: Some(picture_type),
            qp: Some(qp),
        }
    }

    #[test]
    fn the_parts_merge_to_the_whole() {
        let packets = [packet(PictureType::I, 900, 20.0), packet(PictureType::P, 90, 24.0)];
        let (mut first, mut second, mut whole) =
            (EncodeStats::default(), EncodeStats::default(), EncodeStats::default());
        first.add(&packets[0]);
        second.add(&packets[1]);
        packets.iter().for_each(|packet| whole.add(packet));
        first += &second;
        assert_eq!(first, whole);
        assert_eq!((whole.packets, whole.keyframes, whole.stream_bytes), (2, 1, 990));
        assert_eq!(whole.mean_qp(), Some(22.0));
        assert!((whole.bits_per_second().expect("has a duration") - 990.0 * 8.0 * 15.0).abs() < 1.0);
        assert_eq!(whole.encoding_fps(), None);
    }
}
