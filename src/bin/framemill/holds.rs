//! Frames with different durations, as in an animation.

use std::time::Duration;

use framemill::{Container, FrameRate, FrameSource, Result, VideoWriter};

use crate::args::EncodeArguments;
use crate::usage::WrongUsage;

/// The additional durations of frames beyond one period.
#[derive(Clone, Copy)]
pub(crate) struct Holds {
    /// `None` if all frames are shown for one period, as with `-r`.
    frame_rate: Option<FrameRate>,
}

impl Holds {
    pub(crate) fn of(source: &dyn FrameSource, arguments: &EncodeArguments) -> Self {
        let varies = source.frame_periods().is_some() && arguments.movie_options.frame_rate().is_none();
        Self { frame_rate: source.frame_rate().filter(|_| varies) }
    }

    /// Checks that the movie can have frames of different durations.
    pub(crate) fn check(self, container: Container, arguments: &EncodeArguments) -> Result<(), WrongUsage> {
        let what = match (self.frame_rate, container) {
            (None, _) => return Ok(()),
            (_, Container::Avi) => "an AVI has a constant frame rate: choose mp4, mov, mkv or webm",
            _ if arguments.input_options.resume => "--resume needs a constant frame rate: start again without it",
            _ => return Ok(()),
        };
        Err(WrongUsage(format!(
            "the frames of the input have different durations, but {what}, or give -r, as in -r 10"
        )))
    }

    /// Shows the last written frame for `periods` frame periods in total.
    pub(crate) fn hold(self, video: &mut VideoWriter, periods: u64) -> Result<()> {
        let Some(rate) = self.frame_rate.filter(|_| periods > 1) else { return Ok(()) };
        let nanoseconds = u128::from(periods - 1) * u128::from(rate.denominator()) * 1_000_000_000;
        let nanoseconds = nanoseconds.div_ceil(u128::from(rate.numerator().max(1)));
        video.hold(Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX)))
    }
}
