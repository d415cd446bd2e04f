//! Tests all kinds of output, and the errors when writing fails.

use std::error::Error as _;
use std::io::{self, Seek};

use framemill::{
    Codec, Container, EncodeStats, Error, FrameRate, FrameView, H264, Memory, Output, Preset, VideoWriter,
};

use crate::color_formulas::noise_bytes;
use crate::faulty_sink::{Mood, Sink};
use crate::reader::{decode, probe, top_level_boxes};
use crate::samples::{codec_in, movie_file, write_movie};

/// Writes frames that do not compress, so that the sink receives bytes early.
fn write_noise(output: Output, frames: usize) -> framemill::Result<EncodeStats> {
    let codec = H264::qp(10).preset(Preset::Ultrafast);
    let mut video = VideoWriter::builder(output, 96, 64, FrameRate::new(25, 1)).codec(codec).create()?;
    let noise = noise_bytes(96 * 64 * 3 + frames);
    for start in 0..frames {
        video.write(&FrameView::rgb(&noise[start..], 96, 64)?)?;
    }
    video.finish()
}

/// Checks that a movie has twelve frames, each at its time, starting at 0.
#[track_caller]
fn assert_playable(container: Container, movie: &[u8], what: &str) {
    let file = movie_file(container, movie);
    let seen = probe(file.as_ref());
    assert_eq!(seen.format["start_time"], "0.000000", "{what}");
    let expected: Vec<f64> = (0..12).map(|frame| f64::from(frame * 40) / 1000.0).collect();
    assert_eq!(seen.times(), expected, "{what}");
    // Matroska stores its duration at the start, where a stream does not know it yet.
    if !(container == Container::Mkv && what.ends_with("stream")) {
        assert!((seen.duration() - 0.48).abs() < 1e-6, "{what}: lasts {}", seen.duration());
    }
    assert_eq!(decode(file.as_ref(), "rgb24", 96 * 64 * 3).len(), 12, "{what}");
}

fn write_twelve(output: Output) -> framemill::Result<EncodeStats> {
    write_movie(output, 12, FrameRate::new(25, 1), |movie| movie)
}

/// Writes twelve frames with a codec that `container` holds.
fn write_twelve_in(output: Output, container: Container) -> framemill::Result<EncodeStats> {
    write_movie(output, 12, FrameRate::new(25, 1), |movie| movie.codec(codec_in(container)))
}

#[test]
fn memory_holds_a_movie_of_every_container() {
    for container in Container::ALL {
        let memory = Memory::new();
        let stats = write_twelve_in(Output::memory(&memory, container), container).expect("a movie");
        let movie = memory.take();
        assert_eq!(movie.len() as u64, stats.file_bytes, "{}", container.name());
        assert_playable(container, &movie, container.name());
        assert!(memory.take().is_empty());
    }
}

#[test]
fn a_seekable_sink_gets_a_plain_mp4_with_the_index_last() {
    for mood in [Mood::Good, Mood::Slow, Mood::Interrupted] {
        for container in Container::ALL {
            let sink = Sink::new(mood);
            let stats = write_twelve_in(Output::seekable(sink.clone(), container), container).expect("a movie");
            let movie = sink.bytes();
            assert_eq!(movie.len() as u64, stats.file_bytes, "{}", container.name());
            assert_playable(container, &movie, container.name());
            if container == Container::Mp4 {
                assert_eq!(top_level_boxes(&movie), ["ftyp", "free", "mdat", "moov"]);
            }
        }
    }
}

#[test]
fn an_open_file_is_a_sink() {
    let mut file = tempfile::tempfile().expect("a file");
    let sink = file.try_clone().expect("cloned");
    write_twelve(Output::seekable(sink, Container::Mp4)).expect("a movie");
    let mut movie = Vec::new();
    file.rewind().expect("rewound");
    io::Read::read_to_end(&mut file, &mut movie).expect("read");
    assert_playable(Container::Mp4, &movie, "file");
}

#[test]
fn a_stream_gets_a_fragmented_mp4_or_a_matroska() {
    for mood in [Mood::Good, Mood::Slow, Mood::Interrupted] {
        for container in [Container::Mp4, Container::Mov, Container::M4v, Container::Mkv] {
            let sink = Sink::new(mood);
            let stats = write_twelve_in(Output::stream(sink.clone(), container), container).expect("a movie");
            let movie = sink.bytes();
            assert_eq!((stats.frames, stats.packets), (12, 12));
            assert_eq!(movie.len() as u64, stats.file_bytes, "{}", container.name());
            assert_playable(container, &movie, &format!("{} as a stream", container.name()));
            if container == Container::Mp4 {
                let boxes = top_level_boxes(&movie);
                assert_eq!(boxes[..4], ["ftyp", "moov", "moof", "mdat"]);
            }
        }
    }
}

#[test]
fn an_avi_to_a_stream_is_refused() {
    let sink = Sink::new(Mood::Good);
    let error = write_twelve(Output::stream(sink.clone(), Container::Avi)).expect_err("refused");
    let message = "finishing avi needs seeking, and a stream cannot seek: choose mp4, mov, mkv or webm, or \
                   write to a file";
    assert_eq!(error.to_string(), message);
    assert!(sink.bytes().is_empty());
}

/// Returns the error number of the operating system from the error or its causes.
fn os_error(error: &Error) -> Option<i32> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return error.raw_os_error();
        }
        cause = error.source();
    }
    None
}

/// Returns both kinds of output to a sink, if the container allows them.
fn outputs(mood: Mood, container: Container) -> Vec<Output> {
    let seekable = Output::seekable(Sink::new(mood), container);
    if container == Container::Avi {
        vec![seekable]
    } else {
        vec![seekable, Output::stream(Sink::new(mood), container)]
    }
}

#[test]
fn a_full_disk_is_an_error_with_its_errno_wherever_it_fills() {
    for container in [Container::Mp4, Container::Mkv, Container::Avi] {
        let whole = Sink::new(Mood::Good);
        write_noise(Output::seekable(whole.clone(), container), 60).expect("a movie");
        let bytes = whole.bytes().len();
        assert!(bytes > 2 * 256 * 1024, "{bytes} bytes are too few to fill the disk in the middle");
        // The last limit fails while the end of the file is written, such as an index.
        for limit in [0, 1, 100, 5_000, 300_000, bytes / 2, bytes - 100] {
            for output in outputs(Mood::FullAfter(limit), container) {
                let what = format!("{output:?} full after {limit} of {bytes} bytes");
                let error = write_noise(output, 60).expect_err(&what);
                assert_eq!(os_error(&error), Some(libc::ENOSPC), "{what}: {}", error.with_causes());
                assert_eq!(error.to_string(), "cannot write", "{what}");
            }
        }
    }
}

#[test]
fn a_failed_flush_is_an_error() {
    for container in [Container::Mp4, Container::Mkv] {
        for output in outputs(Mood::CannotFlush, container) {
            let what = format!("{output:?}");
            let error = write_twelve(output).expect_err(&what);
            assert_eq!(os_error(&error), Some(libc::ENOSPC), "{what}: {}", error.with_causes());
        }
    }
}

#[test]
fn after_a_failure_every_call_reports_its_cause() {
    let output = Output::stream(Sink::new(Mood::FullAfter(1_000)), Container::Mkv);
    let codec = Codec::from(H264::qp(10).preset(Preset::Ultrafast));
    let mut video =
        VideoWriter::builder(output, 96, 64, FrameRate::new(25, 1)).codec(codec).create().expect("open");
    let noise = noise_bytes(96 * 64 * 3);
    let frame = FrameView::rgb(&noise, 96, 64).expect("whole");
    let error = (0..1_000).find_map(|_| video.write(&frame).err()).expect("the disk is full");
    assert_eq!(os_error(&error), Some(libc::ENOSPC));
    let cause = "cannot write: No space left on device (os error 28)";
    let message = format!("the movie failed earlier and cannot be used any more; the cause was: {cause}");
    assert_eq!(video.write(&frame).expect_err("failed").to_string(), message);
    assert_eq!(video.on_packet(|_| ()).expect_err("failed").to_string(), message);
    assert_eq!(video.finish().expect_err("failed").to_string(), message);
}

#[test]
fn a_sink_that_panics_is_an_error() {
    for container in [Container::Mp4, Container::Mkv, Container::Avi] {
        for limit in [0, 1_000, 300_000] {
            for output in outputs(Mood::PanicsAfter(limit), container) {
                let what = format!("{output:?} that panics after {limit} bytes");
                let error = write_noise(output, 60).expect_err(&what);
                assert!(matches!(error, Error::Panicked { .. }), "{what}: {error:?}");
                let message = "the caller's reader or writer panicked: the sink is broken";
                assert_eq!(error.to_string(), message, "{what}");
            }
        }
    }
}

#[test]
fn a_sink_that_fails_to_seek_is_an_error() {
    for container in [Container::Mp4, Container::Mov, Container::Mkv, Container::Avi] {
        let output = Output::seekable(Sink::new(Mood::CannotSeek), container);
        let error = write_twelve(output).expect_err("cannot seek");
        assert_eq!(os_error(&error), Some(libc::ESPIPE), "{}: {}", container.name(), error.with_causes());
        assert_eq!(error.to_string(), "cannot seek in", "{}", container.name());
    }
}
