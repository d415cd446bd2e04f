//! The statistics of one packet.

use std::fmt;
use std::time::Duration;

use super::Quality;
use crate::time::Timestamp;

/// The statistics of one packet, which is one compressed frame.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct PacketStats {
    /// The frame's number in the order of writing, from 0. Packets come in decoding order.
    pub index: u64,
    /// When the frame is shown.
    pub pts: Timestamp,
    /// When the frame is decoded; negative if it is decoded before the first frame is shown.
    pub dts: Timestamp,
    /// How long the frame is shown.
    pub duration: Timestamp,
    /// Bytes of the packet, as stored in the container.
    pub bytes: u64,
    /// Bytes of all packets whose decoding times are in the second that ends with this packet.
    pub second_bytes: u64,
    /// Whether decoding can start here.
    pub keyframe: bool,
    /// The picture type, if the encoder reports it.
    pub picture_type: Option<PictureType>,
    /// The average quantizer of the frame's blocks, if the encoder reports it: lower is better. x264 reports it in
    /// FFmpeg's log, so it is unknown if [another part](crate::leave_ffmpeg_log) of the process reads that log.
    pub qp: Option<f32>,
    /// The time that the frame spent in each stage.
    pub times: FrameTimes,
    /// The difference between the encoded picture and the frame, if it is
    /// [measured](crate::VideoWriterBuilder::measure_quality).
    pub quality: Option<Quality>,
}

/// The time that a frame spent in each stage from the call of `write` to the movie. Two intervals are not included: the
/// comparison with the previous frame, and the packet's wait for the next frame, which decides its duration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct FrameTimes {
    /// Conversion to the encoder's frame, in the caller's thread.
    pub converting: Duration,
    /// Waiting in the queue for the encoder.
    pub waiting: Duration,
    /// In the encoder, until the packet was returned. Encoders look ahead and work on several frames at once, so this
    /// is far more than the work on one frame.
    pub encoding: Duration,
    /// In the muxer, including its writes. Bytes go to the file in runs of several packets.
    pub muxing: Duration,
}

/// The picture type of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum PictureType {
    /// Intra: no references.
    I,
    /// References to earlier frames.
    P,
    /// References to earlier and later frames.
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
