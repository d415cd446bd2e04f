//! The wrapper around FFmpeg: the only place with `unsafe` and with `ffmpeg_next`.
//!
//! Each C resource has one struct that frees it, and only [`error::check`] turns C return codes into a `Result`. The
//! interface has plain values of the layers below, so no pointer or C name is visible outside.
#![allow(unsafe_code)]

mod audio_buffer;
mod audio_decoder;
mod audio_demuxer;
mod audio_encoder;
mod audio_format;
mod audio_frame;
mod build_info;
mod codec_options;
mod complaints;
mod decoder;
mod demuxer;
mod dictionary;
mod drain;
mod encoder;
mod encoder_choice;
mod error;
mod frame;
mod frame_pool;
mod io;
mod log;
mod muxer;
mod packet;
mod parser;
mod pixel_format;
mod resampler;
mod scaler;
mod stream;
mod stream_info;
mod svt_av1;

pub(crate) use audio_buffer::AudioBuffer;
pub(crate) use audio_decoder::AudioDecoder;
pub(crate) use audio_demuxer::AudioDemuxer;
pub(crate) use audio_encoder::AudioEncoder;
pub(crate) use audio_format::AudioFormat;
pub(crate) use audio_frame::AudioFrame;
pub use build_info::{BuildInfo, build_info, check_encoder};
pub(crate) use decoder::Decoder;
pub(crate) use demuxer::Demuxer;
pub(crate) use encoder::{Encoder, MAX_B_FRAMES};
pub(crate) use frame::{Frame, SharedFrame};
pub(crate) use frame_pool::FramePool;
pub(crate) use io::{SeekableSink, SeekableSource, Sink, panic_message};
pub use log::leave_ffmpeg_log;
pub(crate) use muxer::{FileLayout, Muxer};
pub(crate) use packet::Packet;
pub(crate) use parser::Parser;
pub(crate) use resampler::Resampler;
pub(crate) use scaler::{Filter, Scaler};
pub(crate) use stream::StreamParameters;
pub use stream_info::{AudioInfo, StreamInfo};
