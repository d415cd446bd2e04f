//! Sound that is encoded as far as the movie has come.

use super::sound::{Resampled, SoundSource};
use crate::av::{AudioEncoder, AudioFormat, Packet, StreamParameters};
use crate::error::{Error, InvalidAudio, Result};
use crate::settings::{AudioCodec, AudioSettings, Container};

/// An encoder, and the sound that it encodes.
pub(super) struct Encoded {
    encoder: AudioEncoder,
    sound: Resampled,
    /// The number of sample frames by which packets are late, if the container cannot record a start before the movie.
    /// That many sample frames are dropped at the start of the sound, so that the rest is on time.
    late: i64,
    /// The number of sample frames that were encoded.
    encoded: i64,
    /// The number of sample frames of silence after the end of the sound.
    silence: i64,
}

/// How the sound and the movie ended, in sample frames.
pub(super) struct Ending {
    /// Silence at the end.
    pub(super) silence: i64,
    /// Sound that is left over; `None` if there is more than was checked.
    pub(super) left_over: Option<i64>,
}

/// Opens the encoder for the sound's own channels, or else for a usual layout that has all of them.
fn open_encoder(
    sound: &SoundSource,
    codec: AudioCodec,
    settings: &AudioSettings,
    container: Container,
) -> Result<AudioEncoder> {
    let (own, usual) = sound.encoder_formats(codec)?;
    let open = |format: AudioFormat| {
        let bitrate = settings.bitrate_of(codec, format.rate, format.channels())?;
        AudioEncoder::open(codec, format, bitrate)
    };
    let layout = own.layout_name();
    if own.is_usual() || !AudioCodec::needs_usual_channels(codec.name(), container) {
        match open(own) {
            Err(Error::Libav(_)) => {}
            opened => return opened,
        }
    }
    match usual {
        Some(usual) => open(usual),
        None => {
            Err(InvalidAudio::ChannelLayout { layout, codec: codec.name(), container: container.name() }.into())
        }
    }
}

impl Encoded {
    /// Opens the encoder.
    pub(super) fn open(
        sound: SoundSource,
        codec: AudioCodec,
        settings: &AudioSettings,
        container: Container,
    ) -> Result<Self> {
        let encoder = open_encoder(&sound, codec, settings, container)?;
        let rate = encoder.format().rate;
        let late = if container.is_constant_rate() { encoder.delay() as i64 } else { 0 };
        let skip = (settings.start * f64::from(rate)).round() as i64 + late;
        let sound = Resampled::new(sound, encoder.format().try_clone()?, skip);
        Ok(Self { encoder, sound, late, encoded: 0, silence: 0 })
    }

    pub(super) fn sound(&self) -> &SoundSource {
        &self.sound.sound
    }

    pub(super) fn sound_mut(&mut self) -> &mut SoundSource {
        &mut self.sound.sound
    }

    /// Returns the sample frames per second.
    pub(super) fn rate(&self) -> u32 {
        self.encoder.format().rate
    }

    pub(super) fn channels(&self) -> (u32, String) {
        (self.encoder.format().channels(), self.encoder.format().layout_name())
    }

    pub(super) fn stream_parameters(&self) -> Result<StreamParameters> {
        let mut stream = self.encoder.stream_parameters()?;
        if self.late > 0 {
            stream.set_audio_delay(0);
            stream.clear_fourcc();
        }
        Ok(stream)
    }

    /// Reads the start of the sound; returns whether there is any.
    pub(super) fn has_some(&mut self) -> Result<bool> {
        Ok(self.sound.fill(1)? > 0 || !self.sound.is_ended())
    }

    /// Encodes whole packets up to sample frame `end` of the movie, as far as the sound is available.
    pub(super) fn reach(&mut self, end: i64, take: &mut dyn FnMut(Packet) -> Result<()>) -> Result<()> {
        let sample_frames = self.encoder.packet_sample_frames();
        while self.encoded + sample_frames as i64 <= end - self.late {
            let there = self.sound.fill(sample_frames)?;
            if there < sample_frames && !self.sound.is_ended() {
                return Ok(());
            }
            self.encode(sample_frames, there, take)?;
        }
        Ok(())
    }

    /// Encodes the rest of a movie that ends at sample frame `end`.
    pub(super) fn finish(&mut self, end: i64, take: &mut dyn FnMut(Packet) -> Result<()>) -> Result<Ending> {
        self.sound.sound.close();
        let end = (end - self.late).max(1);
        while self.encoded < end {
            let left = usize::try_from(end - self.encoded).unwrap_or(usize::MAX);
            let sample_frames = self.encoder.packet_sample_frames().min(left);
            let there = self.sound.fill(sample_frames)?;
            self.encode(sample_frames, there, take)?;
        }
        self.encoder.send_end()?;
        self.receive(take)?;
        Ok(Ending { silence: self.silence, left_over: self.left_over()? })
    }

    /// Reads what follows, up to a second.
    fn left_over(&mut self) -> Result<Option<i64>> {
        let second = self.rate() as usize;
        // The movie does not contain this part, so damage is ignored.
        let there = self.sound.fill(second).unwrap_or(0);
        Ok((there < second).then_some(there as i64))
    }

    fn encode(
        &mut self,
        sample_frames: usize,
        there: usize,
        take: &mut dyn FnMut(Packet) -> Result<()>,
    ) -> Result<()> {
        self.sound.buffer.add_silence(sample_frames - there);
        self.silence += (sample_frames - there) as i64;
        self.encoder.send(&mut self.sound.buffer, sample_frames, self.encoded)?;
        self.encoded += sample_frames as i64;
        self.receive(take)
    }

    fn receive(&mut self, take: &mut dyn FnMut(Packet) -> Result<()>) -> Result<()> {
        while let Some(mut packet) = self.encoder.receive()? {
            let pts = packet.pts().unwrap_or(0) + self.late;
            let duration = packet.duration();
            packet.set_times(pts, pts, duration);
            take(packet)?;
        }
        Ok(())
    }

    /// Reads all of the sound; returns how many sample frames of the movie it takes.
    pub(super) fn count(self) -> Result<u64> {
        Ok(self.sound.count()? + self.late as u64)
    }
}
