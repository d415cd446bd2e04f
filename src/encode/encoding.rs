//! Encodes numbered frames to numbered packets with one encoder, which may be replaced between two frames, or with
//! several.

use std::time::Duration;

use super::side_by_side::SideBySide;
use crate::av::{Encoder, Packet, SharedFrame};
use crate::error::{LibavError, Result, plural};
use crate::stats::EncoderReport;

/// Opens another encoder like the first one.
pub(crate) type OpenEncoder = Box<dyn Fn() -> Result<Encoder> + Send + Sync>;

/// Encodes and counts frames.
pub(crate) enum Encoding {
    /// With one encoder.
    Single(SingleEncoding),
    /// With several encoders, each on a segment.
    SideBySide(Box<SideBySide>),
}

/// Encodes frames with one encoder at a time.
pub(crate) struct SingleEncoding {
    /// `None` if the next encoder could not be opened.
    encoder: Option<Encoder>,
    open: OpenEncoder,
    frames: i64,
}

/// A packet, with the numbers of the frames at whose times it is shown and decoded.
pub(crate) struct NumberedPacket {
    pub(crate) packet: Packet,
    /// The number of its frame.
    pub(crate) shown: i64,
    /// The number of the frame at whose time it is decoded; it may be negative.
    pub(crate) decoded: i64,
}

impl Encoding {
    /// Encodes with `encoder`, and later with encoders from `open` if one has to be replaced. The first frame has the
    /// number `first_frame`.
    pub(crate) fn single(encoder: Encoder, open: OpenEncoder, first_frame: i64) -> Self {
        Self::Single(SingleEncoding { encoder: Some(encoder), open, frames: first_frame })
    }

    /// Encodes the next frame. Receive all available packets first.
    pub(crate) fn send(&mut self, frame: SharedFrame) -> Result<()> {
        match self {
            Self::Single(single) => {
                let index = single.frames;
                single.frames += 1;
                Ok(single.encoder()?.send(frame, index)?)
            }
            Self::SideBySide(several) => {
                several.send(frame);
                Ok(())
            }
        }
    }

    /// Ends the stream. The remaining packets can then be received.
    pub(crate) fn send_end(&mut self) -> Result<()> {
        match self {
            Self::Single(single) => Ok(single.encoder()?.send_end()?),
            Self::SideBySide(several) => {
                several.send_end();
                Ok(())
            }
        }
    }

    /// Returns the next packet, in decoding order. `None` if more frames are needed, or if the stream has ended and all
    /// packets were received.
    pub(crate) fn receive(&mut self) -> Result<Option<NumberedPacket>> {
        match self {
            Self::Single(single) => single.encoder()?.receive()?.map(numbered).transpose(),
            Self::SideBySide(several) => several.receive(),
        }
    }

    /// Continues after the end with a new encoder, whose first frame references no earlier frame.
    pub(crate) fn renew(&mut self) -> Result<Vec<EncoderReport>> {
        match self {
            Self::Single(single) => {
                // Some encoders can only be open one at a time.
                let report = single.encoder.take().and_then(Encoder::close);
                single.encoder = Some((single.open)()?);
                Ok(report.into_iter().collect())
            }
            Self::SideBySide(several) => {
                several.renew();
                Ok(several.take_reports())
            }
        }
    }

    /// Closes the encoders; returns their reports.
    pub(crate) fn close(self) -> Vec<EncoderReport> {
        match self {
            Self::Single(single) => single.encoder.and_then(Encoder::close).into_iter().collect(),
            Self::SideBySide(mut several) => several.take_reports(),
        }
    }

    /// Returns the time that encoders worked on their own threads since the last call.
    pub(crate) fn take_busy(&mut self) -> Option<Duration> {
        match self {
            Self::Single(_) => None,
            Self::SideBySide(several) => Some(several.take_busy()),
        }
    }
}

impl SingleEncoding {
    fn encoder(&mut self) -> Result<&mut Encoder, LibavError> {
        self.encoder.as_mut().ok_or_else(|| LibavError::unexpected("encode", "no encoder is open".to_owned()))
    }
}

/// Returns a packet with the frame numbers that its encoder assigned.
pub(super) fn numbered(packet: Packet) -> Result<NumberedPacket> {
    let shown = packet.pts().ok_or_else(|| lost_frames(1))?;
    let decoded = packet.dts().unwrap_or(shown);
    Ok(NumberedPacket { packet, shown, decoded })
}

/// Makes the error for an encoder that does not return one packet per frame.
pub(crate) fn lost_frames(frames: usize) -> LibavError {
    LibavError::unexpected(
        "match packets to frames",
        format!("the encoder lost or added {}", plural(frames as u64, "frame")),
    )
}
