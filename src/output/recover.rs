//! A playable movie from what an interrupted run left.

use std::cell::Cell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::copy::Packets;
use super::destination::Destination;
use super::stored::copy_to;
use crate::av::{Demuxer, Packet};
use crate::error::{Error, InvalidInput, Result};
use crate::segment::{self, PacketIndex, is_frame_damaged, is_h264_damaged};
use crate::settings::Container;
use crate::stop::StopToken;

/// The most ticks from one packet to the next: an MP4 has 32 bits for them, which FFmpeg reads signed.
const MOST_GAP: i64 = i32::MAX as i64;

/// What [`recover`] found and made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovered {
    /// The movie that was made.
    pub path: PathBuf,
    /// Its container, as the part file tells it.
    pub container: Container,
    /// Frames in it.
    pub frames: u64,
    /// How long it plays.
    pub duration: Duration,
    /// Its size.
    pub bytes: u64,
}

/// Makes a plain movie of the frames that `part`, the part file of an interrupted run, holds. The part file stays as
/// it is.
///
/// Without a `destination` the movie gets the name that the run was to give it (`demo.mp4` from `demo.mp4.part`), and
/// a file of that name is not replaced.
///
/// ```no_run
/// let recovered = framemill::recover("night.mp4.part", None)?;
/// println!("{} has {} frames", recovered.path.display(), recovered.frames);
/// # Ok::<(), framemill::Error>(())
/// ```
///
/// # Errors
/// [`Error::Input`] where `part` is no movie, holds no whole frame, or has a damaged header, [`Error::Io`] where reading or writing fails or
/// the destination exists.
pub fn recover(part: impl AsRef<Path>, destination: Option<&Path>) -> Result<Recovered> {
    let part = part.as_ref();
    let input_error = |problem| Error::Input { name: part.display().to_string(), problem };
    if segment::is_in_use(part)? {
        return Err(input_error(InvalidInput::StillWritten));
    }
    let container = segment::container(part)?.ok_or_else(|| input_error(InvalidInput::NothingToRecover))?;
    let (path, clobber) = match destination {
        Some(path) => (path.to_owned(), true),
        None => (original_name(part), false),
    };
    refuse_itself(part, &path)?;
    let target = Destination::new(&path, clobber)?;
    let bytes = segment::bytes_with_frames(part, container)?;
    let open = || segment::open_up_to(part, container, bytes);
    let mut movie = match open() {
        Ok(movie) if movie.stream_count() > 1 => return Err(input_error(InvalidInput::OtherStreams)),
        // A run that was killed before its first fragment left no index, or not all of it.
        Err(Error::Libav(_)) => return Err(input_error(InvalidInput::NothingToRecover)),
        opened => opened?,
    };
    if !movie.stream_parameters()?.describes_frames(container) {
        return Err(input_error(InvalidInput::DamagedHeader));
    }
    let index = read_index(&mut movie, container).map_err(|error| error.on_path(part))?;
    if index.packets().is_empty() {
        return Err(input_error(InvalidInput::NothingToRecover));
    }
    // The decoder knows what a header must say.
    match open()?.stream_info() {
        Ok(stream) if stream.pixel_format.is_some() => {}
        Ok(_) | Err(Error::Libav(_)) => return Err(input_error(InvalidInput::DamagedHeader)),
        Err(error) => return Err(error.on_path(part)),
    }
    let copied = copy_to(Packets::of(open()?), container, &index, &target, &StopToken::default());
    let bytes = copied.map_err(|error| error.on_path(part))?.publish(&target)?;
    let duration = Duration::try_from_secs_f64(index.end().as_secs_f64()).unwrap_or_default();
    Ok(Recovered { path, container, frames: index.packets().len() as u64, duration, bytes })
}

/// What `movie` holds, up to the first frame of which bytes were lost, or whose time is damaged.
fn read_index(movie: &mut Demuxer, container: Container) -> Result<PacketIndex> {
    let stream = movie.stream_parameters()?;
    let is_damaged = if stream.has_lengths() { is_h264_damaged } else { is_frame_damaged };
    let last = Cell::new(None);
    // Matroska has no decoding times, and FFmpeg makes some up.
    let follows = |packet: &Packet| match packet.dts() {
        Some(dts) if container != Container::Mkv => {
            let gap = last.replace(Some(dts)).map_or(1, |last: i64| dts.saturating_sub(last));
            (1..=MOST_GAP).contains(&gap) && packet.pts().is_none_or(|pts| pts >= dts)
        }
        _ => true,
    };
    // What FFmpeg refuses behind whole frames is damage: a size that is larger than memory, for example.
    let next_packet = |movie: &mut Demuxer| match movie.next_packet() {
        Err(Error::Libav(_)) => Ok(None),
        packet => packet,
    };
    PacketIndex::read(movie, container, next_packet, |packet: &Packet| {
        !packet.is_corrupt() && !is_damaged(packet.data()) && follows(packet)
    })
}

fn refuse_itself(part: &Path, destination: &Path) -> Result<()> {
    let same = fs::canonicalize(part).ok().is_some_and(|part| fs::canonicalize(destination).ok() == Some(part));
    if !same {
        return Ok(());
    }
    let why = io::Error::new(io::ErrorKind::InvalidInput, "it is the file to recover from; choose another name");
    Err(Error::io("write", Some(destination), why))
}

/// `demo.mp4` for `demo.mp4.part` and `demo.mp4.2.part`; `x.recovered.mp4` for `x.mp4`.
fn original_name(part: &Path) -> PathBuf {
    if part.extension().is_some_and(|extension| extension == "part") {
        let name = part.with_extension("");
        let is_number = name.extension().is_some_and(|extension| extension.to_str().is_some_and(is_attempt));
        let without_number = name.with_extension("");
        let numbered = is_number && Container::from_path(&without_number).is_ok();
        return if numbered { without_number } else { name };
    }
    let extension = part.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    part.with_extension(format!("recovered.{extension}"))
}

fn is_attempt(text: &str) -> bool {
    text.parse::<u32>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_one_that_the_run_was_to_give() {
        for (part, name) in
            [("demo.mp4.part", "demo.mp4"), ("a/demo.mp4.2.part", "a/demo.mp4"), ("demo.avi", "demo.recovered.avi")]
        {
            assert_eq!(original_name(Path::new(part)), Path::new(name));
        }
    }
}
