//! Bytes that never reached the disk. A file system that lost its power may have a file's length and not its bytes: what
//! is missing reads as zeros.

use memchr::memmem;

/// Zeros that a lost page has at least.
const LOST: usize = 512;

/// Whether bytes of a frame of H.264 or HEVC were lost, whose parts have their lengths before them. Parts fill their frame,
/// none has three zeros in a row, and none ends in a zero: those would be taken for the start of another one (ISO/IEC
/// 14496-10, 7.4.1; ISO/IEC 23008-2, 7.4.2).
pub(crate) fn is_h264_damaged(frame: &[u8]) -> bool {
    let mut rest = frame;
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let Some(part) = after.get(..length) else { return true };
        if matches!(part.last(), None | Some(0)) || memmem::find(part, &[0; 3]).is_some() {
            return true;
        }
        rest = &after[length..];
    }
    !rest.is_empty() || frame.is_empty()
}

/// Whether the end of a frame of another codec is not there. Each ends in something else than zeros: JPEG in a marker, FFV1
/// in a checksum, MPEG-4 in a stuffing bit. Within a frame there may be many: JPEG writes black so.
pub(crate) fn is_frame_damaged(frame: &[u8]) -> bool {
    frame.iter().rev().take(LOST).all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_in_a_frame_and_lengths_that_do_not_fit_are_damage() {
        let whole = [0, 0, 0, 3, 0x65, 1, 2, 0, 0, 0, 2, 0x41, 9];
        assert!(!is_h264_damaged(&whole));
        for from in 0..whole.len() {
            let mut lost = whole;
            lost[from..].fill(0);
            assert!(is_h264_damaged(&lost), "{from}");
            assert!(is_h264_damaged(&whole[..from]) || from == 7, "{from}");
        }
        let black = [&[0xff; 9][..], &[0; 4_000], &[0xff, 0xd9]].concat();
        assert!(is_frame_damaged(&[0; 512]) && is_frame_damaged(&[]) && !is_frame_damaged(&black));
    }
}
