//! A movie that several writers make: the plan that decides its bytes, and a writer for each segment.

use std::num::NonZeroU64;
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::VideoWriter;
use crate::av::build_info;
use crate::error::{InvalidSettings, OptionId, Result};
use crate::output::Output;
use crate::segment::{Fingerprint, SegmentMark};
use crate::settings::{Container, Settings};

/// Everything that decides the bytes of a movie. Several writers can make its segments in any order and anywhere.
///
/// [`VideoWriterBuilder::plan`](crate::VideoWriterBuilder::plan) makes it. With the feature `serde` it can be
/// serialized for other processes and machines. Each segment stores its number and the fingerprint of its plan in its
/// comment tag, so [`join`](crate::join()) can sort the segments, and reject segments of other plans, duplicates and gaps.
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
    /// Makes a plan from the settings, with segments of `segment_frames` frames.
    pub(super) fn new(settings: Settings, container: Container, segment_frames: NonZeroU64) -> Result<Self> {
        let plan = Self { settings, container, segment_frames, movie_frames: None, versions: versions() };
        plan.check()?;
        Ok(plan)
    }

    /// Sets the number of frames of the movie, if it is known. Then [`join`](crate::join()) also notices if the last
    /// segments are missing, and a writer cannot finish a segment without all its frames.
    #[must_use]
    pub fn with_frames(mut self, frames: u64) -> Self {
        self.movie_frames = Some(frames);
        self
    }

    /// Returns the number of frames of the movie, if it is known.
    #[must_use]
    pub fn frames(&self) -> Option<u64> {
        self.movie_frames
    }

    /// Returns the number of segments, if the number of frames is known.
    #[must_use]
    pub fn segments(&self) -> Option<u64> {
        self.mark(0).segments()
    }

    /// Returns the number of frames per segment. Only the last segment may have fewer.
    #[must_use]
    pub fn segment_frames(&self) -> u64 {
        self.segment_frames.get()
    }

    /// Returns the frame numbers of a segment. The range is shorter, or empty, at the end of the movie.
    #[must_use]
    pub fn frames_of(&self, segment: u64) -> Range<u64> {
        self.mark(segment).frames(self.movie_frames.unwrap_or(u64::MAX))
    }

    /// Returns the settings of each segment.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the container of each segment and of the movie.
    #[must_use]
    pub fn container(&self) -> Container {
        self.container
    }

    /// Returns a fingerprint that is equal for plans that produce the same bytes from the same frames: eight
    /// hexadecimal digits for the settings, and eight for the versions of framemill and FFmpeg.
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

    /// Opens a writer for the frames of segment `number`, counted from 0, as
    /// [`create`](crate::VideoWriterBuilder::create) does. The writer takes the frames in
    /// [`frames_of`](Self::frames_of). Making a segment twice from the same plan produces the same bytes.
    ///
    /// # Errors
    /// As [`create`](crate::VideoWriterBuilder::create); [`Error::Settings`](crate::Error::Settings) for a segment
    /// beyond the end of the movie, for an output with another container, and if the plan was made by other versions of
    /// framemill or FFmpeg.
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

    /// Returns the settings of a segment, including its mark.
    fn settings_of(&self, number: u64) -> Settings {
        let mut settings = self.settings.clone();
        self.mark(number).add_to(&mut settings.metadata);
        settings
    }

    fn mark(&self, number: u64) -> SegmentMark {
        let Self { segment_frames, movie_frames, .. } = *self;
        SegmentMark { number, segment_frames, movie_frames, plan: self.hashes() }
    }

    /// Checks that the plan can make segments. The mark must fit beside the metadata.
    fn check(&self) -> Result<(), InvalidSettings> {
        let length = self.settings.segment_frames.map(u64::from);
        if length != Some(self.segment_frames.get()) {
            let (option, missing) = (OptionId::Jobs, OptionId::SegmentFrames);
            return Err(InvalidSettings::Incomplete { option, missing });
        }
        self.settings_of(0).validate(self.container)
    }
}

/// The allowed length of a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct SegmentLength {
    /// The largest number of frames.
    pub(super) frames: u64,
    /// Whether the segment must have that many frames.
    pub(super) is_exact: bool,
}

/// A deserialized plan, which is not checked yet.
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

/// Returns the first eight hexadecimal digits of the text's SHA-256.
fn hash(text: &str) -> String {
    Sha256::digest(text).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the versions whose change may change the bytes.
fn versions() -> String {
    let info = build_info();
    let libraries: Vec<String> = info.libraries.iter().map(|(name, version)| format!("{name} {version}")).collect();
    format!("framemill {}, FFmpeg {} ({})", env!("CARGO_PKG_VERSION"), info.ffmpeg, libraries.join(", "))
}
