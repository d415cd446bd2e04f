//! The parameters that a muxer needs before the first packet of a stream.

use std::ffi::c_int;

use ffmpeg_next::ffi;

use super::dictionary::entries;
use super::error::{check, check_allocated};
use crate::error::LibavError;
use crate::settings::Container;
use crate::time::{FrameRate, TimeBase};

/// The parameters of a compressed stream, copied from an encoder or a demuxer.
pub(crate) struct StreamParameters {
    codec: *mut ffi::AVCodecParameters,
    /// The time base of its packets.
    pub(crate) time_base: TimeBase,
    /// The frame rate, if it is constant or nearly so.
    pub(crate) frame_rate: Option<FrameRate>,
    /// The movie's metadata.
    pub(crate) metadata: Vec<(String, String)>,
}

// SAFETY: AVCodecParameters is plain memory of its own; only the owner of the struct reaches it.
unsafe impl Send for StreamParameters {}

impl StreamParameters {
    fn blank(time_base: TimeBase, frame_rate: Option<FrameRate>) -> Result<Self, LibavError> {
        // SAFETY: avcodec_parameters_alloc takes nothing; the result is checked and owned by the struct.
        let codec = check_allocated(unsafe { ffi::avcodec_parameters_alloc() }, "describe a stream")?;
        Ok(Self { codec, time_base, frame_rate, metadata: Vec::new() })
    }

    /// Returns the parameters of an open encoder, with packets timed in `time_base`.
    ///
    /// # Safety
    /// `encoder` is an open encoder.
    pub(super) unsafe fn of_encoder(
        encoder: *const ffi::AVCodecContext,
        time_base: TimeBase,
        frame_rate: FrameRate,
    ) -> Result<Self, LibavError> {
        let stream = Self::blank(time_base, Some(frame_rate))?;
        // SAFETY: both are valid; the parameters are a deep copy.
        check(unsafe { ffi::avcodec_parameters_from_context(stream.codec, encoder) }, "describe the stream")?;
        stream.forget_bit_rate();
        Ok(stream)
    }

    /// Returns the parameters of an open audio encoder, with packets timed in `time_base`.
    ///
    /// # Safety
    /// `encoder` is an open encoder.
    pub(super) unsafe fn of_audio_encoder(
        encoder: *const ffi::AVCodecContext,
        time_base: TimeBase,
    ) -> Result<Self, LibavError> {
        let stream = Self::blank(time_base, None)?;
        // SAFETY: both are valid; the parameters are a deep copy.
        check(unsafe { ffi::avcodec_parameters_from_context(stream.codec, encoder) }, "describe the sound")?;
        Ok(stream)
    }

    /// Returns the parameters of a demuxed stream.
    ///
    /// # Safety
    /// `found` is a stream of an open demuxer.
    pub(super) unsafe fn of_demuxer(found: *const ffi::AVStream) -> Result<Self, LibavError> {
        // SAFETY: the caller guarantees the stream; its codecpar lives as long as it.
        let (codec, time_base, rate, aspect) = unsafe {
            ((*found).codecpar, (*found).time_base, (*found).avg_frame_rate, (*found).sample_aspect_ratio)
        };
        let time_base =
            TimeBase { numerator: time_base.num.max(1) as u32, denominator: time_base.den.max(1) as u32 };
        let frame_rate = (rate.num > 0 && rate.den > 0).then(|| FrameRate::new(rate.num as u32, rate.den as u32));
        let stream = Self::blank(time_base, frame_rate)?;
        // SAFETY: both are valid; the parameters are a deep copy.
        check(unsafe { ffi::avcodec_parameters_copy(stream.codec, codec) }, "describe the stream")?;
        // SAFETY: `codec` is ours; the metadata of the stream lives as long as it.
        let is_video = unsafe {
            (*stream.codec).sample_aspect_ratio = aspect;
            if has_alpha(entries((*found).metadata)) {
                (*stream.codec).format = ffi::AVPixelFormat::AV_PIX_FMT_YUVA420P as c_int;
            }
            (*stream.codec).codec_type == ffi::AVMediaType::AVMEDIA_TYPE_VIDEO
        };
        // Sound keeps its bit rate: in an AVI, the muxer derives the times of the sound from it.
        if is_video {
            stream.forget_bit_rate();
        }
        Ok(stream)
    }

    /// Returns whether the parameters contain the decoder's setup (extradata). If not, the packets carry it.
    pub(crate) fn has_setup(&self) -> bool {
        // SAFETY: `codec` is ours.
        unsafe { (*self.codec).extradata_size > 0 }
    }

    /// Returns a difference that prevents packets of both from being in one stream, as a predicate: "has another codec".
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        // SAFETY: both are ours, and do not change meanwhile; extradata, if there is some, has extradata_size bytes.
        let (own, other, setups) = unsafe {
            let (own, other) = (&*self.codec, &*other.codec);
            let setup = |codec: &ffi::AVCodecParameters| match codec.extradata_size {
                0 => &[],
                bytes => std::slice::from_raw_parts(codec.extradata, bytes as usize),
            };
            (own, other, (setup(own), setup(other)))
        };
        if own.codec_id != other.codec_id || own.codec_tag != other.codec_tag {
            return Some("has another codec".to_owned());
        }
        if (own.width, own.height) != (other.width, other.height) {
            return Some(format!(
                "has {}x{} pixels instead of {}x{}",
                other.width, other.height, own.width, own.height
            ));
        }
        let color = |codec: &ffi::AVCodecParameters| {
            (codec.color_range, codec.color_space, codec.color_primaries, codec.color_trc, codec.chroma_location)
        };
        let aspect = |codec: &ffi::AVCodecParameters| match codec.sample_aspect_ratio {
            ffi::AVRational { num, den } if num > 0 && den > 0 => (num, den),
            _ => (1, 1),
        };
        if aspect(own) != aspect(other) {
            return Some("has another pixel aspect ratio".to_owned());
        }
        if own.format != other.format || color(own) != color(other) {
            return Some("has another pixel format or other colors".to_owned());
        }
        (setups.0 != setups.1).then(|| "was encoded with other settings, or by another version".to_owned())
    }

    /// Clears the bit rate; the muxer computes it. With a constant quantizer, an encoder reports only a default, and a
    /// demuxed file reports the bit rate of the old file.
    fn forget_bit_rate(&self) {
        // SAFETY: `codec` is ours.
        unsafe { (*self.codec).bit_rate = 0 };
    }

    /// Returns the pointer for calls that read the parameters.
    pub(super) fn as_ptr(&self) -> *const ffi::AVCodecParameters {
        self.codec
    }

    /// Returns the ticks of a frame period, if the frame rate is known.
    pub(crate) fn frame_ticks(&self) -> Option<i64> {
        let period = self.frame_rate?.frame_time_base().at(1);
        Some(period.rescale(self.time_base).ticks)
    }

    /// Returns a first byte that muxers accept as the start of a visible frame, for blank packets that measure the
    /// container's overhead.
    pub(super) fn first_byte(&self) -> u8 {
        // SAFETY: `codec` is ours.
        match unsafe { (*self.codec).codec_id } {
            // A frame header with its marker, for a visible keyframe (VP9 bitstream specification, 6.2).
            ffi::AVCodecID::AV_CODEC_ID_VP9 => 0b1000_0010,
            // A tile group without its own length (AV1 bitstream specification, 5.3).
            ffi::AVCodecID::AV_CODEC_ID_AV1 => 0b0010_0000,
            _ => 0,
        }
    }

    /// Returns whether packets are H.264 or HEVC with start codes, as encoders return them, instead of lengths, as
    /// files store them.
    pub(super) fn has_start_codes(&self) -> bool {
        // SAFETY: `codec` is ours; extradata, if there is some, has extradata_size bytes. A configuration record for
        // lengths starts with its version, 1 (ISO/IEC 14496-15); start codes start with 0.
        unsafe {
            let codec = &*self.codec;
            let configuration = codec.extradata_size > 0 && *codec.extradata == 1;
            matches!(codec.codec_id, ffi::AVCodecID::AV_CODEC_ID_H264 | ffi::AVCodecID::AV_CODEC_ID_HEVC)
                && !configuration
        }
    }

    /// Returns whether packets are H.264 or HEVC with four-byte lengths before the NAL units.
    pub(crate) fn has_lengths(&self) -> bool {
        // This byte of a configuration record is the length of lengths, less one (ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1).
        // SAFETY: `codec` is ours.
        let offset = match unsafe { (*self.codec).codec_id } {
            ffi::AVCodecID::AV_CODEC_ID_H264 => 4,
            ffi::AVCodecID::AV_CODEC_ID_HEVC => 21,
            _ => return false,
        };
        // SAFETY: `codec` is ours; extradata, where there is some, has extradata_size bytes.
        let length = unsafe {
            let codec = &*self.codec;
            if codec.extradata_size as usize > offset { *codec.extradata.add(offset) & 3 } else { 0 }
        };
        !self.has_start_codes() && length == 3
    }

    /// Returns whether the parameters describe a codec that framemill can write, in the form that `container` stores.
    /// Only AVI stores H.264 with start codes; elsewhere the parameters would be damaged.
    pub(crate) fn describes_frames(&self, container: Container) -> bool {
        // SAFETY: `codec` is ours; the result is a static description or null, and is not looked into.
        let is_written = unsafe { !ffi::avcodec_find_encoder((*self.codec).codec_id).is_null() };
        is_written && (container == Container::Avi || !self.has_start_codes())
    }

    /// Sets the four-character code of the codec in the container.
    pub(crate) fn set_fourcc(&mut self, fourcc: [u8; 4]) {
        // SAFETY: `codec` is ours.
        unsafe { (*self.codec).codec_tag = u32::from_le_bytes(fourcc) };
    }

    /// Copies the parameters.
    pub(crate) fn try_clone(&self) -> Result<Self, LibavError> {
        let mut copy = Self::blank(self.time_base, self.frame_rate)?;
        copy.metadata.clone_from(&self.metadata);
        // SAFETY: both are ours; the copy is deep.
        check(unsafe { ffi::avcodec_parameters_copy(copy.codec, self.codec) }, "describe a stream")?;
        Ok(copy)
    }

    /// Returns FFmpeg's name of the codec.
    pub(crate) fn codec_name(&self) -> String {
        // SAFETY: `codec` is ours; the name is static and NUL-terminated.
        unsafe { std::ffi::CStr::from_ptr(ffi::avcodec_get_name((*self.codec).codec_id)) }
            .to_string_lossy()
            .into_owned()
    }

    /// Sets the number of samples at the start of the decoded sound that are not part of it.
    pub(crate) fn set_audio_delay(&mut self, samples: i32) {
        // SAFETY: `codec` is ours.
        unsafe { (*self.codec).initial_padding = samples };
    }

    /// Clears the four-character code of the codec, so that the muxer chooses it.
    pub(crate) fn clear_fourcc(&mut self) {
        self.set_fourcc([0; 4]);
    }

    /// Returns the number of samples at the start of the decoded sound that are not part of it.
    pub(crate) fn audio_delay(&self) -> i32 {
        // SAFETY: `codec` is ours.
        unsafe { (*self.codec).initial_padding.max(0) }
    }

    /// Replaces the decoder setup by one that an encoder completed while it worked.
    pub(crate) fn replace_setup(&mut self, setup: &[u8]) -> Result<(), LibavError> {
        const PADDING: usize = ffi::AV_INPUT_BUFFER_PADDING_SIZE as usize;
        // SAFETY: `codec` is ours. Its extradata is av_malloc'd memory or null, which av_freep takes; the new one has room
        // for the bytes and the padding, which is zeros.
        unsafe {
            let codec = &mut *self.codec;
            let copy = check_allocated(ffi::av_mallocz(setup.len() + PADDING), "describe the sound")?.cast::<u8>();
            copy.copy_from_nonoverlapping(setup.as_ptr(), setup.len());
            ffi::av_freep((&raw mut codec.extradata).cast());
            (codec.extradata, codec.extradata_size) = (copy, setup.len() as c_int);
        }
        Ok(())
    }

    /// Copies the parameters to a muxer's new stream.
    ///
    /// # Safety
    /// `target` is a stream of a muxer whose header is not written.
    pub(super) unsafe fn apply_to(&self, target: *mut ffi::AVStream) -> Result<(), LibavError> {
        // SAFETY: the caller guarantees the stream; ours is valid, and the copy is deep.
        unsafe {
            check(ffi::avcodec_parameters_copy((*target).codecpar, self.codec), "describe the stream")?;
            let time_base = self.time_base;
            (*target).time_base =
                ffi::AVRational { num: time_base.numerator as c_int, den: time_base.denominator as c_int };
            (*target).sample_aspect_ratio = (*self.codec).sample_aspect_ratio;
            if let Some(rate) = self.frame_rate {
                let rate = ffi::AVRational { num: rate.numerator() as c_int, den: rate.denominator() as c_int };
                (*target).avg_frame_rate = rate;
                (*target).r_frame_rate = rate;
            }
        }
        Ok(())
    }
}

/// Returns whether Matroska's metadata marks a VP9 stream as having alpha. FFmpeg's decoder does not report it, but the
/// muxer needs the pixel format to record it (libavformat/matroskaenc.c).
fn has_alpha(metadata: Vec<(String, String)>) -> bool {
    metadata.iter().any(|(name, value)| name.eq_ignore_ascii_case("alpha_mode") && value == "1")
}

impl Drop for StreamParameters {
    fn drop(&mut self) {
        // SAFETY: `codec` came from avcodec_parameters_alloc and is freed once.
        unsafe { ffi::avcodec_parameters_free(&mut self.codec) };
    }
}
