//! The times at which frames are shown: pure arithmetic.

use std::time::Duration;

use crate::error::InvalidTime;
use crate::settings::Container;
use crate::time::{FrameRate, TimeBase, Timestamp};

/// The longest duration of a frame, in ticks. MP4 stores it as a difference of decoding times, in a field of 32 bits
/// that FFmpeg reads as signed, and a packet may be decoded up to 2²⁸ ticks before it is shown.
const MAX_FRAME_TICKS: i64 = i32::MAX as i64 - (1 << 28);

/// Assigns each frame its time, in ticks of a time base in which a frame period is a whole number of ticks.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    time_base: TimeBase,
    frame_ticks: i64,
    /// The smallest time step of the container.
    resolution: TimeBase,
    /// The container, if it requires a constant frame rate.
    constant_rate_container: Option<Container>,
    frames: u64,
    /// The frames of an earlier run.
    resumed: u64,
    last: i64,
    /// The default time of the next frame.
    next: i64,
    /// The time until which the last frame is held, if it is.
    held: Option<i64>,
    /// The time at which the movie ends even if its last frame is held longer.
    end_limit: Option<i64>,
}

impl Timeline {
    pub(super) fn new(rate: FrameRate, container: Container) -> Self {
        let constant_rate_container = container.is_constant_rate().then_some(container);
        let (time_base, frame_ticks) = match constant_rate_container {
            Some(_) => (rate.frame_time_base(), 1),
            None => rate.fine_time_base(),
        };
        let resolution = match container {
            // Matroska stores milliseconds.
            Container::Mkv | Container::Webm => TimeBase { numerator: 1, denominator: 1_000 },
            _ => time_base,
        };
        Self {
            time_base,
            frame_ticks: frame_ticks.into(),
            resolution,
            constant_rate_container,
            frames: 0,
            resumed: 0,
            last: 0,
            next: 0,
            held: None,
            end_limit: None,
        }
    }

    /// Ends the movie at `time`, rounded up to a whole number of frame periods after the last frame, even if that frame
    /// is held longer.
    pub(super) fn end_at(&mut self, time: Timestamp) {
        self.end_limit = Some(time.rescale(self.time_base).ticks);
    }

    /// Continues after `frames` frames of an earlier run, each of which was shown for one frame period.
    pub(super) fn resume_after(&mut self, frames: u64) {
        for _ in self.frames..frames {
            self.accept(self.next);
        }
        self.resumed = frames;
    }

    /// Returns the time base, and the ticks of a frame period.
    pub(super) fn clock(&self) -> (TimeBase, i64) {
        (self.time_base, self.frame_ticks)
    }

    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    /// Returns the time at which the movie ends.
    pub(super) fn end(&self) -> i64 {
        let Some(end_limit) = self.end_limit.filter(|_| self.frames > 0) else { return self.next };
        // A frame lasts for whole periods.
        let periods = (end_limit - self.last + self.frame_ticks - 1).div_euclid(self.frame_ticks).max(1);
        self.next.min(self.last + periods * self.frame_ticks)
    }

    /// Returns the duration of the movie, from 0 to the end of the last frame.
    pub(super) fn length(&self) -> Duration {
        self.duration(self.end())
    }

    /// Returns the default time of the next frame.
    pub(super) fn next(&self) -> Result<i64, InvalidTime> {
        self.check_length(self.next)?;
        Ok(self.next)
    }

    /// Returns the tick of a frame that is shown at `time`.
    pub(super) fn at(&self, time: Duration) -> Result<i64, InvalidTime> {
        let ticks = self.time_base.nearest_tick(time);
        if let Some(container) = self.constant_rate_container {
            let expected = self.duration(self.next);
            // A time fits the constant rate if it is as close as whole nanoseconds or floats can be.
            let on_grid = ticks == self.next && time.abs_diff(expected) <= self.duration(self.frame_ticks) / 1_000;
            if !on_grid {
                return Err(InvalidTime::NotConstant { container: container.name(), time, expected });
            }
        }
        let step = |ticks| self.time_base.at(ticks).rescale(self.resolution).ticks;
        if self.frames > 0 && step(ticks) <= step(self.last) {
            let (previous, tick) = (self.duration(self.last), seconds(self.resolution.at(1)));
            return Err(InvalidTime::NotAfterPrevious { time, previous, tick });
        }
        if let Some(held) = self.held.filter(|held| ticks < *held) {
            return Err(InvalidTime::StillHeld { time, until: self.duration(held) });
        }
        self.check_length(ticks)?;
        Ok(ticks)
    }

    /// Shows the last frame for `duration` longer.
    pub(super) fn hold(&mut self, duration: Duration) -> Result<(), InvalidTime> {
        if self.frames == 0 {
            return Err(InvalidTime::NothingToHold);
        }
        if self.frames == self.resumed {
            return Err(InvalidTime::HeldFrameOfEarlierRun);
        }
        if let Some(container) = self.constant_rate_container {
            let expected = self.duration(self.next);
            let time = expected.saturating_add(duration);
            return Err(InvalidTime::NotConstant { container: container.name(), time, expected });
        }
        let next = self.next.saturating_add(self.time_base.nearest_tick(duration));
        self.check_length(next)?;
        self.next = next;
        self.held = Some(next);
        Ok(())
    }

    /// Counts a frame that is shown at `ticks`.
    pub(super) fn accept(&mut self, ticks: i64) {
        self.frames += 1;
        self.last = ticks;
        self.held = None;
        self.next = ticks.saturating_add(self.frame_ticks);
    }

    /// Shows the last frame until `ticks`, the time of a frame that is left out.
    pub(super) fn leave_out(&mut self, ticks: i64) {
        self.next = self.next.max(ticks);
    }

    fn check_length(&self, next: i64) -> Result<(), InvalidTime> {
        let ticks = next.saturating_sub(if self.frames == 0 { 0 } else { self.last });
        if ticks <= MAX_FRAME_TICKS {
            return Ok(());
        }
        Err(InvalidTime::TooLong { duration: self.duration(ticks), limit: self.duration(MAX_FRAME_TICKS) })
    }

    fn duration(&self, ticks: i64) -> Duration {
        seconds(self.time_base.at(ticks))
    }
}

fn seconds(time: Timestamp) -> Duration {
    Duration::try_from_secs_f64(time.as_secs_f64()).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(container: Container) -> Timeline {
        Timeline::new(FrameRate::new(30, 1), container)
    }

    fn write(timeline: &mut Timeline) -> i64 {
        let ticks = timeline.next().expect("in range");
        timeline.accept(ticks);
        ticks
    }

    #[test]
    fn constant_times_do_not_drift() {
        let mut timeline = Timeline::new(FrameRate::new(24_000, 1_001), Container::Mp4);
        let last = (0..100_000).map(|_| write(&mut timeline)).last();
        assert_eq!(last, Some(99_999 * 2_002));
        assert_eq!(timeline.end(), 100_000 * 2_002);
    }

    #[test]
    fn times_and_holds_mix() {
        let mut timeline = timeline(Container::Mp4);
        assert_eq!(write(&mut timeline), 0);
        timeline.hold(Duration::from_millis(500)).expect("held");
        assert_eq!(write(&mut timeline), 32_000);
        let ticks = timeline.at(Duration::from_secs(2)).expect("later");
        timeline.accept(ticks);
        assert_eq!((ticks, timeline.end()), (120_000, 122_000));
        let error = timeline.at(Duration::from_secs(2)).expect_err("not later");
        assert!(error.to_string().starts_with("the frame at 2s does not come after the previous frame, at 2s"));
    }

    #[test]
    fn a_frame_cannot_come_during_a_hold() {
        let mut timeline = timeline(Container::Mp4);
        write(&mut timeline);
        timeline.hold(Duration::from_secs(5)).expect("held");
        let error = timeline.at(Duration::from_secs(1)).expect_err("still held");
        assert_eq!(error.to_string(), "the previous frame is held until 5.033333333s, so the next cannot be at 1s");
        assert_eq!(timeline.at(Duration::from_secs(6)), Ok(360_000));
    }

    #[test]
    fn matroska_times_are_distinct_milliseconds() {
        let mut timeline = timeline(Container::Mkv);
        write(&mut timeline);
        let error = timeline.at(Duration::from_micros(100)).expect_err("the same millisecond");
        assert!(error.to_string().ends_with("(times are rounded to 1ms)"), "{error}");
        assert_eq!(timeline.at(Duration::from_micros(600)), Ok(36));
    }

    #[test]
    fn a_constant_rate_container_takes_only_its_own_times() {
        let mut timeline = timeline(Container::Avi);
        write(&mut timeline);
        assert_eq!(timeline.at(Duration::from_nanos(33_333_333)), Ok(1));
        for time in [Duration::ZERO, Duration::from_millis(40), Duration::from_nanos(66_666_667)] {
            assert!(matches!(timeline.at(time), Err(InvalidTime::NotConstant { .. })), "{time:?}");
        }
        assert!(matches!(timeline.hold(Duration::from_secs(1)), Err(InvalidTime::NotConstant { .. })));
    }

    #[test]
    fn a_frame_of_an_earlier_run_cannot_be_held() {
        let mut timeline = timeline(Container::Mp4);
        timeline.resume_after(3);
        assert_eq!(timeline.hold(Duration::from_secs(1)), Err(InvalidTime::HeldFrameOfEarlierRun));
        write(&mut timeline);
        assert_eq!(timeline.hold(Duration::from_secs(1)), Ok(()));
    }

    #[test]
    fn holds_need_a_frame_and_have_a_limit() {
        let mut timeline = timeline(Container::Mp4);
        assert_eq!(timeline.hold(Duration::from_secs(1)), Err(InvalidTime::NothingToHold));
        write(&mut timeline);
        assert!(matches!(timeline.hold(Duration::MAX), Err(InvalidTime::TooLong { .. })));
        assert!(matches!(timeline.hold(Duration::from_secs(32_000)), Err(InvalidTime::TooLong { .. })));
        assert_eq!(timeline.hold(Duration::from_secs(31_000)), Ok(()));
    }
}
