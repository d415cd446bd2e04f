//! Reads the header of an array, in the versions 1.0, 2.0 and 3.0 that `numpy.lib.format` documents: a magic number,
//! the version, the length of the text, and the text, which is a Python literal.

use std::io::Read;

use super::literal::Literal;
use crate::error::{Error, InvalidInput, Result};
use crate::source::read_full;

/// The start of every array.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// The longest header. NumPy pads a header to 128 bytes, and rejects headers of more than 10,000 bytes.
const MAX_TEXT_BYTES: usize = 65_535;

/// Reads a header from `reader`. Errors refer to it as `name`. The samples follow it.
pub(super) fn read(reader: &mut impl Read, name: &str) -> Result<Literal> {
    let text = read_text(reader, name)?;
    text.and_then(|text| Literal::parse(&text)).map_err(|problem| malformed(name, problem))
}

pub(super) fn malformed(name: &str, problem: String) -> Error {
    Error::Input { name: name.to_owned(), problem: InvalidInput::Malformed { format: "NumPy", problem } }
}

/// Reads the text, or describes what is wrong with it. The outer error is a read error.
fn read_text(reader: &mut impl Read, name: &str) -> Result<Result<String, String>> {
    let mut start = [0; 12];
    let (preamble, long_length) = start.split_at_mut(10);
    if read_full(reader, preamble, name)? < preamble.len() || !preamble.starts_with(MAGIC) {
        return Ok(Err("it does not start with \\x93NUMPY".to_owned()));
    }
    let (major, minor) = (preamble[6], preamble[7]);
    if !matches!((major, minor), (1..=3, 0)) {
        return Ok(Err(format!("its version {major}.{minor} is not 1.0, 2.0 or 3.0")));
    }
    if major > 1 && read_full(reader, long_length, name)? < long_length.len() {
        return Ok(Err("it ends inside its header".to_owned()));
    }
    let bytes = u32::from_le_bytes([start[8], start[9], start[10], start[11]]) as usize;
    if bytes > MAX_TEXT_BYTES {
        return Ok(Err(format!("its header of {bytes} bytes is longer than {MAX_TEXT_BYTES}")));
    }
    let mut text = vec![0; bytes];
    if read_full(reader, &mut text, name)? < bytes {
        return Ok(Err("it ends inside its header".to_owned()));
    }
    Ok(match major {
        3 => String::from_utf8(text).map_err(|_| "its header is not UTF-8".to_owned()),
        // Latin-1: each byte is the code of a character.
        _ => Ok(text.into_iter().map(char::from).collect()),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &[u8] = b"{'descr': '<f4', 'fortran_order': True, 'shape': (7, 8, 9), }\n";

    fn array(version: [u8; 2], text: &[u8]) -> Vec<u8> {
        let bytes = (text.len() as u32).to_le_bytes();
        let length = if version[0] == 1 { &bytes[..2] } else { &bytes[..] };
        [MAGIC, &version, length, text, b"samples"].concat()
    }

    fn error(stream: &[u8]) -> String {
        read(&mut &stream[..], "a.npy").expect_err("refused").to_string()
    }

    #[test]
    fn each_version_is_read_up_to_its_samples() {
        for version in [[1, 0], [2, 0], [3, 0]] {
            let stream = array(version, TEXT);
            let mut rest = &stream[..];
            let literal = read(&mut rest, "a.npy").expect("valid");
            assert_eq!((literal.descr.as_str(), literal.fortran_order, rest), ("<f4", true, &b"samples"[..]));
        }
    }

    #[test]
    fn names_of_fields_are_latin_1_before_version_3() {
        let text =
            |name: &[u8]| [b"{'descr': [('", name, b"', '<f4')], 'fortran_order': False, 'shape': (1,)}"].concat();
        let descr = |stream: Vec<u8>| read(&mut &stream[..], "a.npy").expect("valid").descr;
        assert_eq!(descr(array([1, 0], &text(b"\xe9"))), "[('é', '<f4')]");
        assert_eq!(descr(array([3, 0], &text("é".as_bytes()))), "[('é', '<f4')]");
        assert_eq!(
            error(&array([3, 0], &text(b"\xe9"))),
            "a.npy: cannot be read as a NumPy stream: its header is not UTF-8"
        );
    }

    #[test]
    fn data_that_is_not_an_array_is_refused() {
        let start = "a.npy: cannot be read as a NumPy stream: ";
        for (stream, problem) in [
            (b"".to_vec(), "it does not start with \\x93NUMPY"),
            (b"\x93NUMPY".to_vec(), "it does not start with \\x93NUMPY"),
            (b"NUMPY\x01\x00\x10\x00{}".to_vec(), "it does not start with \\x93NUMPY"),
            (array([1, 1], TEXT), "its version 1.1 is not 1.0, 2.0 or 3.0"),
            (array([4, 0], TEXT), "its version 4.0 is not 1.0, 2.0 or 3.0"),
            (array([2, 0], TEXT)[..11].to_vec(), "it ends inside its header"),
            (array([1, 0], TEXT)[..30].to_vec(), "it ends inside its header"),
            ([MAGIC, b"\x02\0\xff\xff\xff\xff{"].concat(), "its header of 4294967295 bytes is longer than 65535"),
        ] {
            assert_eq!(error(&stream), format!("{start}{problem}"));
        }
    }

    proptest! {
        #[test]
        fn no_input_causes_a_panic(version in 0..5_u8, bytes: Vec<u8>) {
            let _ = read(&mut &bytes[..], "x");
            let _ = read(&mut &[MAGIC, &[version, 0], &bytes[..]].concat()[..], "x");
        }
    }
}
