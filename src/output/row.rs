//! Segments in a row: in the order of their numbers, of one plan, none missing, and none twice.

use std::path::Path;

use super::copy::Segment;
use super::joinable::not_joinable;
use crate::error::Result;
use crate::segment::SegmentMark;

/// A segment, and which part of which movie it says it is.
pub(super) struct Marked {
    pub(super) segment: Segment,
    pub(super) mark: Option<SegmentMark>,
}

impl Marked {
    fn path(&self) -> &Path {
        &self.segment.path
    }
}

/// Puts segments of a plan in order, and leaves movies without a mark in the order in which they were given.
pub(super) fn in_order(mut segments: Vec<Marked>) -> Result<Vec<Marked>> {
    let marks = segments.iter().filter(|segment| segment.mark.is_some()).count();
    if marks == 0 {
        return Ok(segments);
    }
    segments.sort_by_key(|segment| segment.mark.as_ref().map(|mark| mark.number));
    let mut before: Option<(&Path, &SegmentMark)> = None;
    for segment in &segments {
        let path = segment.path();
        let Some(mark) = &segment.mark else {
            return Err(not_joinable(
                path,
                "is no segment of a plan, as others are: join segments, or whole movies",
            ));
        };
        check_neighbors(before, (path, mark))?;
        before = Some((path, mark));
    }
    let all = segments.iter().filter_map(|segment| segment.mark.as_ref()?.segments()).max();
    match (before, all) {
        (Some((path, last)), Some(all)) if last.number + 1 < all => {
            Err(not_joinable(path, format!("is not the last segment: {} missing", those(last.number + 1, all - 1))))
        }
        _ => Ok(segments),
    }
}

/// Checks that a segment follows the one before it, or is the first of all.
fn check_neighbors(before: Option<(&Path, &SegmentMark)>, (path, mark): (&Path, &SegmentMark)) -> Result<()> {
    let Some((other, last)) = before else {
        return match mark.number {
            0 => Ok(()),
            number => Err(not_joinable(path, format!("is segment {number}: {} missing", those(0, number - 1)))),
        };
    };
    let other = other.display();
    if (&last.plan, last.segment_frames) != (&mark.plan, mark.segment_frames) {
        let reason = "made with other settings, or by another version of framemill or FFmpeg";
        return Err(not_joinable(path, format!("is of another plan than {other}: {reason}")));
    }
    match mark.number - last.number {
        0 => Err(not_joinable(path, format!("is segment {}, and so is {other}: give one of them", mark.number))),
        1 => Ok(()),
        _ => {
            let missing = those(last.number + 1, mark.number - 1);
            Err(not_joinable(path, format!("is segment {}: {missing} missing", mark.number)))
        }
    }
}

/// Checks that a segment has the frames that its mark says.
pub(super) fn check_frames(path: &Path, mark: Option<&SegmentMark>, frames: u64, is_last: bool) -> Result<()> {
    let Some(mark) = mark else { return Ok(()) };
    let is_right = match mark.frames(is_last) {
        Some(expected) => frames == expected,
        None => frames <= mark.segment_frames,
    };
    if is_right {
        return Ok(());
    }
    let expected = mark.frames(is_last).unwrap_or(mark.segment_frames);
    Err(not_joinable(path, format!("has {frames} of its {expected} frames: make it again")))
}

/// Segments by their numbers, as the start of a sentence.
fn those(first: u64, last: u64) -> String {
    match last - first {
        0 => format!("segment {first} is"),
        1 => format!("segments {first} and {last} are"),
        _ => format!("segments {first} to {last} are"),
    }
}
