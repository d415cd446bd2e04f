//! Sound for frames that are already encoded, in segments or an interrupted run.

use std::path::Path;
use std::time::Duration;

use crate::audio::{Audio, AudioSource};
use crate::error::{InvalidAudio, InvalidSettings, OptionId, Result};
use crate::segment::PacketIndex;
use crate::settings::{AudioSettings, Container};
use crate::stats::AudioStats;
use crate::stop::StopToken;
use crate::track::{self, Track, TrackOutput};

/// Checks the sound and its settings as far as possible without reading the sound.
pub(super) fn check_sound(
    audio: Option<&Audio>,
    settings: &AudioSettings,
    container: Container,
    output: Option<&Path>,
) -> Result<()> {
    match (audio, settings.set_option()) {
        (None, Some(option)) => return Err(InvalidSettings::Incomplete { option, missing: OptionId::Audio }.into()),
        (None, None) => return Ok(()),
        (Some(Audio { source: AudioSource::Written { .. } }), _) => return Err(InvalidAudio::NotWritten.into()),
        (Some(audio), _) => audio.check_apart_from(output)?,
    }
    if settings.shortest {
        let with = "frames that are already encoded".to_owned();
        let hint = "the movie contains all of them; leave it out";
        return Err(InvalidSettings::Conflict { option: OptionId::Shortest, with, hint }.into());
    }
    Ok(settings.validate(container)?)
}

/// Makes the sound of a movie of the frames in `index`, if it has any. Long sound is stored in a file in `folder`.
pub(super) fn make_sound(
    audio: Option<&Audio>,
    settings: &AudioSettings,
    container: Container,
    folder: Option<&Path>,
    index: &PacketIndex,
    stop: &StopToken,
) -> Result<Option<Track>> {
    let Some(audio) = audio else { return Ok(None) };
    let frame = index.packets().last().map_or(0, |packet| packet.duration);
    let frame = Duration::try_from_secs_f64(index.time_base.at(frame).as_secs_f64()).unwrap_or_default();
    let output = TrackOutput::Kept(folder.map(Path::to_owned));
    let (_, maker) = track::open(audio.clone(), settings, container, output, frame)?;
    maker.finish(index.end(), stop).map(Some)
}

/// Returns the statistics of a track; logs its warnings.
pub(super) fn log_warnings(track: Option<Track>) -> Option<AudioStats> {
    let stats = track?.stats;
    stats.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    Some(stats)
}
