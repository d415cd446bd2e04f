//! Decodes the sound of a file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::sound::CHUNK;
use crate::audio::{check_floats, check_format};
use crate::av::{AudioBuffer, AudioDecoder, AudioDemuxer, AudioFormat, AudioFrame, Resampler};
use crate::error::{Error, InvalidAudio, InvalidInput, Result};
use crate::time::{TimeBase, Timestamp};

/// The longest gap in seconds between frames of sound that is not filled with silence: containers round times.
pub(super) const MAX_UNFILLED_GAP: f64 = 0.015;

/// A gap at the start of up to this many seconds is ignored.
const MAX_UNFILLED_START: f64 = 0.001;

/// A gap longer than this many seconds is an error.
const MAX_GAP: f64 = 86_400.0;

/// How many bytes the size in the header of a WAV may be too large: some programs count wrong.
const WAV_TOLERANCE: u64 = 1_024;

/// A file that is decoded from its start.
pub(super) struct SoundFile {
    path: PathBuf,
    demuxer: AudioDemuxer,
    decoder: AudioDecoder,
    time_base: TimeBase,
    rate: u32,
    /// Whether the last packet was decoded.
    is_drained: bool,
    /// Whether samples are floats that a program wrote, which may have any value.
    has_plain_floats: bool,
    /// The number of sample frames that were decoded or filled with silence, at the file's own rate.
    position: u64,
    /// The sample frames before the file's start that are still to be dropped, once a frame was decoded.
    early: Option<u64>,
    /// The time of the file's start, in sample frames, once a frame was decoded.
    origin: Option<i64>,
    /// The sample frames of silence that come before `next`.
    gap: u64,
    /// A decoded frame that was not converted yet.
    next: Option<AudioFrame>,
    /// The number of samples outside −1 to 1.
    pub(super) clipped: u64,
}

/// Opens a file that has sound.
pub(super) fn open(path: &Path) -> Result<AudioDemuxer> {
    if path.as_os_str() == "-" {
        return Err(refused(path, "sound cannot come from standard input: save it as a file first"));
    }
    let failed = |source| Error::io("read the sound", Some(path), source);
    // Opening a pipe would wait for its writer.
    let data = std::fs::metadata(path).map_err(failed)?;
    if data.is_dir() {
        return Err(refused(path, "it is a folder: use an audio file, as in music.flac"));
    }
    if !data.is_file() {
        let problem = "it is a pipe or a device, which cannot be read twice: save it as a file first";
        return Err(refused(path, problem));
    }
    let mut file = File::open(path).map_err(failed)?;
    check_wav(path, &mut file, data.len())?;
    let demuxer = AudioDemuxer::open(Box::new(file)).map_err(|error| match error {
        Error::Libav(cause) => refused(
            path,
            format!(
                "it is not a sound file that framemill reads: {}. Use a WAV, FLAC, MP3, Ogg, AAC or M4A file",
                cause.message
            ),
        ),
        error => error.on_path(path),
    })?;
    if !demuxer.is_supported() {
        let codec = demuxer.codec_name();
        return Err(refused(
            path,
            format!("its sound is {codec}, which framemill does not read: convert it to FLAC, or to PCM in a WAV"),
        ));
    }
    let (rate, channels) = demuxer.rate_and_channels();
    if rate == 0 || channels == 0 {
        return Err(refused(path, "no sample can be decoded: it is empty, or damaged"));
    }
    check_format(rate, channels).map_err(|problem| refused(path, problem.to_string()))?;
    Ok(demuxer)
}

/// Checks that a WAV has as many bytes as its header records. FFmpeg reads a truncated file without an error.
fn check_wav(path: &Path, file: &mut File, bytes: u64) -> Result<()> {
    let mut header = [0; 12];
    let read = file.read_exact(&mut header);
    file.seek(SeekFrom::Start(0)).map_err(|source| Error::io("read the sound", Some(path), source))?;
    let [.., a, b, c, d, _, _, _, _] = header;
    let stated = u32::from_le_bytes([a, b, c, d]);
    // The size does not count itself and the four bytes before it.
    let expected = u64::from(stated) + 8;
    // A program that writes to a pipe cannot know the size, and states 0, or a number near 2 GiB or 4 GiB. Other sizes
    // above 2 GiB are not checked either.
    let is_known = (1..0x7fff_0000).contains(&stated);
    let is_wav = read.is_ok() && header.starts_with(b"RIFF") && header.ends_with(b"WAVE");
    if is_wav && is_known && bytes + WAV_TOLERANCE < expected {
        let problem = format!("it is cut short: it has {bytes} of {expected} bytes. Use the complete file");
        return Err(refused(path, problem));
    }
    Ok(())
}

/// Checks that a file has sound that can be decoded.
pub(super) fn check(path: &Path) -> Result<()> {
    SoundFile::open(path)?.format().map(drop)
}

/// Makes the error for an audio file.
pub(super) fn refused(path: &Path, problem: impl Into<String>) -> Error {
    Error::Input { name: path.display().to_string(), problem: InvalidInput::Audio { problem: problem.into() } }
}

/// Checks that a file that ends at `end` did not end more than `tolerance` before its recorded length, all in seconds.
pub(super) fn check_length(path: &Path, end: f64, stated: Option<f64>, tolerance: f64) -> Result<()> {
    match stated {
        Some(stated) if end + tolerance < stated => Err(refused(
            path,
            format!("it is cut short: its sound ends at {end:.2} s of {stated:.2} s. Use the complete file"),
        )),
        _ => Ok(()),
    }
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
            rate: demuxer.rate_and_channels().0,
            demuxer,
            decoder,
            is_drained: false,
            has_plain_floats: codec.starts_with("pcm_f"),
            position: 0,
            early: None,
            origin: None,
            gap: 0,
            next: None,
            clipped: 0,
        })
    }

    /// Returns the format of the samples, as far as the file records it.
    pub(super) fn format(&self) -> Result<AudioFormat> {
        self.demuxer.format().map_err(|cause| refused(&self.path, cause.to_string()))
    }

    /// Returns the length that the file records.
    pub(super) fn stated_length(&self) -> Option<Timestamp> {
        self.demuxer.stated_length.map(|ticks| self.time_base.at(ticks))
    }

    /// Decodes more sound into `buffer`; returns false at the end. Fills gaps in the file's times with silence.
    pub(super) fn decode(&mut self, resampler: &mut Resampler, buffer: &mut AudioBuffer) -> Result<bool> {
        loop {
            if self.gap > 0 {
                let sample_frames = self.gap.min(CHUNK as u64);
                resampler.convert_silence(sample_frames as usize, buffer)?;
                self.gap -= sample_frames;
                self.position += sample_frames;
                return Ok(true);
            }
            if let Some(frame) = self.next.take() {
                return self.convert(&frame, resampler, buffer).map(|()| true);
            }
            let frame = self.decoder.receive().map_err(|cause| self.damaged(cause.message))?;
            if let Some(mut frame) = frame {
                if !frame.format()?.equals(resampler.from()) {
                    return Err(self.damaged("its sample rate or number of channels changes"));
                }
                let dropped = self.drop_early(&mut frame)?;
                if frame.sample_frames() > 0 {
                    self.gap = self.gap_before(&frame, dropped)?;
                    self.next = Some(frame);
                }
                continue;
            }
            if self.is_drained {
                let stated = self.stated_length().map(Timestamp::as_secs_f64);
                let tolerance = self.demuxer.length_tolerance();
                return check_length(&self.path, self.seconds(), stated, tolerance).map(|()| false);
            }
            let packet = self.demuxer.next_packet().map_err(|error| error.on_path(&self.path))?;
            self.is_drained = packet.is_none();
            self.decoder.send(packet).map_err(|cause| self.damaged(cause.message))?;
        }
    }

    fn convert(&mut self, frame: &AudioFrame, resampler: &mut Resampler, buffer: &mut AudioBuffer) -> Result<()> {
        if let Some(floats) = frame.floats().filter(|_| self.has_plain_floats) {
            let channels = resampler.from().channels() as usize;
            self.clipped += check_floats(floats.into_iter(), channels).map_err(|error| self.unusable(error))?;
        }
        self.position += frame.sample_frames() as u64;
        Ok(resampler.convert_frame(frame, buffer)?)
    }

    /// Drops the sample frames of a frame that are before the start of the file, and returns how many.
    fn drop_early(&mut self, frame: &mut AudioFrame) -> Result<i64> {
        let early = self.early.unwrap_or_else(|| self.early_sample_frames(frame));
        let dropped = early.min(frame.sample_frames() as u64);
        if dropped > 0 {
            frame.drop_first(dropped as usize)?;
        }
        self.early = Some(early - dropped);
        Ok(dropped as i64)
    }

    /// Returns the number of sample frames between the first frame and the start of the file.
    fn early_sample_frames(&self, first: &AudioFrame) -> u64 {
        let early = first.pts().map_or(0, |pts| self.in_sample_frames(self.demuxer.start() - pts));
        // Matroska rounds times to milliseconds.
        let millisecond = i64::from(self.rate / 1_000);
        let delay = self.demuxer.included_delay();
        let exact = if early.abs_diff(delay) <= millisecond.unsigned_abs() { delay } else { early };
        if early > millisecond { exact.max(0).unsigned_abs() } else { 0 }
    }

    fn in_sample_frames(&self, ticks: i64) -> i64 {
        self.time_base.at(ticks).rescale(TimeBase { numerator: 1, denominator: self.rate }).ticks
    }

    /// Returns the number of sample frames that are missing before a frame, of which `dropped` were dropped. The first
    /// frame sets the origin of all times.
    fn gap_before(&mut self, frame: &AudioFrame, dropped: i64) -> Result<u64> {
        let Some(pts) = frame.pts().map(|ticks| self.in_sample_frames(ticks) + dropped) else { return Ok(0) };
        let is_first = self.origin.is_none();
        // The decoder discards some samples before the first frame. They shift the sound only if another stream starts
        // earlier.
        let start = if self.demuxer.is_late() { self.in_sample_frames(self.demuxer.start()) } else { pts };
        let origin = *self.origin.get_or_insert(start);
        let missing = pts.saturating_sub(origin).saturating_sub_unsigned(self.position);
        let seconds = missing as f64 / f64::from(self.rate);
        if seconds > MAX_GAP {
            return Err(self.damaged(format!("its times jump by {seconds:.0} s")));
        }
        let unfilled = if is_first { MAX_UNFILLED_START } else { MAX_UNFILLED_GAP };
        Ok(if seconds >= unfilled { missing.unsigned_abs() } else { 0 })
    }

    fn damaged(&self, problem: impl std::fmt::Display) -> Error {
        let seconds = self.seconds();
        let problem =
            format!("its sound cannot be read after {seconds:.2} s: {problem}. Convert it, or use another file");
        refused(&self.path, problem)
    }

    /// Returns the error for floats that cannot be used.
    fn unusable(&self, error: InvalidAudio) -> Error {
        match error {
            InvalidAudio::Scale { peak } => refused(
                &self.path,
                format!(
                    "its floats reach {peak}, but full scale is 1: scale them to -1 to 1, or save 16-bit integers"
                ),
            ),
            error => self.damaged(error),
        }
    }

    /// Returns how many seconds were decoded.
    fn seconds(&self) -> f64 {
        self.position as f64 / f64::from(self.rate)
    }
}
