//! The sound of a file.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::audio::check_floats;
use crate::av::{AudioBuffer, AudioDecoder, AudioDemuxer, AudioFormat, Resampler};
use crate::error::{Error, InvalidInput, Result};
use crate::time::{TimeBase, Timestamp};

/// How much a file may be shorter than it says, in seconds: containers round, and count what codecs add.
const TOLERANCE: f64 = 0.25;

/// A file that is decoded from its start on.
pub(super) struct SoundFile {
    path: PathBuf,
    demuxer: AudioDemuxer,
    decoder: AudioDecoder,
    time_base: TimeBase,
    /// Whether the last packet was decoded.
    is_drained: bool,
    /// Whether samples are floats that a program wrote, which may be anything.
    has_plain_floats: bool,
    /// Moments that were decoded, at the file's own rate.
    decoded: u64,
    /// Samples beyond −1 and 1.
    pub(super) clipped: u64,
}

/// Opens a file that has sound.
pub(super) fn open(path: &Path) -> Result<AudioDemuxer> {
    let file = File::open(path).map_err(|source| Error::io("read the sound", Some(path), source))?;
    if file.metadata().is_ok_and(|data| data.is_dir()) {
        return Err(refused(path, "it is a folder: name a file of sound, as in music.flac"));
    }
    AudioDemuxer::open(Box::new(file)).map_err(|error| match error {
        Error::Libav(cause) => refused(
            path,
            format!(
                "no sound can be read of it: {} ({}). Give a WAV, FLAC, MP3, Ogg, AAC or M4A file",
                cause.message, cause.operation
            ),
        ),
        error => error.on_path(path),
    })
}

/// The error of a file of sound.
pub(super) fn refused(path: &Path, problem: impl Into<String>) -> Error {
    Error::Input { name: path.display().to_string(), problem: InvalidInput::Audio { problem: problem.into() } }
}

impl SoundFile {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let demuxer = open(path)?;
        let stream = demuxer.stream_parameters()?;
        let codec = demuxer.codec_name();
        let decoder = AudioDecoder::open(&stream)
            .map_err(|cause| refused(path, format!("its {codec} cannot be decoded: {cause}")))?;
        Ok(Self {
            path: path.to_owned(),
            time_base: stream.time_base,
            demuxer,
            decoder,
            is_drained: false,
            has_plain_floats: codec.starts_with("pcm_f"),
            decoded: 0,
            clipped: 0,
        })
    }

    /// What its samples are like, as far as the file says.
    pub(super) fn format(&self) -> Result<AudioFormat> {
        let format = self.demuxer.format().map_err(|cause| refused(&self.path, cause.to_string()))?;
        if format.rate == 0 || format.channels() == 0 {
            return Err(refused(&self.path, "no sample can be decoded: it is empty, or damaged"));
        }
        Ok(format)
    }

    /// How long it lasts, as far as it says.
    pub(super) fn stated_length(&self) -> Option<Timestamp> {
        self.demuxer.stated_length.map(|ticks| self.time_base.at(ticks))
    }

    /// Decodes some more into `buffer`; returns false at the end.
    pub(super) fn decode(&mut self, resampler: &mut Resampler, buffer: &mut AudioBuffer) -> Result<bool> {
        loop {
            let frame = self.decoder.receive().map_err(|cause| self.damaged(cause.message))?;
            if let Some(frame) = frame {
                if self.decoded == 0 {
                    self.wait(self.demuxer.late(), buffer);
                }
                if !frame.format()?.is_like(resampler.from()) {
                    return Err(self.damaged("its rate or its channels change"));
                }
                if let Some(floats) = frame.floats().filter(|_| self.has_plain_floats) {
                    let channels = resampler.from().channels() as usize;
                    let checked = check_floats(floats.into_iter(), channels);
                    self.clipped += checked.map_err(|error| self.damaged(error))?;
                }
                self.decoded += frame.moments() as u64;
                resampler.convert_frame(&frame, buffer)?;
                return Ok(true);
            }
            if self.is_drained {
                return self.check_length().map(|()| false);
            }
            let packet = self.demuxer.next_packet().map_err(|error| error.on_path(&self.path))?;
            self.is_drained = packet.is_none();
            self.decoder.send(packet).map_err(|cause| self.damaged(cause.message))?;
        }
    }

    /// Puts silence before sound that starts later than the rest of its file.
    fn wait(&self, ticks: i64, buffer: &mut AudioBuffer) {
        let seconds = self.time_base.at(ticks).as_secs_f64();
        if seconds >= 1e-3 {
            buffer.add_silence((seconds * f64::from(buffer.format().rate)).round() as usize);
        }
    }

    /// Checks that the file did not end before it says that it does.
    fn check_length(&self) -> Result<()> {
        let decoded = self.seconds();
        match self.stated_length().map(Timestamp::as_secs_f64) {
            Some(stated) if decoded + TOLERANCE < stated => Err(refused(
                &self.path,
                format!(
                    "it is cut short: its sound breaks off at {decoded:.2} s of {stated:.2} s. Get the whole file"
                ),
            )),
            _ => Ok(()),
        }
    }

    fn damaged(&self, problem: impl std::fmt::Display) -> Error {
        let seconds = self.seconds();
        let problem =
            format!("its sound cannot be read from {seconds:.2} s on: {problem}. Convert it, or give another");
        refused(&self.path, problem)
    }

    /// How far it was decoded.
    fn seconds(&self) -> f64 {
        let rate = self.demuxer.format().map_or(1, |format| format.rate.max(1));
        self.decoded as f64 / f64::from(rate)
    }
}
