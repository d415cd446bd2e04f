//! What the encoder made of one frame.

use std::fmt;
use std::time::Duration;

use super::Quality;
use crate::time::Timestamp;

/// What the encoder made of one frame.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct PacketStats {
    /// The frame's number in the order of writing, from 0. Packets come in decoding order.
    pub index: u64,
    /// When the frame is shown.
    pub pts: Timestamp,
    /// When the frame is decoded; negative where frames are decoded before the first is shown.
    pub dts: Timestamp,
    /// How long the frame is shown.
    pub duration: Timestamp,
    /// Bytes of the compressed frame, as the container holds it.
    pub bytes: u64,
    /// Bytes of the packets that are decoded within the second that ends with this one.
    pub second_bytes: u64,
    /// Whether decoding can start here.
    pub keyframe: bool,
    /// How the frame was compressed, where the encoder reports it.
    pub picture_type: Option<PictureType>,
    /// The average quantizer of the frame's blocks, where the encoder reports it: lower is better. x264 reports it in FFmpeg's
    /// log, so it is not known where [another part](crate::leave_ffmpeg_log) of the process reads that.
    pub qp: Option<f32>,
    /// Where the frame spent its time on the way into the movie.
    pub times: FrameTimes,
    /// How the encoded picture differs from the frame, where that is
    /// [measured](crate::VideoWriterBuilder::measure_quality).
    pub quality: Option<Quality>,
}

/// Where a frame spent its time between the call of `write` and the movie. Two moments are in none of these: its
/// comparison with the frame before, and its packet's wait until the next frame says how long this one is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct FrameTimes {
    /// Becoming the encoder's frame, in the caller's thread.
    pub converting: Duration,
    /// In the queue, until the encoder took it.
    pub waiting: Duration,
    /// In the encoder, until its packet came out. Encoders look ahead and work on several frames at once, so this is
    /// far more than the frame's share of their work.
    pub encoding: Duration,
    /// In the muxer, with what that writes. Bytes go to the file in runs of several packets.
    pub muxing: Duration,
}

/// How a frame was compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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
