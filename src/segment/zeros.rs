//! Detects bytes that never reached the disk. After a power loss, a file may have its full length, but the missing
//! bytes read as zeros.

use memchr::memmem;

use crate::av::StreamParameters;

/// The smallest number of zeros in a lost page.
const LOST: usize = 512;

/// Returns the function that detects whether bytes of a frame of this stream were lost.
pub(crate) fn damage_check(stream: &StreamParameters) -> fn(&[u8]) -> bool {
    if stream.has_lengths() { has_damaged_units } else { is_frame_damaged }
}

/// Returns whether an H.264 or HEVC frame, in which a length precedes each NAL unit, has lost bytes. In an intact frame,
/// the units fill the frame exactly, and no unit is empty, contains three zeros in a row, or ends in a zero, because a
/// decoder could take these for a start code (ISO/IEC 14496-10, 7.4.1; ISO/IEC 23008-2, 7.4.2).
fn has_damaged_units(frame: &[u8]) -> bool {
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

/// Returns whether the end of a frame of another codec is missing. Each ends in something other than zeros: JPEG in a
/// marker, FFV1 in a checksum, MPEG-4 in a stuffing bit. There may be many zeros inside a frame: JPEG writes black like
/// that.
fn is_frame_damaged(frame: &[u8]) -> bool {
    frame.iter().rev().take(LOST).all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_in_a_frame_and_lengths_that_do_not_fit_are_damage() {
        let whole = [0, 0, 0, 3, 0x65, 1, 2, 0, 0, 0, 2, 0x41, 9];
        assert!(!has_damaged_units(&whole));
        for from in 0..whole.len() {
            let mut lost = whole;
            lost[from..].fill(0);
            assert!(has_damaged_units(&lost), "{from}");
            assert!(has_damaged_units(&whole[..from]) || from == 7, "{from}");
        }
        let black = [&[0xff; 9][..], &[0; 4_000], &[0xff, 0xd9]].concat();
        assert!(is_frame_damaged(&[0; 512]) && is_frame_damaged(&[]) && !is_frame_damaged(&black));
    }
}
