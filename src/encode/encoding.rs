//! Numbered frames become numbered packets: by one encoder, which may be replaced between two frames, or by several.

use std::time::Duration;

use super::side_by_side::SideBySide;
use crate::av::{Encoder, Packet, SharedFrame};
use crate::error::{LibavError, Result};
use crate::stats::EncoderReport;

/// How an encoder like the first one is opened.
pub(crate) type OpenEncoder = Box<dyn Fn() -> Result<Encoder> + Send + Sync>;

/// Encodes frames, which it counts.
pub(crate) enum Encoding {
    /// By one encoder.
    Single(SingleEncoding),
    /// By several, each of which takes a segment.
    SideBySide(Box<SideBySide>),
}

/// Encodes frames by one encoder at a time.
pub(crate) struct SingleEncoding {
    /// `None` where the next one could not be opened.
    encoder: Option<Encoder>,
    open: OpenEncoder,
    frames: i64,
}

/// A packet, and by the numbers of frames when it is shown and decoded.
pub(crate) struct NumberedPacket {
    pub(crate) packet: Packet,
    /// The frame that it holds.
    pub(crate) shown: i64,
    /// The frame at whose time it is decoded; it may lie before the first.
    pub(crate) decoded: i64,
}

impl Encoding {
    /// Encodes by `encoder`, and by more that `open` opens where one must not go on. The first frame has the number
    /// `first_frame`.
    pub(crate) fn single(encoder: Encoder, open: OpenEncoder, first_frame: i64) -> Self {
        Self::Single(SingleEncoding { encoder: Some(encoder), open, frames: first_frame })
    }

    /// Encodes the next frame. All packets that were there must have been received.
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

    /// Says that no frame will follow; what is still inside can be received.
    pub(crate) fn send_end(&mut self) -> Result<()> {
        match self {
            Self::Single(single) => Ok(single.encoder()?.send_end()?),
            Self::SideBySide(several) => {
                several.send_end();
                Ok(())
            }
        }
    }

    /// The next packet, in decoding order. `None` where more frames must come first, or, after the end, where
    /// none is left.
    pub(crate) fn receive(&mut self) -> Result<Option<NumberedPacket>> {
        match self {
            Self::Single(single) => single.encoder()?.receive()?.map(numbered).transpose(),
            Self::SideBySide(several) => several.receive(),
        }
    }

    /// Goes on after the end with a new encoder, whose first frame refers to none before it.
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

    /// Closes it; gives what encoders report of their frames.
    pub(crate) fn close(self) -> Vec<EncoderReport> {
        match self {
            Self::Single(single) => single.encoder.and_then(Encoder::close).into_iter().collect(),
            Self::SideBySide(mut several) => several.take_reports(),
        }
    }

    /// The time that encoders worked on threads of their own since this was called last.
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

/// A packet by the numbers that its encoder gave to its frames.
pub(super) fn numbered(packet: Packet) -> Result<NumberedPacket> {
    let shown = packet.pts().ok_or_else(|| lost_frames(1))?;
    let decoded = packet.dts().unwrap_or(shown);
    Ok(NumberedPacket { packet, shown, decoded })
}

/// Frames in are frames out; an encoder that breaks this must not go unnoticed.
pub(crate) fn lost_frames(frames: usize) -> LibavError {
    LibavError::unexpected("match packets to frames", format!("the encoder lost or added {frames} frames"))
}
