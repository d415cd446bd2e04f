//! An open movie, whose stream parameters and packets are read without decoding.

use std::ffi::c_int;
use std::time::Duration;

use ffmpeg_next::ffi;

use super::dictionary::{Dictionary, entries};
use super::error::{check, check_allocated};
use super::io::{Io, SeekableSource};
use super::log;
use super::packet::Packet;
use super::parser::Parser;
use super::stream::StreamParameters;
use super::stream_info::{AudioInfo, StreamInfo};
use crate::error::{LibavError, Result};
use crate::settings::Container;

/// A movie that is being read.
pub(crate) struct Demuxer {
    context: *mut ffi::AVFormatContext,
    io: Io,
    stream: usize,
    /// The first audio stream, if there is one.
    audio: Option<usize>,
    /// The number of audio packets that were skipped, and their bytes.
    audio_skipped: (u64, u64),
    looked_into_frames: bool,
    /// Finds keyframes in an AVI: only its index lists them, and an interrupted run leaves no index.
    parser: Option<Parser>,
}

impl Demuxer {
    /// Opens a movie in `container`; no other format is tried.
    pub(crate) fn open(source: Box<dyn SeekableSource>, container: Container) -> Result<Self> {
        log::install();
        let mut io = Io::reading(source)?;
        // A movie may refer to other files, but these are not read. Only the decoders of codecs that framemill writes
        // may be opened on it.
        let mut options = Dictionary::from_pairs([
            ("protocol_whitelist", "none".to_owned()),
            ("codec_whitelist", "h264,hevc,av1,libdav1d,vp9,mpeg4,mjpeg,prores,ffv1,png,qtrle".to_owned()),
        ])?;
        // SAFETY: takes nothing; the result is checked, and owned by avformat_open_input until that succeeds.
        let mut context = check_allocated(unsafe { ffi::avformat_alloc_context() }, "make a demuxer")?;
        let name = match container {
            Container::Mp4 | Container::Mov | Container::M4v => c"mov",
            Container::Avi => c"avi",
            Container::Mkv | Container::Webm => c"matroska",
        };
        // SAFETY: the context is ours with our input, which outlives it; on failure avformat_open_input frees it and
        // sets the pointer to null. The empty name is never opened, as pb is set.
        let code = unsafe {
            (*context).pb = io.as_mut_ptr();
            // Only the container's own values are used: FFmpeg's guesses at durations are wrong at low rates.
            let flags = ffi::AVFMT_FLAG_CUSTOM_IO | ffi::AVFMT_FLAG_NOFILLIN | ffi::AVFMT_FLAG_NOPARSE;
            (*context).flags |= flags as c_int;
            let format = ffi::av_find_input_format(name.as_ptr());
            ffi::avformat_open_input(&mut context, c"".as_ptr(), format as _, options.as_mut_ptr())
        };
        // After a failure the pointer is null, and there is nothing to close.
        let mut demuxer = Self {
            context,
            io,
            stream: 0,
            audio: None,
            audio_skipped: (0, 0),
            looked_into_frames: false,
            parser: None,
        };
        demuxer.io.verdict(check(code, "read the movie's header"))?;
        demuxer.stream = demuxer.find_video()?;
        demuxer.audio = demuxer.find(ffi::AVMediaType::AVMEDIA_TYPE_AUDIO);
        demuxer.complete_description()?;
        if container == Container::Avi {
            demuxer.parser = Parser::open(&demuxer.stream_parameters()?)?;
        }
        Ok(demuxer)
    }

    /// Completes the stream parameters: FFmpeg leaves the size of MPEG-4 Part 2 in MP4 to the decoder, and the pixel
    /// format of VP9, but a muxer must know them in advance.
    fn complete_description(&mut self) -> Result<()> {
        // SAFETY: find_video checked the index; the context is open.
        let codec = unsafe { &*(**(*self.context).streams.add(self.stream)).codecpar };
        let no_format = ffi::AVPixelFormat::AV_PIX_FMT_NONE as c_int;
        let is_unknown = codec.codec_id == ffi::AVCodecID::AV_CODEC_ID_VP9 && codec.format == no_format;
        if codec.width > 0 && !is_unknown { Ok(()) } else { self.look_into_frames() }
    }

    /// Lets the decoder analyze the first frames, once: FFmpeg crashes if it is done twice.
    fn look_into_frames(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.looked_into_frames, true) {
            return Ok(());
        }
        // SAFETY: the context is open and has not been analyzed; no options are given for its streams.
        let code = unsafe { ffi::avformat_find_stream_info(self.context, std::ptr::null_mut()) };
        self.io.verdict(check(code, "analyze the video")).map(drop)
    }

    fn find_video(&self) -> Result<usize, LibavError> {
        match self.find(ffi::AVMediaType::AVMEDIA_TYPE_VIDEO) {
            Some(index) => Ok(index),
            None => check(ffi::AVERROR_STREAM_NOT_FOUND, "find a video in the movie").map(|_| 0),
        }
    }

    /// Returns the first stream of this type.
    fn find(&self, kind: ffi::AVMediaType) -> Option<usize> {
        // SAFETY: the context is open; it has nb_streams valid streams with parameters.
        unsafe {
            let context = &*self.context;
            (0..context.nb_streams as usize).find(|index| {
                let stream = &**context.streams.add(*index);
                (*stream.codecpar).codec_type == kind
            })
        }
    }

    /// Returns whether the movie has streams other than one video and its sound.
    pub(crate) fn has_other_streams(&self) -> bool {
        // SAFETY: the context is open.
        unsafe { (*self.context).nb_streams > 1 + u32::from(self.audio.is_some()) }
    }

    /// Returns the properties of the sound. Its packets are those skipped so far.
    pub(crate) fn audio_info(&self) -> Option<AudioInfo> {
        // SAFETY: `find` checked the index; the stream's parameters live as long as it.
        let info =
            self.audio.map(|audio| unsafe { AudioInfo::of((**(*self.context).streams.add(audio)).codecpar) })?;
        let (packets, bytes) = self.audio_skipped;
        Some(AudioInfo { packets, bytes, ..info })
    }

    /// Returns the parameters of the audio stream.
    pub(crate) fn audio_parameters(&self) -> Result<Option<StreamParameters>, LibavError> {
        // SAFETY: `find` checked the index; the context is not changed meanwhile.
        let of = |audio| unsafe { StreamParameters::of_demuxer(*(*self.context).streams.add(audio)) };
        self.audio.map(of).transpose()
    }

    /// Returns the parameters of the video stream, and the movie's metadata.
    pub(crate) fn stream_parameters(&self) -> Result<StreamParameters, LibavError> {
        // SAFETY: find_video checked the index; the context and its metadata are not changed meanwhile.
        let (mut stream, metadata) = unsafe {
            let context = &*self.context;
            (StreamParameters::of_demuxer(*context.streams.add(self.stream))?, entries(context.metadata))
        };
        stream.metadata = metadata.into_iter().filter(|(name, _)| !is_about_the_file(name)).collect();
        Ok(stream)
    }

    /// Returns the properties of the video. What the container does not record comes from its decoder.
    pub(crate) fn stream_info(&mut self) -> Result<StreamInfo> {
        self.look_into_frames()?;
        // SAFETY: find_video checked the index.
        Ok(unsafe { StreamInfo::of((**(*self.context).streams.add(self.stream)).codecpar) })
    }

    /// Returns the duration of the movie, as recorded in its container.
    pub(crate) fn stated_duration(&self) -> Option<Duration> {
        // SAFETY: the context is open.
        let ticks = unsafe { (*self.context).duration };
        let ticks = u64::try_from(ticks).ok().filter(|ticks| *ticks > 0)?;
        // AV_TIME_BASE is a million.
        Some(Duration::from_micros(ticks))
    }

    /// Returns the duration of the video in ticks of its time base, as far as the container records it or packets were
    /// read.
    pub(crate) fn duration(&self) -> Option<i64> {
        // SAFETY: find_video checked the index.
        let duration = unsafe { (**(*self.context).streams.add(self.stream)).duration };
        (duration > 0).then_some(duration)
    }

    /// Returns the next packet of the video; `None` at the end, and where the file is cut off.
    pub(crate) fn next_packet(&mut self) -> Result<Option<Packet>> {
        loop {
            let Some((stream, mut packet)) = self.read()? else { return Ok(None) };
            if stream == self.stream {
                if let Some(keyframe) = self.parser.as_mut().and_then(|parser| parser.keyframe(&mut packet)) {
                    packet.set_keyframe(keyframe);
                }
                return Ok(Some(packet));
            }
            if Some(stream) == self.audio {
                self.audio_skipped = (self.audio_skipped.0 + 1, self.audio_skipped.1 + packet.bytes());
            }
        }
    }

    /// Returns the next packet of the sound; `None` at the end, and where the file is cut off.
    pub(crate) fn next_audio_packet(&mut self) -> Result<Option<Packet>> {
        loop {
            match self.read()? {
                Some((stream, packet)) if Some(stream) == self.audio => return Ok(Some(packet)),
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }

    /// Returns the next packet, and the number of its stream.
    fn read(&mut self) -> Result<Option<(usize, Packet)>> {
        let mut packet = Packet::new()?;
        // SAFETY: the context is open; the packet is blank and ours.
        let (code, stream) = unsafe {
            let code = ffi::av_read_frame(self.context, packet.as_mut_ptr());
            (code, (*packet.as_mut_ptr()).stream_index)
        };
        // In a movie that was cut short, the data after the cut is not valid.
        if code == ffi::AVERROR_EOF || code == ffi::AVERROR_INVALIDDATA {
            return self.io.verdict(Ok(None));
        }
        self.io.verdict(check(code, "read a frame of the movie"))?;
        Ok(Some((stream as usize, packet)))
    }
}

/// Returns whether a metadata name describes how the file was written instead of the movie: the next file has its own.
fn is_about_the_file(name: &str) -> bool {
    ["major_brand", "minor_version", "compatible_brands", "encoder", "software"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

impl Drop for Demuxer {
    fn drop(&mut self) {
        // SAFETY: the context came from avformat_open_input and is closed once; its input stays ours (CUSTOM_IO).
        unsafe { ffi::avformat_close_input(&mut self.context) };
    }
}
