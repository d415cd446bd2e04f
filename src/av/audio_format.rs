//! The format of samples: their type, rate and channels.

use std::ffi::{CStr, c_char, c_int};
use std::mem::MaybeUninit;

use ffi::AVSampleFormat::{
    AV_SAMPLE_FMT_DBL, AV_SAMPLE_FMT_DBLP, AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_FLTP, AV_SAMPLE_FMT_S16,
    AV_SAMPLE_FMT_S16P, AV_SAMPLE_FMT_S32, AV_SAMPLE_FMT_S32P, AV_SAMPLE_FMT_S64, AV_SAMPLE_FMT_S64P,
    AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_U8P,
};
use ffmpeg_next::ffi;

use super::error::check;
use crate::audio::Samples;
use crate::error::LibavError;
use crate::settings::AudioCodec;

/// FFmpeg's masks of the layouts that codecs support, for 1 to 8 channels: mono, stereo, 3.0, quad, 5.0, 5.1, 6.1, 7.1.
const USUAL_LAYOUTS: [u64; 8] = [0x4, 0x3, 0x7, 0x33, 0x37, 0x3f, 0x70f, 0x63f];

/// The masks of pairs of speakers: front, back, front of center, side.
const PAIRS: [u64; 4] = [0x3, BACK, 0xc0, SIDE];
const BACK: u64 = 0x30;
const SIDE: u64 = 0x600;
/// The mask of the front speakers: left, right and center.
const FRONT: u64 = 0x7;
/// The mask of a stereo mix of more channels.
const STEREO_MIX: u64 = 0x6000_0000;

/// The sample type, the sample rate and the channels.
pub(crate) struct AudioFormat {
    pub(super) layout: ChannelLayout,
    pub(super) sample: ffi::AVSampleFormat,
    /// Samples per second of each channel.
    pub(crate) rate: u32,
}

/// The channels and their order.
pub(super) struct ChannelLayout(ffi::AVChannelLayout);

// SAFETY: an AVChannelLayout is plain memory, with its own map if it has one; only the owner reaches it.
unsafe impl Send for ChannelLayout {}

impl ChannelLayout {
    /// # Safety
    /// `layout` is valid.
    unsafe fn copy_of(layout: *const ffi::AVChannelLayout) -> Result<Self, LibavError> {
        // SAFETY: zeroed is the layout's blank state (libavutil/channel_layout.h), which av_channel_layout_copy
        // overwrites; the caller guarantees the source, and the copy is deep.
        unsafe {
            let mut copy = Self(MaybeUninit::zeroed().assume_init());
            check(ffi::av_channel_layout_copy(&mut copy.0, layout), "describe the audio channels")?;
            Ok(copy)
        }
    }

    /// Returns the usual layout of `channels` channels.
    fn usual(channels: u32) -> Result<Self, LibavError> {
        let place = (channels as usize).checked_sub(1);
        let mask = place.and_then(|place| USUAL_LAYOUTS.get(place)).copied().unwrap_or_default();
        // SAFETY: as above; a mask makes a layout without a map.
        unsafe {
            let mut layout = Self(MaybeUninit::zeroed().assume_init());
            check(ffi::av_channel_layout_from_mask(&mut layout.0, mask), format!("use {channels} channels"))?;
            Ok(layout)
        }
    }

    /// Returns the mask of the speakers; `None` for other kinds of layouts.
    fn mask(&self) -> Option<u64> {
        let is_native = self.0.order == ffi::AVChannelOrder::AV_CHANNEL_ORDER_NATIVE;
        // SAFETY: the union is a mask or a pointer, and both are plain numbers; only a mask is used.
        let mask = unsafe { self.0.u.mask };
        is_native.then_some(mask)
    }

    /// Returns whether libswresample accepts the layout: one channel, or a front speaker and whole pairs
    /// (`sane_layout` in libswresample/rematrix.c).
    fn is_plausible(&self) -> bool {
        self.mask().is_none_or(|mask| {
            let is_paired = |pair: &u64| (mask & pair).count_ones() != 1;
            self.0.nb_channels == 1 || mask == STEREO_MIX || (mask & FRONT != 0 && PAIRS.iter().all(is_paired))
        })
    }

    /// Returns the smallest usual layout with the same speakers, where side and back speakers may stand for each other;
    /// `None` if there is none.
    fn usual_with_all(&self) -> Result<Option<Self>, LibavError> {
        let Some(mask) = self.mask() else { return Self::usual(self.0.nb_channels.max(0) as u32).map(Some) };
        let has_sides_only = mask & SIDE != 0 && mask & BACK == 0;
        let moved = if has_sides_only { mask & !SIDE | BACK } else { mask };
        let holds = |usual: &u64| mask & !usual == 0 || moved & !usual == 0;
        // A channel alone, such as the left one, is played in the center.
        let found = if self.0.nb_channels == 1 || mask == STEREO_MIX {
            Some(self.0.nb_channels as usize - 1)
        } else {
            USUAL_LAYOUTS.iter().position(holds)
        };
        found.map(|place| Self::usual(place as u32 + 1)).transpose()
    }

    /// Returns the pointer for calls that copy the layout.
    pub(super) fn as_ptr(&self) -> *const ffi::AVChannelLayout {
        &self.0
    }

    /// Copies the channels to `target`.
    ///
    /// # Safety
    /// `target` is a valid layout.
    pub(super) unsafe fn copy_to(&self, target: *mut ffi::AVChannelLayout) -> Result<(), LibavError> {
        // SAFETY: the caller guarantees the target; ours is valid.
        check(unsafe { ffi::av_channel_layout_copy(target, &self.0) }, "describe the audio channels").map(drop)
    }
}

impl Drop for ChannelLayout {
    fn drop(&mut self) {
        // SAFETY: the layout is valid, and its map, if it has one, is its own.
        unsafe { ffi::av_channel_layout_uninit(&mut self.0) };
    }
}

impl AudioFormat {
    /// Returns the format of samples in memory.
    pub(crate) fn of_samples(samples: &Samples, rate: u32, channels: u32) -> Result<Self, LibavError> {
        let sample = match samples {
            Samples::I16(_) => AV_SAMPLE_FMT_S16,
            Samples::I32(_) => AV_SAMPLE_FMT_S32,
            Samples::F32(_) => AV_SAMPLE_FMT_FLT,
            Samples::F64(_) => AV_SAMPLE_FMT_DBL,
        };
        Ok(Self { layout: ChannelLayout::usual(channels)?, sample, rate })
    }

    /// Returns the format of a stream or a decoded frame. Channels without names, or with names that cannot be right,
    /// become the usual ones.
    ///
    /// # Safety
    /// `layout` is valid.
    pub(super) unsafe fn of(
        layout: *const ffi::AVChannelLayout,
        sample: c_int,
        rate: c_int,
    ) -> Result<Self, LibavError> {
        // SAFETY: the caller guarantees the layout.
        let given = unsafe { ChannelLayout::copy_of(layout)? };
        let is_named = given.0.order != ffi::AVChannelOrder::AV_CHANNEL_ORDER_UNSPEC && given.is_plausible();
        let layout = if is_named { given } else { ChannelLayout::usual(given.0.nb_channels.max(0) as u32)? };
        let sample = sample_format(sample)
            .ok_or_else(|| LibavError::unexpected("read a sound", "its sample type is unknown"))?;
        Ok(Self { layout, sample, rate: rate.max(0) as u32 })
    }

    /// Copies the format.
    pub(crate) fn try_clone(&self) -> Result<Self, LibavError> {
        // SAFETY: our layout is valid.
        let layout = unsafe { ChannelLayout::copy_of(self.layout.as_ptr())? };
        Ok(Self { layout, ..*self })
    }

    /// Returns the formats that an encoder of `codec` may take for this sound: with its own channels, and with the
    /// smallest usual layout that has all of them, if there is one.
    pub(crate) fn for_encoder(&self, codec: AudioCodec) -> Result<(Self, Option<Self>), LibavError> {
        let sample = match codec {
            AudioCodec::Aac | AudioCodec::Mp3 => AV_SAMPLE_FMT_FLTP,
            AudioCodec::Opus => AV_SAMPLE_FMT_FLT,
            AudioCodec::Flac if self.is_deep() => AV_SAMPLE_FMT_S32,
            AudioCodec::Flac | AudioCodec::Pcm | AudioCodec::Copy => AV_SAMPLE_FMT_S16,
        };
        let rate = codec.encoded_rate(self.rate);
        let own = Self { sample, rate, ..self.try_clone()? };
        let usual = self.layout.usual_with_all()?.map(|layout| Self { layout, sample, rate });
        Ok((own, usual))
    }

    /// Returns whether these are the channels that players assume for their number. Side speakers stand for back speakers.
    pub(crate) fn is_usual(&self) -> bool {
        let usual = self.layout.usual_with_all();
        usual.is_ok_and(|usual| usual.is_some_and(|usual| usual.0.nb_channels == self.layout.0.nb_channels))
    }

    /// Returns the number of channels.
    pub(crate) fn channels(&self) -> u32 {
        self.layout.0.nb_channels.max(0) as u32
    }

    /// Returns whether samples have more than 16 bits.
    fn is_deep(&self) -> bool {
        ![AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_U8P, AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_S16P].contains(&self.sample)
    }

    /// Returns whether each channel has its own plane.
    pub(super) fn is_planar(&self) -> bool {
        // SAFETY: the function reads a static table.
        unsafe { ffi::av_sample_fmt_is_planar(self.sample) != 0 }
    }

    /// Returns the bytes of a sample of one channel.
    pub(super) fn sample_bytes(&self) -> usize {
        // SAFETY: the function reads a static table.
        unsafe { ffi::av_get_bytes_per_sample(self.sample).max(1) as usize }
    }

    /// Returns the byte that silence consists of.
    pub(super) fn silence(&self) -> u8 {
        if self.sample == AV_SAMPLE_FMT_U8 || self.sample == AV_SAMPLE_FMT_U8P { 0x80 } else { 0 }
    }

    /// Returns the number of planes, and the bytes of one sample frame in each.
    pub(super) fn planes(&self) -> (usize, usize) {
        match self.is_planar() {
            true => (self.channels() as usize, self.sample_bytes()),
            false => (1, self.sample_bytes() * self.channels() as usize),
        }
    }

    /// Returns whether both formats are equal.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        // SAFETY: both layouts are valid.
        let same = unsafe { ffi::av_channel_layout_compare(self.layout.as_ptr(), other.layout.as_ptr()) == 0 };
        same && self.sample == other.sample && self.rate == other.rate
    }

    /// Returns FFmpeg's name of the channel layout: `mono`, `stereo`, `5.1`, ….
    pub(crate) fn layout_name(&self) -> String {
        let mut text = [0 as c_char; 64];
        // SAFETY: the layout is valid; at most text.len() bytes are written, NUL included.
        unsafe {
            ffi::av_channel_layout_describe(self.layout.as_ptr(), text.as_mut_ptr(), text.len());
            CStr::from_ptr(text.as_ptr()).to_string_lossy().into_owned()
        }
    }
}

/// Returns the sample format of a number, if it is valid.
fn sample_format(number: c_int) -> Option<ffi::AVSampleFormat> {
    [
        AV_SAMPLE_FMT_U8,
        AV_SAMPLE_FMT_S16,
        AV_SAMPLE_FMT_S32,
        AV_SAMPLE_FMT_FLT,
        AV_SAMPLE_FMT_DBL,
        AV_SAMPLE_FMT_U8P,
        AV_SAMPLE_FMT_S16P,
        AV_SAMPLE_FMT_S32P,
        AV_SAMPLE_FMT_FLTP,
        AV_SAMPLE_FMT_DBLP,
        AV_SAMPLE_FMT_S64,
        AV_SAMPLE_FMT_S64P,
    ]
    .into_iter()
    .find(|format| *format as c_int == number)
}
