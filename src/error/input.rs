//! Errors about frames, times and input streams.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::plural;

/// A frame that cannot be encoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidFrame {
    /// A side is zero, or too large to count the bytes.
    #[error("a frame of {width}x{height} pixels is not valid: each side must be 1 to 65535 pixels")]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },

    /// The stride is shorter than a row.
    #[error("the stride of {stride} bytes in plane {plane} is shorter than a row of {row_bytes} bytes")]
    StrideTooShort {
        /// The number of the plane, from 0.
        plane: usize,
        /// Bytes from one row to the next.
        stride: isize,
        /// Bytes that a row needs.
        row_bytes: usize,
    },

    /// The buffer is too short for the picture.
    #[error("plane {plane} has {bytes} bytes, but the picture needs {needed}")]
    BufferTooShort {
        /// The number of the plane, from 0.
        plane: usize,
        /// The number of bytes that were given.
        bytes: usize,
        /// The number of bytes that the picture needs.
        needed: usize,
    },

    /// There are too few or too many planes.
    #[error("{pixel_format} has {needed} planes, but {planes} were given")]
    PlaneCount {
        /// The pixel format.
        pixel_format: &'static str,
        /// The number of planes that were given.
        planes: usize,
        /// The number of planes that the format has.
        needed: usize,
    },

    /// The array's pixels are not gray, RGB or RGBA.
    #[error("pixels of {channels} channels are not supported: use 1 (gray), 3 (RGB) or 4 (RGBA)")]
    Channels {
        /// The number of channels of a pixel.
        channels: usize,
    },

    /// The array has samples outside its buffer.
    #[error("the array extends from byte {lowest} to byte {end}, but its buffer has {bytes} bytes")]
    OutsideArray {
        /// Where the lowest sample starts, in bytes.
        lowest: i128,
        /// Where the highest sample ends, in bytes.
        end: i128,
        /// The size of the buffer in bytes.
        bytes: usize,
    },

    /// The array has floats outside the range from black to white.
    #[error(
        "{value} at row {row}, column {column} is not between 0 (black) and 1 (white); the values range from {least} to {most}: scale the floats, or clip them"
    )]
    NotALevel {
        /// The first such float.
        value: String,
        /// Its row, from 0.
        row: u32,
        /// Its column, from 0.
        column: u32,
        /// The smallest float of the array.
        least: String,
        /// The largest float of the array.
        most: String,
    },

    /// The array contains NaN.
    #[error(
        "NaN at row {row}, column {column} is not between 0 (black) and 1 (white): replace it, as np.nan_to_num does"
    )]
    NotANumber {
        /// The row of the first NaN, from 0.
        row: u32,
        /// The column of the first NaN, from 0.
        column: u32,
    },

    /// A planar pixel format was passed to a constructor for packed formats.
    #[error("{pixel_format} is not a packed format: pass its planes")]
    NotPacked {
        /// The pixel format.
        pixel_format: &'static str,
    },

    /// The frame's size differs from the movie's.
    #[error(
        "frame {index} has {width}x{height} pixels, but the movie was opened for {expected_width}x{expected_height}"
    )]
    OtherSize {
        /// The frame's number, from 0.
        index: u64,
        /// Width of the frame in pixels.
        width: u32,
        /// Height of the frame in pixels.
        height: u32,
        /// Width that the movie expects, in pixels.
        expected_width: u32,
        /// Height that the movie expects, in pixels.
        expected_height: u32,
    },

    /// The segment of a [plan](crate::Plan) already has all its frames.
    #[error("the segment already has its {}: write this frame to the next segment", plural(*.frames, "frame"))]
    BeyondSegment {
        /// The number of frames of the segment.
        frames: u64,
    },

    /// The frame's chroma location differs from the movie's.
    #[error(
        "frame {index} has its chroma samples at {location}, but the movie has them at {movie}: set the chroma location when you open the movie"
    )]
    OtherChromaLocation {
        /// The frame's number, from 0.
        index: u64,
        /// The chroma location of the frame. RGB frames use the center.
        location: &'static str,
        /// The chroma location of the movie.
        movie: &'static str,
    },

    /// The frame has more bits per sample than the lossless movie keeps.
    #[error(
        "frame {index} is {format}, with {bits} bits per sample, but the lossless movie was opened for {kept_bits} bits: set the pixel format of the frames when you open the movie, or choose the pixel format of the movie"
    )]
    TooDeep {
        /// The frame's number, from 0.
        index: u64,
        /// The frame's pixel format.
        format: &'static str,
        /// Bits per sample of the frame.
        bits: u32,
        /// Bits per sample that the movie keeps.
        kept_bits: u32,
    },
}

/// A time that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTime {
    /// Frames must be written in the order of their times, at least one tick apart.
    #[error(
        "the frame at {time:?} does not come after the previous frame, at {previous:?} (times are rounded to {tick:?})"
    )]
    NotAfterPrevious {
        /// The time that was given.
        time: Duration,
        /// The time of the previous frame.
        previous: Duration,
        /// The smallest time step of this movie.
        tick: Duration,
    },

    /// The previous frame is held beyond this time.
    #[error("the previous frame is held until {until:?}, so the next cannot be at {time:?}")]
    StillHeld {
        /// The time that was given.
        time: Duration,
        /// When the hold ends.
        until: Duration,
    },

    /// The container has a constant frame rate, and the time does not fit it.
    #[error(
        "{container} has a constant frame rate, so the next frame must be at {expected:?}, not at {time:?}: choose mp4, mov, mkv or webm for a variable frame rate"
    )]
    NotConstant {
        /// The container.
        container: &'static str,
        /// The time that was given.
        time: Duration,
        /// The only time that fits.
        expected: Duration,
    },

    /// A frame lasts longer than the container can store.
    #[error("a frame cannot last {duration:?}: the container's limit is {limit:?}")]
    TooLong {
        /// The duration that was given.
        duration: Duration,
        /// The longest duration that the container can store.
        limit: Duration,
    },

    /// There is no frame to hold yet.
    #[error("there is no frame to hold yet: write one first")]
    NothingToHold,

    /// The last frame is in the file of the run that is continued, with its duration.
    #[error("the last frame is of the run that this one resumes, and cannot be held any more: write a frame first")]
    HeldFrameOfEarlierRun,
}

struct Following(Option<u64>);

impl fmt::Display for Following {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(1) => f.write_str("1 byte follows"),
            Some(bytes) => write!(f, "{bytes} bytes follow"),
            None => f.write_str("something follows"),
        }
    }
}

struct MemberProblem<'a>(Option<&'a str>, &'a [String]);

impl fmt::Display for MemberProblem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(asked, members) = self;
        let Some(first) = members.first() else {
            return f.write_str("it contains no array");
        };
        match asked {
            Some(asked) => write!(f, "it contains no array named {asked:?}")?,
            None => write!(f, "it contains {} arrays", members.len())?,
        }
        write!(f, ": choose one of {}, as in --member {first}", members.join(", "))
    }
}

/// A problem with a stream of frames, or with a movie that is read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidInput {
    /// The stream ended inside a frame. The frames before it are complete.
    #[error("the stream ends inside frame {index}: it has {bytes} of the frame's {frame_bytes} bytes")]
    CutFrame {
        /// The frame's number, from 0.
        index: u64,
        /// Bytes of the frame that arrived.
        bytes: usize,
        /// Bytes of a complete frame.
        frame_bytes: usize,
    },

    /// The data is not in the expected format.
    #[error("cannot be read as a {format} stream: {problem}")]
    Malformed {
        /// The format that was expected.
        format: &'static str,
        /// What is wrong.
        problem: String,
    },

    /// Another process is still writing the file.
    #[error(
        "another run is still writing it: wait until that run ends, or stop it with Ctrl-C, which finishes the movie"
    )]
    StillWritten,

    /// The file has streams that framemill does not write.
    #[error(
        "it has streams other than one video and its sound, which would be lost: it is not a part file of framemill"
    )]
    OtherStreams,

    /// A picture is damaged. In a stream, the pictures before it were complete.
    #[error("picture {index}{} cannot be decoded: {problem}", AtByte(*.offset))]
    BrokenPicture {
        /// The picture's number, from 0.
        index: u64,
        /// Where the picture starts in the stream, in bytes; `None` if the picture is a file.
        offset: Option<u64>,
        /// What is wrong.
        problem: String,
    },

    /// A picture has an unsupported format. In a stream, the pictures before it were complete.
    #[error("picture {index}{} is not supported: {problem}", AtByte(*.offset))]
    UnsupportedPicture {
        /// The picture's number, from 0.
        index: u64,
        /// Where the picture starts in the stream, in bytes; `None` if the picture is a file.
        offset: Option<u64>,
        /// What the picture is, and what to do.
        problem: String,
    },

    /// A picture does not match the options.
    #[error("{problem}")]
    UnfitPicture {
        /// What the picture is, and what to do.
        problem: String,
    },

    /// The stream ended inside a picture. The pictures before it are complete.
    #[error(
        "the stream ends inside picture {index}, which starts at byte {offset}: only {bytes} bytes of it arrived"
    )]
    CutPicture {
        /// The picture's number, from 0.
        index: u64,
        /// Where the picture starts in the stream, in bytes.
        offset: u64,
        /// Bytes of the picture that arrived.
        bytes: usize,
    },

    /// Something other than a picture starts where the next picture should.
    #[error(
        "no picture starts at byte {offset}, where picture {index} should start; the bytes are {start:02x?}: {KINDS} pictures \
         must follow each other, with nothing between them or after the last"
    )]
    NotAPicture {
        /// The picture's number, from 0.
        index: u64,
        /// Where the picture should start in the stream, in bytes.
        offset: u64,
        /// The first bytes at that place.
        start: Vec<u8>,
    },

    /// A picture's size differs from that of the first picture.
    #[error(
        "picture {index}{} has {width}x{height} pixels, but the first has {expected_width}x{expected_height}: \
         scale all pictures to one size, as in --scale {expected_width}x{expected_height}",
        AtByte(*.offset)
    )]
    OtherPictureSize {
        /// The picture's number, from 0.
        index: u64,
        /// Where the picture starts in the stream, in bytes; `None` if the picture is a file.
        offset: Option<u64>,
        /// Width of the picture in pixels.
        width: u32,
        /// Height of the picture in pixels.
        height: u32,
        /// Width of the first picture in pixels.
        expected_width: u32,
        /// Height of the first picture in pixels.
        expected_height: u32,
    },

    /// A frame holds more than a lossless movie in the first frame's pixel format keeps.
    #[error(
        "frame {index} is {format}, but the movie keeps {first}, the format of the first frame: set --pixel-format to \
         the format to keep"
    )]
    OtherPixelFormat {
        /// The frame's number, from 0.
        index: u64,
        /// The frame's pixel format.
        format: &'static str,
        /// The pixel format of the first frame.
        first: &'static str,
    },

    /// Numbers are missing in a sequence of files.
    #[error(
        "{first} is missing ({} missing from {start} to {end}): make the missing files, or skip them with --on-error skip",
        plural(*.missing, "file")
    )]
    MissingPictures {
        /// The first file that is missing.
        first: String,
        /// The number of missing files.
        missing: u64,
        /// The number of the first existing file.
        start: u64,
        /// The number of the last existing file.
        end: u64,
    },

    /// The input is empty.
    #[error("it is empty: there are no frames")]
    Empty,

    /// The input does not contain frames.
    #[error("{problem}")]
    NotFrames {
        /// What the input is, and what to do.
        problem: &'static str,
    },

    /// There are no pictures at all.
    #[error("there are no pictures: {problem}")]
    NoPictures {
        /// Where framemill looked for them.
        problem: String,
    },

    /// The array has a data type that pixels cannot have.
    #[error("samples of dtype {dtype} are not supported: {hint}")]
    SampleType {
        /// NumPy's name of the type.
        dtype: String,
        /// What to save instead.
        hint: &'static str,
    },

    /// The array does not have the axes of frames, or an axis is too long.
    #[error("an array of shape {shape} does not hold frames: {hint}")]
    Shape {
        /// The lengths of its axes.
        shape: String,
        /// What is wrong, or what to save instead.
        hint: &'static str,
    },

    /// A file has no usable sound.
    #[error("{problem}")]
    Audio {
        /// What is wrong, and what to do.
        problem: String,
    },

    /// An array in Fortran order arrived on a stream, which can only be read from start to end.
    #[error(
        "it is in Fortran order, which spreads each frame over the whole array: read it from an .npy file, or save np.ascontiguousarray(a)"
    )]
    FortranOrder,

    /// An array in Fortran order is cut short, so none of its frames is complete.
    #[error(
        "it has {bytes} of the array's {array_bytes} bytes, and in Fortran order no frame is complete: save it again"
    )]
    CutArray {
        /// Bytes of the array that exist.
        bytes: u64,
        /// Bytes of the complete array.
        array_bytes: u64,
    },

    /// Data follows the array.
    #[error("{} the array: save one array per file, or several with np.savez", Following(*bytes))]
    AfterArray {
        /// How many bytes follow the array, if known.
        bytes: Option<u64>,
    },

    /// A float is not between 0 and 1.
    #[error(
        "frame {index} has the value {value} at row {row}, column {column}: floats must be from 0 (black) to 1 (white); scale the array, or save np.clip(np.nan_to_num(a), 0, 1)"
    )]
    Sample {
        /// The frame's number, from 0.
        index: u64,
        /// The pixel's row, from 0.
        row: u64,
        /// The pixel's column, from 0.
        column: u64,
        /// The value of the float.
        value: String,
    },

    /// An archive has no array of the given name, or it has several and no name was given.
    #[error("{}", MemberProblem(asked.as_deref(), members))]
    Member {
        /// The name that was given.
        asked: Option<String>,
        /// The arrays that the archive contains.
        members: Vec<String>,
    },

    /// The header of a part file no longer describes the frames that follow it.
    #[error("the header is damaged: it does not describe the frames, so no player could decode a movie of them")]
    DamagedHeader,

    /// The movie cannot be joined to the movies before it.
    #[error("it cannot be joined: it {problem}")]
    NotJoinable {
        /// Why it cannot be joined.
        problem: String,
    },

    /// Some segments of the movie do not exist.
    #[error("of the segments 0 to {}, these are missing: {missing}. Make them, or use the option partial to join only the existing ones", .segments.saturating_sub(1))]
    MissingSegments {
        /// Their numbers, from 0, as in `3,17-20`.
        missing: String,
        /// How many segments the movie has.
        segments: u64,
    },

    /// An interrupted run that cannot be resumed.
    #[error(
        "the interrupted run cannot be resumed: it {problem}. Recover the part file, or remove it to start again"
    )]
    NotResumable {
        /// Why it cannot be resumed.
        problem: String,
    },

    /// Two interrupted runs left different movies.
    #[error("{} has different frames, so it is not clear which run to resume: recover or remove one of them", .other.display())]
    OtherPart {
        /// The part file of the other run.
        other: PathBuf,
    },

    /// The file has no frame to recover.
    #[error(
        "it has no complete frame, so there is nothing to recover: give a part file that framemill left, as in movie.mp4.part"
    )]
    NothingToRecover,
}

/// The kinds of pictures that a stream may hold.
const KINDS: &str = "PNG, JPEG, WebP, BMP or PNM";

/// The position in the stream, for pictures that are in a stream.
struct AtByte(Option<u64>);

impl fmt::Display for AtByte {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |offset| write!(f, ", at byte {offset},"))
    }
}
