//! An encoder that may be replaced between two frames.

use crate::av::{Encoder, Packet, SharedFrame};
use crate::error::{LibavError, Result};
use crate::stats::EncoderReport;

/// How an encoder like the first one is opened.
pub(crate) type OpenEncoder = Box<dyn Fn() -> Result<Encoder> + Send>;

/// Encodes frames, which it counts from 0.
pub(crate) struct Encoding {
    encoder: Encoder,
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
    /// Encodes by `encoder`, and by more that `open` opens where one must not go on.
    pub(crate) fn new(encoder: Encoder, open: OpenEncoder) -> Self {
        Self { encoder, open, frames: 0 }
    }

    /// Encodes the next frame. All packets so far must have been received.
    pub(crate) fn send(&mut self, frame: SharedFrame) -> Result<(), LibavError> {
        let index = self.frames;
        self.frames += 1;
        self.encoder.send(frame, index)
    }

    /// Says that no frame will follow; what is still inside can be received.
    pub(crate) fn send_end(&mut self) -> Result<(), LibavError> {
        self.encoder.send_end()
    }

    /// The next packet, in the order of decoding; `None` when the encoder wants more frames or is empty.
    pub(crate) fn receive(&mut self) -> Result<Option<NumberedPacket>> {
        let Some(packet) = self.encoder.receive()? else { return Ok(None) };
        let shown = packet.pts().ok_or_else(|| lost_frames(1))?;
        let decoded = packet.dts().unwrap_or(shown);
        Ok(Some(NumberedPacket { packet, shown, decoded }))
    }

    /// Goes on with a new encoder, whose first frame refers to none before it. Gives what the old one, which was ended,
    /// says of its frames.
    pub(crate) fn renew(&mut self) -> Result<Option<EncoderReport>> {
        let old = std::mem::replace(&mut self.encoder, (self.open)()?);
        Ok(old.close())
    }

    /// Closes the encoder; gives what it says of its frames.
    pub(crate) fn close(self) -> Option<EncoderReport> {
        self.encoder.close()
    }
}

/// Frames in are frames out; an encoder that breaks this must not go unnoticed.
pub(crate) fn lost_frames(frames: usize) -> LibavError {
    LibavError::unexpected("match packets to frames", format!("the encoder lost or added {frames} frames"))
}
