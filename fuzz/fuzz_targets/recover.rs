//! Fuzzes `recover`: any bytes as a part file give a complete movie, or an error.
#![no_main]

use framemill_fuzz::Folder;
use libfuzzer_sys::fuzz_target;

thread_local! {
    static FOLDER: Folder = Folder::default();
}

fuzz_target!(|data: &[u8]| {
    FOLDER.with(|folder| folder.recovered(data));
});
