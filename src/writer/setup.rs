//! Opens an encoder and a movie for it, once or several times.

use std::sync::Arc;

use super::Shared;
use super::encode_thread::{Work, queue_frames};
use super::measurer::Measurer;
use super::recorder::Recorder;
use crate::av::{Decoder, Encoder, FramePool, StreamParameters};
use crate::encode::{Encoding, MovieClock, OpenEncoder, SideBySide};
use crate::error::Result;
use crate::output::{Interrupted, Movie, Output};
use crate::settings::{Codec, Container, Mpeg4, Settings, Vbv, default_segment_frames, most_waiting_frames};
use crate::stats::RateMeter;
use crate::stop::StopToken;
use crate::time::TimeBase;
use crate::track::TrackMaker;

/// Everything that opens an encoder.
#[derive(Clone)]
pub(super) struct Setup {
    pub(super) settings: Settings,
    pub(super) container: Container,
    /// The time base of the movie.
    pub(super) time_base: TimeBase,
    /// The ticks of a frame period.
    pub(super) frame_ticks: i64,
    /// The size of the encoder's frames.
    pub(super) size: (u32, u32),
    /// The number of frames that the movie will have, if known.
    pub(super) expected_frames: Option<u64>,
}

impl Setup {
    /// Opens an encoder for the settings, but with `codec` instead of theirs, and a movie for it. The movie begins with
    /// the frames of an interrupted run, if there is one, and gets the sound. `shared` gets the statistics.
    pub(super) fn open(
        &self,
        codec: &Codec,
        output: Output,
        shared: Arc<Shared>,
        interrupted: Option<&Interrupted>,
        sound: Option<TrackMaker>,
    ) -> Result<Work> {
        let first_frame = interrupted.map_or(0, Interrupted::frames);
        let (encoding, clock, stream) = self.encoding(codec, first_frame as i64)?;
        interrupted.map_or(Ok(()), |interrupted| interrupted.check_stream(&stream))?;
        let output = if interrupted.is_some() { output.resuming() } else { output };
        let movie = Movie::create(output, self.container, &stream, sound, shared.stop.clone())?;
        let measurer = match self.settings.measure_quality {
            // One thread decodes faster than encoders encode, and leaves the other processors to them.
            true => Some(Measurer::start(Decoder::open(&stream, self.frame_pool()?, 1)?)?),
            false => None,
        };
        let buffer = |vbv: Vbv| (vbv.max_bits_per_second, vbv.buffer_bits, codec.vbv_full_at_first());
        let meter = RateMeter::new(codec.vbv().map(buffer));
        let recorder = Recorder::new(Arc::clone(&shared), meter, measurer);
        let work = Work::new(encoding, movie, clock, shared, recorder);
        match interrupted {
            Some(interrupted) => work.keep(interrupted),
            None => Ok(work),
        }
    }

    /// Opens the encoder and a movie for it, without statistics.
    pub(super) fn open_unmeasured(&self, codec: &Codec, output: Output) -> Result<Work> {
        let (encoding, clock, stream) = self.encoding(codec, 0)?;
        let shared = Arc::<Shared>::default();
        let recorder = Recorder::new(Arc::clone(&shared), RateMeter::default(), None);
        let movie = Movie::create(output, self.container, &stream, None, StopToken::default())?;
        Ok(Work::new(encoding, movie, clock, shared, recorder))
    }

    fn encoding(&self, codec: &Codec, first_frame: i64) -> Result<(Encoding, MovieClock, StreamParameters)> {
        let encoder = self.encoder(codec)?;
        let clock = self.clock(&encoder);
        let mut stream = encoder.stream_parameters(self.time_base)?;
        stream.metadata.clone_from(&self.settings.metadata);
        if let Some(fourcc) = fourcc(codec, self.container) {
            stream.set_fourcc(fourcc);
        }
        let (setup, codec) = (self.clone(), codec.clone());
        let open: OpenEncoder = Box::new(move || setup.encoder(&codec));
        let encoding = match self.settings.jobs {
            None => Encoding::single(encoder, open, first_frame),
            Some(jobs) => {
                let frame_bytes = self.frame_pool()?.frame_bytes();
                let segment_frames = self.segment_frames()?.unwrap_or_default();
                // If the segment length was set, a segment may be longer than the memory is planned for.
                let waiting_frames = segment_frames.min(most_waiting_frames(frame_bytes));
                let jobs = if self.settings.codec.is_alone_in_process() {
                    1
                } else {
                    jobs.resolve(frame_bytes, waiting_frames)
                };
                // A single encoder is not faster if more frames wait for it.
                let waiting_frames = if jobs == 1 { queue_frames(frame_bytes) } else { waiting_frames };
                tracing::debug!("{jobs} encoders in parallel, with segments of {segment_frames} frames");
                let several = SideBySide::start(encoder, open, jobs, segment_frames, waiting_frames, first_frame)?;
                Encoding::SideBySide(Box::new(several))
            }
        };
        Ok((encoding, clock, stream))
    }

    /// Returns the frames per segment, if the movie is made in segments.
    pub(super) fn segment_frames(&self) -> Result<Option<usize>> {
        if self.settings.jobs.is_none() {
            return Ok(None);
        }
        let set = self.settings.segment_frames.map(|frames| frames as usize);
        let frame_bytes = self.frame_pool()?.frame_bytes();
        Ok(Some(set.unwrap_or(default_segment_frames(frame_bytes, self.expected_frames))))
    }

    /// Opens the encoder of `codec`, which may replace the codec of the settings.
    pub(super) fn encoder(&self, codec: &Codec) -> Result<Encoder> {
        let open = |reorders| Encoder::open(&self.settings, codec, self.container, reorders, self.size);
        let encoder = open(!self.container.is_constant_rate())?;
        if !self.clock(&encoder).is_too_slow_to_reorder() {
            return Ok(encoder);
        }
        drop(encoder);
        open(false)
    }

    /// Makes the clock for an encoder's packets.
    fn clock(&self, encoder: &Encoder) -> MovieClock {
        let reordered = if self.container.is_mp4_family() { encoder.reordered() } else { 0 };
        MovieClock::new(self.time_base, self.frame_ticks, reordered)
    }

    /// Makes the memory pool for the encoder's frames.
    pub(super) fn frame_pool(&self) -> Result<FramePool> {
        let (width, height) = self.size;
        Ok(FramePool::new(self.settings.encoder_pixel_format(), self.settings.color(), width, height)?)
    }
}

/// Returns the four-character code that most players know, if a container allows several: XVID for MPEG-4 Part 2 in
/// AVI, and `hvc1` for HEVC, which Apple's players require.
fn fourcc(codec: &Codec, container: Container) -> Option<[u8; 4]> {
    match codec {
        Codec::Mpeg4(Mpeg4 { fourcc, .. }) | Codec::Xvid(Mpeg4 { fourcc, .. }) if container == Container::Avi => {
            Some(fourcc.unwrap_or(*b"XVID"))
        }
        _ if codec.is_x265() && container.is_mp4_family() => Some(*b"hvc1"),
        _ => None,
    }
}
