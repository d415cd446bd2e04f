//! Decodes the sound of a file.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::audio::check_floats;
use crate::av::{AudioBuffer, AudioDecoder, AudioDemuxer, AudioFormat, Resampler};
use crate::error::{Error, InvalidInput, Result};
use crate::time::{TimeBase, Timestamp};

/// How many seconds a file may be shorter than it records: containers round, and count padding of the codec.
const TOLERANCE: f64 = 0.25;

/// A file that is decoded from its start.
pub(super) struct SoundFile {
    path: PathBuf,
    demuxer: AudioDemuxer,
    decoder: AudioDecoder,
    time_base: TimeBase,
    /// Whether the last packet was decoded.
    is_drained: bool,
    /// Whether samples are floats that a program wrote, which may have any value.
    has_plain_floats: bool,
    /// The number of moments that were decoded, at the file's own rate.
    decoded: u64,
    /// The number of samples outside −1 to 1.
    pub(super) clipped: u64,
}

/// Opens a file that has sound.
pub(super) fn open(path: &Path) -> Result<AudioDemuxer> {
    let file = File::open(path).map_err(|source| Error::io("read the sound", Some(path), source))?;
    if file.metadata().is_ok_and(|data| data.is_dir()) {
        return Err(refused(path, "it is a folder: use an audio file, as in music.flac"));
    }
    AudioDemuxer::open(Box::new(file)).map_err(|error| match error {
        Error::Libav(cause) => refused(
            path,
            format!(
                "its sound cannot be read: {} ({}). Use a WAV, FLAC, MP3, Ogg, AAC or M4A file",
                cause.message, cause.operation
            ),
        ),
        error => error.on_path(path),
    })
}

/// Makes the error for an audio file.
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

    /// Returns the format of the samples, as far as the file records it.
    pub(super) fn format(&self) -> Result<AudioFormat> {
        let format = self.demuxer.format().map_err(|cause| refused(&self.path, cause.to_string()))?;
        if format.rate == 0 || format.channels() == 0 {
            return Err(refused(&self.path, "no sample can be decoded: it is empty, or damaged"));
        }
        Ok(format)
    }

    /// Returns the length that the file records.
    pub(super) fn stated_length(&self) -> Option<Timestamp> {
        self.demuxer.stated_length.map(|ticks| self.time_base.at(ticks))
    }

    /// Decodes more sound into `buffer`; returns false at the end.
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

    /// Adds silence before sound that starts later than its file.
    fn wait(&self, ticks: i64, buffer: &mut AudioBuffer) {
        let seconds = self.time_base.at(ticks).as_secs_f64();
        if seconds >= 1e-3 {
            buffer.add_silence((seconds * f64::from(buffer.format().rate)).round() as usize);
        }
    }

    /// Checks that the file did not end before its recorded length.
    fn check_length(&self) -> Result<()> {
        let decoded = self.seconds();
        match self.stated_length().map(Timestamp::as_secs_f64) {
            Some(stated) if decoded + TOLERANCE < stated => Err(refused(
                &self.path,
                format!(
                    "it is cut short: its sound ends at {decoded:.2} s of {stated:.2} s. Use the complete file"
                ),
            )),
            _ => Ok(()),
        }
    }

    fn damaged(&self, problem: impl std::fmt::Display) -> Error {
        let seconds = self.seconds();
        let problem =
            format!("its sound cannot be read after {seconds:.2} s: {problem}. Convert it, or use another file");
        refused(&self.path, problem)
    }

    /// Returns how many seconds were decoded.
    fn seconds(&self) -> f64 {
        let rate = self.demuxer.format().map_or(1, |format| format.rate.max(1));
        self.decoded as f64 / f64::from(rate)
    }
}
