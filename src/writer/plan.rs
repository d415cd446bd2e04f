//! A movie that several writers make: what decides its bytes, and a writer for each of its segments.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::VideoWriter;
use crate::av::build_info;
use crate::error::{InvalidSettings, Result};
use crate::output::Output;
use crate::segment::SegmentMark;
use crate::settings::{Container, Settings};

/// All that decides the bytes of a movie whose segments several writers make, in any order, wherever they run.
///
/// [`VideoWriterBuilder::plan`](crate::VideoWriterBuilder::plan) makes it. With the feature `serde` it is serialized for
/// other processes and machines. Each segment says which plan it belongs to and which number it has, so
/// [`join`](crate::join()) puts segments in order, and refuses those of other plans, those that are given twice, and gaps.
///
/// ```
/// use framemill::{FrameRate, FrameView, VideoWriter, join};
/// # let directory = tempfile::tempdir()?;
/// # let at = |name: String| directory.path().join(name);
/// let plan = VideoWriter::builder("movie.mp4", 64, 48, FrameRate::new(30, 1)).segment_frames(50).plan()?.frames(120);
/// for segment in (0..plan.segments().unwrap_or_default()).rev() {
///     let mut video = plan.segment(segment, at(format!("part-{segment}.mp4")))?;
///     for frame in plan.frames_of(segment) {
///         video.write(&FrameView::gray(&[frame as u8; 64 * 48], 64, 48)?)?;
///     }
///     video.finish()?;
/// }
/// let parts = (0..3).map(|segment| at(format!("part-{segment}.mp4")));
/// assert_eq!(join(parts, at("movie.mp4".to_owned()))?.frames, 120);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Plan {
    settings: Settings,
    container: Container,
    segment_frames: u64,
    movie_frames: Option<u64>,
    versions: String,
}

impl Plan {
    pub(super) fn new(settings: Settings, container: Container, segment_frames: u64) -> Result<Self> {
        let plan = Self { settings, container, segment_frames, movie_frames: None, versions: versions() };
        // What a segment says of itself must fit beside the metadata.
        plan.settings_of(0).validate(container)?;
        Ok(plan)
    }

    /// Sets how many frames the movie has, where that is known. Then [`join`](crate::join()) sees when the last segments
    /// are missing, too.
    #[must_use]
    pub fn frames(mut self, frames: u64) -> Self {
        self.movie_frames = Some(frames);
        self
    }

    /// How many segments the movie has, where the number of its frames is known.
    #[must_use]
    pub fn segments(&self) -> Option<u64> {
        self.mark(0).segments()
    }

    /// The most frames of a segment. Only the last one has fewer.
    #[must_use]
    pub fn segment_frames(&self) -> u64 {
        self.segment_frames
    }

    /// The numbers of the frames that a segment has. Where the movie is shorter it has those that are there.
    #[must_use]
    pub fn frames_of(&self, segment: u64) -> std::ops::Range<u64> {
        let end = self.movie_frames.unwrap_or(u64::MAX);
        let first = segment.saturating_mul(self.segment_frames).min(end);
        first..first.saturating_add(self.segment_frames).min(end)
    }

    /// What is equal for plans that give the same bytes for the same frames: 16 hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        // These decide where the work is done, and what is known of it, and no byte.
        let settings = Settings {
            jobs: None,
            segment_frames: None,
            measure_quality: false,
            frame_format: None,
            pixel_format: Some(self.settings.encoder_pixel_format()),
            threads: self.settings.encoder_threads(),
            ..self.settings.clone()
        };
        let Self { container, segment_frames, versions, .. } = self;
        let decisive = format!("{versions}\n{}\n{segment_frames}\n{settings:?}", container.name());
        Sha256::digest(decisive).iter().take(8).fold(String::new(), |mut text, byte| {
            // Writing to a string never fails.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Opens a writer for the frames of segment `number`, counted from 0, as [`create`](crate::VideoWriterBuilder::create)
    /// does. The output gets the container of the plan, whatever its name ends in. The writer takes at most
    /// [`segment_frames`](Self::segment_frames) frames. A segment that was made twice has the same bytes.
    ///
    /// # Errors
    /// As [`create`](crate::VideoWriterBuilder::create); [`Error::Settings`](crate::Error::Settings) for a segment beyond the
    /// movie, and where the plan was made by other versions of framemill or FFmpeg.
    pub fn segment(&self, number: u64, output: impl Into<Output>) -> Result<VideoWriter> {
        let here = versions();
        if self.versions != here {
            return Err(InvalidSettings::OtherVersions { plan: self.versions.clone(), here }.into());
        }
        let segments = self.segments().unwrap_or(u64::MAX / self.segment_frames.max(1));
        if number >= segments {
            return Err(InvalidSettings::Segment { number, segments }.into());
        }
        let settings = self.settings_of(number);
        VideoWriter::builder(output, settings.width, settings.height, settings.frame_rate)
            .settings(settings)
            .container(self.container)
            .most_frames(self.segment_frames)
            .create()
    }

    /// The settings of a segment, which has a mark.
    fn settings_of(&self, number: u64) -> Settings {
        let mut settings = self.settings.clone();
        self.mark(number).add_to(&mut settings.metadata);
        settings
    }

    fn mark(&self, number: u64) -> SegmentMark {
        let Self { segment_frames, movie_frames, .. } = *self;
        SegmentMark { number, segment_frames, movie_frames, plan: self.fingerprint() }
    }
}

/// What may give other bytes when it changes.
fn versions() -> String {
    let info = build_info();
    let libraries: Vec<String> = info.libraries.iter().map(|(name, version)| format!("{name} {version}")).collect();
    format!("framemill {}, FFmpeg {} ({})", env!("CARGO_PKG_VERSION"), info.ffmpeg, libraries.join(", "))
}
