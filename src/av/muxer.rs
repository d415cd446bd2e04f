//! An open muxer: packets go in, a container comes out.

use std::ffi::{CStr, c_int};
use std::ptr;

use ffmpeg_next::ffi;

use super::dictionary::Dictionary;
use super::error::{check, check_allocated};
use super::io::{Io, Sink};
use super::log;
use super::packet::Packet;
use super::stream::StreamParameters;
use crate::error::Result;
use crate::settings::Container;
use crate::time::TimeBase;

/// The stream numbers of a movie.
const VIDEO: usize = 0;
const AUDIO: usize = 1;

/// The layout of an MP4, MOV or M4V. The other containers have only one layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileLayout {
    /// One index (`moov`) after the frames.
    IndexLast,
    /// One index before the frames, in `index_bytes` that are reserved for it.
    IndexFirst {
        /// At least the size of the index plus 8 bytes.
        index_bytes: u64,
    },
    /// An index before each group of frames: readable however it ends, and no seeking needed.
    Fragmented,
}

/// A movie that is being written.
pub(crate) struct Muxer {
    context: *mut ffi::AVFormatContext,
    io: Io,
    layout: FileLayout,
    /// Whether the muxer received packets since the last cut.
    uncut: bool,
    /// The state of a fragmented movie.
    fragments: Fragments,
    /// Whether start codes are replaced by lengths.
    replaces_start_codes: bool,
    video: Clock,
    /// The clock of the sound, if there is some.
    audio: Option<Clock>,
}

/// The time bases of a stream.
#[derive(Clone, Copy)]
struct Clock {
    /// The time base of the packets that are written.
    source: TimeBase,
    /// The time base that the muxer chose.
    muxed: TimeBase,
    /// How much earlier packets start than their audible part, in ticks of `source`, if the container records that.
    delay: i64,
    /// Whether the muxer adds the delay to times.
    adds_delay: bool,
}

impl Clock {
    /// Converts a packet's ticks to the muxer's.
    fn rescale(self, ticks: i64) -> i64 {
        // Matroska stores the times of packets, from which players subtract the delay.
        let rounded = |ticks: i64| self.source.at(ticks).rescale(self.muxed).ticks;
        rounded(ticks + self.delay) - if self.adds_delay { rounded(self.delay) } else { 0 }
    }

    /// Sets a packet's times to the muxer's.
    fn set(self, packet: &mut Packet) {
        let (pts, dts) = (packet.pts().unwrap_or(0), packet.dts().unwrap_or(0));
        // The end is rounded instead of the length, so that rounding errors do not add up.
        let end = self.rescale(pts + packet.duration());
        packet.set_times(self.rescale(pts), self.rescale(dts), end - self.rescale(pts));
    }
}

// SAFETY: an AVFormatContext may be used from any one thread at a time, and its output is `io`, which is Send; only
// the owner of the struct reaches either.
unsafe impl Send for Muxer {}

impl Muxer {
    /// Writes the header of a movie to `sink`, with a video and its sound, if there is some.
    pub(crate) fn open(
        sink: Sink,
        container: Container,
        layout: FileLayout,
        stream: &StreamParameters,
        audio: Option<&StreamParameters>,
    ) -> Result<Self> {
        log::install();
        let mut context = ptr::null_mut();
        // SAFETY: the context is an out parameter; the name is static and NUL-terminated; no file name is given, so
        // nothing is opened.
        let code = unsafe {
            let name = muxer_name(container).as_ptr();
            ffi::avformat_alloc_output_context2(&mut context, ptr::null(), name, ptr::null())
        };
        check(code, format!("create a {} movie", container.name()))?;
        let io = match Io::writing(sink) {
            Ok(io) => io,
            Err(error) => {
                // SAFETY: the context is ours and has no output yet.
                unsafe { ffi::avformat_free_context(context) };
                return Err(error.into());
            }
        };
        let mut muxer = Self {
            context,
            io,
            layout,
            uncut: false,
            fragments: Fragments::default(),
            replaces_start_codes: container != Container::Avi && stream.has_start_codes(),
            video: Clock { source: stream.time_base, muxed: stream.time_base, delay: 0, adds_delay: true },
            audio: audio.map(|audio| Clock {
                source: audio.time_base,
                muxed: audio.time_base,
                delay: recorded_delay(container, audio),
                adds_delay: KNOWS_DELAY,
            }),
        };
        muxer.write_header(container, stream, audio)?;
        Ok(muxer)
    }

    fn write_header(
        &mut self,
        container: Container,
        stream: &StreamParameters,
        audio: Option<&StreamParameters>,
    ) -> Result<()> {
        let mut options = Dictionary::from_pairs(muxer_options(container, self.layout, stream.time_base))?;
        let metadata =
            Dictionary::from_pairs(stream.metadata.iter().map(|(name, value)| (&**name, value.clone())))?;
        // SAFETY: the context is ours, and frees its metadata; the streams that it makes live as long as it; pb outlives
        // it, and the flag keeps FFmpeg from closing it. avformat_write_header is called once.
        let code = unsafe {
            for stream in [Some(stream), audio].into_iter().flatten() {
                let target = check_allocated(ffi::avformat_new_stream(self.context, ptr::null()), "make a stream")?;
                stream.apply_to(target)?;
            }
            (*self.context).metadata = metadata.into_raw();
            (*self.context).pb = self.io.as_mut_ptr();
            (*self.context).flags |= ffi::AVFMT_FLAG_CUSTOM_IO as c_int;
            if audio.is_some() {
                // FFmpeg 5.1 treats FLAC in MP4 as experimental, although it is specified.
                (*self.context).strict_std_compliance = ffi::FF_COMPLIANCE_EXPERIMENTAL as c_int;
            }
            if container.is_matroska() {
                // Without this, Matroska's muxer writes random numbers for a file and its track.
                (*self.context).flags |= ffi::AVFMT_FLAG_BITEXACT as c_int;
                if audio.is_some() {
                    // The delay of the sound is recorded, so nothing else may be shifted for it.
                    (*self.context).avoid_negative_ts = ffi::AVFMT_AVOID_NEG_TS_DISABLED as c_int;
                }
            }
            ffi::avformat_write_header(self.context, options.as_mut_ptr())
        };
        let header = check(code, "write the movie's header");
        self.io.verdict(header)?;
        self.video.muxed = self.time_base_of(VIDEO);
        if let Some(mut audio) = self.audio {
            audio.muxed = self.time_base_of(AUDIO);
            self.audio = Some(audio);
        }
        let left_over = options.names().join(", ");
        let code = if left_over.is_empty() { 0 } else { ffi::AVERROR_OPTION_NOT_FOUND };
        check(code, format!("set the muxer options {left_over}"))?;
        Ok(())
    }

    /// Returns the time base of a stream.
    fn time_base_of(&self, stream: usize) -> TimeBase {
        // SAFETY: the header is written, and the muxer has set the time base of the stream, which exists.
        let time_base = unsafe { (**(*self.context).streams.add(stream)).time_base };
        TimeBase { numerator: time_base.num as u32, denominator: time_base.den as u32 }
    }

    /// Returns the bytes of a video packet in the movie.
    pub(crate) fn bytes_of(&self, packet: &Packet) -> u64 {
        packet.bytes() + if self.replaces_start_codes { packet.short_start_codes() } else { 0 }
    }

    /// Writes a packet of the sound, which the movie must have, in the same way as a video packet.
    pub(crate) fn write_audio(&mut self, mut packet: Packet) -> Result<()> {
        let Some(clock) = self.audio else { return Ok(()) };
        clock.set(&mut packet);
        packet.set_stream(AUDIO);
        self.write_now(packet)
    }

    /// Writes a packet of the video, whose times are in the stream's time base and whose duration is known; returns its
    /// bytes in the movie.
    pub(crate) fn write(&mut self, mut packet: Packet) -> Result<u64> {
        self.video.set(&mut packet);
        packet.set_stream(VIDEO);
        let bytes = self.bytes_of(&packet);
        if self.layout == FileLayout::Fragmented {
            self.write_fragmented(packet)?
        } else {
            self.write_now(packet)?
        }
        Ok(bytes)
    }

    /// Writes a packet to a fragment, where a packet lasts until the next one is decoded, and the next fragment
    /// continues from there. If decoding order differs from presentation order, that is not the display duration.
    fn write_fragmented(&mut self, next: Packet) -> Result<()> {
        let next_dts = next.dts();
        match self.fragments.keep_back(next) {
            Some(mut packet) => {
                let (pts, dts) = (packet.pts().unwrap_or(0), packet.dts().unwrap_or(0));
                packet.set_times(pts, dts, next_dts.unwrap_or(dts) - dts);
                self.write_now(packet)
            }
            None => Ok(()),
        }
    }

    fn write_now(&mut self, mut packet: Packet) -> Result<()> {
        self.uncut = true;
        // SAFETY: the header is written; the packet is valid, belongs to an existing stream, and stays ours.
        let code = unsafe { ffi::av_write_frame(self.context, packet.as_mut_ptr()) };
        self.io.verdict(check(code, "write a packet")).map(drop)
    }

    /// Flushes everything to the sink. In a fragmented movie this ends a fragment.
    pub(crate) fn cut(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.uncut) {
            return Ok(());
        }
        self.flush_muxer()?;
        // The first flush of a fragmented movie only writes the index of the whole, with the times of the first frames.
        if self.layout == FileLayout::Fragmented && !std::mem::replace(&mut self.fragments.has_index, true) {
            self.flush_muxer()?;
        }
        self.io.flush()
    }

    fn flush_muxer(&mut self) -> Result<()> {
        // SAFETY: the header is written; a null packet asks the muxer to flush.
        let code = unsafe { ffi::av_write_frame(self.context, ptr::null_mut()) };
        self.io.verdict(check(code, "write a fragment")).map(drop)
    }

    /// Writes the end of the movie, and reports every error on the way, because muxers ignore some.
    pub(crate) fn finish(mut self) -> Result<()> {
        if let Some(last) = self.fragments.take_last() {
            self.write_now(last)?;
        }
        self.io.flush()?;
        // SAFETY: the header is written, and the trailer is written once: `self` ends here.
        let code = unsafe { ffi::av_write_trailer(self.context) };
        self.io.verdict(check(code, "write the movie's trailer"))?;
        self.io.flush()?;
        self.into_io().close()
    }

    fn into_io(self) -> Io {
        let muxer = std::mem::ManuallyDrop::new(self);
        // SAFETY: the context is freed once, as `muxer` is not dropped; `io` is read once for the same reason, and
        // nothing points to it any more.
        unsafe {
            ffi::avformat_free_context(muxer.context);
            ptr::read(&muxer.io)
        }
    }
}

impl Drop for Muxer {
    fn drop(&mut self) {
        // SAFETY: the context came from avformat_alloc_output_context2 and is freed once; `io` is dropped after it.
        unsafe { ffi::avformat_free_context(self.context) };
    }
}

/// The state of a fragmented movie between packets.
#[derive(Default)]
struct Fragments {
    /// Whether the index of the whole is written.
    has_index: bool,
    /// The last packet. Its length is known when the next one arrives.
    waiting: Option<Packet>,
    /// When the first frame is shown and decoded.
    first: Option<(i64, i64)>,
    /// When the last frame in presentation order ends.
    end: i64,
}

impl Fragments {
    /// Keeps a packet; returns the previous one.
    fn keep_back(&mut self, packet: Packet) -> Option<Packet> {
        let (pts, dts) = (packet.pts().unwrap_or(0), packet.dts().unwrap_or(0));
        self.first.get_or_insert((pts, dts));
        self.end = self.end.max(pts + packet.duration());
        self.waiting.replace(packet)
    }

    /// Returns the last packet, with a duration that makes all durations add up to the duration of the movie.
    fn take_last(&mut self) -> Option<Packet> {
        let mut packet = self.waiting.take()?;
        let (pts, dts) = (packet.pts()?, packet.dts()?);
        let (first_pts, first_dts) = self.first?;
        packet.set_times(pts, dts, (self.end - first_pts) - (dts - first_dts));
        Some(packet)
    }
}

/// Whether FFmpeg's Matroska muxer records the delay of all codecs and adds it to times. Before FFmpeg 6, it only
/// records the delay of Opus, and does not change times.
const KNOWS_DELAY: bool = ffi::LIBAVFORMAT_VERSION_MAJOR >= 60;

/// Returns how early the packets of a sound start, if Matroska records that. MP4 only records it through their times.
fn recorded_delay(container: Container, audio: &StreamParameters) -> i64 {
    match container.is_matroska() && (KNOWS_DELAY || audio.codec_name() == "opus") {
        true => audio.audio_delay().into(),
        false => 0,
    }
}

/// Returns whether `container` can hold this codec.
pub(super) fn holds(container: Container, codec: ffi::AVCodecID) -> bool {
    // SAFETY: the name is static and NUL-terminated; the format is a static description, or null, which is not asked.
    unsafe {
        let format = ffi::av_guess_format(muxer_name(container).as_ptr(), ptr::null(), ptr::null());
        !format.is_null() && ffi::avformat_query_codec(format, codec, ffi::FF_COMPLIANCE_NORMAL) == 1
    }
}

fn muxer_name(container: Container) -> &'static CStr {
    match container {
        Container::Mp4 => c"mp4",
        Container::Mov => c"mov",
        Container::M4v => c"ipod",
        Container::Avi => c"avi",
        Container::Mkv => c"matroska",
        Container::Webm => c"webm",
    }
}

fn muxer_options(container: Container, layout: FileLayout, time_base: TimeBase) -> Vec<(&'static str, String)> {
    match container {
        // A cluster is written when it is full, and the packets of an unwritten cluster are lost if the process is
        // killed.
        Container::Mkv | Container::Webm => vec![("cluster_time_limit", "1000".to_owned())],
        Container::Avi => Vec::new(),
        Container::Mp4 | Container::Mov | Container::M4v => {
            // Edit lists use the movie's time scale; FFmpeg's 1/1000 s would round the duration.
            let mut options = vec![("movie_timescale", time_base.denominator.to_string())];
            match layout {
                FileLayout::IndexLast => {}
                FileLayout::IndexFirst { index_bytes } => options.push(("moov_size", index_bytes.to_string())),
                FileLayout::Fragmented => {
                    options.push(("movflags", "frag_custom+delay_moov+default_base_moof".to_owned()));
                }
            }
            options
        }
    }
}
