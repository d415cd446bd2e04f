//! The duration of an MP4 or MOV according to its header. FFmpeg does not report it since version 7: it adds up the times
//! from one packet to the next, which leaves out how long a last frame is shown if it is not decoded last.

use std::io::{self, Read, Seek};
use std::time::Duration;

use super::cut_mp4::read_box_header;

/// Returns the duration in the header of a movie; `None` if it has none, as in a fragmented movie.
pub(super) fn stated_duration(file: &mut (impl Read + Seek)) -> io::Result<Option<Duration>> {
    let Some((movie, length)) = find(file, *b"moov", 0..u64::MAX)? else { return Ok(None) };
    let Some((header, _)) = find(file, *b"mvhd", movie + 8..movie.saturating_add(length))? else { return Ok(None) };
    file.seek(io::SeekFrom::Start(header + 8))?;
    let mut fields = Vec::new();
    file.take(32).read_to_end(&mut fields)?;
    Ok(duration(&fields))
}

/// Returns the place and the length of the first box of this name in a part of the file.
fn find(
    file: &mut (impl Read + Seek),
    name: [u8; 4],
    part: std::ops::Range<u64>,
) -> io::Result<Option<(u64, u64)>> {
    let mut place = part.start;
    while part.contains(&place)
        && let Some((found, length)) = read_box_header(file, place)?
    {
        if found == name {
            return Ok(Some((place, length)));
        }
        place = place.saturating_add(length);
    }
    Ok(None)
}

/// Reads the fields of a header, whose times have 64 bits in version 1 (ISO/IEC 14496-12, 8.2.2).
fn duration(fields: &[u8]) -> Option<Duration> {
    let word = |place: usize| Some(u32::from_be_bytes(*fields.get(place..)?.first_chunk()?));
    let (ticks_per_second, ticks) = match fields.first()? {
        0 => (word(12)?, u64::from(word(16)?)),
        _ => (word(20)?, u64::from(word(24)?) << 32 | u64::from(word(28)?)),
    };
    // All ones mean that the duration is unknown.
    let is_known = ticks > 0 && ticks_per_second > 0 && ticks != u64::from(u32::MAX) && ticks != u64::MAX;
    let nanoseconds = u128::from(ticks) * 1_000_000_000 / u128::from(ticks_per_second.max(1));
    is_known.then(|| u64::try_from(nanoseconds).ok().map(Duration::from_nanos)).flatten()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn boxed(name: &[u8; 4], inside: &[u8]) -> Vec<u8> {
        [&(inside.len() as u32 + 8).to_be_bytes()[..], name, inside].concat()
    }

    fn stated(file: Vec<u8>) -> Option<Duration> {
        stated_duration(&mut Cursor::new(file)).expect("read")
    }

    #[test]
    fn both_versions_of_the_header_are_read() {
        let short = [&[0; 12][..], &600_u32.to_be_bytes(), &2100_u32.to_be_bytes(), &[0; 80]].concat();
        let long =
            [&[1, 0, 0, 0][..], &[0; 16], &1000_u32.to_be_bytes(), &7_000_000_000_u64.to_be_bytes(), &[0; 80]];
        for (header, expected) in
            [(short, Duration::from_millis(3500)), (long.concat(), Duration::from_secs(7_000_000))]
        {
            let inside = [boxed(b"iods", &[1; 5]), boxed(b"mvhd", &header), boxed(b"trak", &[])].concat();
            let movie = [boxed(b"ftyp", b"isom"), boxed(b"mdat", &[7; 40]), boxed(b"moov", &inside)].concat();
            assert_eq!(stated(movie), Some(expected));
        }
    }

    #[test]
    fn a_movie_may_have_no_duration() {
        let header = [&[0; 12][..], &600_u32.to_be_bytes(), &0_u32.to_be_bytes()].concat();
        assert_eq!(stated(boxed(b"moov", &boxed(b"mvhd", &header))), None);
        assert_eq!(stated(boxed(b"moov", &boxed(b"mvhd", &header[..18]))), None);
        assert_eq!(stated(boxed(b"moov", &boxed(b"trak", &[]))), None);
        assert_eq!(stated(boxed(b"ftyp", b"isom")), None);
        assert_eq!(stated(Vec::new()), None);
    }
}
