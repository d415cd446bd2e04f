//! Makes test pictures and movies.

use std::path::{Path, PathBuf};

use framemill::{
    Codec, Container, FrameRate, FrameView, H264, Memory, Output, VideoWriter, VideoWriterBuilder, Vp9,
};
use tempfile::TempDir;

/// Draws a smooth picture of `height` × `width` × 3 bytes with gradients and a disc that moves with `frame`.
pub(crate) fn picture(width: u32, height: u32, frame: u32) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    let center = (f64::from(width) * (0.3 + 0.01 * f64::from(frame)), f64::from(height) * 0.5);
    let radius = f64::from(height) * 0.25;
    for y in 0..height {
        for x in 0..width {
            let inside = (f64::from(x) - center.0).hypot(f64::from(y) - center.1) < radius;
            let shade = |value: u32, of: u32| (value * 200 / of.max(1) + 20) as u8;
            if inside {
                pixels.extend([230, 60, 40]);
            } else {
                pixels.extend([shade(x, width), shade(y, height), shade(x + y, width + height)]);
            }
        }
    }
    pixels
}

/// Returns a codec that `container` holds.
pub(crate) fn codec_in(container: Container) -> Codec {
    if container == Container::Webm { Vp9::default().into() } else { H264::default().into() }
}

/// Writes `frames` pictures of 96 × 64 at `rate` to `output`.
pub(crate) fn write_movie(
    output: impl Into<Output>,
    frames: u32,
    rate: FrameRate,
    configure: impl FnOnce(VideoWriterBuilder) -> VideoWriterBuilder,
) -> framemill::Result<framemill::EncodeStats> {
    let (width, height) = (96, 64);
    let mut video = configure(VideoWriter::builder(output, width, height, rate)).create()?;
    for frame in 0..frames {
        video.write(&FrameView::rgb(&picture(width, height, frame), width, height)?)?;
    }
    video.finish()
}

/// A movie in its own temporary directory, which is removed on drop.
pub(crate) struct MovieFile {
    path: PathBuf,
    _directory: TempDir,
}

impl AsRef<Path> for MovieFile {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

/// Encodes these frames to memory at 25 frames per second. All frames must have the size of the first.
pub(crate) fn movie_bytes(
    container: Container,
    frames: &[FrameView<'_>],
    configure: impl FnOnce(VideoWriterBuilder) -> VideoWriterBuilder,
) -> framemill::Result<Vec<u8>> {
    let memory = Memory::new();
    let (width, height) = (frames[0].width(), frames[0].height());
    let builder = VideoWriter::builder(Output::memory(&memory, container), width, height, FrameRate::new(25, 1));
    let mut video = configure(builder).create()?;
    frames.iter().try_for_each(|frame| video.write(frame))?;
    video.finish()?;
    Ok(memory.take())
}

/// Writes these bytes to a file.
pub(crate) fn movie_file(container: Container, bytes: &[u8]) -> MovieFile {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join(format!("movie.{}", container.name()));
    std::fs::write(&path, bytes).expect("written");
    MovieFile { path, _directory: directory }
}

/// Encodes `frames` to Matroska and decodes them with the ffmpeg program to `pixel_format`.
pub(crate) fn decoded_frames(
    frames: &[FrameView<'_>],
    pixel_format: &str,
    frame_bytes: usize,
    configure: impl FnOnce(VideoWriterBuilder) -> VideoWriterBuilder,
) -> Vec<Vec<u8>> {
    let movie = movie_bytes(Container::Mkv, frames, configure).expect("a movie");
    let file = movie_file(Container::Mkv, &movie);
    let decoded = crate::reader::decode(file.as_ref(), pixel_format, frame_bytes);
    assert_eq!(decoded.len(), frames.len());
    decoded
}

/// Encodes a single frame and decodes it with the ffmpeg program.
pub(crate) fn decoded_frame(
    frame: &FrameView<'_>,
    pixel_format: &str,
    frame_bytes: usize,
    configure: impl FnOnce(VideoWriterBuilder) -> VideoWriterBuilder,
) -> Vec<u8> {
    decoded_frames(&[*frame], pixel_format, frame_bytes, configure).remove(0)
}
