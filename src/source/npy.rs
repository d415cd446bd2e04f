//! Reads NumPy arrays as frames: `.npy` files and streams, and the members of `.npz` files.

mod array;
mod floats;
mod fortran;
mod header;
mod literal;
mod npz;
mod reader;
mod samples;
mod shape;

use std::fs::File;
use std::io::{Read, Seek};

use self::array::Array;
use self::fortran::FortranReader;
use self::reader::SampleReader;
use super::{FrameBuffer, FrameLayout, FrameSource, read_full};
use crate::error::{Error, InvalidInput, Result};

/// The size of the pieces in which samples are read and converted. They stay in the processor's cache.
const CHUNK_BYTES: usize = 256 * 1024;

/// A NumPy array whose first axis is time.
///
/// | shape | frames |
/// |---|---|
/// | `(n, h, w)`, `(n, h, w, 1)` | `n` gray ones |
/// | `(n, h, w, 3)`, `(n, h, w, 4)` | `n` of RGB, of RGBA with straight alpha |
/// | `(h, w)`, `(h, w, 1)` | one gray one |
/// | `(h, w, 3)`, `(h, w, 4)` | one of RGB, of RGBA |
///
/// So a last axis of 1, 3 or 4 means the samples of a pixel: save gray frames with 1, 3 or 4 columns as `a[..., None]`.
///
/// | dtype | pixels |
/// |---|---|
/// | `uint8` | 8 bits |
/// | `bool` | 8 bits: 0 or 255 |
/// | `uint16` | 16 bits, white is 65535; or [8 bits](Self::in_8_bits) |
/// | `float16`, `float32`, `float64` | 16 bits, from 0 (black) to 1 (white), rounded to nearest; or 8 bits |
///
/// Both byte orders are supported. NaN is an error, and so is a float outside \[0, 1\] by more than 1/1024, which
/// rounding leaves in half floats. Frames are read on demand: in C order a piece at a time, in Fortran order in blocks
/// of 256 MiB, or of one frame if that is larger. A larger array in Fortran order is read several times.
///
/// ```
/// use framemill::{FrameBuffer, FrameSource, NpySource, PixelFormat};
/// let header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1, 5)}";
/// let mut stream = b"\x93NUMPY\x01\x00".to_vec();
/// stream.extend((header.len() as u16).to_le_bytes());
/// stream.extend(header);
/// stream.extend([10, 11, 12, 13, 14, 20, 21, 22, 23, 24]);
/// let mut source = NpySource::new(std::io::Cursor::new(stream), "memory")?;
/// assert_eq!((source.layout().format, source.frame_count()), (PixelFormat::Gray8, Some(2)));
/// let mut frame = FrameBuffer::new();
/// source.read_frame(&mut frame)?;
/// assert_eq!(frame[..], [10, 11, 12, 13, 14]);
/// # Ok::<(), framemill::Error>(())
/// ```
pub struct NpySource {
    reader: SampleReader,
    array: Array,
    name: String,
    index: u64,
    chunk: Vec<u8>,
}

impl NpySource {
    /// Opens the array in `reader`. Errors refer to it as `name`. It must be in C order.
    ///
    /// # Errors
    /// [`Error::Input`] if it is not an array, or not an array of frames.
    pub fn new(mut reader: impl Read + Send + 'static, name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        let array = Array::read(&mut reader, &name)?;
        array.refuse_fortran_order(&name)?;
        Ok(Self::in_c_order(SampleReader::Stream(Box::new(reader)), array, name))
    }

    /// Opens the array that starts at the current position of `file`, in C or Fortran order, and ends with the file.
    ///
    /// # Errors
    /// As [`new`](Self::new); also if the file has more than the array, and if an array in Fortran order is cut short,
    /// because all its frames then are.
    pub fn from_file(mut file: File, name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        let failed = |source| Error::io("read", Some(name.as_ref()), source);
        let data = file.metadata().map_err(failed)?;
        if !data.is_file() {
            return Self::new(file, name);
        }
        let array = Array::read(&mut file, &name)?;
        let start = file.stream_position().map_err(failed)?;
        let bytes = data.len().saturating_sub(start);
        if bytes > array.bytes {
            let problem = InvalidInput::AfterArray { bytes: Some(bytes - array.bytes) };
            return Err(Error::Input { name, problem });
        }
        if !array.fortran_order {
            return Ok(Self::in_c_order(SampleReader::File(file), array, name));
        }
        if bytes < array.bytes {
            let problem = InvalidInput::CutArray { bytes, array_bytes: array.bytes };
            return Err(Error::Input { name, problem });
        }
        let reader = FortranReader::new(file, start, array.shape, array.sample_type.bytes());
        Ok(Self::in_c_order(SampleReader::Fortran(reader), array, name))
    }

    /// Opens the array `member` of the `.npz` file `file`, or its only array. It must be in C order. It is decompressed
    /// while it is read.
    ///
    /// # Errors
    /// As [`new`](Self::new); [`InvalidInput::Member`] if there is no such array, or several and no name was given.
    pub fn from_npz(file: File, member: Option<&str>, name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        let (mut reader, member) = npz::open(file, member, &name)?;
        let name = format!("{name}[{member:?}]");
        let array = Array::read(&mut reader, &name)?;
        array.refuse_fortran_order(&name)?;
        Ok(Self::in_c_order(SampleReader::Stream(reader), array, name))
    }

    /// Rounds wider samples to 8 bits. An 8-bit movie is made several times faster from them, and its colors differ by
    /// at most one level.
    #[must_use]
    pub fn in_8_bits(mut self) -> Self {
        self.array.sample_type = self.array.sample_type.in_8_bits();
        self
    }

    fn in_c_order(reader: SampleReader, array: Array, name: String) -> Self {
        let chunk = vec![0; CHUNK_BYTES.min(array.frame_bytes())];
        Self { reader, array, name, index: 0, chunk }
    }

    fn problem<T>(&self, problem: InvalidInput) -> Result<T> {
        Err(Error::Input { name: self.name.clone(), problem })
    }

    /// The end of an npz member is also where its checksum is compared.
    fn expect_end(&mut self) -> Result<()> {
        match read_full(&mut self.reader, &mut [0], &self.name)? {
            0 => Ok(()),
            _ => self.problem(InvalidInput::AfterArray { bytes: None }),
        }
    }
}

impl FrameSource for NpySource {
    fn layout(&self) -> FrameLayout {
        self.array.layout()
    }

    fn frame_count(&self) -> Option<u64> {
        Some(self.array.shape.frames)
    }

    fn skip(&mut self, frames: u64) -> Result<u64> {
        let frames = frames.min(self.array.shape.frames - self.index);
        let frame_bytes = self.array.frame_bytes() as u64;
        let passed = self.reader.pass(frames, frame_bytes);
        let passed = passed.map_err(|source| Error::io("read", Some(self.name.as_ref()), source))?;
        self.index += passed / frame_bytes;
        if passed / frame_bytes < frames {
            let (bytes, frame_bytes) = ((passed % frame_bytes) as usize, frame_bytes as usize);
            return self.problem(InvalidInput::CutFrame { index: self.index, bytes, frame_bytes });
        }
        Ok(frames)
    }

    fn read_frame(&mut self, buffer: &mut FrameBuffer) -> Result<Option<FrameLayout>> {
        if self.index == self.array.shape.frames {
            self.expect_end()?;
            return Ok(None);
        }
        let Array { shape, sample_type, .. } = self.array;
        let frame_bytes = self.array.frame_bytes();
        // The buffer grows with the data that arrives, not with the size that a header claims.
        let (mut done, mut filled) = (0, 0);
        while done < frame_bytes {
            let chunk = &mut self.chunk[..CHUNK_BYTES.min(frame_bytes - done)];
            let bytes = read_full(&mut self.reader, chunk, &self.name)?;
            if bytes < chunk.len() {
                return self.problem(InvalidInput::CutFrame {
                    index: self.index,
                    bytes: done + bytes,
                    frame_bytes,
                });
            }
            let end = filled + bytes / sample_type.bytes() * sample_type.pixel_bytes();
            if buffer.len() < end {
                buffer.resize(end);
            }
            if let Err((at, value)) = sample_type.convert(chunk, &mut buffer[filled..end]) {
                let pixel = (done / sample_type.bytes() + at) as u64 / shape.channels;
                let (row, column) = (pixel / u64::from(shape.width), pixel % u64::from(shape.width));
                return self.problem(InvalidInput::Sample { index: self.index, row, column, value });
            }
            (done, filled) = (done + bytes, end);
        }
        buffer.resize(filled);
        self.index += 1;
        Ok(Some(self.layout()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn array(descr: &str, fortran_order: bool, shape: &str, samples: &[u8]) -> Vec<u8> {
        let order = if fortran_order { "True" } else { "False" };
        let text = format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}");
        let bytes = (text.len() as u16).to_le_bytes();
        [header::MAGIC, &[1, 0], &bytes, text.as_bytes(), samples].concat()
    }

    fn open(descr: &str, shape: &str, samples: &[u8]) -> Result<NpySource> {
        NpySource::new(Cursor::new(array(descr, false, shape, samples)), "a.npy")
    }

    fn refusal(opened: Result<NpySource>) -> String {
        opened.err().expect("refused").to_string()
    }

    #[test]
    fn arrays_without_frames_are_refused_with_a_hint() {
        let error = |descr: &str, shape: &str| refusal(open(descr, shape, &[]));
        assert_eq!(
            error("'<i8'", "(2, 3, 4)"),
            "a.npy: samples of dtype <i8 are not supported: for values of 0 to 255 save a.astype('u1'), for 0 to 65535 \
             a.astype('u2')"
        );
        assert_eq!(
            error("[('x', '<f4')]", "(2, 3, 4)"),
            "a.npy: samples of dtype [('x', '<f4')] are not supported: save one of its fields, as in a['name']"
        );
        assert_eq!(
            error("'|u1'", "(5,)"),
            "a.npy: an array of shape (5,) does not hold frames: save (frames, height, width) or (frames, height, width, 3 or \
             4)"
        );
        assert_eq!(
            error("'|u1'", "(0, 3, 4)"),
            "a.npy: an array of shape (0, 3, 4) does not hold frames: it is empty"
        );
        assert!(error("'<f8'", "(18446744073709551615, 3, 5)").ends_with("its bytes cannot be counted in 64 bits"));
        assert_eq!(
            refusal(NpySource::new(Cursor::new(array("'|u1'", true, "(2, 3, 5)", &[])), "a.npy")),
            "a.npy: it is in Fortran order, which spreads each frame over the whole array: read it from an .npy \
             file, or save np.ascontiguousarray(a)"
        );
    }

    #[test]
    fn a_truncated_array_keeps_its_complete_frames() {
        let mut source = open("'<u2'", "(3, 1, 2)", &[1, 0, 2, 0, 3, 0, 4]).expect("opens");
        let mut frame = FrameBuffer::new();
        frame.resize(100);
        assert_eq!(source.read_frame(&mut frame).expect("whole"), Some(source.layout()));
        assert_eq!(frame[..], [1, 0, 2, 0]);
        let error = source.read_frame(&mut frame).expect_err("cut").to_string();
        assert_eq!(error, "a.npy: the stream ends inside frame 1: it has 3 of the frame's 4 bytes");
    }

    #[test]
    fn a_claimed_huge_frame_allocates_no_memory() {
        let mut source = open("'<f8'", "(1, 65535, 65535, 4)", &[0; 100]).expect("opens");
        let mut frame = FrameBuffer::new();
        assert!(source.read_frame(&mut frame).is_err());
        assert!(frame.capacity() < 1 << 20, "{}", frame.capacity());
    }

    #[test]
    fn skipped_frames_are_not_checked() {
        let samples: Vec<u8> = [f32::NAN, 0.0, 1.0].iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let mut source = open("'<f4'", "(3, 1, 1, 1)", &samples).expect("opens");
        assert_eq!(source.skip(2).expect("there"), 2);
        let mut frame = FrameBuffer::new();
        assert!(source.read_frame(&mut frame).expect("whole").is_some());
        assert_eq!((&frame[..], source.skip(7).expect("ends")), (&[255, 255][..], 0));
        let mut cut = open("'<f4'", "(3, 1, 1, 1)", &samples[..9]).expect("opens");
        assert!(cut.skip(3).expect_err("cut").to_string().contains("ends inside frame 2: it has 1 of"));
    }

    #[test]
    fn data_after_the_array_is_an_error() {
        let mut source = open("'|u1'", "(1, 1, 2)", &[1, 2, 3]).expect("opens");
        assert!(source.read_frame(&mut FrameBuffer::new()).expect("whole").is_some());
        let error = source.read_frame(&mut FrameBuffer::new()).expect_err("more").to_string();
        assert_eq!(error, "a.npy: something follows the array: save one array per file, or several with np.savez");
    }

    #[test]
    fn an_invalid_float_is_reported_with_its_position() {
        let mut samples = vec![0.5_f32; 2 * 300 * 200 * 3];
        samples[((300 + 250) * 200 + 7) * 3 + 1] = f32::NAN;
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let mut source = open("'<f4'", "(2, 300, 200, 3)", &bytes).expect("opens");
        let mut frame = FrameBuffer::new();
        assert!(source.read_frame(&mut frame).expect("valid").is_some());
        assert!(frame.as_chunks().0.iter().all(|sample| u16::from_le_bytes(*sample) == 32_768));
        let error = source.read_frame(&mut frame).expect_err("NaN").to_string();
        assert_eq!(
            error,
            "a.npy: frame 1 has the value NaN at row 250, column 7: floats must be from 0 (black) to 1 (white); scale the array, or \
             save np.clip(np.nan_to_num(a), 0, 1)"
        );
    }
}
