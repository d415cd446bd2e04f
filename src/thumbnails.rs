//! Small pictures of single frames of a movie.

use std::path::Path;

use crate::av::{Decoder, Filter, Frame, FramePool, Packet, Scaler, SharedFrame, StreamInfo};
use crate::error::{Error, InvalidInput, Result};
use crate::frame::{ColorRange, FrameView, PixelFormat, Plane};
use crate::output::existing;
use crate::settings::{Color, Matrix};

/// A frame of a movie, made small.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Thumbnail {
    /// The frame's number in the order of showing, from 0.
    pub index: u64,
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `height` × `width` × 3 bytes: red, green, blue in sRGB.
    pub rgb: Vec<u8>,
}

/// Decodes the frames with these numbers, counted from 0 in the order of showing, from a movie that framemill made, and
/// scales those that are wider down to `max_width` pixels. They come in the order of showing. A number that the movie
/// does not have is left out.
///
/// What lies between keyframes around which no frame is asked for is not decoded.
///
/// ```no_run
/// let pictures = framemill::thumbnails("demo.mp4", &[0, 150], 320)?;
/// assert_eq!((pictures[1].index, pictures[1].width), (150, 320));
/// # Ok::<(), framemill::Error>(())
/// ```
///
/// # Errors
/// [`Error::Input`] where the file is no movie, or one of a kind that framemill does not make; [`Error::Libav`] where a
/// frame cannot be decoded; [`Error::Io`] where the file cannot be read.
pub fn thumbnails(path: impl AsRef<Path>, frames: &[u64], max_width: u32) -> Result<Vec<Thumbnail>> {
    let path = path.as_ref();
    let foreign = || Error::Input {
        name: path.display().to_string(),
        problem: InvalidInput::Malformed {
            format: "movie",
            problem: "it is not of a kind that framemill makes".to_owned(),
        },
    };
    let container = existing::container(path)?.ok_or_else(foreign)?;
    let info = existing::open(path, container)?.stream_info().map_err(|error| error.on_path(path))?;
    let mut demuxer = existing::open(path, container)?;
    let mut shrinker = Shrinker::new(&info, max_width).ok_or_else(foreign)?;
    let stream = demuxer.stream_parameters()?;
    let mut wanted: Vec<u64> = frames.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let mut made = Vec::with_capacity(wanted.len());
    let (mut first, mut group) = (0, Vec::new());
    loop {
        let packet = demuxer.next_packet().map_err(|error| error.on_path(path))?;
        if packet.as_ref().is_none_or(Packet::is_keyframe) {
            let numbers = first..first + group.len() as u64;
            let inside: Vec<u64> = wanted.iter().copied().filter(|index| numbers.contains(index)).collect();
            first = numbers.end;
            let packets = std::mem::take(&mut group);
            if !inside.is_empty() {
                let decoder = Decoder::open(&stream, shrinker.frame_pool()?, decoding_threads())?;
                shrinker.take(decoder, packets, numbers.start, &inside, &mut made)?;
            }
        }
        match packet {
            Some(packet) => group.push(packet),
            None => return Ok(made),
        }
    }
}

fn decoding_threads() -> usize {
    std::thread::available_parallelism().map_or(1, |count| count.get().min(16))
}

/// Makes decoded frames small.
struct Shrinker {
    format: PixelFormat,
    color: Color,
    width: u32,
    height: u32,
    size: (u32, u32),
    scaler: Option<Scaler>,
}

impl Shrinker {
    /// `None` where the stream is not of a kind that framemill makes.
    fn new(info: &StreamInfo, max_width: u32) -> Option<Self> {
        let name = info.pixel_format.as_deref()?;
        let (format, is_jpeg) = match name {
            "yuvj420p" => (PixelFormat::Yuv420p, true),
            "yuvj422p" => (PixelFormat::Yuv422p, true),
            "yuvj444p" => (PixelFormat::Yuv444p, true),
            "gbrp" => (PixelFormat::Bgr0, false),
            "gbrp16le" => (PixelFormat::Rgb48Le, false),
            name => (name.parse().ok()?, false),
        };
        let matrix = match info.color_matrix.as_deref() {
            _ if format.is_rgb() || format.is_gray() => Matrix::Rgb,
            Some("bt709") => Matrix::Bt709,
            _ => Matrix::Bt601,
        };
        let is_full = is_jpeg || !format.is_yuv() || info.color_range.as_deref() == Some("pc");
        let range = if is_full { ColorRange::Full } else { ColorRange::Limited };
        let (width, height) = (info.width, info.height);
        let small = width.min(max_width.max(1));
        let rows = (u64::from(height) * u64::from(small)).checked_div(width.into())?.max(1);
        let size = (small, u32::try_from(rows).ok()?);
        Some(Self { format, color: Color { matrix, range }, width, height, size, scaler: None })
    }

    fn frame_pool(&self) -> Result<FramePool> {
        Ok(FramePool::new(self.format, self.color, self.width, self.height)?)
    }

    /// Decodes `packets`, whose first frame has the number `first`, until all that is `wanted` of them is in `made`.
    fn take(
        &mut self,
        mut decoder: Decoder,
        packets: Vec<Packet>,
        first: u64,
        wanted: &[u64],
        made: &mut Vec<Thumbnail>,
    ) -> Result<()> {
        let mut index = first;
        for packet in packets.into_iter().map(Some).chain([None]) {
            decoder.send(packet)?;
            while let Some(frame) = decoder.receive()? {
                if wanted.contains(&index) {
                    made.push(self.shrink(&frame, index)?);
                }
                index += 1;
            }
            if wanted.last().is_none_or(|last| index > *last) {
                break;
            }
        }
        Ok(())
    }

    fn shrink(&mut self, frame: &SharedFrame, index: u64) -> Result<Thumbnail> {
        let view = self.view(frame)?;
        let (width, height) = self.size;
        let rgb = PixelFormat::Rgb24;
        let pool = FramePool::new(rgb, Color::SRGB, width, height)?;
        let mut small = pool.frame()?;
        let color = Color { range: ColorRange::Full, ..self.color };
        let scaler = match self.scaler.take() {
            Some(scaler) => scaler,
            None => Scaler::new(&view, rgb, self.size, color, Filter::Lanczos)?,
        };
        self.scaler.insert(scaler).run(&view, &mut small)?;
        Ok(Thumbnail { index, width, height, rgb: pixels(&small) })
    }

    fn view<'a>(&self, frame: &'a Frame) -> Result<FrameView<'a>> {
        let planes: Vec<Plane<'_>> =
            (0..self.format.plane_count()).map(|plane| frame.plane(plane).into()).collect();
        let view = FrameView::planar(self.format, &planes, self.width, self.height)?;
        Ok(view.with_range(self.color.range))
    }
}

/// The rows of a picture in one plane, without what lies between them.
fn pixels(frame: &Frame) -> Vec<u8> {
    (0..frame.height() as usize).flat_map(|y| frame.plane(0).row(y)).copied().collect()
}
