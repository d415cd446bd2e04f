//! An open video decoder: it decodes packets of framemill's movies to frames for an encoder.

use std::ffi::c_int;
use std::ptr;

use ffmpeg_next::ffi;

use super::error::{check, check_allocated};
use super::frame::SharedFrame;
use super::frame_pool::FramePool;
use super::log;
use super::packet::Packet;
use super::stream::StreamParameters;
use crate::error::LibavError;

/// An FFmpeg video decoder.
pub(crate) struct Decoder {
    context: *mut ffi::AVCodecContext,
    /// The pool whose format the frames must have.
    pool: FramePool,
}

// SAFETY: an AVCodecContext may be used from any one thread at a time (its own worker threads are its affair); only
// the owner of the struct reaches it, through `&mut self` if it changes.
unsafe impl Send for Decoder {}

impl Decoder {
    /// Opens the decoder of `stream` with this many threads. `pool` describes its frames.
    pub(crate) fn open(stream: &StreamParameters, pool: FramePool, threads: usize) -> Result<Self, LibavError> {
        log::install();
        let operation = "open a decoder";
        // SAFETY: the result is a static description or null.
        let codec = unsafe { ffi::avcodec_find_decoder((*stream.as_ptr()).codec_id) };
        if codec.is_null() {
            check(ffi::AVERROR_DECODER_NOT_FOUND, operation)?;
        }
        // SAFETY: `codec` is a static description; the result is checked and owned by `decoder` from here on.
        let context = check_allocated(unsafe { ffi::avcodec_alloc_context3(codec) }, operation)?;
        let decoder = Self { context, pool };
        // SAFETY: the context is ours and not open yet, when its fields may be set; the parameters are copied.
        unsafe {
            check(ffi::avcodec_parameters_to_context(context, stream.as_ptr()), operation)?;
            (*context).thread_count = threads as c_int;
            // Damaged data must be an error instead of an approximate picture.
            (*context).err_recognition = ffi::AV_EF_EXPLODE as c_int;
            check(ffi::avcodec_open2(context, codec, ptr::null_mut()), operation)?;
        }
        Ok(decoder)
    }

    /// Returns the number of threads of a decoder that can use all processors of this process.
    pub(crate) fn most_threads() -> usize {
        std::thread::available_parallelism().map_or(1, |count| count.get().min(16))
    }

    /// Decodes a packet; `None` ends the stream. Receive all frames so far before.
    pub(crate) fn send(&mut self, packet: Option<Packet>) -> Result<(), LibavError> {
        let mut packet = packet;
        let pointer = packet.as_mut().map_or(ptr::null_mut(), Packet::as_mut_ptr);
        // SAFETY: the context is open; the packet is valid, or null, and the decoder takes its own references.
        check(unsafe { ffi::avcodec_send_packet(self.context, pointer) }, "decode a frame").map(drop)
    }

    /// Returns the next frame, in presentation order; `None` if the decoder needs more packets or is empty.
    pub(crate) fn receive(&mut self) -> Result<Option<SharedFrame>, LibavError> {
        let mut frame = self.pool.blank()?;
        // SAFETY: the context is open; the frame is blank and ours.
        let code = unsafe { ffi::avcodec_receive_frame(self.context, frame.as_mut_ptr()) };
        if code == ffi::AVERROR(ffi::EAGAIN) || code == ffi::AVERROR_EOF {
            return Ok(None);
        }
        check(code, "decode a frame")?;
        // The decoder may still read the frame, to predict others from it.
        Ok(Some(self.pool.adopt(frame)?.share()))
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the context came from avcodec_alloc_context3 and is freed once; its threads are joined by it.
        unsafe { ffi::avcodec_free_context(&mut self.context) };
    }
}
