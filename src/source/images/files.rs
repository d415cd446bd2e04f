//! Reads pictures from files: a list, a folder, a glob pattern, or a numbered sequence.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::order::natural;
use super::pattern::Pattern;
use super::{EncodedBytes, EncodedPicture, ImageOptions, OnError, PictureOrigin, Pictures};
use crate::error::{Error, InvalidInput, Result};
use crate::source::{FrameBuffer, FrameLayout, FrameSource, read_and_drop};

/// The file extensions of pictures, which are read from a folder.
const EXTENSIONS: [&str; 14] =
    ["png", "jpg", "jpeg", "webp", "bmp", "dib", "pbm", "pgm", "ppm", "pnm", "pam", "tif", "tiff", "exr"];

/// Files with one picture each: PNG, JPEG, WebP, BMP, PNM, TIFF or OpenEXR, detected by their first bytes.
///
/// Pictures are decoded ahead and keep their formats, as in [`ImageStream`](super::ImageStream).
pub struct ImageFiles {
    pictures: Pictures,
    files: u64,
    missing: u64,
}

impl ImageFiles {
    /// Reads the pictures in these files, in this order.
    ///
    /// # Errors
    /// [`Error::Input`] if there are none or the first one is broken, [`Error::Io`] if it cannot be read.
    pub fn new(paths: impl IntoIterator<Item = PathBuf>, options: ImageOptions) -> Result<Self> {
        Self::open(paths.into_iter().collect(), options, "pictures", "the list is empty")
    }

    /// Reads the pictures in `folder`, detected by their extensions, in natural order: `frame2.png` before
    /// `frame10.png`. Other files, hidden files and subfolders are ignored.
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`Error::Io`] if the folder cannot be read.
    pub fn in_folder(folder: impl AsRef<Path>, options: ImageOptions) -> Result<Self> {
        let folder = folder.as_ref();
        let unread = |source| Error::io("read", Some(folder), source);
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(unread)? {
            let path = entry.map_err(unread)?.path();
            if is_picture(&path) && path.is_file() {
                paths.push(path);
            }
        }
        paths.sort_by(|a, b| natural(a, b));
        let problem = format!("no file in it ends in .{} or the like", EXTENSIONS[..5].join(", ."));
        Self::open(paths, options, &folder.display().to_string(), &problem)
    }

    /// Reads the files whose paths match `pattern`, in natural order. `*` matches any part of a name, `?` any
    /// character, `[a-z]` one of these, and `**` any folders. As in shells, none of these matches the dot of a hidden
    /// file.
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`Error::Input`] for an invalid pattern.
    pub fn matching(pattern: &str, options: ImageOptions) -> Result<Self> {
        let none = |problem: String| Error::Input {
            name: pattern.to_owned(),
            problem: InvalidInput::NoPictures { problem },
        };
        let unread = |error: glob::GlobError| {
            let path = error.path().to_owned();
            Error::io("read", Some(&path), error.into())
        };
        // As in shells, `*` does not match hidden files or `/`.
        let options_of_shells = glob::MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let found = glob::glob_with(pattern, options_of_shells)
            .map_err(|error| none(format!("the pattern is wrong: {error}")))?;
        let mut paths = Vec::new();
        for path in found {
            let path = path.map_err(unread)?;
            if !path.is_dir() {
                paths.push(path);
            }
        }
        paths.sort_by(|a, b| natural(a, b));
        Self::open(paths, options, pattern, "no file matches")
    }

    /// Reads numbered files, by a `printf` pattern with a place for the number: `frames/%04d.png`. The sequence starts
    /// at the smallest existing number.
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`Error::Input`] if a number is missing between the first and the last, unless broken
    /// pictures are left out.
    pub fn numbered(pattern: &str, options: ImageOptions) -> Result<Self> {
        let error = |problem| Error::Input { name: pattern.to_owned(), problem };
        let Some(parsed) = Pattern::parse(pattern) else {
            let problem =
                "the pattern needs one place for the number, in the file's name: %d, or %04d for 4 digits";
            return Err(error(InvalidInput::NoPictures { problem: problem.to_owned() }));
        };
        let (paths, gaps) = parsed.files()?;
        match gaps.problem {
            Some(problem) if options.on_error == OnError::Stop => Err(error(problem)),
            _ => {
                let source = Self::open(paths, options, pattern, "no file has such a name")?;
                Ok(Self { missing: gaps.missing, ..source })
            }
        }
    }

    fn open(paths: Vec<PathBuf>, options: ImageOptions, name: &str, empty: &str) -> Result<Self> {
        if paths.is_empty() {
            let problem = InvalidInput::NoPictures { problem: empty.to_owned() };
            return Err(Error::Input { name: name.to_owned(), problem });
        }
        let files = paths.len() as u64;
        let supply = paths.into_iter().zip(0..).map(|(path, index)| {
            let name = Arc::from(path.display().to_string());
            Ok(EncodedPicture {
                origin: PictureOrigin { name, index, offset: None },
                content: EncodedBytes::File(path),
            })
        });
        Ok(Self { pictures: Pictures::open(supply, options, name)?, files, missing: 0 })
    }
}

impl FrameSource for ImageFiles {
    fn layout(&self) -> FrameLayout {
        self.pictures.layout
    }

    fn frame_count(&self) -> Option<u64> {
        Some(self.files)
    }

    fn skipped_frames(&self) -> u64 {
        self.missing + self.pictures.skipped
    }

    fn skip(&mut self, frames: u64) -> Result<u64> {
        match self.pictures.pass(frames)? {
            Some(skipped) => Ok(skipped),
            None => read_and_drop(self, frames),
        }
    }

    fn read_frame(&mut self, buffer: &mut FrameBuffer) -> Result<Option<FrameLayout>> {
        self.pictures.read_frame(buffer)
    }
}

fn is_picture(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let extension = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    !hidden && extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}
