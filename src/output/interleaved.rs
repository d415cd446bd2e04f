//! Interleaves the packets of a video and of its sound: each packet of sound comes before the first frame that is
//! decoded later.

use std::cmp::Ordering;

use crate::segment::PacketIndex;
use crate::time::TimeBase;
use crate::track::TrackPacket;

/// The stream of the next packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Video(usize),
    Audio(usize),
}

/// Returns all packets in muxing order. The times of `audio` are in `audio_time_base`.
pub(super) fn interleaved<'a>(
    index: &'a PacketIndex,
    audio: &'a [TrackPacket],
    audio_time_base: TimeBase,
) -> impl Iterator<Item = Next> + 'a {
    let (mut video_place, mut audio_place) = (0, 0);
    std::iter::from_fn(move || {
        let video_time = index.packets().get(video_place).map(|packet| index.time_base.at(packet.dts));
        let audio_time = audio.get(audio_place).map(|packet| audio_time_base.at(packet.pts));
        let is_audio = match (video_time, audio_time) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(video), Some(audio)) => audio.compare(video) != Ordering::Greater,
        };
        if is_audio {
            audio_place += 1;
            return Some(Next::Audio(audio_place - 1));
        }
        video_time?;
        video_place += 1;
        Some(Next::Video(video_place - 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::IndexedPacket;

    #[test]
    fn sound_comes_before_the_frames_that_are_decoded_later() {
        let mut index = PacketIndex::new(TimeBase { numerator: 1, denominator: 10 });
        for dts in 0..3 {
            index.push(IndexedPacket { pts: dts, dts, duration: 1, bytes: 1, keyframe: true }, 1);
        }
        let audio: Vec<TrackPacket> =
            [-20, 80, 180, 280].map(|pts| TrackPacket { pts, duration: 100, bytes: 1, discarded: 0 }).to_vec();
        let row: Vec<Next> = interleaved(&index, &audio, TimeBase { numerator: 1, denominator: 1_000 }).collect();
        use Next::{Audio, Video};
        assert_eq!(row, [Audio(0), Video(0), Audio(1), Video(1), Audio(2), Video(2), Audio(3)]);
        assert_eq!(interleaved(&index, &[], index.time_base).count(), 3);
    }
}
