//! Detects what an input is, by its name and its first bytes, and opens its frames.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::foreign;
#[cfg(feature = "images")]
use super::images::tiff_pages;
use super::stoppable::{CAN_STOP, StoppableFile};
#[cfg(feature = "images")]
use super::{AnimationSource, ImageFiles, ImageOptions, ImageStream, PictureKind, TiffStack, animation};
use super::{FrameLayout, FrameSource, NpySource, RawSource, Y4mSource};
use crate::error::{Error, InvalidInput, Result};
use crate::stop::StopToken;

/// The size of a read: large, so that a file fills it; a pipe returns what it has.
const BUFFER_BYTES: usize = 1024 * 1024;

/// The kind of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputKind {
    /// Raw frames without a header, read by [`RawSource`].
    Raw,
    /// YUV4MPEG2, read by [`Y4mSource`].
    Y4m,
    /// Pictures, read by `ImageStream` or `ImageFiles`, or by `TiffStack` if they are pages of a TIFF.
    Images,
    /// An animated GIF, PNG or WebP in a file, read by `AnimationSource`.
    Animation,
    /// A NumPy array, read by [`NpySource`].
    Npy,
    /// An archive of NumPy arrays, read by [`NpySource`].
    Npz,
}

impl InputKind {
    /// The number of bytes that [`of_start`](Self::of_start) reads.
    pub const START_BYTES: usize = 18;

    /// Returns the kind of a file or stream that starts with `start`; `None` if the first bytes do not show it: for raw
    /// frames, and for an `.npz`, which only its name distinguishes from other archives.
    ///
    /// ```
    /// use framemill::InputKind;
    /// assert_eq!(InputKind::of_start(b"YUV4MPEG2 W2 H2\n"), Some(InputKind::Y4m));
    /// assert_eq!(InputKind::of_start(b"\x93NUMPY\x01\0"), Some(InputKind::Npy));
    /// assert_eq!(InputKind::of_start(&[0; 18]), None);
    /// ```
    #[must_use]
    pub fn of_start(start: &[u8]) -> Option<Self> {
        if start.starts_with(b"YUV4MPEG2") {
            return Some(Self::Y4m);
        }
        if start.starts_with(b"\x93NUMPY") {
            return Some(Self::Npy);
        }
        #[cfg(feature = "images")]
        if PictureKind::of_start(start).is_some() {
            return Some(Self::Images);
        }
        None
    }
}

/// How to read the frames of an input.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct InputOptions {
    /// The layout of raw frames, which have no header.
    pub raw: Option<FrameLayout>,
    /// How to read pictures.
    #[cfg(feature = "images")]
    pub images: ImageOptions,
    /// The array of an `.npz`; the only one when `None`.
    pub member: Option<String>,
    /// Converts samples of arrays to 8-bit pixels, as [`NpySource::in_8_bits`] does.
    pub in_8_bits: bool,
}

/// An input whose kind is known, and whose frames are not read yet.
///
/// ```
/// use framemill::{FrameInput, InputKind, InputOptions};
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("frames.y4m");
/// # std::fs::write(&path, b"YUV4MPEG2 W2 H2 F25:1 Cmono\nFRAME\n\x10\x20\x30\x40")?;
/// let input = FrameInput::at(&path)?;
/// assert_eq!(input.kind()?, InputKind::Y4m);
/// let source = input.open(&InputOptions::default())?;
/// assert_eq!((source.layout().width, source.frame_count()), (2, Some(1)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FrameInput {
    name: PathBuf,
    contents: Contents,
    kind: Option<InputKind>,
    stop: Option<StopToken>,
}

#[derive(Debug)]
enum Contents {
    #[cfg(feature = "images")]
    Files(PictureNames),
    Stream {
        file: File,
        /// The bytes that were read to detect the kind.
        start: Vec<u8>,
    },
}

/// Files with one picture each.
#[cfg(feature = "images")]
#[derive(Debug)]
enum PictureNames {
    Folder(PathBuf),
    Numbered(String),
    Matching(String),
}

impl FrameInput {
    /// Opens the input at `path`: a file, a folder of pictures, or, if there is no file of that name, a pattern such as
    /// `frames/%04d.png` or `frames/*.png`.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read.
    pub fn at(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        #[cfg(feature = "images")]
        if let Some(files) = Self::pictures(path) {
            return Ok(files);
        }
        Self::from_file(File::open(path).map_err(|source| Error::io("read", Some(path), source))?, path)
    }

    /// Returns the pictures of a folder or of a pattern; `None` if `path` is neither. The name of an existing file is
    /// never a pattern, whatever it contains.
    #[cfg(feature = "images")]
    #[must_use]
    pub fn pictures(path: &Path) -> Option<Self> {
        let names = if path.is_dir() {
            PictureNames::Folder(path.to_owned())
        } else {
            let pattern = path.to_str().filter(|_| !path.exists())?;
            if has_number(pattern) {
                PictureNames::Numbered(pattern.to_owned())
            } else {
                pattern.contains(['*', '?', '[']).then(|| PictureNames::Matching(pattern.to_owned()))?
            }
        };
        let contents = Contents::Files(names);
        Some(Self { name: path.to_owned(), contents, kind: Some(InputKind::Images), stop: None })
    }

    /// Opens the input in `file`, which may be a pipe, from its current position. Errors refer to it as `name`.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read.
    pub fn from_file(mut file: File, name: impl Into<PathBuf>) -> Result<Self> {
        let name = name.into();
        let mut start = Vec::new();
        let read = (&mut file).take(InputKind::START_BYTES as u64).read_to_end(&mut start);
        read.map_err(|source| Error::io("read", Some(&name), source))?;
        let is_npz = start.starts_with(b"PK\x03\x04") && name.extension().is_some_and(|name| name == "npz");
        let kind = if is_npz { Some(InputKind::Npz) } else { InputKind::of_start(&start) };
        #[cfg(feature = "images")]
        let kind = match kind {
            Some(InputKind::Images) if is_animation(&mut file, &name, start.len())? => Some(InputKind::Animation),
            kind => kind,
        };
        Ok(Self { name, contents: Contents::Stream { file, start }, kind, stop: None })
    }

    /// Reads the input as `kind`, whatever it looks like.
    #[must_use]
    pub fn read_as(mut self, kind: InputKind) -> Self {
        let is_zip = self.start().starts_with(b"PK\x03\x04");
        self.kind = Some(match kind {
            InputKind::Npy if is_zip => InputKind::Npz,
            InputKind::Images => self.kind.filter(|kind| *kind == InputKind::Animation).unwrap_or(kind),
            kind => kind,
        });
        self
    }

    /// Stops waiting for raw frames from a pipe when `stop` stops: reading them then fails with [`Error::Stopped`]. So
    /// the source [gives strips](FrameSource::gives_strips), as from a file. On Windows this has no effect.
    #[must_use]
    pub fn stopped_by(self, stop: StopToken) -> Self {
        Self { stop: Some(stop), ..self }
    }

    /// Returns the input's first bytes; none for pictures in files.
    #[must_use]
    pub fn start(&self) -> &[u8] {
        match &self.contents {
            #[cfg(feature = "images")]
            Contents::Files(_) => &[],
            Contents::Stream { start, .. } => start,
        }
    }

    /// Returns the kind of the input: raw frames, if nothing else is detected.
    ///
    /// # Errors
    /// [`InvalidInput::Empty`], and [`InvalidInput::NotFrames`] for an input without frames, such as a movie.
    pub fn kind(&self) -> Result<InputKind> {
        match self.kind {
            Some(kind) => Ok(kind),
            None if self.start().is_empty() => Err(self.problem(InvalidInput::Empty)),
            None => foreign::recognized(self.start()).map_or(Ok(InputKind::Raw), |what| Err(self.not_frames(what))),
        }
    }

    /// Opens the frames.
    ///
    /// # Errors
    /// As [`kind`](Self::kind), and the errors of that kind's source; [`InvalidInput::NotFrames`] for raw frames if the
    /// options have no layout.
    pub fn open(self, options: &InputOptions) -> Result<Box<dyn FrameSource>> {
        let kind = self.kind()?;
        let raw = match (kind, options.raw) {
            (InputKind::Raw, None) => {
                return Err(self.not_frames("its kind is unknown: raw frames need a pixel format and a size"));
            }
            (_, raw) => raw,
        };
        let name = self.name.display().to_string();
        match self.contents {
            #[cfg(feature = "images")]
            Contents::Files(names) => open_files(names, options.images),
            Contents::Stream { file, start } => match (kind, raw) {
                (InputKind::Raw, Some(layout)) => open_raw(file, start, layout, name, self.stop),
                (InputKind::Npy | InputKind::Npz, _) => open_array(kind, file, start, options, name),
                #[cfg(feature = "images")]
                (InputKind::Animation, _) => Ok(Box::new(AnimationSource::open(&self.name)?)),
                #[cfg(feature = "images")]
                (InputKind::Images, _) => open_pictures(file, start, &self.name, options.images),
                _ => open_y4m(file, start, name),
            },
        }
    }

    fn not_frames(&self, problem: &'static str) -> Error {
        self.problem(InvalidInput::NotFrames { problem })
    }

    fn problem(&self, problem: InvalidInput) -> Error {
        Error::Input { name: self.name.display().to_string(), problem }
    }
}

#[cfg(feature = "images")]
fn open_files(names: PictureNames, options: ImageOptions) -> Result<Box<dyn FrameSource>> {
    let files = match names {
        PictureNames::Folder(folder) => ImageFiles::in_folder(folder, options),
        PictureNames::Numbered(pattern) => ImageFiles::numbered(&pattern, options),
        PictureNames::Matching(pattern) => ImageFiles::matching(&pattern, options),
    };
    Ok(Box::new(files?))
}

#[cfg(feature = "images")]
fn open_pictures(
    mut file: File,
    start: Vec<u8>,
    name: &Path,
    options: ImageOptions,
) -> Result<Box<dyn FrameSource>> {
    // Reading these needs seeking.
    match PictureKind::of_start(&start) {
        Some(PictureKind::Tiff) if name.is_file() && has_pages(&mut file, name)? => {
            return Ok(Box::new(TiffStack::open(name, options)?));
        }
        Some(PictureKind::Tiff | PictureKind::Exr) if name.is_file() => {
            return Ok(Box::new(ImageFiles::new([name.to_owned()], options)?));
        }
        _ => {}
    }
    Ok(Box::new(ImageStream::new(Cursor::new(start).chain(file), name.display().to_string(), options)?))
}

fn open_raw(
    mut file: File,
    start: Vec<u8>,
    layout: FrameLayout,
    name: String,
    stop: Option<StopToken>,
) -> Result<Box<dyn FrameSource>> {
    Ok(match (regular_length(&file), stop) {
        (Some(bytes), _) => {
            go_back(&mut file, &start, &name)?;
            Box::new(RawSource::new(file, layout, name)?.with_length(bytes).seekable())
        }
        (None, Some(stop)) if CAN_STOP => {
            let file = StoppableFile::new(file, stop);
            Box::new(RawSource::new(Cursor::new(start).chain(file), layout, name)?.by_rows())
        }
        (None, _) => Box::new(RawSource::new(Cursor::new(start).chain(file), layout, name)?),
    })
}

fn open_y4m(file: File, start: Vec<u8>, name: String) -> Result<Box<dyn FrameSource>> {
    let length = regular_length(&file);
    let source = Y4mSource::new(BufReader::with_capacity(BUFFER_BYTES, Cursor::new(start).chain(file)), name)?;
    Ok(match length {
        Some(bytes) => Box::new(source.with_length(bytes)),
        None => Box::new(source),
    })
}

fn open_array(
    kind: InputKind,
    mut file: File,
    start: Vec<u8>,
    options: &InputOptions,
    name: String,
) -> Result<Box<dyn FrameSource>> {
    let is_regular = regular_length(&file).is_some();
    if is_regular {
        go_back(&mut file, &start, &name)?;
    }
    let source = match (kind, is_regular) {
        (InputKind::Npz, true) => NpySource::from_npz(file, options.member.as_deref(), name)?,
        (InputKind::Npz, false) => {
            let problem = "reading an .npz starts at its end, which a stream does not have: use a file";
            return Err(Error::Input { name, problem: InvalidInput::NotFrames { problem } });
        }
        (_, true) => NpySource::from_file(file, name)?,
        (_, false) => NpySource::new(Cursor::new(start).chain(file), name)?,
    };
    Ok(Box::new(if options.in_8_bits { source.in_8_bits() } else { source }))
}

/// Returns whether a TIFF has several pages.
#[cfg(feature = "images")]
fn has_pages(file: &mut File, name: &Path) -> Result<bool> {
    let pages = tiff_pages::count(&mut BufReader::new(file)).map_err(|error| error.on_file(name))?;
    Ok(pages > 1)
}

/// Returns whether `file` holds an animation. `read` bytes of it were read already, and its position does not change.
#[cfg(feature = "images")]
fn is_animation(file: &mut File, name: &Path, read: usize) -> Result<bool> {
    let failed = |source| Error::io("read", Some(name), source);
    if regular_length(file).is_none() || !name.is_file() {
        return Ok(false);
    }
    let position = file.stream_position().map_err(failed)?;
    let animated = position == read as u64 && animation::is_animated(file).map_err(failed)?;
    file.seek(SeekFrom::Start(position)).map_err(failed)?;
    Ok(animated)
}

/// Returns the length of a file; `None` for a pipe or a device.
fn regular_length(file: &File) -> Option<u64> {
    let data = file.metadata().ok()?;
    data.is_file().then_some(data.len())
}

/// Seeks back in a regular file to where `start` was read.
fn go_back(file: &mut File, start: &[u8], name: &str) -> Result<()> {
    let back = SeekFrom::Current(-(start.len() as i64));
    file.seek(back).map(drop).map_err(|source| Error::io("read", Some(name.as_ref()), source))
}

/// Returns whether the last part of the pattern has a `%d` or `%04d`, and no character of a glob pattern.
#[cfg(feature = "images")]
fn has_number(pattern: &str) -> bool {
    let name = pattern.rsplit_once('/').map_or(pattern, |(_, name)| name);
    if name.contains(['*', '?']) {
        return false;
    }
    name.replace("%%", "")
        .split('%')
        .skip(1)
        .any(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('d'))
}

#[cfg(all(test, feature = "images"))]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_patterns_are_detected() {
        for (pattern, expected) in [
            ("f%04d.png", true),
            ("%d", true),
            ("100%.png", false),
            ("a%20b.png", false),
            ("f%%d*.png", false),
            ("50%done*.png", false),
            ("[%04d].png", true),
        ] {
            assert_eq!(has_number(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn raw_frames_need_a_layout_and_inputs_without_frames_are_named() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a");
        let open = |bytes: &[u8], options: &InputOptions| {
            std::fs::write(&path, bytes).expect("written");
            FrameInput::at(&path).and_then(|input| input.open(options)).map(|source| source.frame_count())
        };
        let message = |bytes: &[u8]| open(bytes, &InputOptions::default()).expect_err("no frames").to_string();
        assert!(message(b"").ends_with("a: it is empty: there are no frames"));
        assert!(message(b"\0\0\0\x20ftypisom....").contains("it is a movie"));
        assert!(message(&[7; 30]).contains("raw frames need a pixel format and a size"));
        let raw = Some(FrameLayout::new(crate::frame::PixelFormat::Gray8, 5, 3));
        let options = InputOptions { raw, ..InputOptions::default() };
        assert_eq!(open(&[7; 30], &options).expect("raw"), Some(2));
        assert!(FrameInput::at(directory.path().join("none.y4m")).is_err());
    }
}
