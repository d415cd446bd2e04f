//! Reads YUV4MPEG2 (`.y4m`): raw YUV frames with a header, as `ffmpeg -f yuv4mpegpipe` and the MJPEG tools write them.
//! The manual page yuv4mpeg(5) describes the format.

use std::io::{BufRead, Read};

use super::{FrameBuffer, FrameLayout, FrameSource, read_full, read_past};
use crate::error::{Error, InvalidInput, Result};
use crate::frame::{ChromaLocation, ColorRange, PixelFormat};
use crate::time::FrameRate;

/// The longest header line; FFmpeg has a similar limit.
const MAX_LINE_BYTES: u64 = 4096;

/// The line before a frame without parameters.
const BARE_FRAME_LINE: &[u8] = b"FRAME\n";

/// A stream of YUV4MPEG2 frames.
///
/// ```
/// use framemill::{FrameBuffer, FrameSource, PixelFormat, Y4mSource};
/// let stream = b"YUV4MPEG2 W2 H2 F25:1 Cmono\nFRAME\n\x10\x20\x30\x40";
/// let mut source = Y4mSource::new(&stream[..], "memory")?;
/// assert_eq!(source.layout().format, PixelFormat::Gray8);
/// let mut frame = FrameBuffer::new();
/// assert!(source.read_frame(&mut frame)?.is_some());
/// assert_eq!(frame[..], [0x10, 0x20, 0x30, 0x40]);
/// # Ok::<(), framemill::Error>(())
/// ```
pub struct Y4mSource<R> {
    reader: R,
    layout: FrameLayout,
    frame_rate: Option<FrameRate>,
    name: String,
    index: u64,
    header_bytes: u64,
    bytes: Option<u64>,
}

impl<R: BufRead> Y4mSource<R> {
    /// Reads the header of the stream from `reader`. Errors refer to it as `name`.
    ///
    /// # Errors
    /// [`Error::Input`] if it is not YUV4MPEG2, or if framemill does not support its pixel format or size.
    pub fn new(mut reader: R, name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        let line = read_line(&mut reader, &name)?;
        let header_bytes = line.as_ref().map_or(0, |line| line.len() as u64 + 1);
        let header = line
            .ok_or_else(|| "it is empty".to_owned())
            .and_then(|line| parse_header(&line))
            .map_err(|problem| malformed(&name, problem))?;
        let Header { layout, frame_rate } = header;
        Ok(Self { reader, layout, frame_rate, name, index: 0, header_bytes, bytes: None })
    }

    /// Sets the total number of bytes, so that the number of frames is known.
    #[must_use]
    pub fn with_length(mut self, bytes: u64) -> Self {
        self.bytes = Some(bytes);
        self
    }
}

impl<R: BufRead> Y4mSource<R> {
    /// Reads the line before a frame; returns whether there is one.
    fn read_frame_line(&mut self) -> Result<bool> {
        let Some(line) = read_line(&mut self.reader, &self.name)? else {
            return Ok(false);
        };
        if line.split(' ').next() != Some("FRAME") {
            let problem = format!("frame {} does not start with FRAME", self.index);
            return Err(malformed(&self.name, problem));
        }
        Ok(true)
    }

    /// Counts a frame that had `bytes` bytes.
    fn count_frame(&mut self, bytes: usize) -> Result<()> {
        let frame_bytes = self.layout.frame_bytes();
        if bytes < frame_bytes {
            let problem = InvalidInput::CutFrame { index: self.index, bytes, frame_bytes };
            return Err(Error::Input { name: self.name.clone(), problem });
        }
        self.index += 1;
        Ok(())
    }
}

impl<R: BufRead + Send> FrameSource for Y4mSource<R> {
    fn layout(&self) -> FrameLayout {
        self.layout
    }

    fn frame_rate(&self) -> Option<FrameRate> {
        self.frame_rate
    }

    /// Assumes that the lines before frames have no parameters, as programs write them.
    fn frame_count(&self) -> Option<u64> {
        let frame_bytes = self.layout.frame_bytes() as u64 + BARE_FRAME_LINE.len() as u64;
        Some(self.bytes?.saturating_sub(self.header_bytes) / frame_bytes)
    }

    /// Always `None`, because the line before a frame may have parameters.
    fn exact_frame_count(&self) -> Option<u64> {
        None
    }

    fn skip(&mut self, frames: u64) -> Result<u64> {
        for skipped in 0..frames {
            if !self.read_frame_line()? {
                return Ok(skipped);
            }
            let passed = read_past(&mut self.reader, self.layout.frame_bytes() as u64);
            let passed = passed.map_err(|source| Error::io("read", Some(self.name.as_ref()), source))?;
            self.count_frame(passed as usize)?;
        }
        Ok(frames)
    }

    fn read_frame(&mut self, buffer: &mut FrameBuffer) -> Result<Option<FrameLayout>> {
        if !self.read_frame_line()? {
            return Ok(None);
        }
        buffer.resize(self.layout.frame_bytes());
        let bytes = read_full(&mut self.reader, buffer, &self.name)?;
        self.count_frame(bytes)?;
        Ok(Some(self.layout))
    }
}

fn malformed(name: &str, problem: String) -> Error {
    Error::Input { name: name.to_owned(), problem: InvalidInput::Malformed { format: "YUV4MPEG2", problem } }
}

/// Reads a line, without its end; `None` at the end of the stream.
fn read_line(reader: &mut impl BufRead, name: &str) -> Result<Option<String>> {
    let mut line = Vec::new();
    let mut limited = reader.take(MAX_LINE_BYTES);
    limited.read_until(b'\n', &mut line).map_err(|source| Error::io("read", Some(name.as_ref()), source))?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(malformed(name, "a header line does not end".to_owned()));
    }
    String::from_utf8(line).map(Some).map_err(|_| malformed(name, "a header line is not text".to_owned()))
}

struct Header {
    layout: FrameLayout,
    frame_rate: Option<FrameRate>,
}

fn parse_header(line: &str) -> Result<Header, String> {
    let mut words = line.split(' ').filter(|word| !word.is_empty());
    if words.next() != Some("YUV4MPEG2") {
        return Err("it does not start with YUV4MPEG2".to_owned());
    }
    let (mut width, mut height, mut frame_rate) = (None, None, None);
    let (mut chroma, mut range) = ((PixelFormat::Yuv420p, Some(ChromaLocation::Center)), None);
    for word in words {
        let (tag, value) = word.split_at_checked(1).ok_or_else(|| format!("{word:?} is not a tag"))?;
        match tag {
            "W" => width = Some(parse_side(word, value)?),
            "H" => height = Some(parse_side(word, value)?),
            "F" => frame_rate = parse_rate(word, value)?,
            "C" => chroma = parse_chroma(value)?,
            "I" if !matches!(value, "p" | "?") => {
                return Err(format!("{word:?}: interlaced frames are not supported; deinterlace them first"));
            }
            "A" if !is_square(value) => {
                return Err(format!("{word:?}: non-square pixels are not supported; scale the frames first"));
            }
            "X" if value.starts_with("COLORRANGE=") => range = Some(parse_range(word, value)?),
            // Square pixels, progressive frames and comments.
            _ => {}
        }
    }
    let (Some(width), Some(height)) = (width, height) else {
        return Err("its header has no width or no height".to_owned());
    };
    let (format, chroma_location) = chroma;
    if format.is_gray() && range == Some(ColorRange::Limited) {
        return Err("gray frames of limited range are not supported; convert them to full range".to_owned());
    }
    let layout = FrameLayout::new(format, width, height).range(range.unwrap_or_default());
    Ok(Header { layout: FrameLayout { chroma_location, ..layout }, frame_rate })
}

/// Returns whether pixels are square; `0:0` means unknown.
fn is_square(aspect: &str) -> bool {
    aspect.split_once(':').is_some_and(|(width, height)| width == height)
}

fn parse_range(word: &str, value: &str) -> Result<ColorRange, String> {
    match value.strip_prefix("COLORRANGE=") {
        Some("FULL") => Ok(ColorRange::Full),
        Some("LIMITED") => Ok(ColorRange::Limited),
        _ => Err(format!("{word:?} is not a color range: FULL or LIMITED")),
    }
}

fn parse_side(word: &str, value: &str) -> Result<u32, String> {
    let side = value.parse::<u32>().ok().filter(|side| (1..=65_535).contains(side));
    side.ok_or_else(|| format!("{word:?} is not a size of 1 to 65535"))
}

/// Parses `F30000:1001`; `F0:0` means unknown.
fn parse_rate(word: &str, value: &str) -> Result<Option<FrameRate>, String> {
    let rate = value.split_once(':').and_then(|(numerator, denominator)| {
        Some(FrameRate::new(numerator.parse().ok()?, denominator.parse().ok()?))
    });
    match rate {
        Some(rate) if rate.numerator() == 0 => Ok(None),
        Some(rate) if rate.validate().is_ok() => Ok(Some(rate)),
        _ => Err(format!("{word:?} is not a frame rate between 0.001 and 1000")),
    }
}

/// Parses the pixel format, and the chroma location if the name implies it, as each name for 8-bit 4:2:0 does. FFmpeg
/// reads the names in the same way (`libavformat/yuv4mpegdec.c`).
fn parse_chroma(value: &str) -> Result<(PixelFormat, Option<ChromaLocation>), String> {
    let format = match value {
        "420" | "420jpeg" => return Ok((PixelFormat::Yuv420p, Some(ChromaLocation::Center))),
        "420mpeg2" => return Ok((PixelFormat::Yuv420p, Some(ChromaLocation::Left))),
        "420paldv" => return Ok((PixelFormat::Yuv420p, Some(ChromaLocation::TopLeft))),
        "422" => PixelFormat::Yuv422p,
        "444" => PixelFormat::Yuv444p,
        "420p10" => PixelFormat::Yuv420p10Le,
        "422p10" => PixelFormat::Yuv422p10Le,
        "444p10" => PixelFormat::Yuv444p10Le,
        "mono" => PixelFormat::Gray8,
        "mono16" => PixelFormat::Gray16Le,
        _ => {
            return Err(format!("its pixel format C{value} is not supported; convert it to 420, 422, 444 or mono"));
        }
    };
    Ok((format, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(stream: &[u8]) -> Result<Y4mSource<&[u8]>> {
        Y4mSource::new(stream, "test")
    }

    #[test]
    fn headers_have_size_rate_and_format() {
        let source =
            open(b"YUV4MPEG2 W6 H4 F30000:1001 Ip A1:1 C422p10 XYSCSS=422P10 XCOLORRANGE=FULL\n").expect("valid");
        let expected = FrameLayout::new(PixelFormat::Yuv422p10Le, 6, 4).range(ColorRange::Full);
        assert_eq!(source.layout(), expected);
        assert_eq!(source.frame_rate(), Some(FrameRate::new(30_000, 1_001)));
        let source = open(b"YUV4MPEG2 H2 W2 F0:0\n").expect("valid");
        assert_eq!((source.layout().format, source.frame_rate()), (PixelFormat::Yuv420p, None));
    }

    #[test]
    fn frames_follow_their_lines() {
        assert_eq!(open(b"YUV4MPEG2 W2 H2 Cmono\n").expect("valid").with_length(22 + 30).frame_count(), Some(3));
        let mut source = open(b"YUV4MPEG2 W2 H2 Cmono\nFRAME\nabcdFRAME Ip\nefghFRAME\nij").expect("valid");
        let mut frame = FrameBuffer::new();
        assert!(source.read_frame(&mut frame).expect("whole").is_some());
        assert_eq!(frame[..], *b"abcd");
        assert!(source.read_frame(&mut frame).expect("whole").is_some());
        assert_eq!(frame[..], *b"efgh");
        let error = source.read_frame(&mut frame).expect_err("cut").to_string();
        assert_eq!(error, "test: the stream ends inside frame 2: it has 2 of the frame's 4 bytes");
        let mut skipping = open(b"YUV4MPEG2 W2 H2 Cmono\nFRAME\nabcdFRAME Ip\nefghFRAME\nijkl").expect("valid");
        assert_eq!(skipping.skip(2).expect("there"), 2);
        assert!(skipping.read_frame(&mut frame).expect("whole").is_some());
        assert_eq!((&frame[..], skipping.skip(5).expect("ends")), (&b"ijkl"[..], 0));
    }

    #[test]
    fn other_data_is_refused() {
        for (stream, problem) in [
            (&b""[..], "it is empty"),
            (b"RIFF\n", "it does not start with YUV4MPEG2"),
            (b"YUV4MPEG2 W2 H2", "a header line does not end"),
            (b"YUV4MPEG2 W2\n", "its header has no width or no height"),
            (b"YUV4MPEG2 W0 H2\n", "\"W0\" is not a size of 1 to 65535"),
            (
                b"YUV4MPEG2 W2 H2 C411\n",
                "its pixel format C411 is not supported; convert it to 420, 422, 444 or mono",
            ),
            (b"YUV4MPEG2 W2 H2 F1\n", "\"F1\" is not a frame rate between 0.001 and 1000"),
            (b"YUV4MPEG2 W2 H2 It\n", "\"It\": interlaced frames are not supported; deinterlace them first"),
            (b"YUV4MPEG2 \xff\n", "a header line is not text"),
            (b"YUV4MPEG2 W2 H2 A4:3\n", "\"A4:3\": non-square pixels are not supported; scale the frames first"),
            (b"YUV4MPEG2 W2 H2 XCOLORRANGE=SOME\n", "\"XCOLORRANGE=SOME\" is not a color range: FULL or LIMITED"),
            (
                b"YUV4MPEG2 W2 H2 Cmono XCOLORRANGE=LIMITED\n",
                "gray frames of limited range are not supported; convert them to full range",
            ),
        ] {
            let error = open(stream).map(|_| ()).expect_err(problem).to_string();
            assert_eq!(error, format!("test: cannot be read as a YUV4MPEG2 stream: {problem}"));
        }
    }
}
