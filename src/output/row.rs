//! Orders segments by number, and checks that they belong to one plan, without gaps or duplicates.

use std::path::Path;

use super::copy::SegmentFile;
use super::joinable::not_joinable;
use crate::error::{Error, InvalidInput, Result, plural};
use crate::segment::SegmentMark;

/// The largest number of gaps that a message lists.
const MAX_GAPS: usize = 12;

/// A segment, and its mark if it belongs to a plan.
pub(super) struct Marked {
    pub(super) file: SegmentFile,
    pub(super) mark: Option<SegmentMark>,
}

/// A segment in its position.
pub(super) struct Placed {
    pub(super) file: SegmentFile,
    /// The number of frames that it must have, if it belongs to a plan.
    frames: Option<ExpectedFrames>,
}

/// The number of frames that a segment must have.
#[derive(Clone, Copy)]
enum ExpectedFrames {
    Exactly(u64),
    /// For the last segment of a movie whose length is unknown.
    AtMost(u64),
}

impl Placed {
    /// Returns whether it belongs to a plan.
    pub(super) fn is_planned(&self) -> bool {
        self.frames.is_some()
    }

    /// Checks that it has the right number of frames.
    pub(super) fn check(&self, found: u64) -> Result<()> {
        let (is_right, expected) = match self.frames {
            None => return Ok(()),
            Some(ExpectedFrames::Exactly(expected)) => (found == expected, expected),
            Some(ExpectedFrames::AtMost(most)) => (found <= most, most),
        };
        if is_right {
            return Ok(());
        }
        Err(not_joinable(
            &self.file.name,
            format!("has {} instead of {expected}: make it again", plural(found, "frame")),
        ))
    }
}

/// Orders the segments of a plan, and leaves movies without marks in the given order. If `is_partial`, segments may be
/// missing, and the input may have grown. `movie` is the path of the output, if it is a file.
pub(super) fn in_order(mut segments: Vec<Marked>, movie: Option<&Path>, is_partial: bool) -> Result<Vec<Placed>> {
    segments.sort_by_key(|segment| segment.mark.as_ref().map(|mark| mark.number));
    let marks: Vec<&SegmentMark> = segments.iter().filter_map(|segment| segment.mark.as_ref()).collect();
    let movie_frames = marks.iter().filter_map(|mark| mark.movie_frames).max();
    if let Some(last) = marks.last() {
        check_plan(&segments, &marks)?;
        let numbers = marks.iter().map(|mark| mark.number);
        let count =
            movie_frames.map_or(0, |frames| frames.div_ceil(last.segment_frames.get())).max(last.number + 1);
        let missing = gaps(numbers, count);
        if !is_partial {
            check_input(&segments)?;
            if !missing.is_empty() {
                let problem = InvalidInput::MissingSegments { missing: listed(&missing), segments: count };
                let name = movie.map_or_else(|| "the movie".to_owned(), |path| path.display().to_string());
                return Err(Error::Input { name, problem });
            }
        }
    }
    let last = segments.len().saturating_sub(1);
    let placed = segments.into_iter().enumerate().map(|(place, Marked { file, mark })| {
        let frames = mark.map(|mark| match movie_frames {
            Some(frames) => ExpectedFrames::Exactly(mark.length(frames)),
            None if place < last => ExpectedFrames::Exactly(mark.segment_frames.get()),
            None => ExpectedFrames::AtMost(mark.segment_frames.get()),
        });
        Placed { file, frames }
    });
    Ok(placed.collect())
}

/// Checks that all segments, which have these marks, are finished and belong to one plan, without duplicates.
fn check_plan(segments: &[Marked], marks: &[&SegmentMark]) -> Result<()> {
    let settings = most_frequent(marks.iter().map(|mark| (mark.plan.settings.as_str(), mark.segment_frames)));
    let versions = most_frequent(marks.iter().map(|mark| mark.plan.versions.as_str()));
    let mut before: Option<(&Path, u64)> = None;
    for Marked { file, mark } in segments {
        let path = &file.name;
        let Some(mark) = mark else {
            let problem = "is not a segment, but others are: it is another movie, or was recovered, or its metadata was removed";
            return Err(not_joinable(path, problem));
        };
        if path.extension().is_some_and(|extension| extension == "part") {
            return Err(not_joinable(path, "is an unfinished segment: make it again"));
        }
        if settings != Some((mark.plan.settings.as_str(), mark.segment_frames)) {
            return Err(not_joinable(path, "was made with other settings than most of the others: make it again"));
        }
        if versions != Some(mark.plan.versions.as_str()) {
            let problem = "was made by another version of framemill or FFmpeg than most of the others: use the same version everywhere";
            return Err(not_joinable(path, problem));
        }
        if let Some((other, _)) = before.filter(|(_, number)| *number == mark.number) {
            let other = other.display();
            return Err(not_joinable(
                path,
                format!("is segment {}, but so is {other}: give only one of them", mark.number),
            ));
        }
        before = Some((path, mark.number));
    }
    Ok(())
}

/// Checks that all segments were made from an input of the same length. If the input changed, frames may be missing or
/// duplicated.
fn check_input(segments: &[Marked]) -> Result<()> {
    let lengths = || segments.iter().filter_map(|segment| segment.mark.as_ref()?.movie_frames);
    let Some(usual) = most_frequent(lengths()) else { return Ok(()) };
    let other = segments.iter().find_map(|segment| {
        let frames = segment.mark.as_ref()?.movie_frames?;
        (frames != usual).then_some((segment, frames))
    });
    match other {
        None => Ok(()),
        Some((segment, frames)) => Err(not_joinable(
            &segment.file.name,
            format!(
                "was made when the input had {}, but others when it had {usual}: make all from one input",
                plural(frames, "frame")
            ),
        )),
    }
}

/// Returns the most frequent value; of several, the first.
fn most_frequent<T: Copy + Eq>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: Vec<(T, usize)> = Vec::new();
    for value in values {
        match counts.iter_mut().find(|(other, _)| *other == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(value, _)| value)
}

/// Returns the missing numbers below `count`, as the first and the last of each gap. The numbers must be in order.
fn gaps(numbers: impl Iterator<Item = u64>, count: u64) -> Vec<(u64, u64)> {
    let mut gaps = Vec::new();
    let mut next = 0;
    for number in numbers.chain([count]) {
        if number > next {
            gaps.push((next, number - 1));
        }
        next = number.saturating_add(1);
    }
    gaps
}

/// Formats gaps, as in `3, 17-20`, which job arrays accept.
fn listed(gaps: &[(u64, u64)]) -> String {
    let number = |&(first, last): &(u64, u64)| match last - first {
        0 => first.to_string(),
        _ => format!("{first}-{last}"),
    };
    let mut numbers: Vec<String> = gaps.iter().take(MAX_GAPS).map(number).collect();
    if gaps.len() > MAX_GAPS {
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
        assert_eq!(missing(&[0, u64::MAX - 1], u64::MAX), format!("1-{}", u64::MAX - 2));
        let even: Vec<u64> = (0..100).step_by(2).collect();
        assert_eq!(missing(&even, 100), "1,3,5,7,9,11,13,15,17,19,21,23,…");
    }
}
