//! The existing sound of a movie, packet by packet.

use std::path::Path;

use super::spool::Track;
use crate::av::Demuxer;
use crate::error::Result;
use crate::stats::AudioStats;
use crate::time::{TimeBase, Timestamp};

impl Track {
    /// Copies the sound of a movie from its start up to `end`; `None` if it has none. Unreadable parts are left out.
    pub(crate) fn of_movie(mut movie: Demuxer, end: Timestamp, folder: Option<&Path>) -> Result<Option<Self>> {
        let (Some(info), Some(mut stream)) = (movie.audio_info(), movie.audio_parameters()?) else {
            return Ok(None);
        };
        let from = stream.time_base;
        let to = TimeBase { numerator: 1, denominator: info.sample_rate.max(1) };
        stream.time_base = to;
        stream.clear_fourcc();
        let end = end.rescale(to).ticks;
        let mut track = Self::new(stream, folder);
        let mut last = None;
        while let Ok(Some(mut packet)) = movie.next_audio_packet() {
            let Some(pts) = packet.pts().or(packet.dts()) else { break };
            let start = from.at(pts).rescale(to).ticks;
            let length = from.at(packet.duration()).rescale(to).ticks.max(1);
            if packet.is_corrupt() || start >= end || last.is_some_and(|last| start <= last) {
                break;
            }
            if last.is_none() && start < 0 && track.stream.audio_delay() == 0 {
                track.stream.set_audio_delay(i32::try_from(-start).unwrap_or(0));
            }
            last = Some(start);
            packet.set_times(start, start, length.min(end - start));
            track.count(&packet);
            track.push(&packet)?;
        }
        let (packets, bytes) = (track.stats.packets, track.stats.bytes);
        let duration = end as f64 / f64::from(to.denominator);
        track.stats = AudioStats {
            codec: info.codec,
            sample_rate: info.sample_rate,
            channels: info.channels,
            layout: info.layout,
            packets,
            bytes,
            duration: std::time::Duration::try_from_secs_f64(duration).unwrap_or_default(),
            ..AudioStats::default()
        };
        Ok((packets > 0).then_some(track))
    }
}
