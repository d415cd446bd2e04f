//! Thumbnails of single frames of a movie.

use std::ops::Range;
use std::path::Path;

use crate::av::{Decoder, Filter, Frame, FramePool, Packet, Parser, Scaler, SharedFrame, StreamInfo};
use crate::error::{Error, InvalidInput, LibavError, Result};
use crate::frame::{ChromaLocation, ColorRange, PixelFormat};
use crate::segment;
use crate::settings::{Color, Container, Matrix};
use crate::stats::PictureType;

/// A scaled-down frame of a movie.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Thumbnail {
    /// The frame's number in presentation order, from 0.
    pub index: u64,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `height` × `width` × 3 bytes: red, green, blue in sRGB.
    pub rgb: Vec<u8>,
}

/// Decodes the frames with these numbers, counted from 0 in presentation order, from a movie that framemill made, and
/// scales wider frames down to `max_width` pixels. The frames are returned in presentation order. Numbers beyond the
/// end of the movie are left out.
///
/// Groups of frames between keyframes that contain no requested frame are not decoded.
///
/// ```no_run
/// let pictures = framemill::thumbnails("demo.mp4", &[0, 150], 320)?;
/// assert_eq!((pictures[1].index, pictures[1].width), (150, 320));
/// # Ok::<(), framemill::Error>(())
/// ```
///
/// # Errors
/// [`Error::Input`] if the file is not a movie, or not a kind of movie that framemill makes; [`Error::Libav`] if a
/// frame cannot be decoded; [`Error::Io`] if the file cannot be read.
pub fn thumbnails(path: impl AsRef<Path>, frames: &[u64], max_width: u32) -> Result<Vec<Thumbnail>> {
    let path = path.as_ref();
    let foreign = || Error::Input {
        name: path.display().to_string(),
        problem: InvalidInput::Malformed {
            format: "movie",
            problem: "it is not a kind of movie that framemill makes".to_owned(),
        },
    };
    let container = segment::container(path)?.ok_or_else(foreign)?;
    let info = segment::open(path, container)?.stream_info().map_err(|error| error.on_path(path))?;
    let (mut demuxer, mut demuxed) = (segment::open(path, container)?, 0);
    let mut shrinker = Shrinker::new(&info, max_width).ok_or_else(foreign)?;
    let stream = demuxer.stream_parameters()?;
    let mut wanted: Vec<u64> = frames.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let mut made = Vec::with_capacity(wanted.len());
    for group in groups(path, container, &wanted)? {
        let inside: Vec<u64> = wanted.iter().copied().filter(|index| group.contains(index)).collect();
        while demuxed < group.start && demuxer.next_packet().map_err(|error| error.on_path(path))?.is_some() {
            demuxed += 1;
        }
        let decoder = Decoder::open(&stream, shrinker.frame_pool()?, decoder_threads(&info))?;
        let mut packets = || {
            if demuxed == group.end {
                return Ok(None);
            }
            demuxed += 1;
            demuxer.next_packet().map_err(|error| error.on_path(path))
        };
        shrinker.take(decoder, &mut packets, group.start, &inside, &mut made)?;
    }
    Ok(made)
}

/// Returns the number of decoder threads. With several, FFmpeg's MPEG-4 decoder gets more packets before it reports a
/// damaged one, and aborts the process on frames whose references are missing.
fn decoder_threads(info: &StreamInfo) -> usize {
    if info.codec == "mpeg4" { 1 } else { Decoder::most_threads() }
}

/// Returns the groups of frames between keyframes that contain `wanted` frames. Frames of a closed group are shown
/// together, so they have the numbers of its packets, in another order.
fn groups(path: &Path, container: Container, wanted: &[u64]) -> Result<Vec<Range<u64>>> {
    let mut demuxer = segment::open(path, container)?;
    let mut parser = Parser::open(&demuxer.stream_parameters()?)?;
    let (mut groups, mut start, mut packets) = (Vec::new(), 0, 0);
    let has_wanted = |group: &Range<u64>| wanted.iter().any(|index| group.contains(index));
    loop {
        let mut packet = demuxer.next_packet().map_err(|error| error.on_path(path))?;
        let starts = packets == 0 || packet.as_ref().is_some_and(Packet::is_keyframe);
        if let Some(packet) = packet.as_mut().filter(|_| starts)
            && !can_start(packet, parser.as_mut())
        {
            return Err(undecoded(packets).into());
        }
        if packet.as_ref().is_none_or(Packet::is_keyframe) {
            groups.extend(Some(start..packets).filter(has_wanted));
            start = packets;
            if packet.is_none() || wanted.last().is_none_or(|last| *last < packets) {
                return Ok(groups);
            }
        }
        packets += 1;
    }
}

/// Returns whether decoding can start with a packet. An AVI's keyframe flag is not enough: FFmpeg's MPEG-4 decoder
/// aborts the process on some frames that are decoded without their references.
fn can_start(packet: &mut Packet, parser: Option<&mut Parser>) -> bool {
    let picture_type = parser.and_then(|parser| parser.picture_type(packet));
    packet.is_keyframe() && picture_type.is_none_or(|picture_type| picture_type == PictureType::I)
}

/// Scales decoded frames down.
struct Shrinker {
    format: PixelFormat,
    color: Color,
    width: u32,
    height: u32,
    size: (u32, u32),
    scaler: Option<Scaler>,
}

impl Shrinker {
    /// Returns `None` for a kind of stream that framemill does not make.
    fn new(info: &StreamInfo, max_width: u32) -> Option<Self> {
        // Other decoders are never opened, because the file may come from anybody.
        const KNOWN: [&str; 10] =
            ["h264", "hevc", "av1", "vp9", "mpeg4", "mjpeg", "prores", "ffv1", "png", "qtrle"];
        if !KNOWN.contains(&info.codec.as_str()) {
            return None;
        }
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
        let chroma_location = match info.chroma_location.as_deref() {
            Some("left") => ChromaLocation::Left,
            Some("topleft") => ChromaLocation::TopLeft,
            _ => ChromaLocation::Center,
        };
        let color = Color { matrix, range, chroma_location };
        Some(Self { format, color, width, height, size, scaler: None })
    }

    fn frame_pool(&self) -> Result<FramePool> {
        Ok(FramePool::new(self.format, self.color, self.width, self.height)?)
    }

    /// Decodes packets, whose first frame has the number `first`, until all `wanted` frames are in `made`.
    fn take(
        &mut self,
        mut decoder: Decoder,
        packets: &mut dyn FnMut() -> Result<Option<Packet>>,
        first: u64,
        wanted: &[u64],
        made: &mut Vec<Thumbnail>,
    ) -> Result<()> {
        let mut index = first;
        while wanted.last().is_some_and(|last| index <= *last) {
            let packet = packets()?;
            let ended = packet.is_none();
            decoder.send(packet)?;
            while let Some(frame) = decoder.receive()? {
                if wanted.contains(&index) {
                    made.push(self.shrink(&frame, index)?);
                }
                index += 1;
            }
            if ended && wanted.last().is_some_and(|last| index <= *last) {
                return Err(undecoded(index).into());
            }
        }
        Ok(())
    }

    fn shrink(&mut self, frame: &SharedFrame, index: u64) -> Result<Thumbnail> {
        let view = frame.view()?.with_range(self.color.range);
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
}

/// Makes the error for a frame that cannot be decoded: each of our packets is a frame, and later frames would get wrong
/// numbers.
fn undecoded(index: u64) -> LibavError {
    let message = format!("frame {index} and the following frames were not decoded");
    LibavError::unexpected("decode a frame for its picture", message)
}

/// Returns the rows of a picture in one plane, without padding.
fn pixels(frame: &Frame) -> Vec<u8> {
    (0..frame.height() as usize).flat_map(|y| frame.plane(0).row(y)).copied().collect()
}
