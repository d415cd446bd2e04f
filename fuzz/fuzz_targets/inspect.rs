//! Fuzzes `inspect` and `thumbnails`: any bytes as a movie give its packets and pictures, or an error.
#![no_main]

use framemill::{inspect, thumbnails};
use framemill_fuzz::Folder;
use libfuzzer_sys::fuzz_target;

thread_local! {
    static FOLDER: Folder = Folder::default();
}

fuzz_target!(|data: &[u8]| {
    let path = FOLDER.with(|folder| folder.file(data));
    if let Ok(movie) = inspect(&path) {
        assert_eq!(movie.file_bytes, data.len() as u64);
        let mut numbers: Vec<_> = movie.packets.iter().map(|packet| packet.index).collect();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..movie.packets.len() as u64));
    }
    for picture in thumbnails(&path, &[0, 3], 16).unwrap_or_default() {
        assert_eq!(picture.rgb.len(), picture.width as usize * picture.height as usize * 3);
    }
});
