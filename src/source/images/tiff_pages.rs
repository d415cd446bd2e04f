//! How many pages a TIFF has.

use std::io::{self, Read, Seek, SeekFrom};

/// The most pages that are counted: directories may follow each other in a circle.
const MOST_PAGES: u64 = 10_000_000;

/// Counts the directories, each of which has the place of the next one (TIFF 6.0, section 2), and goes back to the start. What
/// breaks off there is counted up to that.
pub(in crate::source) fn count(file: &mut (impl Read + Seek)) -> io::Result<u64> {
    file.rewind()?;
    let pages = walk(file);
    file.rewind()?;
    match pages {
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
        pages => Ok(pages.unwrap_or(0)),
    }
}

fn walk(file: &mut (impl Read + Seek)) -> io::Result<u64> {
    let mut header = [0; 4];
    file.read_exact(&mut header)?;
    let is_little = header.starts_with(b"II");
    // BigTIFF has wider fields.
    let is_big = header.contains(&43);
    let (first, count_bytes, entry_bytes, offset_bytes) = if is_big { (8, 8, 20, 8) } else { (4, 2, 12, 4) };
    let mut read = |at: u64, length: usize| -> io::Result<u64> {
        file.seek(SeekFrom::Start(at))?;
        let mut wide = [0; 8];
        file.read_exact(&mut wide[..length])?;
        if !is_little {
            wide[..length].reverse();
        }
        Ok(u64::from_le_bytes(wide))
    };
    let mut directory = read(first, offset_bytes)?;
    let mut pages = 0;
    while directory > 0 && pages < MOST_PAGES {
        pages += 1;
        let next = read(directory, count_bytes)
            .map(|entries| entries.saturating_mul(entry_bytes).saturating_add(directory + count_bytes as u64))
            .and_then(|next| read(next, offset_bytes));
        directory = match next {
            Ok(next) => next,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
            Err(error) => return Err(error),
        };
    }
    Ok(pages)
}
