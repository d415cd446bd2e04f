//! The mark of a segment: its number and its plan.

use std::fmt;
use std::num::NonZeroU64;
use std::ops::Range;

/// A metadata name that every container keeps.
const NAME: &str = "comment";

/// The number and the plan of a segment. It is stored as the last line of the segment's comment, and joining removes
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SegmentMark {
    /// The number, from 0.
    pub(crate) number: u64,
    /// Frames per segment; the last one may have fewer.
    pub(crate) segment_frames: NonZeroU64,
    /// Frames of the movie, if known.
    pub(crate) movie_frames: Option<u64>,
    /// The fingerprint of the plan.
    pub(crate) plan: Fingerprint,
}

/// A short form of everything that decides the bytes of a movie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// The hash of the settings.
    pub(crate) settings: String,
    /// The hash of the versions of framemill and FFmpeg.
    pub(crate) versions: String,
}

impl SegmentMark {
    /// Adds the mark to the metadata of a segment.
    pub(crate) fn add_to(&self, metadata: &mut Vec<(String, String)>) {
        match metadata.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(NAME)) {
            Some((_, comment)) => *comment = format!("{comment}\n{self}"),
            None => metadata.push((NAME.to_owned(), self.to_string())),
        }
    }

    /// Removes the mark from the metadata of a segment, and returns it; `None` if there is none.
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
        let (number, rest) = rest.split_once(" of ")?;
        let (segment_frames, rest) = rest.split_once(" frames, ")?;
        let (movie_frames, rest) = match rest.split_once(" in all, ") {
            Some((frames, rest)) => (Some(frames.parse().ok()?), rest),
            None => (None, rest),
        };
        let (settings, versions) = rest.strip_prefix("plan ")?.split_once('-')?;
        let plan = Fingerprint { settings: settings.to_owned(), versions: versions.to_owned() };
        let (number, segment_frames): (u64, NonZeroU64) = (number.parse().ok()?, segment_frames.parse().ok()?);
        // The frames must be countable, because anybody may have written the comment.
        number.checked_add(1)?.checked_mul(segment_frames.get())?;
        Some(Self { number, segment_frames, movie_frames, plan })
    }

    /// Returns the number of segments of the movie, if known.
    pub(crate) fn segments(&self) -> Option<u64> {
        Some(self.movie_frames?.div_ceil(self.segment_frames.get()))
    }

    /// Returns the numbers of its frames in a movie of `movie_frames`; `u64::MAX` if that is unknown.
    pub(crate) fn frames(&self, movie_frames: u64) -> Range<u64> {
        let first = self.number.saturating_mul(self.segment_frames.get()).min(movie_frames);
        first..first.saturating_add(self.segment_frames.get()).min(movie_frames)
    }

    /// Returns its number of frames in a movie of `movie_frames`.
    pub(crate) fn length(&self, movie_frames: u64) -> u64 {
        let Range { start, end } = self.frames(movie_frames);
        end - start
    }
}

impl fmt::Display for SegmentMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "framemill segment {} of {} frames", self.number, self.segment_frames)?;
        if let Some(frames) = self.movie_frames {
            write!(f, ", {frames} in all")?;
        }
        write!(f, ", plan {}", self.plan)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.settings, self.versions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(movie_frames: Option<u64>) -> SegmentMark {
        let plan = Fingerprint { settings: "1f3a5c9b".to_owned(), versions: "2e4d6f70".to_owned() };
        SegmentMark { number: 3, segment_frames: NonZeroU64::new(250).expect("not 0"), movie_frames, plan }
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
        assert_eq!(mark(None).to_string(), "framemill segment 3 of 250 frames, plan 1f3a5c9b-2e4d6f70");
    }

    #[test]
    fn comments_that_are_not_marks_are_left_unchanged() {
        for comment in [
            "framemill segment x of 250 frames, plan 1f3a-2e4d",
            "framemill segment 3 of 0 frames, plan 1f3a-2e4d",
            "framemill segment 3 of 250 frames, -1 in all, plan 1f3a-2e4d",
            "framemill segment 3 of 250 frames, plan 1f3a",
            "framemill segment 18446744073709551615 of 1 frames, plan 1f3a-2e4d",
            "framemill segment 3 of 18446744073709551615 frames, plan 1f3a-2e4d",
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
        assert_eq!((mark(None).frames(u64::MAX), mark(None).segments()), (750..1_000, None));
        assert_eq!((mark(Some(901)).frames(901), mark(Some(901)).segments()), (750..901, Some(4)));
        assert_eq!(mark(None).frames(100), 100..100);
        let far = SegmentMark { number: u64::MAX, ..mark(None) };
        assert_eq!(far.frames(u64::MAX), u64::MAX..u64::MAX);
    }
}
