//! The sound of a movie, for the caller who writes its frames.

use std::cmp::Ordering;
use std::time::Duration;

use super::VideoWriter;
use super::builder::VideoWriterBuilder;
use super::setup::Setup;
use crate::audio::{Audio, AudioSample};
use crate::error::{InvalidAudio, InvalidSettings, OptionId, Result};
use crate::settings::AudioCodec;
use crate::stats::AudioStats;
use crate::track::{self, TrackFeed, TrackMaker};

/// Sound.
impl VideoWriterBuilder {
    /// Adds sound to the movie: a file, samples, or samples to write with [`write_audio`](VideoWriter::write_audio).
    /// The sound becomes as long as the movie: longer sound is cut, and shorter sound is padded with silence, with a
    /// warning if the difference is more than a frame ([`AudioStats::warnings`](crate::AudioStats::warnings)).
    ///
    /// A thread encodes the sound up to the last frame so far. In a file or in memory, [`finish`](VideoWriter::finish)
    /// combines it with the frames. The part file of an interrupted run has no sound; pass the sound to
    /// [`recover_with`](crate::recover_with) again.
    ///
    /// ```no_run
    /// # use framemill::{FrameRate, VideoWriter};
    /// let video = VideoWriter::builder("ripples.mp4", 640, 480, FrameRate::new(30, 1)).audio("waves.flac").create()?;
    /// # Ok::<(), framemill::Error>(())
    /// ```
    pub fn audio(mut self, audio: impl Into<Audio>) -> Self {
        self.audio = Some(audio.into());
        self
    }

    /// Sets the codec of the sound. By default, the usual one of the container: PCM in AVI, Opus in Matroska and WebM,
    /// otherwise AAC.
    pub fn audio_codec(mut self, codec: AudioCodec) -> Self {
        self.settings.audio.codec = Some(codec);
        self
    }

    /// Sets the bit rate of the sound.
    pub fn audio_bitrate(mut self, bits_per_second: u64) -> Self {
        self.settings.audio.bitrate = Some(bits_per_second);
        self
    }

    /// Sets the position in the sound where the movie starts, in seconds. A negative value adds silence before the
    /// sound.
    pub fn audio_start(mut self, seconds: f64) -> Self {
        self.settings.audio.start = seconds;
        self
    }

    /// Ends the movie when the sound ends, if the sound is shorter than the frames. Later frames are left out;
    /// [`is_full`](VideoWriter::is_full) returns whether the movie takes no more.
    pub fn shortest(mut self) -> Self {
        self.settings.audio.shortest = true;
        self
    }

    /// Checks that a plan has no sound.
    pub(super) fn check_no_sound(&self) -> Result<()> {
        if let Some(option) = self.audio.as_ref().map(|_| OptionId::Audio).or(self.settings.audio.set_option()) {
            let with = "a plan".to_owned();
            let hint = "sound is made once, for the whole movie; give it when you join the segments";
            return Err(InvalidSettings::Conflict { option, with, hint }.into());
        }
        Ok(())
    }

    /// Opens the sound, if there is one.
    pub(super) fn sound(&self, setup: &Setup) -> Result<Option<(TrackFeed, TrackMaker)>> {
        let Some(audio) = &self.audio else {
            return match self.settings.audio.set_option() {
                Some(option) => Err(InvalidSettings::Incomplete { option, missing: OptionId::Audio }.into()),
                None => Ok(None),
            };
        };
        let frame = Duration::try_from_secs_f64(setup.time_base.at(setup.frame_ticks).as_secs_f64());
        audio.check_apart_from(self.output.given_path())?;
        let output = self.output.track_output();
        let settings = &self.settings.audio;
        track::open(audio.clone(), settings, setup.container, output, frame.unwrap_or_default()).map(Some)
    }
}

/// Sound.
impl VideoWriter {
    /// Writes the next samples of a sound that was opened with [`Audio::written`](crate::Audio::written). The samples
    /// of all channels are interleaved, and all calls use one type. Sound and frames may come in any order and in
    /// pieces of any length. Sound that is ahead of the frames waits in memory; in a movie that goes to a stream,
    /// frames that are ahead of the sound wait too.
    ///
    /// ```
    /// # use framemill::{Audio, Container, FrameRate, FrameView, Memory, Output, VideoWriter};
    /// # let output = Output::memory(&Memory::new(), Container::Mp4);
    /// let builder = VideoWriter::builder(output, 64, 48, FrameRate::new(25, 1));
    /// let mut video = builder.audio(Audio::written(48_000, 2)).create()?;
    /// for frame in 0..50_u8 {
    ///     video.write(&FrameView::gray(&[frame; 64 * 48], 64, 48)?)?;
    ///     video.write_audio(&[0_i16; 2 * 48_000 / 25])?;
    /// }
    /// let sound = video.finish()?.audio.expect("was written");
    /// assert_eq!(sound.duration.as_secs(), 2);
    /// assert!(sound.warnings.is_empty());
    /// # Ok::<(), framemill::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Audio`](crate::Error::Audio) for unusable samples, such as NaN; floats slightly outside −1 to 1 are
    /// clipped and counted. Otherwise the error of the encoder or the output since the last call.
    pub fn write_audio<S: AudioSample>(&mut self, samples: &[S]) -> Result<()> {
        self.check_alive()?;
        self.sound.as_mut().ok_or(InvalidAudio::NotWritten)?.write(samples)
    }

    /// Returns whether the movie ends with its [sound](VideoWriterBuilder::shortest) and has all its frames. Further
    /// frames are left out.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.timeline.next().is_ok_and(|next| self.is_after_sound(next))
    }

    /// Returns whether a frame at `pts` would be shown after the end of the sound that ends the movie.
    pub(super) fn is_after_sound(&self, pts: i64) -> bool {
        let time = self.timeline.clock().0.at(pts);
        let end = self.sound.as_ref().and_then(|sound| sound.end);
        // A movie has at least one frame.
        self.timeline.frames() > 0 && end.is_some_and(|end| time.compare(end) != Ordering::Less)
    }

    /// Adds the statistics of the sound that are known here, and logs its warnings.
    pub(super) fn complete_audio(&self, audio: &mut AudioStats) {
        audio.frames_left_out = self.frames_left_out;
        if let Some(sound) = &self.sound {
            audio.add_clipped(sound.clipped());
        }
        audio.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    }

    /// Lets the sound be encoded up to the end of the last frame.
    pub(super) fn reach_sound(&self) {
        if let Some(sound) = &self.sound {
            sound.reach(self.timeline.clock().0.at(self.timeline.end()));
        }
    }
}
