//! How many encoders work in parallel, and how many frames each encodes at a time.

use std::str::FromStr;

use crate::error::{InvalidSettings, OptionId};

/// The bytes of frames that wait for one encoder, and the fewest and most frames of a segment.
const SEGMENT_BYTES: usize = 256 << 20;
const MIN_FRAMES: usize = 25;
const MAX_FRAMES: usize = 250;

/// The segments of a movie of a known length, so that each of many encoders gets several, and the fewest frames of each.
const SEGMENTS: u64 = 64;
const MIN_SHARED_FRAMES: usize = 50;

/// The bytes of frames that may wait for all encoders, when their number is chosen automatically.
const MAX_BYTES: usize = 2 << 30;

/// The largest number of encoders.
pub(super) const MAX_JOBS: u32 = 64;

/// How many encoders work in parallel.
///
/// ```
/// use framemill::Jobs;
/// assert_eq!("auto".parse(), Ok(Jobs::Auto));
/// assert_eq!("4".parse(), Ok(Jobs::Count(4)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum Jobs {
    /// One encoder for each processor that this process may use, but fewer if waiting frames would take more than 2
    /// GiB.
    Auto,
    /// This many encoders, 1 to 64. One job makes the same movie as several.
    Count(u32),
}

impl Jobs {
    /// Returns the number of encoders for frames of `frame_bytes` in segments of `segment_frames`.
    pub(crate) fn resolve(self, frame_bytes: usize, segment_frames: usize) -> usize {
        match self {
            Self::Count(jobs) => jobs as usize,
            Self::Auto => {
                let processors = std::thread::available_parallelism().map_or(1, usize::from);
                let affordable = MAX_BYTES / (frame_bytes.max(1) * segment_frames.max(1));
                processors.min(affordable).clamp(1, MAX_JOBS as usize)
            }
        }
    }
}

/// Returns the default number of frames per segment, of a movie of `movie_frames` frames if that is known. It does not
/// depend on the number of encoders, because it decides the movie's bytes.
pub(crate) fn default_segment_frames(frame_bytes: usize, movie_frames: Option<u64>) -> usize {
    let shared = movie_frames.and_then(|frames| usize::try_from(frames / SEGMENTS).ok());
    let shared = shared.map_or(MAX_FRAMES, |frames| frames.clamp(MIN_SHARED_FRAMES, MAX_FRAMES));
    most_waiting_frames(frame_bytes).min(shared)
}

/// Returns the largest number of frames that wait for one encoder.
pub(crate) fn most_waiting_frames(frame_bytes: usize) -> usize {
    (SEGMENT_BYTES / frame_bytes.max(1)).clamp(MIN_FRAMES, MAX_FRAMES)
}

/// Parses a number, or `auto`.
impl FromStr for Jobs {
    type Err = InvalidSettings;

    fn from_str(text: &str) -> Result<Self, InvalidSettings> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        text.parse::<u64>().map(|jobs| Self::Count(jobs.try_into().unwrap_or(u32::MAX))).map_err(|_| {
            InvalidSettings::Malformed {
                option: OptionId::Jobs,
                value: text.to_owned(),
                expected: "give a whole number, or auto",
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_shorter_where_frames_are_large() {
        assert_eq!(default_segment_frames(640 * 480 * 3 / 2, None), 250);
        assert_eq!(default_segment_frames(1920 * 1080 * 3 / 2, None), 86);
        assert_eq!(default_segment_frames(7680 * 4320 * 3, None), 25);
    }

    #[test]
    fn segments_are_shorter_where_a_movie_is_short() {
        let plot = |frames| default_segment_frames(640 * 480 * 3 / 2, Some(frames));
        assert_eq!([0, 1_500, 6_400, 12_800, 100_000, u64::MAX].map(plot), [50, 50, 100, 200, 250, 250]);
        assert_eq!(default_segment_frames(7680 * 4320 * 3, Some(1_500)), 25);
    }

    #[test]
    fn automatic_jobs_stay_within_the_memory_limit() {
        assert_eq!(Jobs::Auto.resolve(1 << 30, 25), 1);
        assert!(Jobs::Auto.resolve(1_000, 250) >= 1);
        assert_eq!(Jobs::Count(5).resolve(1 << 30, 25), 5);
    }
}
