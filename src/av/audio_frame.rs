//! Audio samples from a decoder, and for an encoder.

use std::ffi::c_int;
use std::slice;

use ffmpeg_next::ffi;

use super::audio_buffer::AudioBuffer;
use super::audio_format::AudioFormat;
use super::error::{check, check_allocated};
use crate::error::LibavError;

/// An owned `AVFrame` of audio samples.
pub(crate) struct AudioFrame(*mut ffi::AVFrame);

// SAFETY: an AVFrame is plain memory with reference-counted buffers, whose counts are atomic; only the owner of the
// struct reaches it.
unsafe impl Send for AudioFrame {}

impl AudioFrame {
    /// Makes a frame without samples, for calls that fill it.
    pub(super) fn blank() -> Result<Self, LibavError> {
        // SAFETY: av_frame_alloc takes nothing; the result is checked and owned by the struct.
        Ok(Self(check_allocated(unsafe { ffi::av_frame_alloc() }, "make an audio frame")?))
    }

    /// Makes a frame from the oldest `sample_frames` sample frames of `buffer`, which must have at least as many, in
    /// `format`. `pts` is the time of the first one, in sample frames.
    pub(super) fn of(
        buffer: &AudioBuffer,
        sample_frames: usize,
        format: &AudioFormat,
        pts: i64,
    ) -> Result<Self, LibavError> {
        let frame = Self::blank()?;
        // SAFETY: the frame is ours and blank, so its fields may be set; av_frame_get_buffer allocates nb_samples for
        // each plane of the format.
        unsafe {
            let fields = &mut *frame.0;
            fields.nb_samples = sample_frames as c_int;
            fields.format = format.sample as c_int;
            fields.sample_rate = format.rate as c_int;
            fields.pts = pts;
            format.layout.copy_to(&mut fields.ch_layout)?;
            check(ffi::av_frame_get_buffer(frame.0, 0), "make an audio frame")?;
        }
        for (plane, samples) in buffer.first(sample_frames).enumerate() {
            // SAFETY: extended_data has a pointer for each plane of the format, of which the buffer has as many; each
            // has room for these bytes, and there are no other references to them.
            unsafe {
                let target = *(*frame.0).extended_data.add(plane);
                target.copy_from_nonoverlapping(samples.as_ptr(), samples.len());
            }
        }
        Ok(frame)
    }

    /// Returns the format of the samples.
    pub(crate) fn format(&self) -> Result<AudioFormat, LibavError> {
        // SAFETY: the frame is valid, and so is its layout.
        unsafe {
            let fields = &*self.0;
            AudioFormat::of(&fields.ch_layout, fields.format, fields.sample_rate)
        }
    }

    /// Returns the time of the first sample frame, in ticks of the packets, if it is known.
    pub(crate) fn pts(&self) -> Option<i64> {
        // SAFETY: the frame is valid.
        Some(unsafe { (*self.0).pts }).filter(|pts| *pts != ffi::AV_NOPTS_VALUE)
    }

    /// Returns the number of sample frames, each with one sample per channel.
    pub(crate) fn sample_frames(&self) -> usize {
        // SAFETY: the frame is valid.
        unsafe { (*self.0).nb_samples.max(0) as usize }
    }

    /// Removes the first `sample_frames` sample frames, at most all. The time of the frame stays.
    pub(crate) fn drop_first(&mut self, sample_frames: usize) -> Result<(), LibavError> {
        let left = self.sample_frames().saturating_sub(sample_frames);
        let dropped = self.sample_frames() - left;
        let format = self.format()?.sample;
        // SAFETY: the frame is valid, and writable after the first call; both ranges of sample frames are inside it, and
        // av_samples_copy moves overlapping ones.
        unsafe {
            check(ffi::av_frame_make_writable(self.0), "make an audio frame")?;
            let fields = &mut *self.0;
            ffi::av_samples_copy(
                fields.extended_data,
                fields.extended_data,
                0,
                dropped as c_int,
                left as c_int,
                fields.ch_layout.nb_channels,
                format,
            );
            fields.nb_samples = left as c_int;
        }
        Ok(())
    }

    /// Returns the samples, if they are interleaved floats.
    pub(crate) fn floats(&self) -> Option<Vec<f64>> {
        use ffi::AVSampleFormat::{AV_SAMPLE_FMT_DBL, AV_SAMPLE_FMT_FLT};
        // SAFETY: the frame is valid. A decoder gives a packed frame nb_samples × channels samples of its format in the
        // first plane, aligned for them.
        unsafe {
            let fields = &*self.0;
            let count = self.sample_frames() * fields.ch_layout.nb_channels.max(0) as usize;
            let data = *fields.extended_data;
            match fields.format {
                format if format == AV_SAMPLE_FMT_FLT as c_int => {
                    let samples = slice::from_raw_parts(data.cast::<f32>(), count);
                    Some(samples.iter().map(|sample| f64::from(*sample)).collect())
                }
                format if format == AV_SAMPLE_FMT_DBL as c_int => {
                    Some(slice::from_raw_parts(data.cast::<f64>(), count).to_vec())
                }
                _ => None,
            }
        }
    }

    /// Returns the start of each plane, and the number of sample frames.
    pub(super) fn planes(&self) -> (*const *const u8, c_int) {
        // SAFETY: the frame is valid.
        unsafe { ((*self.0).extended_data.cast::<*const u8>().cast_const(), (*self.0).nb_samples) }
    }

    /// Returns the pointer for calls that fill the frame.
    pub(super) fn as_mut_ptr(&mut self) -> *mut ffi::AVFrame {
        self.0
    }

    /// Returns the pointer for calls that read the frame.
    pub(super) fn as_ptr(&self) -> *const ffi::AVFrame {
        self.0
    }
}

impl Drop for AudioFrame {
    fn drop(&mut self) {
        // SAFETY: the pointer came from av_frame_alloc; its buffers are counted down.
        unsafe { ffi::av_frame_free(&mut self.0) };
    }
}
