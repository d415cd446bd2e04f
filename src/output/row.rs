//! Segments in a row: in the order of their numbers, of one plan, none missing, and none twice.

use std::path::Path;

use super::copy::SegmentFile;
use super::joinable::not_joinable;
use crate::error::{Error, InvalidInput, Result};
use crate::segment::SegmentMark;

/// The most gaps that a message lists.
const MOST_GAPS: usize = 12;

/// A segment, and its mark where it is one of a plan.
pub(super) struct Marked {
    pub(super) file: SegmentFile,
    pub(super) mark: Option<SegmentMark>,
}

/// A segment in its place.
pub(super) struct Placed {
    pub(super) file: SegmentFile,
    /// Frames that it must have, where it is one of a plan.
    frames: Option<Frames>,
}

/// How many frames a segment must have.
#[derive(Clone, Copy)]
enum Frames {
    Exactly(u64),
    /// The last one of a movie whose length is not known.
    AtMost(u64),
}

impl Placed {
    /// Whether it is a segment of a plan.
    pub(super) fn is_planned(&self) -> bool {
        self.frames.is_some()
    }

    /// Checks that it has the frames that it must have.
    pub(super) fn check(&self, found: u64) -> Result<()> {
        let (is_right, expected) = match self.frames {
            None => return Ok(()),
            Some(Frames::Exactly(expected)) => (found == expected, expected),
            Some(Frames::AtMost(most)) => (found <= most, most),
        };
        if is_right {
            return Ok(());
        }
        Err(not_joinable(&self.file.path, format!("has {found} frames in place of {expected}: make it again")))
    }
}

/// Puts segments of a plan in order, and leaves movies without a mark in the order in which they were given. Segments may be
/// missing where `is_partial`.
pub(super) fn in_order(mut segments: Vec<Marked>, is_partial: bool) -> Result<Vec<Placed>> {
    segments.sort_by_key(|segment| segment.mark.as_ref().map(|mark| mark.number));
    let marks: Vec<&SegmentMark> = segments.iter().filter_map(|segment| segment.mark.as_ref()).collect();
    // The input may have grown while segments were made.
    let movie_frames = marks.iter().filter_map(|mark| mark.movie_frames).max();
    if let Some(last) = marks.last() {
        check_plan(&segments)?;
        let numbers = marks.iter().map(|mark| mark.number);
        let count =
            movie_frames.map_or(0, |frames| frames.div_ceil(last.segment_frames.get())).max(last.number + 1);
        let missing = gaps(numbers, count);
        if !is_partial && !missing.is_empty() {
            let problem = InvalidInput::MissingSegments { missing: listed(&missing), segments: count };
            return Err(Error::Input { name: "the movie".to_owned(), problem });
        }
    }
    let last = segments.len().saturating_sub(1);
    let placed = segments.into_iter().enumerate().map(|(place, Marked { file, mark })| {
        let frames = mark.map(|mark| match movie_frames {
            Some(frames) => Frames::Exactly(mark.length(frames)),
            None if place < last => Frames::Exactly(mark.segment_frames.get()),
            None => Frames::AtMost(mark.segment_frames.get()),
        });
        Placed { file, frames }
    });
    Ok(placed.collect())
}

/// Checks that all segments, of which one has a mark, are of one plan, and none is given twice.
fn check_plan(segments: &[Marked]) -> Result<()> {
    let mut before: Option<(&Path, &SegmentMark)> = None;
    for Marked { file, mark } in segments {
        let Some(mark) = mark else {
            return Err(not_joinable(
                &file.path,
                "is a whole movie, and others are segments: join the ones or the others",
            ));
        };
        if let Some((other, last)) = before {
            let other = other.display();
            let problem = if (&last.plan.settings, last.segment_frames)
                != (&mark.plan.settings, mark.segment_frames)
            {
                format!("was made with other settings than {other}")
            } else if last.plan.versions != mark.plan.versions {
                format!(
                    "was made by another version of framemill or FFmpeg than {other}: use one version everywhere"
                )
            } else if last.number == mark.number {
                format!("is segment {}, and so is {other}: give one of them", mark.number)
            } else {
                String::new()
            };
            if !problem.is_empty() {
                return Err(not_joinable(&file.path, problem));
            }
        }
        before = Some((&file.path, mark));
    }
    Ok(())
}

/// The numbers below `count` that are missing, as the first and the last of each gap. The numbers come in order.
fn gaps(numbers: impl Iterator<Item = u64>, count: u64) -> Vec<(u64, u64)> {
    let mut gaps = Vec::new();
    let mut next = 0;
    for number in numbers.chain([count]) {
        if number > next {
            gaps.push((next, number - 1));
        }
        next = number + 1;
    }
    gaps
}

/// Gaps as text, as in `3, 17-20`: what a job array takes.
fn listed(gaps: &[(u64, u64)]) -> String {
    let number = |&(first, last): &(u64, u64)| match last - first {
        0 => first.to_string(),
        _ => format!("{first}-{last}"),
    };
    let mut numbers: Vec<String> = gaps.iter().take(MOST_GAPS).map(number).collect();
    if gaps.len() > MOST_GAPS {
        numbers.push("…".to_owned());
    }
    numbers.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_gaps_are_listed() {
        let missing = |numbers: &[u64], count| listed(&gaps(numbers.iter().copied(), count));
        assert_eq!(missing(&[0, 1, 2], 3), "");
        assert_eq!(missing(&[1, 4, 5, 9], 400), "0,2-3,6-8,10-399");
        assert_eq!(missing(&[], 2), "0-1");
        let even: Vec<u64> = (0..100).step_by(2).collect();
        assert_eq!(missing(&even, 100), "1,3,5,7,9,11,13,15,17,19,21,23,…");
    }
}
