//! Counts the pages of a TIFF.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::PictureOrigin;
use super::refusal::Refusal;
use crate::error::Error;

/// The reason why pages cannot be counted.
#[derive(Debug)]
pub(in crate::source) enum CountError {
    Io(io::Error),
    /// The list of pages is a circle.
    Circle,
}

impl From<io::Error> for CountError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl CountError {
    /// Makes the error for the file at `path`.
    pub(in crate::source) fn on_file(self, path: &Path) -> Error {
        match self {
            Self::Io(source) => Error::io("read", Some(path), source),
            Self::Circle => {
                let origin = PictureOrigin { name: path.display().to_string().into(), index: 0, offset: None };
                origin.refused(Self::in_circle())
            }
        }
    }

    /// Makes the refusal of a file whose pages form a circle.
    pub(super) fn in_circle() -> Refusal {
        Refusal::Broken("its pages never end: they follow each other in a circle".to_owned())
    }
}

/// Counts the directories, each of which points to the next one (TIFF 6.0, section 2), and returns to the start. If the
/// list breaks off, the directories before are counted.
pub(in crate::source) fn count(file: &mut (impl Read + Seek)) -> Result<u64, CountError> {
    file.rewind()?;
    let pages = walk(file);
    file.rewind()?;
    match pages {
        Err(CountError::Io(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
        pages => pages,
    }
}

fn walk(file: &mut (impl Read + Seek)) -> Result<u64, CountError> {
    let mut header = [0; 4];
    file.read_exact(&mut header)?;
    let is_little = header.starts_with(b"II");
    // BigTIFF has wider fields.
    let is_big = header.contains(&43);
    let (first, count_bytes, entry_bytes, offset_bytes) = if is_big { (8, 8, 20, 8) } else { (4, 2, 12, 4) };
    let mut read = |at: u64, length: usize| -> io::Result<u64> {
        if i64::try_from(at).is_err() {
            // No file is that long.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.seek(SeekFrom::Start(at))?;
        let mut wide = [0; 8];
        file.read_exact(&mut wide[..length])?;
        if !is_little {
            wide[..length].reverse();
        }
        Ok(u64::from_le_bytes(wide))
    };
    let mut directory = read(first, offset_bytes)?;
    let mut pages: u64 = 0;
    // An earlier directory, replaced whenever the number of directories has doubled: in a circle, it comes again.
    let mut met = 0;
    while directory > 0 {
        if directory == met {
            return Err(CountError::Circle);
        }
        if pages.is_power_of_two() {
            met = directory;
        }
        pages += 1;
        let next = read(directory, count_bytes)
            .map(|entries| entries.saturating_mul(entry_bytes).saturating_add(directory + count_bytes as u64))
            .and_then(|next| read(next, offset_bytes));
        directory = match next {
            Ok(next) => next,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
            Err(error) => return Err(error.into()),
        };
    }
    Ok(pages)
}
