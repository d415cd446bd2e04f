//! A stream of pictures, one after the other, becomes pictures.

use std::io::{self, Read};
use std::sync::Arc;

use memchr::memchr3_iter;

use super::boundaries::EndFinder;
use super::kind::PictureKind;
use super::{Content, Encoded, OnError, Place};
use crate::error::{Error, InvalidInput, Result};

/// What is read at once: twice what a pipe holds.
const READ_BYTES: usize = 128 * 1024;

/// The pictures of a stream, not decoded. It ends after an error, except where broken pictures are to be left out: then
/// it goes on with the next PNG, JPEG or WebP that starts somewhere behind. (BMP and PNM start with too little to be
/// told from pixels.)
pub(super) struct Splitter<R> {
    reader: R,
    name: Arc<str>,
    on_error: OnError,
    /// What was read and not given out yet, from `start` on.
    window: Vec<u8>,
    start: usize,
    /// Where in the stream the window's `start` is.
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

    /// The next picture.
    fn split(&mut self) -> Result<Option<Encoded>> {
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
                Err(problem) => {
                    let (index, offset) = (self.index, Some(self.offset));
                    let problem = InvalidInput::BrokenPicture { index, offset, problem };
                    return self.broken(problem, finder.broken_at());
                }
            }
        }
    }

    fn rest(&self) -> &[u8] {
        &self.window[self.start..]
    }

    /// Reads some more; tells whether there was.
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
        // A reader that claims more than it was given room for is not believed.
        self.window.truncate(length + bytes.min(READ_BYTES));
        self.at_end = bytes == 0;
        Ok(!self.at_end)
    }

    fn take(&mut self, bytes: usize) -> Encoded {
        let place = Place { name: Arc::clone(&self.name), index: self.index, offset: Some(self.offset) };
        let content = Content::Bytes(self.rest()[..bytes].to_vec());
        self.pass(bytes);
        self.index += 1;
        Encoded { place, content }
    }

    fn pass(&mut self, bytes: usize) {
        self.start += bytes;
        self.offset += bytes as u64;
    }

    /// The error of a broken picture. The next one is looked for at least `bytes` behind its start.
    fn broken(&mut self, problem: InvalidInput, bytes: usize) -> Result<Option<Encoded>> {
        self.index += 1;
        match self.on_error {
            OnError::Stop => self.failed = true,
            OnError::Skip => self.resume(bytes)?,
        }
        Err(Error::Input { name: self.name.to_string(), problem })
    }

    /// Passes what is before the next picture, looking for it from `bytes` behind here on.
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

/// Where in `bytes` the next picture starts that is of a kind with an unmistakable start.
fn next_start(bytes: &[u8]) -> Option<usize> {
    let sure = [Some(PictureKind::Png), Some(PictureKind::Jpeg), Some(PictureKind::WebP)];
    memchr3_iter(0x89, 0xff, b'R', bytes).find(|at| sure.contains(&PictureKind::of_start(&bytes[*at..])))
}

impl<R: Read> Iterator for Splitter<R> {
    type Item = Result<Encoded>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed { None } else { self.split().transpose() }
    }
}
