//! The beginning of a file.

use std::io::{self, Read, Seek, SeekFrom};

/// The first bytes of a file, as if it ended there.
pub(super) struct FirstBytes<F> {
    file: F,
    position: u64,
    bytes: u64,
}

impl<F: Seek> FirstBytes<F> {
    /// Limits a file to its first `bytes`.
    pub(super) fn new(mut file: F, bytes: u64) -> io::Result<Self> {
        let bytes = file.seek(SeekFrom::End(0))?.min(bytes);
        file.rewind()?;
        Ok(Self { file, position: 0, bytes })
    }
}

impl<F: Read> Read for FirstBytes<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.bytes.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let bytes = self.file.read(&mut buffer[..wanted])?;
        self.position += bytes as u64;
        Ok(bytes)
    }
}

impl<F: Seek> Seek for FirstBytes<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.bytes.checked_add_signed(offset),
        };
        self.position = self.file.seek(SeekFrom::Start(position.ok_or(io::ErrorKind::InvalidInput)?))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_file_ends_where_it_is_cut() {
        let mut first = FirstBytes::new(Cursor::new(b"0123456789"), 7).expect("in memory");
        let mut text = String::new();
        first.read_to_string(&mut text).expect("in memory");
        assert_eq!(text, "0123456");
        assert_eq!(first.seek(SeekFrom::End(-2)).expect("in memory"), 5);
        assert_eq!(first.read(&mut [0; 9]).expect("in memory"), 2);
        assert_eq!(FirstBytes::new(Cursor::new(b"01"), 7).expect("in memory").seek(SeekFrom::End(0)).ok(), Some(2));
    }
}
