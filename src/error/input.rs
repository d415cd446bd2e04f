//! Frames, times and streams that cannot be taken.

use std::fmt;
use std::time::Duration;

/// A frame that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidFrame {
    /// A side is zero, or so large that its bytes cannot be counted.
    #[error("a frame of {width}x{height} pixels cannot be: each side must be 1 to 65535 pixels")]
    Size {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
    },

    /// The stride does not cover a row.
    #[error("the stride of {stride} bytes in plane {plane} is shorter than a row of {row_bytes} bytes")]
    StrideTooShort {
        /// Which plane, from 0.
        plane: usize,
        /// Bytes from one row to the next.
        stride: isize,
        /// Bytes that a row needs.
        row_bytes: usize,
    },

    /// The buffer ends before the picture does.
    #[error("plane {plane} has {bytes} bytes, and the picture needs {needed}")]
    BufferTooShort {
        /// Which plane, from 0.
        plane: usize,
        /// Bytes that were given.
        bytes: usize,
        /// Bytes that the picture needs.
        needed: usize,
    },

    /// Too few or too many planes.
    #[error("{pixel_format} has {needed} planes, and {planes} were given")]
    PlaneCount {
        /// The pixel format.
        pixel_format: &'static str,
        /// Planes that were given.
        planes: usize,
        /// Planes that the format has.
        needed: usize,
    },

    /// The array's pixels are neither gray nor RGB nor RGBA.
    #[error("pixels of {channels} channels cannot be: give 1 (gray), 3 (RGB) or 4 (RGBA)")]
    Channels {
        /// Channels of a pixel.
        channels: usize,
    },

    /// The array has samples outside its memory.
    #[error("the array reaches from byte {lowest} to byte {end}, and its memory has {bytes} bytes")]
    OutsideArray {
        /// Where its lowest sample starts.
        lowest: i128,
        /// Where its highest sample ends.
        end: i128,
        /// Bytes of its memory.
        bytes: usize,
    },

    /// The array has floats that are no levels between black and white.
    #[error(
        "{value} at row {row}, column {column} is no level from 0 (black) to 1 (white), and values go from {least} to {most}: scale the floats, or clip them"
    )]
    NotALevel {
        /// The first such float.
        value: String,
        /// Its row, from 0.
        row: u32,
        /// Its column, from 0.
        column: u32,
        /// The least float of the array.
        least: String,
        /// The greatest.
        most: String,
    },

    /// The array has floats that are not a number.
    #[error("NaN at row {row}, column {column} is no level from 0 (black) to 1 (white)")]
    NotANumber {
        /// The row of the first, from 0.
        row: u32,
        /// Its column, from 0.
        column: u32,
    },

    /// A pixel format of another layout was given to a constructor.
    #[error("{pixel_format} is not a packed format: give its planes")]
    NotPacked {
        /// The pixel format.
        pixel_format: &'static str,
    },

    /// The frame has another size than the movie.
    #[error(
        "frame {index} has {width}x{height} pixels, and the movie was opened for {expected_width}x{expected_height}"
    )]
    OtherSize {
        /// The frame's number, from 0.
        index: u64,
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Pixels a row that the movie takes.
        expected_width: u32,
        /// Rows that the movie takes.
        expected_height: u32,
    },

    /// The segment of a [plan](crate::Plan) has all its frames.
    #[error("the segment has its {frames} frames: write the next one to the next segment")]
    BeyondSegment {
        /// Frames of the segment.
        frames: u64,
    },

    /// The frame's chroma samples lie elsewhere than the movie says.
    #[error(
        "frame {index} has its chroma samples at {location}, and the movie has them at {movie}: set the movie's chroma location when it is opened"
    )]
    OtherChromaLocation {
        /// The frame's number, from 0.
        index: u64,
        /// Where they lie in the frame; RGB gets them in the center.
        location: &'static str,
        /// Where they lie in the movie.
        movie: &'static str,
    },

    /// The frame has more bits a sample than a movie that is to be without loss keeps.
    #[error(
        "frame {index} is {format}, of {bits} bits a sample, and the movie, which is to be without loss, was opened for {kept_bits}: say the frames' pixel format when it is opened, or choose the movie's own"
    )]
    TooDeep {
        /// The frame's number, from 0.
        index: u64,
        /// Its pixel format.
        format: &'static str,
        /// Bits of its samples.
        bits: u32,
        /// Bits that the movie keeps.
        kept_bits: u32,
    },
}

/// A time that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTime {
    /// Frames must come in the order of their times, at least one tick apart.
    #[error(
        "the frame at {time:?} does not come after the frame before it, at {previous:?} (times are kept to {tick:?})"
    )]
    NotAfterPrevious {
        /// The time given.
        time: Duration,
        /// The time of the frame before.
        previous: Duration,
        /// The finest step of this movie.
        tick: Duration,
    },

    /// The frame before was asked to be held for longer.
    #[error("the frame before is held until {until:?}, and the next cannot be at {time:?}")]
    StillHeld {
        /// The time given.
        time: Duration,
        /// When the hold ends.
        until: Duration,
    },

    /// The container has one constant rate, and the time is not on it.
    #[error(
        "{container} has one constant frame rate, so the next frame is at {expected:?} and cannot be at {time:?}: choose mp4, mov, mkv or webm for varying times"
    )]
    NotConstant {
        /// The container.
        container: &'static str,
        /// The time given.
        time: Duration,
        /// The only time that fits.
        expected: Duration,
    },

    /// A frame lasts longer than the container can say.
    #[error("a frame cannot last {duration:?}: the container's limit is {limit:?}")]
    TooLong {
        /// How long it was to last.
        duration: Duration,
        /// The longest that can be written.
        limit: Duration,
    },

    /// There is no frame to hold yet.
    #[error("there is no frame to hold yet: write one first")]
    NothingToHold,
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
            return f.write_str("no array is in it");
        };
        match asked {
            Some(asked) => write!(f, "no array in it is called {asked:?}")?,
            None => write!(f, "{} arrays are in it", members.len())?,
        }
        write!(f, ": choose one of {}, as in --member {first}", members.join(", "))
    }
}

/// What is wrong with a stream of frames or with a movie that is read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidInput {
    /// The stream ended inside a frame; the frames before it are whole.
    #[error("the stream ends inside frame {index}: {bytes} bytes are left over, and a frame has {frame_bytes}")]
    CutFrame {
        /// The frame's number, from 0.
        index: u64,
        /// Bytes of it that came.
        bytes: usize,
        /// Bytes that it should have.
        frame_bytes: usize,
    },

    /// Not the format that it should be.
    #[error("not a {format} stream: {problem}")]
    Malformed {
        /// The format that was expected.
        format: &'static str,
        /// What is wrong.
        problem: String,
    },

    /// A run that goes on is writing it.
    #[error(
        "a run that goes on is writing it: wait until it ends, or end it with Ctrl-C, which finishes the movie"
    )]
    StillWritten,

    /// It has more than one stream, so framemill did not write it.
    #[error(
        "it has other streams beside a video and its sound, which would be lost: it is no part file of framemill's"
    )]
    OtherStreams,

    /// A picture is damaged. In a stream, the pictures before it were whole.
    #[error("picture {index}{} cannot be decoded: {problem}", AtByte(*.offset))]
    BrokenPicture {
        /// The picture's number, from 0.
        index: u64,
        /// Where it starts in the stream, in bytes; `None` for one that is a file.
        offset: Option<u64>,
        /// What is wrong.
        problem: String,
    },

    /// A picture is of a kind that is not taken. In a stream, the pictures before it were whole.
    #[error("picture {index}{} is not supported: {problem}", AtByte(*.offset))]
    UnsupportedPicture {
        /// The picture's number, from 0.
        index: u64,
        /// Where it starts in the stream, in bytes; `None` for one that is a file.
        offset: Option<u64>,
        /// What it is, and what to do.
        problem: String,
    },

    /// A picture does not go with the options.
    #[error("{problem}")]
    UnfitPicture {
        /// What it is, and what to do.
        problem: String,
    },

    /// The stream ended inside a picture; the pictures before it are whole.
    #[error("the stream ends inside picture {index}, which starts at byte {offset}: only {bytes} bytes of it came")]
    CutPicture {
        /// The picture's number, from 0.
        index: u64,
        /// Where it starts in the stream, in bytes.
        offset: u64,
        /// Bytes of it that came.
        bytes: usize,
    },

    /// Where the next picture should start, there is something else.
    #[error(
        "no picture starts at byte {offset}, where picture {index} should, but {start:02x?}: pictures of {KINDS} \
         follow each other without anything between or behind them"
    )]
    NotAPicture {
        /// The picture's number, from 0.
        index: u64,
        /// Where it should start in the stream, in bytes.
        offset: u64,
        /// The first bytes of what is there.
        start: Vec<u8>,
    },

    /// A picture has another size than the first.
    #[error(
        "picture {index}{} has {width}x{height} pixels, and the first one has {expected_width}x{expected_height}: \
         ask for one size that all are scaled to, as in --scale {expected_width}x{expected_height}",
        AtByte(*.offset)
    )]
    OtherPictureSize {
        /// The picture's number, from 0.
        index: u64,
        /// Where it starts in the stream, in bytes; `None` for one that is a file.
        offset: Option<u64>,
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Pixels a row of the first picture.
        expected_width: u32,
        /// Rows of the first picture.
        expected_height: u32,
    },

    /// A frame has more in it than a lossless movie of the first one's pixel format keeps.
    #[error(
        "frame {index} is {format}, and the movie keeps {first}, as the first frame is: say which it is to keep, as \
         in --pixel-format"
    )]
    OtherPixelFormat {
        /// The frame's number, from 0.
        index: u64,
        /// Its pixel format.
        format: &'static str,
        /// That of the first frame.
        first: &'static str,
    },

    /// Numbers are missing in a sequence of files.
    #[error(
        "{first} is missing ({missing} missing from {start} to {end}): make what is missing, or leave it out with \
         --on-error skip"
    )]
    MissingPictures {
        /// The first file that is missing.
        first: String,
        /// How many are.
        missing: u64,
        /// The number of the first file that is there.
        start: u64,
        /// The number of the last one.
        end: u64,
    },

    /// There is nothing in it.
    #[error("it is empty: no frame came")]
    Empty,

    /// It is nothing that frames come out of.
    #[error("{problem}")]
    NotFrames {
        /// What it is, and what to do.
        problem: &'static str,
    },

    /// There are no pictures at all.
    #[error("there are no pictures: {problem}")]
    NoPictures {
        /// Where they were looked for.
        problem: String,
    },

    /// The samples of an array are of a type that is no pixel's.
    #[error("samples of dtype {dtype} are not taken: {hint}")]
    SampleType {
        /// NumPy's name of the type.
        dtype: String,
        /// What to save instead.
        hint: &'static str,
    },

    /// An array has other axes than frames have, or none of its axes may be so long.
    #[error("an array of shape {shape} is not frames: {hint}")]
    Shape {
        /// The lengths of its axes.
        shape: String,
        /// What is wrong, or what to save instead.
        hint: &'static str,
    },

    /// A file has no sound that can be taken.
    #[error("{problem}")]
    Audio {
        /// What is wrong, and what to do.
        problem: String,
    },

    /// An array in Fortran order comes where it can only be read from start to end.
    #[error(
        "it is in Fortran order, which spreads each frame over the whole array: name an .npy file, or save np.ascontiguousarray(a)"
    )]
    FortranOrder,

    /// An array in Fortran order is cut short, so that none of its frames is whole.
    #[error(
        "it holds {bytes} bytes of an array of {array_bytes}, and in Fortran order no frame of it is whole: save it again"
    )]
    CutArray {
        /// Bytes of the array that are there.
        bytes: u64,
        /// Bytes that it should have.
        array_bytes: u64,
    },

    /// There is more than one array.
    #[error("{} the array: save one array a file, or several by np.savez", Following(*bytes))]
    AfterArray {
        /// How many bytes follow it, where that is known.
        bytes: Option<u64>,
    },

    /// A float is not from 0 to 1.
    #[error(
        "frame {index} is {value} at row {row}, column {column}: floats must be from 0 (black) to 1 (white); scale the array, or save np.clip(np.nan_to_num(a), 0, 1)"
    )]
    Sample {
        /// The frame's number, from 0.
        index: u64,
        /// The pixel's row, from 0.
        row: u64,
        /// The pixel's column, from 0.
        column: u64,
        /// The float.
        value: String,
    },

    /// An archive has no array of that name, or several and none was named.
    #[error("{}", MemberProblem(asked.as_deref(), members))]
    Member {
        /// The array that was asked for.
        asked: Option<String>,
        /// The arrays that are there.
        members: Vec<String>,
    },

    /// A part file whose header no longer describes the frames that follow it.
    #[error("the header is damaged: it does not describe the frames, so no player could decode a movie of them")]
    DamagedHeader,

    /// It cannot be joined to the movies before it.
    #[error("it cannot be joined: it {problem}")]
    NotJoinable {
        /// What is in the way.
        problem: String,
    },

    /// Segments of the movie to be joined are not there.
    #[error("missing segments: {missing} of 0-{}: make them, or join those that are there (partial)", .segments.saturating_sub(1))]
    MissingSegments {
        /// Their numbers, from 0, as in `3,17-20`.
        missing: String,
        /// How many segments the movie has.
        segments: u64,
    },

    /// An interrupted run that another run cannot go on with.
    #[error("its run cannot be resumed: it {problem}. Recover it, or remove it to start anew")]
    NotResumable {
        /// What is in the way.
        problem: String,
    },

    /// Nothing in it can be recovered.
    #[error("no whole frame is in it, so there is nothing to recover")]
    NothingToRecover,
}

/// The kinds of picture that a stream may hold.
const KINDS: &str = "PNG, JPEG, WebP, BMP or PNM";

/// Where in the stream, for pictures that are in one.
struct AtByte(Option<u64>);

impl fmt::Display for AtByte {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |offset| write!(f, ", at byte {offset},"))
    }
}
