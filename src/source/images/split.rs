//! Splits a stream of pictures into pictures.

use std::io::{self, Read};
use std::sync::Arc;

use memchr::memchr3_iter;

use super::boundaries::EndFinder;
use super::kind::PictureKind;
use super::refusal::Refusal;
use super::{EncodedBytes, EncodedPicture, OnError, PictureOrigin};
use crate::error::{Error, InvalidInput, Result};

/// The size of a read: twice what a pipe holds.
const READ_BYTES: usize = 128 * 1024;

/// The undecoded pictures of a stream. It ends after an error, unless broken pictures are left out: then it continues
/// with the next PNG, JPEG or WebP that starts later. (BMP and PNM start with too few distinctive bytes.)
pub(super) struct Splitter<R> {
    reader: R,
    name: Arc<str>,
    on_error: OnError,
    /// The bytes that were read and not returned yet, from `start` on.
    window: Vec<u8>,
    start: usize,
    /// The position of `start` in the stream.
    offset: u64,
    index: u64,
    at_end: bool,
    failed: bool,
}

impl<R: Read> Splitter<R> {
    pub(super) fn new(reader: R, name: Arc<str>, on_error: OnError) -> Self {
        Self {
            reader,
            name,
            on_error,
            window: Vec::new(),
            start: 0,
            offset: 0,
            index: 0,
            at_end: false,
            failed: false,
        }
    }

    /// Returns the next picture.
    fn split(&mut self) -> Result<Option<EncodedPicture>> {
        while self.rest().len() < PictureKind::START_BYTES && self.fill()? {}
        if self.rest().is_empty() {
            return Ok(None);
        }
        let Some(kind) = PictureKind::of_start(self.rest()) else {
            let start = self.rest()[..self.rest().len().min(8)].to_vec();
            let problem = InvalidInput::NotAPicture { index: self.index, offset: self.offset, start };
            return self.broken(problem, 1);
        };
        let mut finder = EndFinder::new(kind);
        loop {
            match finder.find(self.rest()) {
                Ok(Some(bytes)) => return Ok(Some(self.take(bytes))),
                Ok(None) if self.fill()? => {}
                Ok(None) => {
                    let bytes = self.rest().len();
                    let problem = InvalidInput::CutPicture { index: self.index, offset: self.offset, bytes };
                    return self.broken(problem, finder.broken_at());
                }
                Err(Refusal::Broken(problem)) => {
                    let (index, offset) = (self.index, Some(self.offset));
                    let problem = InvalidInput::BrokenPicture { index, offset, problem };
                    return self.broken(problem, finder.broken_at());
                }
                Err(refusal) => {
                    self.failed = true;
                    return Err(self.origin().refused(refusal));
                }
            }
        }
    }

    /// Returns the place of the next picture.
    fn origin(&self) -> PictureOrigin {
        PictureOrigin { name: Arc::clone(&self.name), index: self.index, offset: Some(self.offset) }
    }

    fn rest(&self) -> &[u8] {
        &self.window[self.start..]
    }

    /// Reads more bytes. Returns whether there were any.
    fn fill(&mut self) -> Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        self.window.drain(..self.start);
        self.start = 0;
        let length = self.window.len();
        self.window.resize(length + READ_BYTES, 0);
        let read = loop {
            match self.reader.read(&mut self.window[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let bytes = read.map_err(|source| {
            self.failed = true;
            Error::io("read", Some((*self.name).as_ref()), source)
        })?;
        // Guards against a reader that claims more bytes than the buffer holds.
        self.window.truncate(length + bytes.min(READ_BYTES));
        self.at_end = bytes == 0;
        Ok(!self.at_end)
    }

    fn take(&mut self, bytes: usize) -> EncodedPicture {
        let origin = self.origin();
        let content = EncodedBytes::Bytes(self.rest()[..bytes].to_vec());
        self.pass(bytes);
        self.index += 1;
        EncodedPicture { origin, content }
    }

    fn pass(&mut self, bytes: usize) {
        self.start += bytes;
        self.offset += bytes as u64;
    }

    /// Makes the error of a broken picture. The search for the next one begins at least `bytes` after its start.
    fn broken(&mut self, problem: InvalidInput, bytes: usize) -> Result<Option<EncodedPicture>> {
        self.index += 1;
        match self.on_error {
            OnError::Stop => self.failed = true,
            OnError::Skip => self.resume(bytes)?,
        }
        Err(Error::Input { name: self.name.to_string(), problem })
    }

    /// Skips everything before the next picture, searching from `bytes` after the current position.
    fn resume(&mut self, bytes: usize) -> Result<()> {
        self.pass(bytes.min(self.rest().len()));
        loop {
            if let Some(bytes) = next_start(self.rest()) {
                self.pass(bytes);
                return Ok(());
            }
            let searched = self.rest().len().saturating_sub(PictureKind::START_BYTES);
            self.pass(searched);
            if !self.fill()? {
                self.pass(self.rest().len());
                return Ok(());
            }
        }
    }
}

/// Finds the next picture in `bytes` of a kind with an unmistakable start.
fn next_start(bytes: &[u8]) -> Option<usize> {
    let sure = [Some(PictureKind::Png), Some(PictureKind::Jpeg), Some(PictureKind::WebP)];
    memchr3_iter(0x89, 0xff, b'R', bytes).find(|at| sure.contains(&PictureKind::of_start(&bytes[*at..])))
}

impl<R: Read> Iterator for Splitter<R> {
    type Item = Result<EncodedPicture>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed { None } else { self.split().transpose() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::images::test_pictures::{jpeg, png};

    /// A reader that returns pieces of these sizes, in a cycle.
    struct Pieces<'a> {
        bytes: &'a [u8],
        sizes: Vec<usize>,
        next: usize,
    }

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.sizes[self.next % self.sizes.len()].min(buffer.len());
            self.next += 1;
            (&mut self.bytes).take(size as u64).read(buffer)
        }
    }

    fn split(bytes: &[u8], sizes: Vec<usize>, on_error: OnError) -> (Vec<Vec<u8>>, Vec<String>) {
        let (mut pictures, mut errors) = (Vec::new(), Vec::new());
        for picture in Splitter::new(Pieces { bytes, sizes, next: 0 }, Arc::from("test"), on_error) {
            match picture.map(|picture| picture.content) {
                Ok(EncodedBytes::Bytes(bytes)) => pictures.push(bytes),
                Ok(EncodedBytes::File(_)) => panic!("a stream contains no files"),
                Err(error) => errors.push(error.to_string()),
            }
        }
        (pictures, errors)
    }

    fn pnm(width: usize, height: usize, seed: u8) -> Vec<u8> {
        let mut bytes = format!("P6 {width} {height}\n# made of {seed}\n255\n").into_bytes();
        bytes.extend((0..width * height * 3).map(|at| (at as u8).wrapping_mul(seed)));
        bytes
    }

    /// Makes the RIFF header of a WebP, followed by `data`, which need not be valid.
    fn webp(data: &[u8]) -> Vec<u8> {
        [b"RIFF", &(data.len() as u32 + 4).to_le_bytes()[..], b"WEBP", data].concat()
    }

    fn any_picture() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            (1..40_u32, 1..40_u32, any::<u8>()).prop_map(|(width, height, seed)| png(width, height, seed)),
            (1..40_u32, 1..40_u32, any::<u8>()).prop_map(|(width, height, seed)| jpeg(width, height, seed)),
            (1..40_usize, 1..40_usize, any::<u8>()).prop_map(|(width, height, seed)| pnm(width, height, seed)),
            prop::collection::vec(any::<u8>(), 0..200).prop_map(|data| webp(&data)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

        #[test]
        fn consecutive_pictures_are_split_correctly(
            pictures in prop::collection::vec(any_picture(), 0..8),
            sizes in prop::collection::vec(1..3000_usize, 1..8),
        ) {
            let (split, errors) = split(&pictures.concat(), sizes, OnError::Stop);
            prop_assert_eq!(errors, Vec::<String>::new());
            prop_assert_eq!(split, pictures);
        }

        #[test]
        fn any_stream_ends_without_duplicates(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            pictures in prop::collection::vec(any_picture(), 0..3),
            sizes in prop::collection::vec(1..200_usize, 1..4),
        ) {
            let stream = [&pictures.concat()[..], &bytes, &pictures.concat()].concat();
            for on_error in [OnError::Stop, OnError::Skip] {
                let (split, errors) = split(&stream, sizes.clone(), on_error);
                prop_assert!(split.iter().map(Vec::len).sum::<usize>() <= stream.len());
                prop_assert!(on_error == OnError::Skip || errors.len() <= 1);
            }
        }

        #[test]
        fn a_cut_stream_returns_its_complete_pictures(
            pictures in prop::collection::vec(any_picture(), 1..4),
            cut in any::<prop::sample::Index>(),
        ) {
            let stream = pictures.concat();
            let cut = cut.index(stream.len());
            let (split, errors) = split(&stream[..cut], vec![1000], OnError::Stop);
            let ends: Vec<usize> = pictures.iter().scan(0, |end, picture| { *end += picture.len(); Some(*end) }).collect();
            prop_assert_eq!(split.len(), ends.iter().filter(|end| **end <= cut).count());
            prop_assert_eq!(errors.is_empty(), cut == 0 || ends.contains(&cut), "{:?}", errors);
        }
    }

    #[test]
    fn after_a_damaged_length_the_next_picture_is_found() {
        let mut damaged = png(30, 30, 1);
        // The length of the second chunk now covers everything after it.
        damaged[33] = 0x10;
        let stream = [&png(3, 3, 0)[..], &damaged, &jpeg(9, 9, 2), &png(5, 5, 3)].concat();
        let (pictures, errors) = split(&stream, vec![100], OnError::Skip);
        assert_eq!(pictures, [png(3, 3, 0), jpeg(9, 9, 2), png(5, 5, 3)]);
        assert_eq!(errors.len(), 1);
    }

    #[test]
    fn the_thumbnail_of_a_broken_jpeg_is_not_a_picture() {
        let thumbnail = jpeg(9, 9, 1);
        let mut broken = b"\xff\xd8\xff\xe1".to_vec();
        broken.extend((thumbnail.len() as u16 + 2).to_be_bytes());
        broken.extend(&thumbnail);
        broken.extend(b"garbage");
        let (pictures, errors) = split(&[&broken[..], &jpeg(30, 30, 2)].concat(), vec![64], OnError::Skip);
        assert_eq!((pictures, errors.len()), (vec![jpeg(30, 30, 2)], 1));
    }
}
