//! Helpers for several fuzz targets: write bytes to a file, and recover a movie from it.

use std::fs;
use std::path::{Path, PathBuf};

use framemill::{Recovered, inspect, recover};
use tempfile::TempDir;

/// A temporary folder that all cases share.
pub struct Folder(TempDir);

impl Default for Folder {
    fn default() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }
}

impl Folder {
    /// Writes these bytes to a file, and returns its path.
    pub fn file(&self, data: &[u8]) -> PathBuf {
        let path = self.0.path().join("fuzz.part");
        fs::write(&path, data).expect("room for a small file");
        path
    }

    /// Recovers a movie from the part file `data`, or returns `None`. Checks that the movie is complete and has the
    /// reported frames, that the part file is unchanged, and that no other file is left.
    pub fn recovered(&self, data: &[u8]) -> Option<Recovered> {
        let part = self.file(data);
        let movie = self.0.path().join("fuzz.movie");
        let recovered = recover(&part, Some(&movie)).ok();
        if let Some(recovered) = &recovered {
            check_whole(&movie, recovered);
            fs::remove_file(&movie).expect("the movie was published");
        }
        assert_eq!(fs::read(&part).expect("the part file is kept"), data);
        assert_eq!(fs::read_dir(self.0.path()).expect("the folder").count(), 1);
        recovered
    }
}

fn check_whole(movie: &Path, recovered: &Recovered) {
    let found = inspect(movie).expect("the recovered movie can be read");
    assert_eq!((found.packets.len() as u64, found.container), (recovered.frames, recovered.container));
    assert_eq!((found.damage, found.file_bytes), (None, recovered.bytes));
}
