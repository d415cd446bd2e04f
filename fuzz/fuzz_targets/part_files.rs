//! Fuzzes recovery of part files with cuts, lost pages and changed bytes: no frame before the damage is lost.
//!
//! The first byte of a case selects the part file. Each following group of four bytes is one damage: its kind, its
//! place (two bytes) and its value.
#![no_main]

use framemill_fuzz::Folder;
use libfuzzer_sys::fuzz_target;

/// Part files of killed runs.
const PARTS: [&[u8]; 4] = [
    include_bytes!("../corpus/recover/h264.mp4"),
    include_bytes!("../corpus/recover/mpeg4.mp4"),
    include_bytes!("../corpus/recover/h264.mkv"),
    include_bytes!("../corpus/recover/xvid.avi"),
];

thread_local! {
    static FOLDER: Folder = Folder::default();
}

fn damage(part: &mut Vec<u8>, how: u8, place: usize, value: u8) {
    let place = place % part.len().max(1);
    match how % 5 {
        0 => part.truncate(place),
        1 => part[place..].fill(0),
        2 => {
            let end = part.len().min(place + usize::from(value));
            part[place..end].fill(0);
        }
        3 => part.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= value),
        _ => {
            let end = part.len().min(place + usize::from(value));
            part.extend_from_within(place..end);
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((which, damages)) = data.split_first() else { return };
    let whole = PARTS[usize::from(*which) % PARTS.len()];
    let mut part = whole.to_vec();
    for each in damages.chunks_exact(4).take(8) {
        if !part.is_empty() {
            damage(&mut part, each[0], usize::from(u16::from_le_bytes([each[1], each[2]])), each[3]);
        }
    }
    let undamaged = part.iter().zip(whole).take_while(|(now, before)| now == before).count();
    FOLDER.with(|folder| {
        let frames = |part: &[u8]| folder.recovered(part).map_or(0, |recovered| recovered.frames);
        assert!(frames(&part) >= frames(&whole[..undamaged]));
    });
});
