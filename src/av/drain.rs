//! Encoders that must be empty before they are closed.

use std::ffi::c_int;
use std::ptr;

use ffmpeg_next::ffi;

/// Takes all out of an encoder that is to be closed, and that `is_unused` where it got no frame. SVT-AV1 waits for ever when
/// it is closed before it was given a frame and its end.
///
/// # Safety
/// `context` is an encoder's. Where it is not open, nothing is done.
pub(super) unsafe fn empty(context: *mut ffi::AVCodecContext, is_unused: bool) {
    // SAFETY: as the caller vouches; the frame and the packet are ours and freed once, and libavcodec takes references of
    // its own. Null means the end to it.
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
        ffi::avcodec_send_frame(context, ptr::null());
        let mut packet = ffi::av_packet_alloc();
        while !packet.is_null() && ffi::avcodec_receive_packet(context, packet) >= 0 {
            ffi::av_packet_unref(packet);
        }
        ffi::av_packet_free(&mut packet);
    }
}

/// A frame that the encoder takes, whose pixels are of no interest; null where there is no memory.
///
/// # Safety
/// `context` is an open encoder's.
unsafe fn blank(context: *const ffi::AVCodecContext) -> *mut ffi::AVFrame {
    // SAFETY: as the caller vouches; the frame is checked, described as the encoder expects, and freed where it gets no memory.
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
