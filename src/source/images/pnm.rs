//! Finds the end of a Netpbm picture: its header has the size, and the samples follow without gaps. The manual pages
//! pbm(5), pgm(5), ppm(5) and pam(5) describe the formats.

/// The longest header, including comments.
const MAX_HEADER_BYTES: usize = 4096;

/// Returns the length of the picture that starts with `bytes`; `None` if more of its header is needed.
pub(super) fn end(bytes: &[u8]) -> Result<Option<usize>, String> {
    let header = match bytes.get(1) {
        Some(b'7') => pam_header(bytes),
        Some(kind @ b'4'..=b'6') => binary_header(bytes, *kind),
        Some(_) => {
            return Err(
                "Netpbm pictures as text do not record where they end: write the binary kinds P4 to P7".into()
            );
        }
        None => return Ok(None),
    };
    match header {
        Some(Some(end)) => Ok(Some(end)),
        None if bytes.len() < MAX_HEADER_BYTES => Ok(None),
        _ => Err("it does not have the header of a Netpbm picture".to_owned()),
    }
}

/// The outer value is `None` until the header is complete; the inner value is the picture's end if the header is valid.
type Header = Option<Option<usize>>;

/// Parses `P4`, `P5` or `P6`, then width, height and, except for `P4`, the largest value, separated by white space and
/// comments.
fn binary_header(bytes: &[u8], kind: u8) -> Header {
    let mut at = 2;
    let mut next = || {
        let (word, end) = word(bytes, at)?;
        at = end;
        Some(word)
    };
    let width = next()?;
    let height = next()?;
    let largest = if kind == b'4' { Some(1) } else { next()? };
    // A single white-space character ends the header.
    let start = at + 1;
    Some((|| {
        let (width, height, largest) = (width?, height?, largest?);
        let row_bytes = match kind {
            b'4' => width.div_ceil(8),
            b'5' => width.checked_mul(sample_bytes(largest)?)?,
            _ => width.checked_mul(3 * sample_bytes(largest)?)?,
        };
        row_bytes.checked_mul(height)?.checked_add(start)
    })())
}

/// Parses the next number, if it is one, and finds where its digits end. `None` if it does not end in `bytes`.
fn word(bytes: &[u8], mut at: usize) -> Option<(Option<usize>, usize)> {
    loop {
        match bytes.get(at)? {
            b'#' => at += bytes.get(at..)?.iter().position(|byte| *byte == b'\n')?,
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => break,
        }
    }
    let word = bytes.get(at..)?;
    let length = word.iter().position(u8::is_ascii_whitespace)?;
    Some((parse(&word[..length]), at + length))
}

/// Parses lines of a name and a value, until `ENDHDR`.
fn pam_header(bytes: &[u8]) -> Header {
    let (mut width, mut height, mut depth, mut largest) = (None, None, None, None);
    let mut at = 0;
    loop {
        let line = bytes.get(at..)?;
        let length = line.iter().position(|byte| *byte == b'\n')?;
        at += length + 1;
        let line = line[..length].trim_ascii();
        let (name, value) = line.split_at(line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len()));
        match name {
            b"WIDTH" => width = parse(value.trim_ascii()),
            b"HEIGHT" => height = parse(value.trim_ascii()),
            b"DEPTH" => depth = parse(value.trim_ascii()),
            b"MAXVAL" => largest = parse(value.trim_ascii()),
            b"ENDHDR" => break,
            _ => {}
        }
    }
    Some((|| {
        let samples = width?.checked_mul(height?)?.checked_mul(depth?)?;
        samples.checked_mul(sample_bytes(largest?)?)?.checked_add(at)
    })())
}

fn parse(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse::<u32>().ok().map(|number| number as usize)
}

fn sample_bytes(largest: usize) -> Option<usize> {
    match largest {
        1..=255 => Some(1),
        256..=65_535 => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_follows_from_the_header() {
        assert_eq!(end(b"P5 3 2 255\nabcdef"), Ok(Some(17)));
        assert_eq!(end(b"P5 3 2 256\n"), Ok(Some(11 + 12)));
        assert_eq!(end(b"P6\n# a comment\n3 # another\n 2\n255\n"), Ok(Some(34 + 18)));
        assert_eq!(end(b"P4\n9 2\n"), Ok(Some(7 + 4)));
        assert_eq!(
            end(b"P7\nWIDTH 3\nHEIGHT 2\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"),
            Ok(Some(65 + 24))
        );
        let header = b"P6\n# a comment\n3 2 65535\n";
        for cut in 2..header.len() - 1 {
            assert_eq!(end(&header[..cut]), Ok(None), "{cut}");
        }
    }

    #[test]
    fn invalid_headers_are_refused() {
        for header in [
            &b"P5 x 2 255\n"[..],
            b"P5 3 2 0\n",
            b"P5 3 2 65536\n",
            b"P6 4294967296 1 255\n",
            b"P2 3 2 255\n",
            b"P7\nWIDTH 3\nHEIGHT 2\nENDHDR\n",
            b"P7\nWIDTH 4294967295\nHEIGHT 4294967295\nDEPTH 4294967295\nMAXVAL 255\nENDHDR\n",
        ] {
            assert!(end(header).is_err(), "{}", String::from_utf8_lossy(header));
        }
        assert!(end(&[&b"P5 "[..], &[b' '; MAX_HEADER_BYTES]].concat()).is_err());
    }
}
