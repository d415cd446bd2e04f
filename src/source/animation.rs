//! Reads animated pictures at their own times: GIF, APNG and WebP.

mod detect;
mod times;
mod webp;

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, bounded};
use image::codecs::{gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
use image::{AnimationDecoder, ColorType, Frame, Frames, ImageDecoder, ImageError};

pub(super) use self::detect::is_animated;
use self::times::{Delay, PictureTimes};
use self::webp::WebPFrames;
use super::images::decode::limits;
use super::images::refusal::{Refusal, caught, check_size};
use super::images::{PictureKind, PictureOrigin};
use super::{FrameBuffer, FrameLayout, FrameSource, read_and_drop};
use crate::error::{Error, Result};
use crate::frame::{ColorRange, PixelFormat};
use crate::time::FrameRate;

/// The number of decoded frames that wait to be read.
const AHEAD: usize = 2;

/// The largest number of pixels in a frame: several frames are in memory at a time.
const MAX_PIXELS: u64 = 8192 * 8192;

/// An animated GIF, PNG or WebP, played once.
///
/// Frames are complete pictures in RGBA, as a browser shows them, for the durations in the file. Durations of 10 ms or
/// less become 100 ms, as in browsers. The [frame rate](FrameSource::frame_rate) is chosen so that each frame is shown
/// for a whole number of [periods](FrameSource::frame_periods). The file is held in memory and decoded twice: for the
/// times, and for the frames. An animation may have at most 8192 × 8192 pixels, and an animated PNG must have 8 bits
/// per sample.
pub struct AnimationSource {
    bytes: Arc<[u8]>,
    origin: PictureOrigin,
    layout: FrameLayout,
    times: PictureTimes,
    /// The decoded frames; `None` until the first is read.
    frames: Option<Receiver<Result<Vec<u8>, Refusal>>>,
    /// The duration of the last frame, in periods.
    periods: u64,
}

impl AnimationSource {
    /// Opens the animation in the file at `path`.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read, and [`Error::Input`] if its first frame cannot be decoded.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| Error::io("read", Some(path), source))?;
        Self::new(bytes, path.display().to_string())
    }

    /// Opens the animation in `bytes`. Errors refer to it as `name`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn new(bytes: impl Into<Arc<[u8]>>, name: impl Into<String>) -> Result<Self> {
        let bytes = bytes.into();
        let origin = PictureOrigin { name: Arc::from(name.into()), index: 0, offset: None };
        let (size, times) = caught(|| read_times(&bytes)).map_err(|refusal| origin.refused(refusal))?;
        let layout = FrameLayout::new(PixelFormat::Rgba, size.0, size.1).range(ColorRange::Full);
        Ok(Self { bytes, origin, layout, times, frames: None, periods: 1 })
    }

    /// Returns the RGBA bytes of the next frame, or `None` after the last. The first call starts the decoding thread.
    fn next_frame(&mut self) -> Result<Option<Vec<u8>>> {
        let frames = match &mut self.frames {
            Some(frames) => frames,
            none => none.insert(start(Arc::clone(&self.bytes))?),
        };
        match frames.recv() {
            Err(_) => Ok(None),
            Ok(frame) => {
                let frame = frame.map_err(|refusal| self.origin.refused(refusal))?;
                self.periods = self.times.periods(self.origin.index);
                self.origin.index += 1;
                Ok(Some(frame))
            }
        }
    }
}

impl FrameSource for AnimationSource {
    fn layout(&self) -> FrameLayout {
        self.layout
    }

    fn frame_rate(&self) -> Option<FrameRate> {
        Some(self.times.frame_rate())
    }

    fn frame_count(&self) -> Option<u64> {
        Some(self.times.frames())
    }

    fn frame_periods(&self) -> Option<u64> {
        self.times.vary().then_some(self.periods)
    }

    fn skip(&mut self, frames: u64) -> Result<u64> {
        read_and_drop(self, frames)
    }

    fn read_frame(&mut self, buffer: &mut FrameBuffer) -> Result<Option<FrameLayout>> {
        let Some(frame) = self.next_frame()? else { return Ok(None) };
        buffer.resize(frame.len());
        buffer.copy_from_slice(&frame);
        Ok(Some(self.layout))
    }
}

/// Decodes frames on a separate thread, which ends when the receiver is dropped.
fn start(bytes: Arc<[u8]>) -> Result<Receiver<Result<Vec<u8>, Refusal>>> {
    let (sender, frames) = bounded(AHEAD);
    let decode = move || {
        let sent = caught(|| {
            for frame in open(bytes)?.1 {
                if sender.send(Ok(frame?.1)).is_err() {
                    break;
                }
            }
            Ok(())
        });
        if let Err(refusal) = sent {
            // If the receiver is gone, the error is dropped.
            let _ = sender.send(Err(refusal));
        }
    };
    thread::Builder::new()
        .name("framemill-decode".to_owned())
        .spawn(decode)
        .map_err(|source| Error::io("start a thread", None, source))?;
    Ok(frames)
}

/// Reads the size, and the duration of each frame up to the first broken one.
fn read_times(bytes: &Arc<[u8]>) -> Result<((u32, u32), PictureTimes), Refusal> {
    let (size, frames) = open(Arc::clone(bytes))?;
    let mut delays = Vec::new();
    for frame in frames {
        match frame {
            Ok((delay, _)) => delays.push(delay),
            Err(refusal) if delays.is_empty() => return Err(refusal),
            Err(_) => break,
        }
    }
    match delays.is_empty() {
        true => Err(Refusal::Broken("it has no frames".to_owned())),
        false => Ok((size, PictureTimes::of(&delays))),
    }
}

/// The frames of an animation in RGBA, with the duration of each.
type AnimationFrames = Box<dyn Iterator<Item = Result<(Delay, Vec<u8>), Refusal>>>;

fn boxed(frames: Frames<'static>) -> AnimationFrames {
    let frame = |frame: Frame| (frame.delay().numer_denom_ms(), frame.into_buffer().into_raw());
    Box::new(frames.map(move |decoded: Result<Frame, ImageError>| Ok(frame(decoded?))))
}

/// Returns the size of an animation, and its frames.
fn open(bytes: Arc<[u8]>) -> Result<((u32, u32), AnimationFrames), Refusal> {
    let kind = PictureKind::of_start(&bytes);
    let reader = Cursor::new(Arc::clone(&bytes));
    match kind {
        Some(PictureKind::Gif) => {
            let mut decoder = GifDecoder::new(reader)?;
            let size = checked_size(&decoder)?;
            decoder.set_limits(limits())?;
            Ok((size, boxed(decoder.into_frames())))
        }
        Some(PictureKind::Png) => {
            let decoder = PngDecoder::with_limits(reader, limits())?;
            let size = checked_size(&decoder)?;
            let is_deep = matches!(
                decoder.color_type(),
                ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16
            );
            match is_deep {
                true => {
                    Err(Refusal::Unsupported("animated PNGs of 16 bits are not supported: use 8 bits".to_owned()))
                }
                false => Ok((size, boxed(decoder.apng()?.into_frames()))),
            }
        }
        Some(PictureKind::WebP) => {
            let size = checked_size(&WebPDecoder::new(reader)?)?;
            let frames = WebPFrames::new(bytes, size);
            Ok((size, Box::new(frames.map(|frame| frame.map(|(delay, frame)| ((delay, 1), frame.into_raw()))))))
        }
        _ => Err(Refusal::Broken("it is not a GIF, PNG or WebP".to_owned())),
    }
}

fn checked_size(decoder: &impl ImageDecoder) -> Result<(u32, u32), Refusal> {
    let (width, height) = decoder.dimensions();
    check_size(width, height, None)?;
    match u64::from(width) * u64::from(height) > MAX_PIXELS {
        true => Err(Refusal::Unsupported(format!(
            "it has {width}x{height} pixels, but an animation may have at most 8192x8192"
        ))),
        false => Ok((width, height)),
    }
}
