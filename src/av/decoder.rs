//! An open decoder: the packets of a movie that framemill made come back as frames for an encoder.

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

/// A decoder of FFmpeg's at work.
pub(crate) struct Decoder {
    context: *mut ffi::AVCodecContext,
    /// What the frames are to be like.
    pool: FramePool,
}

// SAFETY: an AVCodecContext may be used from any one thread at a time (its own worker threads are its affair); only
// the owner of the struct reaches it, through `&mut self` where it changes.
unsafe impl Send for Decoder {}

impl Decoder {
    /// Opens the decoder of `stream`, whose frames are those that `pool` makes, with so many threads.
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
            // What cannot be read is an error, and not something that looks like it.
            (*context).err_recognition = ffi::AV_EF_EXPLODE as c_int;
            check(ffi::avcodec_open2(context, codec, ptr::null_mut()), operation)?;
        }
        Ok(decoder)
    }

    /// The threads of a decoder that has the processors of this process to itself.
    pub(crate) fn most_threads() -> usize {
        std::thread::available_parallelism().map_or(1, |count| count.get().min(16))
    }

    /// Decodes a packet; `None` says that no more will follow. All frames so far must have been received.
    pub(crate) fn send(&mut self, packet: Option<Packet>) -> Result<(), LibavError> {
        let mut packet = packet;
        let pointer = packet.as_mut().map_or(ptr::null_mut(), Packet::as_mut_ptr);
        // SAFETY: the context is open; the packet is valid, or null, and the decoder takes references of its own.
        check(unsafe { ffi::avcodec_send_packet(self.context, pointer) }, "decode a frame").map(drop)
    }

    /// The next frame, in presentation order; `None` when the decoder wants more packets or is empty.
    pub(crate) fn receive(&mut self) -> Result<Option<SharedFrame>, LibavError> {
        let mut frame = self.pool.blank()?;
        // SAFETY: the context is open; the frame is blank and ours.
        let code = unsafe { ffi::avcodec_receive_frame(self.context, frame.as_mut_ptr()) };
        if code == ffi::AVERROR(ffi::EAGAIN) || code == ffi::AVERROR_EOF {
            return Ok(None);
        }
        check(code, "decode a frame")?;
        // The decoder may still read it, to predict others from it.
        Ok(Some(self.pool.adopt(frame)?.share()))
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the context came from avcodec_alloc_context3 and is freed once; its threads are joined by it.
        unsafe { ffi::avcodec_free_context(&mut self.context) };
    }
}
