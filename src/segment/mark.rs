//! What a segment says of itself: its number, and the plan that it belongs to.

use std::fmt;

/// The metadata that every container keeps.
const NAME: &str = "comment";

/// Which part of which movie a segment is. It is the last line of the segment's comment, and the joined movie has it no
/// more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SegmentMark {
    /// From 0.
    pub(crate) number: u64,
    /// Frames of each segment; the last one may have fewer.
    pub(crate) segment_frames: u64,
    /// Frames of the movie, where that is known.
    pub(crate) movie_frames: Option<u64>,
    /// The fingerprint of the plan.
    pub(crate) plan: String,
}

impl SegmentMark {
    /// Adds the mark to the metadata of a segment.
    pub(crate) fn add_to(&self, metadata: &mut Vec<(String, String)>) {
        match metadata.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(NAME)) {
            Some((_, comment)) => *comment = format!("{comment}\n{self}"),
            None => metadata.push((NAME.to_owned(), self.to_string())),
        }
    }

    /// Takes the mark out of the metadata of a segment; `None` where it has none.
    pub(crate) fn take_from(metadata: &mut Vec<(String, String)>) -> Option<Self> {
        let place = metadata.iter().position(|(name, _)| name.eq_ignore_ascii_case(NAME))?;
        let comment = &mut metadata[place].1;
        let (own, line) = comment.rsplit_once('\n').map_or((None, &**comment), |(own, line)| (Some(own), line));
        let mark = Self::parse(line)?;
        match own.map(str::to_owned) {
            Some(own) => *comment = own,
            None => drop(metadata.remove(place)),
        }
        Some(mark)
    }

    fn parse(line: &str) -> Option<Self> {
        let rest = line.strip_prefix("framemill segment ")?;
        let (number, rest) = rest.split_once(": frames ")?;
        let (frames, plan) = rest.split_once(", plan ")?;
        let (frames, movie_frames) = match frames.split_once(" of ") {
            Some((frames, movie)) => (frames, Some(movie.parse().ok()?)),
            None => (frames, None),
        };
        let (first, last) = frames.split_once(" to ")?;
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        let segment_frames = last.checked_sub(first)?.checked_add(1)?;
        let mark = Self { number: number.parse().ok()?, segment_frames, movie_frames, plan: plan.to_owned() };
        (mark.first_frame() == first).then_some(mark)
    }

    fn first_frame(&self) -> u64 {
        self.number.saturating_mul(self.segment_frames)
    }

    /// How many segments the movie has, where that is known.
    pub(crate) fn segments(&self) -> Option<u64> {
        Some(self.movie_frames?.div_ceil(self.segment_frames))
    }

    /// Frames that the segment must have, where that is known: the last of a movie of unknown length may have fewer.
    pub(crate) fn frames(&self, is_last: bool) -> Option<u64> {
        match self.movie_frames {
            Some(movie) => Some(self.segment_frames.min(movie.saturating_sub(self.first_frame()))),
            None => (!is_last).then_some(self.segment_frames),
        }
    }
}

impl fmt::Display for SegmentMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.first_frame();
        let last = first.saturating_add(self.segment_frames - 1);
        write!(f, "framemill segment {}: frames {first} to {last}", self.number)?;
        if let Some(frames) = self.movie_frames {
            write!(f, " of {frames}")?;
        }
        write!(f, ", plan {}", self.plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(movie_frames: Option<u64>) -> SegmentMark {
        SegmentMark { number: 3, segment_frames: 250, movie_frames, plan: "1f3a".to_owned() }
    }

    #[test]
    fn a_mark_is_read_back_and_taken_out() {
        for movie_frames in [None, Some(901)] {
            for own in [None, Some("mine"), Some("of\nmany lines")] {
                let named = |own: &str| vec![("Comment".to_owned(), own.to_owned())];
                let metadata = own.map_or(Vec::new(), named);
                let mut marked = metadata.clone();
                mark(movie_frames).add_to(&mut marked);
                assert_ne!(marked, metadata);
                assert_eq!(SegmentMark::take_from(&mut marked), Some(mark(movie_frames)));
                assert_eq!(marked, metadata);
                assert_eq!(SegmentMark::take_from(&mut marked), None);
            }
        }
        assert_eq!(mark(None).to_string(), "framemill segment 3: frames 750 to 999, plan 1f3a");
    }

    #[test]
    fn what_is_no_mark_stays() {
        for comment in [
            "framemill segment x: frames 750 to 999, plan 1f3a",
            "framemill segment 3: frames 0 to 249, plan 1f3a",
            "framemill segment 3: frames 999 to 750, plan 1f3a",
            "framemill segment 0: frames 0 to 18446744073709551615, plan 1f3a",
            "framemill segment 3",
            "",
        ] {
            let mut metadata = vec![("comment".to_owned(), comment.to_owned())];
            assert_eq!(SegmentMark::take_from(&mut metadata), None, "{comment}");
            assert_eq!(metadata[0].1, comment);
        }
    }

    #[test]
    fn the_frames_of_a_segment_are_known() {
        assert_eq!((mark(None).frames(false), mark(None).frames(true)), (Some(250), None));
        assert_eq!((mark(Some(901)).frames(true), mark(Some(5_000)).frames(true)), (Some(151), Some(250)));
        assert_eq!(mark(Some(901)).segments(), Some(4));
    }
}
