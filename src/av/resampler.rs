//! An open resampler: it converts samples to an encoder's type, rate and channels.

use std::ffi::c_int;
use std::ptr;

use ffmpeg_next::ffi;

use super::audio_buffer::AudioBuffer;
use super::audio_format::AudioFormat;
use super::audio_frame::AudioFrame;
use super::error::{check, check_allocated};
use crate::audio::Samples;
use crate::error::LibavError;

/// A libswresample context.
pub(crate) struct Resampler {
    context: *mut ffi::SwrContext,
    from: AudioFormat,
}

// SAFETY: an SwrContext is plain memory without threads; only the owner of the struct reaches it, through `&mut self`.
unsafe impl Send for Resampler {}

impl Resampler {
    /// Opens a resampler from the format `from` to the format `to`.
    pub(crate) fn open(from: AudioFormat, to: &AudioFormat) -> Result<Self, LibavError> {
        let operation = "open a resampler";
        let mut context = ptr::null_mut();
        // SAFETY: the context is an out parameter; both layouts are valid and copied, and not changed.
        let code = unsafe {
            ffi::swr_alloc_set_opts2(
                &mut context,
                to.layout.as_ptr().cast_mut(),
                to.sample,
                to.rate as c_int,
                from.layout.as_ptr().cast_mut(),
                from.sample,
                from.rate as c_int,
                0,
                ptr::null_mut(),
            )
        };
        check(code, operation)?;
        let resampler = Self { context: check_allocated(context, operation)?, from };
        // SAFETY: the context is ours, and all that it must know is set.
        check(unsafe { ffi::swr_init(resampler.context) }, operation)?;
        Ok(resampler)
    }

    /// Returns the format that it takes.
    pub(crate) fn from(&self) -> &AudioFormat {
        &self.from
    }

    /// Converts a decoded frame.
    pub(crate) fn convert_frame(&mut self, frame: &AudioFrame, to: &mut AudioBuffer) -> Result<(), LibavError> {
        let (planes, sample_frames) = frame.planes();
        // SAFETY: the frame is in the format that this takes, as the caller checked by `from`; its planes hold
        // `sample_frames`.
        unsafe { self.convert(planes, sample_frames, to) }
    }

    /// Converts the sample frames from `start` to `end` of samples in memory, which must exist.
    pub(crate) fn convert_samples(
        &mut self,
        samples: &Samples,
        (start, end): (usize, usize),
        to: &mut AudioBuffer,
    ) -> Result<(), LibavError> {
        let channels = self.from.channels() as usize;
        let (start, end) = (start * channels, (end * channels).min(samples.count()));
        let data: *const u8 = match samples {
            Samples::I16(samples) => samples[start..end].as_ptr().cast(),
            Samples::I32(samples) => samples[start..end].as_ptr().cast(),
            Samples::F32(samples) => samples[start..end].as_ptr().cast(),
            Samples::F64(samples) => samples[start..end].as_ptr().cast(),
        };
        let planes = [data];
        // SAFETY: the samples are packed and of the format that this was opened for, as many as the slice has.
        unsafe { self.convert(planes.as_ptr(), ((end - start) / channels.max(1)) as c_int, to) }
    }

    /// Converts silence.
    pub(crate) fn convert_silence(&mut self, sample_frames: usize, to: &mut AudioBuffer) -> Result<(), LibavError> {
        let (planes, sample_frame_bytes) = self.from.planes();
        let silence = vec![self.from.silence(); sample_frames * sample_frame_bytes];
        let planes = vec![silence.as_ptr(); planes];
        // SAFETY: each plane has `sample_frames` sample frames of the format that this takes; all planes may be the
        // same bytes, as they are only read.
        unsafe { self.convert(planes.as_ptr(), sample_frames as c_int, to) }
    }

    /// Converts what is still inside.
    pub(crate) fn flush(&mut self, to: &mut AudioBuffer) -> Result<(), LibavError> {
        // SAFETY: no samples mean the end to libswresample.
        unsafe { self.convert(ptr::null(), 0, to) }
    }

    /// # Safety
    /// `planes` are null, or have `sample_frames` sample frames of the format that this takes.
    unsafe fn convert(
        &mut self,
        planes: *const *const u8,
        sample_frames: c_int,
        to: &mut AudioBuffer,
    ) -> Result<(), LibavError> {
        let context = self.context;
        // SAFETY: the context is open.
        let most = unsafe { ffi::swr_get_out_samples(context, sample_frames) };
        let most = check(most, "resample")?;
        to.extend_with(most as usize, |ends| {
            // SAFETY: the caller guarantees the input. `ends` has a pointer for each plane of the output format, as the
            // buffer was made for it, with room for `most` sample frames each.
            let written =
                unsafe { ffi::swr_convert(context, ends.as_mut_ptr(), most, planes.cast_mut(), sample_frames) };
            Ok(check(written, "resample")? as usize)
        })
    }
}

impl Drop for Resampler {
    fn drop(&mut self) {
        // SAFETY: the context came from swr_alloc_set_opts2 and is freed once.
        unsafe { ffi::swr_free(&mut self.context) };
    }
}
