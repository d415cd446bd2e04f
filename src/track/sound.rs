//! The samples of a track.

use std::collections::VecDeque;
use std::time::Duration;

use super::file::SoundFile;
use crate::audio::{AudioSource, Samples, check_format};
use crate::av::{AudioBuffer, AudioFormat, Resampler};
use crate::error::{InvalidAudio, Result};
use crate::settings::AudioCodec;

/// The number of sample frames that are resampled at once.
pub(super) const CHUNK: usize = 8_192;

/// Sound before it is resampled.
pub(super) struct SoundSource {
    origin: SampleSource,
    /// The format of its samples.
    format: Option<AudioFormat>,
    pub(super) rate: u32,
    pub(super) channels: u32,
    /// The number of samples in memory that were clipped.
    clipped: u64,
}

enum SampleSource {
    File(Box<SoundFile>),
    Samples(Piece),
    Written { waiting: VecDeque<Samples>, current: Option<Piece>, is_closed: bool },
}

/// Samples, and the number of the next sample frame.
struct Piece {
    samples: Samples,
    next: usize,
}

impl Piece {
    fn new(samples: Samples) -> Self {
        Self { samples, next: 0 }
    }

    /// Resamples the next part; returns false at the end.
    fn convert(&mut self, resampler: &mut Resampler, buffer: &mut AudioBuffer) -> Result<bool> {
        let sample_frames = self.samples.count() / resampler.from().channels().max(1) as usize;
        let end = (self.next + CHUNK).min(sample_frames);
        if self.next == end {
            return Ok(false);
        }
        resampler.convert_samples(&self.samples, (self.next, end), buffer)?;
        self.next = end;
        Ok(true)
    }
}

impl SoundSource {
    /// Opens the source.
    pub(super) fn open(source: AudioSource) -> Result<Self> {
        match source {
            AudioSource::File(path) => {
                let file = SoundFile::open(&path)?;
                let format = file.format()?;
                let (rate, channels) = (format.rate, format.channels());
                Ok(Self {
                    origin: SampleSource::File(Box::new(file)),
                    rate,
                    channels,
                    format: Some(format),
                    clipped: 0,
                })
            }
            AudioSource::Samples { mut samples, rate, channels } => {
                check_format(rate, channels)?;
                let clipped = samples.check_and_clip(channels)?;
                if samples.count() == 0 {
                    return Err(InvalidAudio::Empty.into());
                }
                let format = Some(AudioFormat::of_samples(&samples, rate, channels)?);
                Ok(Self { origin: SampleSource::Samples(Piece::new(samples)), format, rate, channels, clipped })
            }
            AudioSource::Written { rate, channels } => {
                check_format(rate, channels)?;
                let origin = SampleSource::Written { waiting: VecDeque::new(), current: None, is_closed: false };
                Ok(Self { origin, format: None, rate, channels, clipped: 0 })
            }
        }
    }

    /// Returns the formats that an encoder of `codec` may use. Written samples may have any type.
    pub(super) fn encoder_formats(&self, codec: AudioCodec) -> Result<(AudioFormat, Option<AudioFormat>)> {
        if self.channels > codec.most_channels() {
            let (channels, what, most) = (self.channels, codec.name(), codec.most_channels());
            return Err(InvalidAudio::Channels { channels, what, most }.into());
        }
        let formats = match &self.format {
            Some(format) => format.for_encoder(codec),
            None => {
                AudioFormat::of_samples(&Samples::F32(Vec::new()), self.rate, self.channels)?.for_encoder(codec)
            }
        };
        Ok(formats?)
    }

    /// Returns whether samples are written with [`write`](Self::write).
    pub(super) fn is_written(&self) -> bool {
        matches!(self.origin, SampleSource::Written { .. })
    }

    /// Adds the next samples, which were checked.
    pub(super) fn write(&mut self, samples: Samples) {
        if let SampleSource::Written { waiting, .. } = &mut self.origin {
            waiting.push_back(samples);
        }
    }

    /// Ends the written samples.
    pub(super) fn close(&mut self) {
        if let SampleSource::Written { is_closed, .. } = &mut self.origin {
            *is_closed = true;
        }
    }

    /// Returns the length, if it is known without reading.
    pub(super) fn stated_length(&self) -> Option<Duration> {
        let seconds = match &self.origin {
            SampleSource::File(file) => file.stated_length()?.as_secs_f64(),
            SampleSource::Samples(piece) => {
                piece.samples.count() as f64 / f64::from(self.channels) / f64::from(self.rate)
            }
            SampleSource::Written { .. } => return None,
        };
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// Returns the number of samples outside −1 to 1 so far.
    pub(super) fn clipped(&self) -> u64 {
        match &self.origin {
            SampleSource::File(file) => file.clipped,
            _ => self.clipped,
        }
    }

    /// Reads more sound into `buffer`; returns the result.
    fn read(&mut self, resampler: &mut Option<Resampler>, buffer: &mut AudioBuffer) -> Result<Read> {
        match &mut self.origin {
            SampleSource::File(file) => {
                let Some(resampler) = opened(resampler, self.format.take(), buffer)? else { return Ok(Read::End) };
                Ok(if file.decode(resampler, buffer)? { Read::Some } else { Read::End })
            }
            SampleSource::Samples(piece) => {
                let Some(resampler) = opened(resampler, self.format.take(), buffer)? else { return Ok(Read::End) };
                Ok(if piece.convert(resampler, buffer)? { Read::Some } else { Read::End })
            }
            SampleSource::Written { waiting, current, is_closed } => {
                if current.is_none() {
                    *current = waiting.pop_front().map(Piece::new);
                }
                let Some(piece) = current else {
                    return Ok(if *is_closed { Read::End } else { Read::Later });
                };
                let format = AudioFormat::of_samples(&piece.samples, self.rate, self.channels)?;
                let Some(resampler) = opened(resampler, Some(format), buffer)? else { return Ok(Read::End) };
                if !piece.convert(resampler, buffer)? {
                    *current = None;
                }
                Ok(Read::Some)
            }
        }
    }
}

/// The result of a read.
enum Read {
    Some,
    /// Nothing yet.
    Later,
    /// Nothing more.
    End,
}

/// Returns the resampler, which is opened for `format` before the first samples arrive.
fn opened<'a>(
    resampler: &'a mut Option<Resampler>,
    format: Option<AudioFormat>,
    buffer: &AudioBuffer,
) -> Result<Option<&'a mut Resampler>> {
    if resampler.is_none()
        && let Some(format) = format
    {
        *resampler = Some(Resampler::open(format, buffer.format())?);
    }
    Ok(resampler.as_mut())
}

/// Sound in an encoder's format.
pub(super) struct Resampled {
    pub(super) sound: SoundSource,
    resampler: Option<Resampler>,
    pub(super) buffer: AudioBuffer,
    /// The number of sample frames to skip at the start.
    skip: u64,
    /// The number of sample frames of silence before the sound that are not in the buffer yet.
    silence: u64,
    is_ended: bool,
}

impl Resampled {
    /// Makes sound whose first `skip` sample frames are skipped, or, if `skip` is negative, preceded by that much
    /// silence.
    pub(super) fn new(sound: SoundSource, format: AudioFormat, skip: i64) -> Self {
        let (skip, silence) = (skip.max(0).unsigned_abs(), skip.min(0).unsigned_abs());
        Self { sound, resampler: None, buffer: AudioBuffer::new(format), skip, silence, is_ended: false }
    }

    /// Reads until there are `sample_frames`, or no more can be read now. Returns how many there are, at most
    /// `sample_frames`.
    pub(super) fn fill(&mut self, sample_frames: usize) -> Result<usize> {
        loop {
            let skipped = self.buffer.skip(usize::try_from(self.skip).unwrap_or(usize::MAX));
            self.skip -= skipped as u64;
            if self.buffer.sample_frames() >= sample_frames || self.is_ended {
                return Ok(self.buffer.sample_frames().min(sample_frames));
            }
            if self.silence > 0 {
                let missing = sample_frames - self.buffer.sample_frames();
                let silence = usize::try_from(self.silence).map_or(missing, |silence| silence.min(missing));
                self.buffer.add_silence(silence);
                self.silence -= silence as u64;
                continue;
            }
            match self.sound.read(&mut self.resampler, &mut self.buffer)? {
                Read::Some => {}
                Read::Later => return Ok(self.buffer.sample_frames().min(sample_frames)),
                Read::End => {
                    self.is_ended = true;
                    if let Some(resampler) = &mut self.resampler {
                        resampler.flush(&mut self.buffer)?;
                    }
                }
            }
        }
    }

    /// Returns whether nothing comes after what is in the buffer.
    pub(super) fn is_ended(&self) -> bool {
        self.is_ended
    }

    /// Reads all of the sound; returns its number of sample frames.
    pub(super) fn count(mut self) -> Result<u64> {
        let mut count = 0;
        loop {
            let sample_frames = self.fill(CHUNK)?;
            if sample_frames == 0 {
                return Ok(count);
            }
            count += self.buffer.skip(sample_frames) as u64;
        }
    }
}
