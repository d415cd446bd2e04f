//! Drains encoders that must be empty before they are closed.

use std::ffi::c_int;
use std::ptr;

use ffmpeg_next::ffi;

/// Drains an encoder before it is closed; it `is_unused` if it never received a frame. SVT-AV1 waits forever if it is
/// closed before it received a frame and the end of the stream.
///
/// # Safety
/// `context` is an encoder context. If it is not open, nothing is done.
pub(super) unsafe fn empty(context: *mut ffi::AVCodecContext, is_unused: bool) {
    // SAFETY: the caller guarantees the context; the frame and the packet are ours and freed once, and libavcodec takes
    // references of its own. Null means the end to it.
    unsafe {
        if ffi::avcodec_is_open(context) == 0 {
            return;
        }
        if is_unused {
            let mut frame = blank(context);
            if !frame.is_null() {
                ffi::avcodec_send_frame(context, frame);
            }
            ffi::av_frame_free(&mut frame);
        }
        let mut packet = ffi::av_packet_alloc();
        let mut is_full = true;
        while is_full && !packet.is_null() {
            // The encoder does not accept the end while packets wait.
            is_full = ffi::avcodec_send_frame(context, ptr::null()) == ffi::AVERROR(ffi::EAGAIN);
            while ffi::avcodec_receive_packet(context, packet) >= 0 {
                ffi::av_packet_unref(packet);
            }
        }
        ffi::av_packet_free(&mut packet);
    }
}

/// A frame with blank pixels, or null if allocation fails.
///
/// # Safety
/// `context` is an open encoder's.
unsafe fn blank(context: *const ffi::AVCodecContext) -> *mut ffi::AVFrame {
    // SAFETY: the caller guarantees the context; the frame is checked, described as the encoder expects, and freed if
    // it gets no memory.
    unsafe {
        let mut frame = ffi::av_frame_alloc();
        if frame.is_null() {
            return frame;
        }
        ((*frame).width, (*frame).height) = ((*context).width, (*context).height);
        ((*frame).format, (*frame).pts) = ((*context).pix_fmt as c_int, 0);
        if ffi::av_frame_get_buffer(frame, 0) < 0 {
            ffi::av_frame_free(&mut frame);
            return frame;
        }
        for buffer in (*frame).buf {
            if !buffer.is_null() {
                ptr::write_bytes((*buffer).data, 0, (*buffer).size);
            }
        }
        frame
    }
}
