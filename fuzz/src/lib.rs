//! What several targets do: put bytes into a file, and recover a movie from it.

use std::fs;
use std::path::{Path, PathBuf};

use framemill::{Recovered, inspect, recover};
use tempfile::TempDir;

/// A folder that is made once and used by every case.
pub struct Folder(TempDir);

impl Default for Folder {
    fn default() -> Self {
        Self(tempfile::tempdir().expect("a folder for temporary files"))
    }
}

impl Folder {
    /// Writes a file of these bytes.
    pub fn file(&self, data: &[u8]) -> PathBuf {
        let path = self.0.path().join("fuzz.part");
        fs::write(&path, data).expect("room for a small file");
        path
    }

    /// Recovers `data`. A movie that comes out of it is whole, and has the frames that were reported; nothing else is left.
    pub fn recovered(&self, data: &[u8]) -> Option<Recovered> {
        let part = self.file(data);
        let movie = self.0.path().join("fuzz.movie");
        let recovered = recover(&part, Some(&movie)).ok();
        if let Some(recovered) = &recovered {
            check_whole(&movie, recovered);
            fs::remove_file(&movie).expect("it was published");
        }
        assert_eq!(fs::read(&part).expect("it is kept"), data);
        assert_eq!(fs::read_dir(self.0.path()).expect("the folder").count(), 1);
        recovered
    }
}

fn check_whole(movie: &Path, recovered: &Recovered) {
    let found = inspect(movie).expect("a movie that was made can be read");
    assert_eq!((found.packets.len() as u64, found.container), (recovered.frames, recovered.container));
    assert_eq!((found.damage, found.file_bytes), (None, recovered.bytes));
}
