//! An open audio decoder: it decodes packets of a file to samples.

use std::ptr;

use ffmpeg_next::ffi;

use super::audio_frame::AudioFrame;
use super::error::{check, check_allocated};
use super::log;
use super::packet::Packet;
use super::stream::StreamParameters;
use crate::error::LibavError;

/// An FFmpeg audio decoder. Samples that a codec puts before the first one are dropped.
pub(crate) struct AudioDecoder(*mut ffi::AVCodecContext);

// SAFETY: an AVCodecContext may be used from any one thread at a time; only the owner of the struct reaches it, through
// `&mut self`.
unsafe impl Send for AudioDecoder {}

impl AudioDecoder {
    /// Opens the decoder of `stream`.
    pub(crate) fn open(stream: &StreamParameters) -> Result<Self, LibavError> {
        log::install();
        let operation = "open an audio decoder";
        // SAFETY: the result is a static description or null.
        let codec = unsafe { ffi::avcodec_find_decoder((*stream.as_ptr()).codec_id) };
        if codec.is_null() {
            check(ffi::AVERROR_DECODER_NOT_FOUND, operation)?;
        }
        // SAFETY: `codec` is a static description; the result is checked and owned by `decoder` from here on.
        let decoder = Self(check_allocated(unsafe { ffi::avcodec_alloc_context3(codec) }, operation)?);
        // SAFETY: the context is ours and not open yet, when its fields may be set; the parameters are copied.
        unsafe {
            check(ffi::avcodec_parameters_to_context(decoder.0, stream.as_ptr()), operation)?;
            let time_base = stream.time_base;
            (*decoder.0).pkt_timebase =
                ffi::AVRational { num: time_base.numerator as i32, den: time_base.denominator as i32 };
            (*decoder.0).thread_count = 1;
            check(ffi::avcodec_open2(decoder.0, codec, ptr::null_mut()), operation)?;
        }
        Ok(decoder)
    }

    /// Decodes a packet; `None` ends the stream. Receive all frames so far before.
    pub(crate) fn send(&mut self, packet: Option<Packet>) -> Result<(), LibavError> {
        let mut packet = packet;
        let pointer = packet.as_mut().map_or(ptr::null_mut(), Packet::as_mut_ptr);
        // SAFETY: the context is open; the packet is valid, or null, and the decoder takes its own references.
        check(unsafe { ffi::avcodec_send_packet(self.0, pointer) }, "decode sound").map(drop)
    }

    /// Returns the next samples; `None` if the decoder needs more packets or is empty.
    pub(crate) fn receive(&mut self) -> Result<Option<AudioFrame>, LibavError> {
        let mut frame = AudioFrame::blank()?;
        // SAFETY: the context is open; the frame is blank and ours.
        let code = unsafe { ffi::avcodec_receive_frame(self.0, frame.as_mut_ptr()) };
        if code == ffi::AVERROR(ffi::EAGAIN) || code == ffi::AVERROR_EOF {
            return Ok(None);
        }
        check(code, "decode sound")?;
        Ok(Some(frame))
    }
}

impl Drop for AudioDecoder {
    fn drop(&mut self) {
        // SAFETY: the context came from avcodec_alloc_context3 and is freed once.
        unsafe { ffi::avcodec_free_context(&mut self.0) };
    }
}
