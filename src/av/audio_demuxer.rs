//! An open file with sound, from which packets of sound are read.

use std::collections::VecDeque;
use std::ffi::{CStr, c_int};
use std::ptr;

use ffmpeg_next::ffi;

use super::audio_format::AudioFormat;
use super::dictionary::Dictionary;
use super::error::{check, check_allocated};
use super::io::{Io, SeekableSource};
use super::log;
use super::packet::Packet;
use super::stream::StreamParameters;
use crate::error::{LibavError, Result};

/// The formats that a file may have, by FFmpeg's names.
const FORMATS: &str = "wav,w64,aiff,caf,flac,mp3,ogg,aac,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi";

/// The decoders that may be opened for such a file.
const DECODERS: &str = "pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,\
pcm_f64le,pcm_f64be,pcm_alaw,pcm_mulaw,flac,alac,mp3,mp3float,vorbis,opus,libopus,aac";

/// How many packets are read at most to find the start of the pictures.
const MAX_START_PACKETS: usize = 256;

/// A file from which sound is read.
pub(crate) struct AudioDemuxer {
    context: *mut ffi::AVFormatContext,
    io: Io,
    stream: usize,
    /// Packets of the sound that were read already, oldest first.
    queued: VecDeque<Packet>,
    /// Whether there are no more packets to read.
    is_ended: bool,
    /// The start time of the video in a Matroska file, in the time base of the sound.
    pictures_start: Option<i64>,
    /// The duration of the sound in ticks of its packets, if the file records it.
    pub(crate) stated_length: Option<i64>,
}

// SAFETY: an AVFormatContext may be used from any one thread at a time, and its input is `io`, which is Send; only the
// owner of the struct reaches either.
unsafe impl Send for AudioDemuxer {}

impl AudioDemuxer {
    /// Opens a file by its contents, regardless of its name.
    pub(crate) fn open(source: Box<dyn SeekableSource>) -> Result<Self> {
        log::install();
        let mut io = Io::reading(source)?;
        // A file may refer to other files, but these are not read.
        let mut options = Dictionary::from_pairs([
            ("protocol_whitelist", "none".to_owned()),
            ("format_whitelist", FORMATS.to_owned()),
            ("codec_whitelist", DECODERS.to_owned()),
        ])?;
        // SAFETY: takes nothing; the result is checked, and owned by avformat_open_input until that succeeds.
        let mut context = check_allocated(unsafe { ffi::avformat_alloc_context() }, "make a demuxer")?;
        // SAFETY: the context is ours with our input, which outlives it; on failure avformat_open_input frees it and sets
        // the pointer to null. The empty name is never opened, as pb is set.
        let code = unsafe {
            (*context).pb = io.as_mut_ptr();
            (*context).flags |= ffi::AVFMT_FLAG_CUSTOM_IO as c_int;
            ffi::avformat_open_input(&mut context, c"".as_ptr(), ptr::null(), options.as_mut_ptr())
        };
        // After a failure the pointer is null, and there is nothing to close.
        let mut demuxer = Self {
            context,
            io,
            stream: 0,
            queued: VecDeque::new(),
            is_ended: false,
            pictures_start: None,
            stated_length: None,
        };
        demuxer.io.verdict(check(code, "read the sound"))?;
        demuxer.stream = demuxer.find_sound()?;
        // FFmpeg estimates it later if the file does not record it.
        demuxer.stated_length = Some(demuxer.stream().duration).filter(|ticks| *ticks > 0);
        // SAFETY: the context is open and not analyzed yet; no options are given for its streams.
        let code = unsafe { ffi::avformat_find_stream_info(demuxer.context, ptr::null_mut()) };
        demuxer.io.verdict(check(code, "analyze the sound"))?;
        if demuxer.format_name() == "ogg" {
            // The length that an Ogg file records includes the time before its start.
            let start = demuxer.stream().start_time.max(0);
            demuxer.stated_length = demuxer.stated_length.map(|length| length - start).filter(|ticks| *ticks > 0);
        }
        demuxer.find_pictures_start()?;
        demuxer.discard_others();
        Ok(demuxer)
    }

    /// Finds the audio stream that players choose: the default one, or the first.
    fn find_sound(&self) -> Result<usize, LibavError> {
        let sounds =
            || (0..self.streams()).filter(|index| self.is_kind(*index, ffi::AVMediaType::AVMEDIA_TYPE_AUDIO));
        let found = sounds().find(|index| self.has_disposition(*index, ffi::AV_DISPOSITION_DEFAULT));
        let none = || LibavError::unexpected("find an audio stream", "it has no sound");
        found.or_else(|| sounds().next()).ok_or_else(none)
    }

    fn streams(&self) -> usize {
        // SAFETY: the context is open.
        unsafe { (*self.context).nb_streams as usize }
    }

    fn stream_at(&self, index: usize) -> Option<&ffi::AVStream> {
        // SAFETY: the context is open as long as the struct is; it has nb_streams valid streams.
        (index < self.streams()).then(|| unsafe { &**(*self.context).streams.add(index) })
    }

    fn is_kind(&self, index: usize, kind: ffi::AVMediaType) -> bool {
        // SAFETY: each stream of an open demuxer has parameters.
        self.stream_at(index).is_some_and(|stream| unsafe { (*stream.codecpar).codec_type == kind })
    }

    fn has_disposition(&self, index: usize, disposition: c_int) -> bool {
        self.stream_at(index).is_some_and(|stream| stream.disposition & disposition != 0)
    }

    /// Returns FFmpeg's name of the file's format.
    fn format_name(&self) -> &str {
        // SAFETY: the context is open, so it has a format, whose name is static and NUL-terminated.
        unsafe { CStr::from_ptr((*(*self.context).iformat).name) }.to_str().unwrap_or_default()
    }

    /// Converts ticks of another stream to those of the sound.
    fn ticks_of_sound(&self, ticks: i64, index: usize) -> i64 {
        let from = self.stream_at(index).map_or(self.stream().time_base, |stream| stream.time_base);
        // SAFETY: plain arithmetic; time bases of open streams are never zero.
        unsafe { ffi::av_rescale_q(ticks, from, self.stream().time_base) }
    }

    /// Returns whether the file is Matroska or WebM.
    fn is_matroska(&self) -> bool {
        self.format_name() == "matroska,webm"
    }

    /// Finds the start time of the video in a Matroska file by reading packets. Without a decoder, FFmpeg does not know
    /// this time for some codecs, and reports the start of the sound instead.
    fn find_pictures_start(&mut self) -> Result<()> {
        let is_picture = |index: &usize| {
            self.is_kind(*index, ffi::AVMediaType::AVMEDIA_TYPE_VIDEO)
                && !self.has_disposition(*index, ffi::AV_DISPOSITION_ATTACHED_PIC)
        };
        if !self.is_matroska() {
            return Ok(());
        }
        let pictures: Vec<usize> = (0..self.streams()).filter(is_picture).collect();
        let mut packets = 0;
        while !pictures.is_empty() && self.pictures_start.is_none() && packets < MAX_START_PACKETS {
            packets += 1;
            let Some((index, packet)) = self.read_packet()? else { break };
            if pictures.contains(&index) {
                self.pictures_start = packet.pts().map(|ticks| self.ticks_of_sound(ticks, index));
            } else if index == self.stream {
                self.queued.push_back(packet);
            }
        }
        Ok(())
    }

    /// Discards all other streams. Call this after the analysis: the file's start may be the start of another stream.
    fn discard_others(&mut self) {
        // SAFETY: the context is open; it has nb_streams valid streams.
        unsafe {
            let context = &*self.context;
            for index in (0..context.nb_streams as usize).filter(|index| *index != self.stream) {
                (**context.streams.add(index)).discard = ffi::AVDiscard::AVDISCARD_ALL;
            }
        }
    }

    fn stream(&self) -> &ffi::AVStream {
        // SAFETY: find_sound checked the index; the context is open as long as the struct is.
        unsafe { &**(*self.context).streams.add(self.stream) }
    }

    /// Returns the description of the stream.
    pub(crate) fn stream_parameters(&self) -> Result<StreamParameters, LibavError> {
        // SAFETY: the stream is one of an open demuxer.
        unsafe { StreamParameters::of_demuxer(self.stream()) }
    }

    /// Returns the sample rate and the number of channels that the file records.
    pub(crate) fn rate_and_channels(&self) -> (u32, u32) {
        // SAFETY: the stream's parameters live as long as it.
        let codec = unsafe { &*self.stream().codecpar };
        (codec.sample_rate.max(0).unsigned_abs(), codec.ch_layout.nb_channels.max(0).unsigned_abs())
    }

    /// Returns the format of the samples, as far as the file records it.
    pub(crate) fn format(&self) -> Result<AudioFormat, LibavError> {
        // SAFETY: the stream's parameters live as long as it, and their layout is valid.
        unsafe {
            let codec = &*self.stream().codecpar;
            AudioFormat::of(&codec.ch_layout, codec.format, codec.sample_rate)
        }
    }

    /// Returns FFmpeg's name of the codec.
    pub(crate) fn codec_name(&self) -> String {
        // SAFETY: the stream's parameters live as long as it; the name is static and NUL-terminated.
        unsafe {
            let name = ffi::avcodec_get_name((*self.stream().codecpar).codec_id);
            CStr::from_ptr(name).to_string_lossy().into_owned()
        }
    }

    /// Returns whether the sound is of a codec that may be decoded.
    pub(crate) fn is_supported(&self) -> bool {
        let codec = self.codec_name();
        DECODERS.split(',').any(|decoder| decoder == codec)
    }

    /// Returns the start time of the file, in the time base of the sound. If the sound starts later, silence fills the
    /// difference.
    pub(crate) fn start(&self) -> i64 {
        let Some(heard) = self.first_audible_tick() else { return 0 };
        let whole = match self.pictures_start {
            Some(pictures) => pictures.min(heard),
            None if self.is_matroska() => heard,
            None => self.start_of_all().unwrap_or(heard),
        };
        // These formats start at time 0: players leave out what is before, such as the priming samples of AAC.
        let whole = if self.is_matroska() || self.is_mp4() { whole.max(0) } else { whole };
        // The starts are rounded. If they differ by less than a millisecond, a tick of Matroska, return the exact start of
        // the sound.
        let tick = self.stream().time_base;
        let is_same = (heard - whole).abs() * i64::from(tick.num) * 1_000 <= i64::from(tick.den);
        if is_same { heard } else { whole }
    }

    /// Returns the time of the first audible sample, in the time base of the sound; `None` if it is unknown.
    fn first_audible_tick(&self) -> Option<i64> {
        let start = self.stream().start_time;
        (start != ffi::AV_NOPTS_VALUE).then(|| start + self.delay_before())
    }

    /// Returns the start of the stream that starts first, in ticks of the sound; `None` if it is unknown.
    fn start_of_all(&self) -> Option<i64> {
        // SAFETY: the context is open.
        let start = unsafe { (*self.context).start_time };
        let microseconds = ffi::AVRational { num: 1, den: 1_000_000 };
        // SAFETY: plain arithmetic; time bases of open streams are never zero.
        let rescaled = || unsafe { ffi::av_rescale_q(start, microseconds, self.stream().time_base) };
        (start != ffi::AV_NOPTS_VALUE).then(rescaled)
    }

    /// Returns the ticks from the recorded start to the first audible sample.
    fn delay_before(&self) -> i64 {
        let (rate, _) = self.rate_and_channels();
        let Ok(rate @ 1..) = c_int::try_from(rate) else { return 0 };
        let sample = ffi::AVRational { num: 1, den: rate };
        // SAFETY: plain arithmetic; neither time base is zero.
        unsafe { ffi::av_rescale_q(self.included_delay(), sample, self.stream().time_base) }
    }

    /// Returns the sample frames of the encoder's delay that the recorded start includes. In Matroska, it includes all of
    /// it; for other formats, FFmpeg already returns the time of the first audible sample.
    pub(crate) fn included_delay(&self) -> i64 {
        // SAFETY: the stream's parameters live as long as it.
        let codec = unsafe { &*self.stream().codecpar };
        if self.is_matroska() { codec.initial_padding.into() } else { 0 }
    }

    /// Returns whether the sound starts later than the file.
    pub(crate) fn is_late(&self) -> bool {
        self.first_audible_tick().is_some_and(|heard| heard > self.start())
    }

    /// Returns whether the file is an MP4, M4A or MOV.
    pub(crate) fn is_mp4(&self) -> bool {
        self.format_name().split(',').any(|name| name == "mp4")
    }

    /// Returns the seconds by which the sound may be shorter than the length that the file records. FLAC records the exact
    /// length; other formats round, and may count padding.
    pub(crate) fn length_tolerance(&self) -> f64 {
        if self.format_name() == "flac" { 0.001 } else { 0.25 }
    }

    /// Returns the next packet of the sound; `None` at the end, or at damaged data.
    pub(crate) fn next_packet(&mut self) -> Result<Option<Packet>> {
        if let Some(packet) = self.queued.pop_front() {
            return Ok(Some(packet));
        }
        while let Some((stream, packet)) = self.read_packet()? {
            if stream == self.stream {
                return Ok(Some(packet));
            }
        }
        Ok(None)
    }

    /// Returns the next packet of any stream, and the number of the stream.
    fn read_packet(&mut self) -> Result<Option<(usize, Packet)>> {
        if self.is_ended {
            return Ok(None);
        }
        let mut packet = Packet::new()?;
        // SAFETY: the context is open; the packet is blank and ours.
        let (code, stream) = unsafe {
            let code = ffi::av_read_frame(self.context, packet.as_mut_ptr());
            (code, (*packet.as_mut_ptr()).stream_index)
        };
        if code == ffi::AVERROR_EOF || code == ffi::AVERROR_INVALIDDATA {
            self.is_ended = true;
            return self.io.verdict(Ok(None));
        }
        self.io.verdict(check(code, "read the sound"))?;
        let stream = usize::try_from(stream)
            .map_err(|_| LibavError::unexpected("read the sound", "a packet belongs to no stream"))?;
        Ok(Some((stream, packet)))
    }
}

impl Drop for AudioDemuxer {
    fn drop(&mut self) {
        // SAFETY: the context came from avformat_open_input and is closed once; its input stays ours (CUSTOM_IO).
        unsafe { ffi::avformat_close_input(&mut self.context) };
    }
}
