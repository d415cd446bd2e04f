//! The duration of the video in an MP4 or MOV, according to the header of its track. FFmpeg does not report it since
//! version 7: it adds up the times from one packet to the next, which may leave out how long the last frame is shown.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::time::Duration;

use super::cut_mp4::read_box_header;

/// Returns the duration in the header of the video track; `None` if it has none, as in a fragmented movie.
pub(super) fn header_duration(file: &mut (impl Read + Seek)) -> io::Result<Option<Duration>> {
    let Some(movie) = find(file, *b"moov", 0..u64::MAX)? else { return Ok(None) };
    let mut rest = movie;
    while let Some(track) = find(file, *b"trak", rest.clone())? {
        rest.start = track.end;
        let Some(media) = find(file, *b"mdia", track)? else { continue };
        let Some(handler) = find(file, *b"hdlr", media.clone())? else { continue };
        if read(file, handler)?.get(8..12) == Some(b"vide") {
            let Some(header) = find(file, *b"mdhd", media)? else { return Ok(None) };
            return Ok(duration(&read(file, header)?));
        }
    }
    Ok(None)
}

/// Returns whether a fragmented movie has the index of fragments that its muxer writes at the end.
pub(super) fn has_fragment_index(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    Ok(find(file, *b"mfra", 0..u64::MAX)?.is_some())
}

/// Returns the place of the contents of the first box of this name in a part of the file.
fn find(file: &mut (impl Read + Seek), name: [u8; 4], part: Range<u64>) -> io::Result<Option<Range<u64>>> {
    let mut place = part.start;
    while part.contains(&place)
        && let Some((found, length)) = read_box_header(file, place)?
    {
        let end = place.saturating_add(length).min(part.end);
        if found == name {
            return Ok(Some(place + 8..end));
        }
        place = end;
    }
    Ok(None)
}

/// Reads the start of a box's contents.
fn read(file: &mut (impl Read + Seek), contents: Range<u64>) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(contents.start))?;
    let mut bytes = Vec::new();
    file.take(contents.end.saturating_sub(contents.start).min(64)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads the fields of a header, whose times have 64 bits in version 1 (ISO/IEC 14496-12, 8.4.2).
fn duration(fields: &[u8]) -> Option<Duration> {
    let word = |place: usize| Some(u32::from_be_bytes(*fields.get(place..)?.first_chunk()?));
    let (ticks_per_second, ticks) = match fields.first()? {
        0 => (word(12)?, u64::from(word(16)?)),
        1 => (word(20)?, u64::from(word(24)?) << 32 | u64::from(word(28)?)),
        _ => return None,
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

    fn track(kind: &[u8; 4], header: &[u8]) -> Vec<u8> {
        let handler = boxed(b"hdlr", &[&[0; 8][..], kind, &[0; 13]].concat());
        boxed(
            b"trak",
            &[boxed(b"tkhd", &[1; 5]), boxed(b"mdia", &[boxed(b"mdhd", header), handler].concat())].concat(),
        )
    }

    fn header(ticks_per_second: u32, ticks: u32) -> Vec<u8> {
        [&[0; 12][..], &ticks_per_second.to_be_bytes(), &ticks.to_be_bytes(), &[0; 4]].concat()
    }

    fn found(file: Vec<u8>) -> Option<Duration> {
        header_duration(&mut Cursor::new(file)).expect("read")
    }

    #[test]
    fn the_header_of_the_video_is_read_in_both_versions() {
        let long =
            [&[1, 0, 0, 0][..], &[0; 16], &1000_u32.to_be_bytes(), &7_000_000_000_u64.to_be_bytes(), &[0; 4]];
        for (header_of_video, expected) in
            [(header(600, 2100), Duration::from_millis(3500)), (long.concat(), Duration::from_secs(7_000_000))]
        {
            let tracks =
                [boxed(b"mvhd", &header(1, 9)), track(b"soun", &header(1, 8)), track(b"vide", &header_of_video)];
            let movie =
                [boxed(b"ftyp", b"isom"), boxed(b"mdat", &[7; 40]), boxed(b"moov", &tracks.concat())].concat();
            assert_eq!(found(movie), Some(expected));
        }
    }

    #[test]
    fn a_movie_may_have_no_duration() {
        let video = |header: &[u8]| boxed(b"moov", &track(b"vide", header));
        assert_eq!(found(video(&header(600, 0))), None);
        assert_eq!(found(video(&header(600, u32::MAX))), None);
        assert_eq!(found(video(&header(600, 5)[..18])), None);
        assert_eq!(found(video(&[2; 24])), None);
        assert_eq!(found(boxed(b"moov", &track(b"soun", &header(600, 5)))), None);
        assert_eq!(found(boxed(b"moov", &boxed(b"trak", &[]))), None);
        assert_eq!(found(boxed(b"ftyp", b"isom")), None);
        assert_eq!(found(Vec::new()), None);
    }

    #[test]
    fn the_index_of_fragments_is_found() {
        let fragments = [boxed(b"moov", &[]), boxed(b"moof", &[1; 9]), boxed(b"mdat", &[2; 9])].concat();
        let has_index = |file: Vec<u8>| has_fragment_index(&mut Cursor::new(file)).expect("read");
        assert!(!has_index(fragments.clone()));
        assert!(has_index([fragments, boxed(b"mfra", &[0; 8])].concat()));
    }
}
