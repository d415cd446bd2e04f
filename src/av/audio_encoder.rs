//! An open audio encoder: samples go in, packets come out.

use std::ffi::{CString, c_int};
use std::ptr;

use ffmpeg_next::ffi;

use super::audio_buffer::AudioBuffer;
use super::audio_format::AudioFormat;
use super::audio_frame::AudioFrame;
use super::error::{check, check_allocated};
use super::log;
use super::packet::Packet;
use super::stream::StreamParameters;
use crate::error::{InvalidSettings, LibavError, Result};
use crate::settings::AudioCodec;
use crate::time::TimeBase;

/// The sample frames in a packet, if the codec allows any number. A sample frame is one sample of each channel.
const PACKET_SAMPLE_FRAMES: usize = 1_024;

/// An FFmpeg audio encoder.
pub(crate) struct AudioEncoder {
    context: *mut ffi::AVCodecContext,
    format: AudioFormat,
}

// SAFETY: an AVCodecContext may be used from any one thread at a time; only the owner of the struct reaches it, through
// `&mut self` if it changes.
unsafe impl Send for AudioEncoder {}

impl AudioEncoder {
    /// Opens the encoder of `codec` for `format`. `bitrate` is in bits per second.
    pub(crate) fn open(codec: AudioCodec, format: AudioFormat, bitrate: Option<u64>) -> Result<Self> {
        log::install();
        let name = codec.encoder_name().unwrap_or_default();
        let description = find(codec)?;
        // SAFETY: the description is static; the result is checked and owned by `encoder` from here on.
        let context =
            check_allocated(unsafe { ffi::avcodec_alloc_context3(description) }, "make an audio encoder")?;
        let encoder = Self { context, format };
        // SAFETY: the context is ours and not open yet, when its fields may be set; the description belongs to it.
        unsafe {
            let fields = &mut *context;
            fields.sample_fmt = encoder.format.sample;
            fields.sample_rate = encoder.format.rate as c_int;
            encoder.format.layout.copy_to(&mut fields.ch_layout)?;
            fields.time_base = ffi::AVRational { num: 1, den: encoder.format.rate as c_int };
            fields.bit_rate = bitrate.unwrap_or_default() as i64;
            // Samples of more than 16 bits have 24: encoders and files support that.
            fields.bits_per_raw_sample = if encoder.format.sample_bytes() > 2 { 24 } else { 16 };
            fields.flags |= (ffi::AV_CODEC_FLAG_GLOBAL_HEADER | ffi::AV_CODEC_FLAG_BITEXACT) as c_int;
            fields.thread_count = 1;
            if codec == AudioCodec::Opus && encoder.format.channels() > 2 {
                // Without this, libopusenc.c swaps the channels of 5.0 and 6.1.
                let code = ffi::av_opt_set_int(fields.priv_data, c"mapping_family".as_ptr(), 1, 0);
                check(code, "set the order of the channels")?;
            }
            check(ffi::avcodec_open2(context, description, ptr::null_mut()), format!("open the encoder {name}"))?;
        }
        Ok(encoder)
    }

    /// Returns whether this FFmpeg has the encoder of `codec`.
    pub(crate) fn is_available(codec: AudioCodec) -> bool {
        find(codec).is_ok()
    }

    /// Returns the format of the samples that the encoder takes.
    pub(crate) fn format(&self) -> &AudioFormat {
        &self.format
    }

    /// Returns the number of sample frames in each packet except the last.
    pub(crate) fn packet_sample_frames(&self) -> usize {
        // SAFETY: the context is open: libavcodec has set the field, which is 0 if the codec allows any number.
        match unsafe { (*self.context).frame_size } {
            sample_frames if sample_frames > 0 => sample_frames as usize,
            _ => PACKET_SAMPLE_FRAMES,
        }
    }

    /// Returns how many sample frames a decoder returns before the first one that was encoded (`initial_padding`).
    pub(crate) fn delay(&self) -> u64 {
        // SAFETY: the context is open: libavcodec has set the field.
        unsafe { (*self.context).initial_padding.max(0) as u64 }
    }

    /// Sends the oldest `sample_frames` of `buffer` to the encoder, and removes them; `buffer` must have as many. `pts`
    /// is the time of the first one, in sample frames. Before each call, receive all packets so far. Only the last call
    /// may send fewer sample frames than [`packet_sample_frames`](Self::packet_sample_frames).
    pub(crate) fn send(
        &mut self,
        buffer: &mut AudioBuffer,
        sample_frames: usize,
        pts: i64,
    ) -> Result<(), LibavError> {
        let frame = AudioFrame::of(buffer, sample_frames, &self.format, pts)?;
        buffer.skip(sample_frames);
        // SAFETY: the context is open; the frame is valid, and the encoder takes its own references.
        check(unsafe { ffi::avcodec_send_frame(self.context, frame.as_ptr()) }, "encode sound").map(drop)
    }

    /// Ends the stream. The remaining packets can then be received.
    pub(crate) fn send_end(&mut self) -> Result<(), LibavError> {
        // SAFETY: the context is open; null means the end to libavcodec.
        check(unsafe { ffi::avcodec_send_frame(self.context, ptr::null()) }, "finish encoding sound").map(drop)
    }

    /// Returns the next packet; `None` if the encoder needs more samples or is empty.
    pub(crate) fn receive(&mut self) -> Result<Option<Packet>, LibavError> {
        let mut packet = Packet::new()?;
        // SAFETY: the context is open; the packet is blank and ours.
        let code = unsafe { ffi::avcodec_receive_packet(self.context, packet.as_mut_ptr()) };
        if code == ffi::AVERROR(ffi::EAGAIN) || code == ffi::AVERROR_EOF {
            return Ok(None);
        }
        check(code, "encode sound")?;
        Ok(Some(packet))
    }

    /// Returns the stream parameters of this encoder's packets.
    pub(crate) fn stream_parameters(&self) -> Result<StreamParameters, LibavError> {
        let time_base = TimeBase { numerator: 1, denominator: self.format.rate.max(1) };
        // SAFETY: the context is an open encoder.
        unsafe { StreamParameters::of_audio_encoder(self.context, time_base) }
    }
}

impl Drop for AudioEncoder {
    fn drop(&mut self) {
        // SAFETY: the context came from avcodec_alloc_context3 and is freed once.
        unsafe { ffi::avcodec_free_context(&mut self.context) };
    }
}

fn find(codec: AudioCodec) -> Result<*const ffi::AVCodec, InvalidSettings> {
    let encoder = codec.encoder_name().unwrap_or_default();
    let c_name = CString::new(encoder).unwrap_or_default();
    // SAFETY: the name is NUL-terminated; the result is a static description or null.
    let found = unsafe { ffi::avcodec_find_encoder_by_name(c_name.as_ptr()) };
    if !found.is_null() {
        return Ok(found);
    }
    let hint = match codec {
        AudioCodec::Opus => "choose aac or flac in mkv, or mp4 with aac, or link an FFmpeg with libopus".to_owned(),
        AudioCodec::Mp3 => "choose another codec for the sound, or link an FFmpeg with libmp3lame".to_owned(),
        _ => format!("link an FFmpeg that was configured with {encoder}"),
    };
    Err(InvalidSettings::AudioEncoderMissing { encoder, hint })
}
