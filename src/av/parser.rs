//! An FFmpeg parser: reads a packet's picture type, keyframe flag and picture order without decoding.

use std::ptr;

use ffmpeg_next::ffi;

use super::error::{check, check_allocated};
use super::packet::Packet;
use super::stream::StreamParameters;
use crate::error::LibavError;
use crate::stats::PictureType;

/// An FFmpeg parser for one stream.
pub(crate) struct Parser {
    parser: *mut ffi::AVCodecParserContext,
    /// The codec context that the parser needs.
    context: *mut ffi::AVCodecContext,
}

impl Parser {
    /// Opens the parser of `stream`; `None` if FFmpeg has no parser for its codec.
    pub(crate) fn open(stream: &StreamParameters) -> Result<Option<Self>, LibavError> {
        let operation = "open a parser";
        // SAFETY: the parameters are valid; the result is null or owned by `opened` from here on.
        let parser = unsafe { ffi::av_parser_init((*stream.as_ptr()).codec_id as i32) };
        if parser.is_null() {
            return Ok(None);
        }
        let mut opened = Self { parser, context: ptr::null_mut() };
        // SAFETY: without a codec, the context is plain memory; the result is checked and owned by `opened`.
        opened.context = check_allocated(unsafe { ffi::avcodec_alloc_context3(ptr::null()) }, operation)?;
        // SAFETY: both are valid; the parameters are copied. Packets of files are whole frames.
        unsafe {
            check(ffi::avcodec_parameters_to_context(opened.context, stream.as_ptr()), operation)?;
            (*parser).flags |= ffi::PARSER_FLAG_COMPLETE_FRAMES;
        }
        Ok(Some(opened))
    }

    /// Returns the picture type of the next packet, as far as its first bytes show.
    pub(crate) fn picture_type(&mut self, packet: &mut Packet) -> Option<PictureType> {
        self.parse(packet);
        // SAFETY: the parser is open.
        PictureType::from_av(unsafe { (*self.parser).pict_type })
    }

    /// Returns the picture order count of the packet (H.264 and HEVC): its position in presentation order since the
    /// keyframe. Successive frames differ by a constant step.
    pub(crate) fn picture_order(&mut self, packet: &mut Packet) -> i64 {
        self.parse(packet);
        // SAFETY: the parser is open.
        unsafe { (*self.parser).output_picture_number }.into()
    }

    /// Returns whether decoding can start at the packet; `None` if its first bytes do not show it.
    pub(super) fn keyframe(&mut self, packet: &mut Packet) -> Option<bool> {
        let picture_type = self.picture_type(packet);
        // SAFETY: the parser is open.
        match unsafe { (*self.parser).key_frame } {
            0 => Some(false),
            1 => Some(true),
            _ => picture_type.map(|picture_type| picture_type == PictureType::I),
        }
    }

    fn parse(&mut self, packet: &mut Packet) {
        let mut data = ptr::null_mut();
        let mut bytes = 0;
        // SAFETY: parser and context belong together. A packet of a demuxer has `size` bytes, with the padding that
        // parsers may read; with whole frames, `data` points into them afterwards and owns nothing.
        unsafe {
            let fields = &*packet.as_mut_ptr();
            (*self.parser).pict_type = ffi::AVPictureType::AV_PICTURE_TYPE_NONE as i32;
            (*self.parser).key_frame = -1;
            ffi::av_parser_parse2(
                self.parser,
                self.context,
                &mut data,
                &mut bytes,
                fields.data,
                fields.size,
                fields.pts,
                fields.dts,
                fields.pos,
            );
        }
    }
}

impl Drop for Parser {
    fn drop(&mut self) {
        // SAFETY: both came from their allocators and are freed once; the context may be null.
        unsafe {
            ffi::av_parser_close(self.parser);
            ffi::avcodec_free_context(&mut self.context);
        }
    }
}
