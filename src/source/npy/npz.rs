//! Reads one array of an `.npz` file: a zip archive of arrays, stored or deflated.
//!
//! The crate `zip` finds the member. Its own readers borrow the archive, but a source has to own its reader, so the
//! member is decompressed and checked here.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::CrcReader;
use flate2::read::DeflateDecoder;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use crate::error::{Error, InvalidInput, Result};

/// The file extension of a member, which NumPy leaves out of the array's name.
const SUFFIX: &str = ".npy";

/// Compressed bytes that are read at a time.
const BUFFER_BYTES: usize = 256 * 1024;

/// Opens the array named `asked`, or the only one, and returns its name.
pub(super) fn open(file: File, asked: Option<&str>, name: &str) -> Result<(Box<dyn Read + Send>, String)> {
    let broken = |error: ZipError| match error {
        ZipError::Io(source) => Error::io("read", Some(name.as_ref()), source),
        error => malformed(name, error.to_string()),
    };
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(broken)?;
        if let Some(array) = member.name().map_err(broken)?.strip_suffix(SUFFIX) {
            members.push((array.to_owned(), index));
        }
    }
    let asked = asked.map(|asked| asked.strip_suffix(SUFFIX).unwrap_or(asked));
    let chosen = match (asked, members.as_slice()) {
        (None, [only]) => Some(only),
        (None, _) => None,
        (Some(asked), all) => all.iter().find(|(array, _)| array == asked),
    };
    let Some((array, index)) = chosen.cloned() else {
        let members = members.into_iter().map(|(array, _)| array).collect();
        let problem = InvalidInput::Member { asked: asked.map(str::to_owned), members };
        return Err(Error::Input { name: name.to_owned(), problem });
    };
    let member = archive.by_index_raw(index).map_err(broken)?;
    if member.encrypted() {
        return Err(malformed(name, format!("{array} is encrypted")));
    }
    let (method, bytes, crc) = (member.compression(), member.compressed_size(), member.crc32());
    let start = member.data_start();
    drop(member);
    let start = start.ok_or_else(|| malformed(name, format!("it does not record where {array} starts")))?;
    let mut file = archive.into_inner().into_inner();
    file.seek(SeekFrom::Start(start)).map_err(|source| Error::io("read", Some(name.as_ref()), source))?;
    let compressed = BufReader::with_capacity(BUFFER_BYTES, file.take(bytes));
    let reader: Box<dyn Read + Send> = match method {
        CompressionMethod::Stored => Box::new(Checked::new(compressed, crc)),
        CompressionMethod::Deflated => Box::new(Checked::new(DeflateDecoder::new(compressed), crc)),
        other => {
            let problem =
                format!("{array} is compressed with {other}; save it with np.savez_compressed or np.savez");
            return Err(malformed(name, problem));
        }
    };
    Ok((reader, array))
}

fn malformed(name: &str, problem: String) -> Error {
    Error::Input { name: name.to_owned(), problem: InvalidInput::Malformed { format: "zip", problem } }
}

/// Compares the checksum at the end, as any unzip program would.
struct Checked<R> {
    reader: CrcReader<R>,
    crc: u32,
}

impl<R: Read> Checked<R> {
    fn new(reader: R, crc: u32) -> Self {
        Self { reader: CrcReader::new(reader), crc }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.reader.read(buffer)?;
        if bytes == 0 && !buffer.is_empty() && self.reader.crc().sum() != self.crc {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the array's checksum is wrong: it is damaged"));
        }
        Ok(bytes)
    }
}
