//! A movie that several writers make: what decides its bytes, and a writer for each of its segments.

use std::num::NonZeroU64;
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::VideoWriter;
use crate::av::build_info;
use crate::error::{InvalidSettings, OptionId, Result};
use crate::output::Output;
use crate::segment::{Fingerprint, SegmentMark};
use crate::settings::{Container, Settings};

/// All that decides the bytes of a movie whose segments several writers make, in any order, wherever they run.
///
/// [`VideoWriterBuilder::plan`](crate::VideoWriterBuilder::plan) makes it. With the feature `serde` it is serialized for
/// other processes and machines. Each segment has its number and the fingerprint of its plan in its comment, so
/// [`join`](crate::join()) puts segments in order, and refuses those of other plans, those that are given twice, and gaps.
///
/// ```
/// use framemill::{FrameRate, FrameView, VideoWriter, join};
/// # let directory = tempfile::tempdir()?;
/// # let at = |name: String| directory.path().join(name);
/// let builder = VideoWriter::builder("movie.mp4", 64, 48, FrameRate::new(30, 1)).segment_frames(50);
/// let plan = builder.plan()?.with_frames(120);
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "Unchecked"))]
pub struct Plan {
    settings: Settings,
    container: Container,
    segment_frames: NonZeroU64,
    movie_frames: Option<u64>,
    versions: String,
}

impl Plan {
    /// A plan of settings, whose segments have so many frames.
    pub(super) fn new(settings: Settings, container: Container, segment_frames: NonZeroU64) -> Result<Self> {
        let plan = Self { settings, container, segment_frames, movie_frames: None, versions: versions() };
        plan.check()?;
        Ok(plan)
    }

    /// Sets how many frames the movie has, where that is known. Then [`join`](crate::join()) notices when the last segments
    /// are missing, too, and a writer fails to finish a segment that has not all its frames.
    #[must_use]
    pub fn with_frames(mut self, frames: u64) -> Self {
        self.movie_frames = Some(frames);
        self
    }

    /// How many frames the movie has, where that is known.
    #[must_use]
    pub fn frames(&self) -> Option<u64> {
        self.movie_frames
    }

    /// How many segments the movie has, where the number of its frames is known.
    #[must_use]
    pub fn segments(&self) -> Option<u64> {
        self.mark(0).segments()
    }

    /// Frames of each segment. Only the last one may have fewer.
    #[must_use]
    pub fn segment_frames(&self) -> u64 {
        self.segment_frames.get()
    }

    /// The numbers of the frames of a segment. The range is shorter, or empty, where the movie ends before.
    #[must_use]
    pub fn frames_of(&self, segment: u64) -> Range<u64> {
        self.mark(segment).frames(self.movie_frames.unwrap_or(u64::MAX))
    }

    /// The settings of each segment.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The container of each segment, and of the movie.
    #[must_use]
    pub fn container(&self) -> Container {
        self.container
    }

    /// Returns what is equal for plans that give the same bytes for the same frames: eight hexadecimal digits for the
    /// settings, and eight for the versions of framemill and FFmpeg.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.hashes().to_string()
    }

    fn hashes(&self) -> Fingerprint {
        let size = self.settings.scale.unwrap_or((self.settings.width, self.settings.height));
        let settings = Settings {
            // With a scale, frames may have any size.
            width: size.0,
            height: size.1,
            pixel_format: Some(self.settings.encoder_pixel_format()),
            threads: self.settings.encoder_threads(),
            // These do not change the movie's bytes.
            jobs: None,
            segment_frames: None,
            measure_quality: false,
            frame_format: None,
            ..self.settings.clone()
        };
        let decisive = format!("{} {} {settings:?}", self.container.name(), self.segment_frames);
        Fingerprint { settings: hash(&decisive), versions: hash(&self.versions) }
    }

    /// Opens a writer for the frames of segment `number`, counted from 0, as [`create`](crate::VideoWriterBuilder::create)
    /// does. The writer takes as many frames as [`frames_of`](Self::frames_of) has. Made twice from the same plan, a segment
    /// has the same bytes.
    ///
    /// # Errors
    /// As [`create`](crate::VideoWriterBuilder::create); [`Error::Settings`](crate::Error::Settings) for a segment beyond the
    /// end of the movie, for an output of another container, and where the plan was made by other versions of framemill or
    /// FFmpeg.
    pub fn segment(&self, number: u64, output: impl Into<Output>) -> Result<VideoWriter> {
        let here = versions();
        if self.versions != here {
            return Err(InvalidSettings::OtherVersions { plan: self.versions.clone(), here }.into());
        }
        let frames = self.frames_of(number);
        if frames.is_empty() {
            return Err(InvalidSettings::Segment { number, segments: self.segments() }.into());
        }
        let output = output.into();
        let container = output.resolved_container()?;
        if container != self.container {
            let (container, planned) = (container.name(), self.container.name());
            return Err(InvalidSettings::OtherContainer { container, planned }.into());
        }
        let settings = self.settings_of(number);
        VideoWriter::builder(output, settings.width, settings.height, settings.frame_rate)
            .settings(settings)
            .segment_length(frames.end - frames.start, self.movie_frames.is_some())
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
        SegmentMark { number, segment_frames, movie_frames, plan: self.hashes() }
    }

    /// Checks that segments can be made by the plan. The mark must fit beside the metadata.
    fn check(&self) -> Result<(), InvalidSettings> {
        let length = self.settings.segment_frames.map(u64::from);
        if length != Some(self.segment_frames.get()) {
            let (option, missing) = (OptionId::Jobs, OptionId::SegmentFrames);
            return Err(InvalidSettings::Incomplete { option, missing });
        }
        self.settings_of(0).validate(self.container)
    }
}

/// Frames of a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct SegmentLength {
    /// The most that are taken.
    pub(super) frames: u64,
    /// Whether the segment must have so many.
    pub(super) is_exact: bool,
}

/// A plan as it was serialized, which may be anything.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct Unchecked {
    settings: Settings,
    container: Container,
    segment_frames: NonZeroU64,
    movie_frames: Option<u64>,
    versions: String,
}

#[cfg(feature = "serde")]
impl TryFrom<Unchecked> for Plan {
    type Error = InvalidSettings;

    fn try_from(unchecked: Unchecked) -> Result<Self, InvalidSettings> {
        let Unchecked { settings, container, segment_frames, movie_frames, versions } = unchecked;
        let plan = Self { settings, container, segment_frames, movie_frames, versions };
        plan.check()?;
        Ok(plan)
    }
}

/// The first eight hexadecimal digits of the text's SHA-256.
fn hash(text: &str) -> String {
    Sha256::digest(text).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// What may give other bytes when it changes.
fn versions() -> String {
    let info = build_info();
    let libraries: Vec<String> = info.libraries.iter().map(|(name, version)| format!("{name} {version}")).collect();
    format!("framemill {}, FFmpeg {} ({})", env!("CARGO_PKG_VERSION"), info.ffmpeg, libraries.join(", "))
}
