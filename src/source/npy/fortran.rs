//! Reads an array in Fortran order as if it were in C order.
//!
//! The first axis varies fastest, so the first sample of every frame comes first, then the second of every frame: a
//! frame is spread over the whole file. A block of as many frames as memory allows is gathered by positioned reads. An
//! array that is not larger than the block is read once, from start to end.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::shape::Shape;

/// The size of a block of frames, unless a single frame is larger.
const BLOCK_BYTES: u64 = 256 * 1024 * 1024;

/// The bytes to read for one piece of a block, unless the smallest piece is larger.
const SPAN_BYTES: usize = 4 * 1024 * 1024;

/// The number of runs that are transposed at a time: each uses one cache line, and together they fit the nearest cache.
const MAX_RUNS: usize = 256;

/// The longest gap between two runs that is read and dropped. A longer gap is skipped, which takes a second read.
const MAX_GAP_BYTES: usize = 32 * 1024;

/// The side in pixels of the squares in which rows and columns are swapped.
const TILE: usize = 32;

/// Returns the bytes of the array in C order.
pub(super) struct FortranReader {
    file: File,
    /// The position of the samples in the file.
    start: u64,
    shape: Shape,
    sample_bytes: usize,
    /// Complete frames, each still in Fortran order.
    block: Vec<u8>,
    block_frames: u64,
    /// The first frame of the block.
    block_start: u64,
    /// Runs of samples as they are stored in the file.
    span: Vec<u8>,
    /// The frame that is being returned, in C order.
    frame: Vec<u8>,
    given: usize,
    next: u64,
}

impl FortranReader {
    /// Reads the array of `shape` whose samples start at `start` and are complete.
    pub(super) fn new(file: File, start: u64, shape: Shape, sample_bytes: usize) -> Self {
        Self::with_block(file, start, shape, sample_bytes, BLOCK_BYTES)
    }

    fn with_block(file: File, start: u64, shape: Shape, sample_bytes: usize, block_bytes: u64) -> Self {
        let frame_bytes = shape.frame_samples() * sample_bytes as u64;
        let block_frames = (block_bytes / frame_bytes).clamp(1, shape.frames);
        Self {
            file,
            start,
            shape,
            sample_bytes,
            block: Vec::new(),
            block_frames,
            block_start: 0,
            span: Vec::new(),
            frame: Vec::new(),
            given: 0,
            next: 0,
        }
    }

    /// Skips `frames` complete frames, which must exist.
    pub(super) fn pass(&mut self, frames: u64) {
        self.next += frames;
    }

    fn next_frame(&mut self) -> io::Result<()> {
        let in_block = self.next - self.block_start;
        if in_block >= self.block_frames || self.block.is_empty() {
            self.read_block()?;
        }
        let in_block = self.next - self.block_start;
        let frame_bytes = self.shape.frame_samples() as usize * self.sample_bytes;
        self.frame.resize(frame_bytes, 0);
        let source = &self.block[in_block as usize * frame_bytes..][..frame_bytes];
        match self.sample_bytes {
            1 => turn_frame::<1>(source, &mut self.frame, &self.shape),
            2 => turn_frame::<2>(source, &mut self.frame, &self.shape),
            4 => turn_frame::<4>(source, &mut self.frame, &self.shape),
            _ => turn_frame::<8>(source, &mut self.frame, &self.shape),
        }
        self.next += 1;
        self.given = 0;
        Ok(())
    }

    /// Gathers frames from the next one on. A run has the samples of all frames at one place of the picture.
    fn read_block(&mut self) -> io::Result<()> {
        self.block_start = self.next;
        let frames = self.block_frames.min(self.shape.frames - self.next) as usize;
        let samples = self.shape.frame_samples() as usize;
        self.block.resize(frames * samples * self.sample_bytes, 0);
        let run_bytes = frames as u64 * self.sample_bytes as u64;
        let run_pitch = self.shape.frames * self.sample_bytes as u64;
        let in_one_read = run_pitch - run_bytes <= MAX_GAP_BYTES as u64;
        let pitch = if in_one_read { run_pitch } else { run_bytes } as usize;
        let most_runs = (SPAN_BYTES / pitch).clamp(1, MAX_RUNS);
        for first in (0..samples).step_by(most_runs) {
            let runs = most_runs.min(samples - first);
            let at = self.start + first as u64 * run_pitch + self.next * self.sample_bytes as u64;
            self.span.resize((runs - 1) * pitch + run_bytes as usize, 0);
            let bytes_of_read = if in_one_read { self.span.len() } else { pitch };
            for (run, bytes) in (0..).zip(self.span.chunks_exact_mut(bytes_of_read)) {
                self.file.seek(SeekFrom::Start(at + run * run_pitch))?;
                self.file.read_exact(bytes)?;
            }
            let target = FrameRuns { block: &mut self.block, first, runs, samples };
            match self.sample_bytes {
                1 => turn_runs::<1>(&self.span, pitch, target),
                2 => turn_runs::<2>(&self.span, pitch, target),
                4 => turn_runs::<4>(&self.span, pitch, target),
                _ => turn_runs::<8>(&self.span, pitch, target),
            }
        }
        Ok(())
    }
}

impl Read for FortranReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.frame.len() {
            if self.next == self.shape.frames {
                return Ok(0);
            }
            self.next_frame()?;
        }
        let bytes = (&self.frame[self.given..]).read(buffer)?;
        self.given += bytes;
        Ok(bytes)
    }
}

/// The samples `first..first + runs` of every frame of `block`, whose frames have `samples` each.
struct FrameRuns<'a> {
    block: &'a mut [u8],
    first: usize,
    runs: usize,
    samples: usize,
}

/// Moves the samples of the runs, which are `pitch` bytes apart in `span`, to their frames.
fn turn_runs<const N: usize>(span: &[u8], pitch: usize, target: FrameRuns<'_>) {
    let frames = target.block.chunks_exact_mut(target.samples * N);
    for (frame, pixels) in frames.enumerate() {
        let pixels = pixels[target.first * N..].as_chunks_mut::<N>().0;
        let samples = span[frame * N..].chunks(pitch);
        for (pixel, sample) in pixels.iter_mut().take(target.runs).zip(samples) {
            if let Some(sample) = sample.first_chunk() {
                *pixel = *sample;
            }
        }
    }
}

/// Converts a picture of (row, column, channel) from Fortran order to C order.
fn turn_frame<const N: usize>(source: &[u8], target: &mut [u8], shape: &Shape) {
    let (height, width, channels) = (shape.height as usize, shape.width as usize, shape.channels as usize);
    let (source, target) = (source.as_chunks::<N>().0, target.as_chunks_mut::<N>().0);
    for (channel, plane) in source.chunks_exact(width * height).enumerate() {
        for top in (0..height).step_by(TILE) {
            for left in (0..width).step_by(TILE) {
                for row in top..height.min(top + TILE) {
                    for column in left..width.min(left + TILE) {
                        target[(row * width + column) * channels + channel] = plane[column * height + row];
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Returns a sample that encodes its position in the array: its number in C order.
    fn sample(number: u64, bytes: usize) -> Vec<u8> {
        number.to_le_bytes()[..bytes].to_vec()
    }

    #[test]
    fn every_sample_comes_in_c_order_whatever_the_block() {
        for (frames, height, width, channels) in [(7, 5, 35, 3), (1, 4, 3, 1), (300, 3, 2, 4), (2, 40, 33, 1)] {
            let shape = Shape { frames, height, width, channels };
            let (rows, columns) = (u64::from(height), u64::from(width));
            for bytes in [1, 2, 4, 8] {
                let mut file = tempfile::tempfile().expect("a file");
                file.write_all(b"header").expect("written");
                for number in 0..shape.frame_samples() * frames {
                    let (frame, rest) = (number % frames, number / frames);
                    let (row, rest) = (rest % rows, rest / rows);
                    let (column, channel) = (rest % columns, rest / columns);
                    let in_c_order = ((frame * rows + row) * columns + column) * channels + channel;
                    file.write_all(&sample(in_c_order, bytes)).expect("written");
                }
                let expected: Vec<u8> =
                    (0..shape.frame_samples() * frames).flat_map(|number| sample(number, bytes)).collect();
                let frame_bytes = shape.frame_samples() * bytes as u64;
                for block_bytes in [1, 2 * frame_bytes, 3 * frame_bytes + 1, 1 << 20] {
                    let file = file.try_clone().expect("cloned");
                    let mut reader = FortranReader::with_block(file, 6, shape, bytes, block_bytes);
                    let mut seen = Vec::new();
                    reader.read_to_end(&mut seen).expect("read");
                    assert!(seen == expected, "{shape:?}, samples of {bytes} bytes, a block of {block_bytes}");
                }
            }
        }
    }

    #[test]
    fn runs_far_apart_are_read_one_by_one() {
        let shape = Shape { frames: 100_000, height: 2, width: 2, channels: 1 };
        let mut file = tempfile::tempfile().expect("a file");
        let array: Vec<u8> = (0..4_u8).flat_map(|place| vec![place; 100_000]).collect();
        file.write_all(&array).expect("written");
        let mut reader = FortranReader::with_block(file, 0, shape, 1, 4_000);
        let mut seen = Vec::new();
        reader.read_to_end(&mut seen).expect("read");
        // Columns come before rows, so positions 0 and 2 are the first row.
        assert!(seen == [0, 2, 1, 3].repeat(100_000));
    }
}
