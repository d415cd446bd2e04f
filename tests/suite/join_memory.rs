//! Tests joining without files: segments in memory, and movies in memory or a sink.

use std::fs;
use std::io::{Cursor, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use framemill::{
    Codec, Container, Error, FrameRate, FrameView, H264, InvalidInput, InvalidSettings, Memory, Mpeg4, Output,
    Plan, SegmentSource, VideoWriter, join,
};
use tempfile::tempdir;

use crate::program::{code, errors, raw_frames, run};
use crate::reader::{decode, probe, top_level_boxes};
use crate::samples::picture;

const FRAMES: u64 = 20;

fn plan(container: Container) -> Plan {
    let codec: Codec = if container == Container::Avi { Mpeg4::qp(3).into() } else { H264::crf(20.0).into() };
    let any = Output::memory(&Memory::new(), container);
    let builder = VideoWriter::builder(any, 128, 64, FrameRate::new(30, 1)).codec(codec).segment_frames(7);
    builder.plan().expect("a plan").with_frames(FRAMES)
}

/// Makes a segment in memory, like a worker without a disk.
fn segment(plan: &Plan, container: Container, number: u64) -> Vec<u8> {
    let memory = Memory::new();
    let mut video = plan.segment(number, Output::memory(&memory, container)).expect("opens");
    for frame in plan.frames_of(number) {
        let pixels = picture(128, 64, frame as u32 * 3);
        video.write(&FrameView::rgb(&pixels, 128, 64).expect("a picture")).expect("written");
    }
    video.finish().expect("a segment");
    memory.take()
}

/// A sink whose bytes the test can read.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Cursor<Vec<u8>>>>);

impl Shared {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().expect("whole").get_ref().clone()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("whole").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.lock().expect("whole").seek(to)
    }
}

/// Joins segments from files. Returns the movie's bytes and the segments' paths.
fn from_files(directory: &Path, segments: &[Vec<u8>], container: Container) -> (Vec<u8>, Vec<PathBuf>) {
    let at = |name: String| directory.join(name).with_extension(container.name());
    let paths: Vec<PathBuf> = (0..segments.len()).map(|number| at(number.to_string())).collect();
    segments.iter().zip(&paths).for_each(|(bytes, path)| fs::write(path, bytes).expect("written"));
    join(&paths, at("movie".to_owned())).expect("a movie");
    (fs::read(at("movie".to_owned())).expect("a movie"), paths)
}

#[test]
fn segments_in_memory_and_in_files_make_the_same_movie() {
    for container in [Container::Mp4, Container::Mkv, Container::Avi] {
        let plan = plan(container);
        let segments: Vec<Vec<u8>> = (0..3).map(|number| segment(&plan, container, number)).collect();
        let directory = tempdir().expect("a directory");
        let (expected, paths) = from_files(directory.path(), &segments, container);

        let path = directory.path().join("of-bytes").with_extension(container.name());
        let joined = join(segments.iter().rev().cloned(), &path).expect("a movie");
        assert_eq!((joined.path.as_ref(), joined.frames, joined.segments), (Some(&path), FRAMES, 3));
        assert!(fs::read(&path).expect("a movie") == expected, "{container:?}");
        assert_eq!(decode(&path, "rgb24", 128 * 64 * 3).len(), FRAMES as usize);

        let memory = Memory::new();
        let shared: Arc<[u8]> = segments[0].clone().into();
        let mixed = [SegmentSource::from(&paths[1]), shared.into(), SegmentSource::path(&paths[2])];
        let joined = join(mixed, Output::memory(&memory, container)).expect("a movie");
        assert_eq!((joined.path, joined.bytes), (None, expected.len() as u64));
        assert!(memory.take() == expected, "{container:?}");

        let mut sink = Shared::default();
        sink.write_all(b"before it").expect("in memory");
        let joined = join(segments, Output::seekable(sink.clone(), container)).expect("a movie");
        assert_eq!((joined.path, joined.bytes), (None, expected.len() as u64));
        assert!(sink.bytes()[9..] == expected, "{container:?}");
    }
}

#[test]
fn a_named_pipe_receives_the_stream() {
    let container = Container::Mkv;
    let plan = plan(container);
    let segments: Vec<SegmentSource> = (0..3).map(|number| segment(&plan, container, number).into()).collect();
    let directory = tempdir().expect("a directory");
    let (pipe, seen) = (directory.path().join("pipe.mkv"), directory.path().join("seen.mkv"));
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("runs").success());
    // `timeout` ends the reader if nothing opens the pipe.
    let file = fs::File::create(&seen).expect("created");
    let mut reader = Command::new("timeout").args(["30", "cat"]).arg(&pipe).stdout(file).spawn().expect("starts");
    let joined = join(&segments, &pipe).expect("joined");
    assert!(reader.wait().expect("ends").success());
    assert_eq!((joined.path, joined.frames), (None, FRAMES));
    assert_eq!(joined.bytes, fs::metadata(&seen).expect("there").len());
    assert_eq!(decode(&seen, "rgb24", 128 * 64 * 3).len(), FRAMES as usize);
    assert!(fs::metadata(&pipe).is_ok_and(|data| !data.is_file()), "the pipe was replaced");
}

#[test]
fn a_stream_receives_every_frame_in_order() {
    for container in [Container::Mp4, Container::Mov, Container::Mkv] {
        let plan = plan(container);
        let segments: Vec<Vec<u8>> = (0..3).map(|number| segment(&plan, container, number)).collect();
        let directory = tempdir().expect("a directory");
        let (expected, _) = from_files(directory.path(), &segments, container);
        let sink = Shared::default();
        let joined = join(segments, Output::stream(sink.clone(), container)).expect("a movie");
        assert_eq!((joined.path, joined.frames), (None, FRAMES));
        let movie = sink.bytes();
        assert_eq!(joined.bytes, movie.len() as u64);
        if container != Container::Mkv {
            assert!(top_level_boxes(&movie).iter().any(|name| name == "moof"));
        }
        let paths = ["streamed", "whole"].map(|name| directory.path().join(name).with_extension(container.name()));
        fs::write(&paths[0], movie).expect("written");
        fs::write(&paths[1], expected).expect("written");
        let [streamed, whole] = paths.each_ref().map(|path| probe(path));
        assert_eq!(streamed.times(), whole.times(), "{container:?}");
        // In a stream, the Matroska header has no duration, because the muxer cannot seek back to it.
        if container != Container::Mkv {
            assert!((streamed.duration() - whole.duration()).abs() < 0.001, "{container:?}");
        }
        let [streamed, whole] = paths.each_ref().map(|path| decode(path, "rgb24", 128 * 64 * 3));
        assert!(streamed == whole, "{container:?}");
    }
    let plan = plan(Container::Avi);
    let error = join([segment(&plan, Container::Avi, 0)], Output::stream(Shared::default(), Container::Avi));
    assert!(matches!(error, Err(Error::Settings(InvalidSettings::NeedsSeek { container: "avi" }))), "{error:?}");
}

#[test]
fn join_errors_name_bytes_by_position() {
    let plan = plan(Container::Mp4);
    let whole: Vec<Vec<u8>> = (0..3).map(|number| segment(&plan, Container::Mp4, number)).collect();
    let refused = |segments: Vec<Vec<u8>>| {
        let memory = Memory::new();
        let error = join(segments, Output::memory(&memory, Container::Mp4)).expect_err("refused");
        assert!(memory.take().is_empty());
        error.with_causes()
    };
    let cut = |bytes: &[u8], keep: usize| bytes[..keep].to_vec();
    let text = refused(vec![whole[0].clone(), b"no movie at all".to_vec(), whole[2].clone()]);
    assert_eq!(text, "segments[1]: it cannot be joined: it is not a movie");
    let text = refused(vec![whole[0].clone(), whole[1].clone(), cut(&whole[2], whole[2].len() - 40)]);
    assert_eq!(text, "segments[2]: it cannot be joined: it is damaged or incomplete");
    let text = refused(vec![whole[0].clone(), cut(&whole[1], 300), whole[2].clone()]);
    assert!(text.starts_with("segments[1]: it cannot be joined: it is damaged or not finished"), "{text}");
    let text = refused(vec![whole[0].clone(), whole[2].clone(), whole[0].clone()]);
    assert_eq!(
        text,
        "segments[2]: it cannot be joined: it is segment 0, but so is segments[0]: give only one of them"
    );
    let text = refused(vec![Vec::new()]);
    assert_eq!(text, "segments[0]: it cannot be joined: it is not a movie");
    let memory = Memory::new();
    let missing = join(whole[..2].to_vec(), Output::memory(&memory, Container::Mp4)).expect_err("one is missing");
    assert!(
        matches!(&missing, Error::Input { name, problem: InvalidInput::MissingSegments { .. } } if name == "the movie"),
        "{missing}"
    );
}

#[test]
fn the_program_joins_to_standard_output() {
    let directory = tempdir().expect("a directory");
    fs::write(directory.path().join("in.raw"), raw_frames(8)).expect("written");
    for segment in ["0", "1"] {
        let name = format!("{segment}.mp4");
        let input = ["encode", "in.raw", "-f", "rgb24", "-s", "96x64", "-r", "30", "-q", "--segment-frames", "5"];
        let output = run(directory.path(), &[&input[..], &["--segment", segment, "-o", &name]].concat(), &[]);
        assert_eq!(code(output.status), 0, "{}", errors(&output));
    }
    let join = |more: &[&str]| run(directory.path(), &[&["join", "1.mp4", "0.mp4", "-o", "-"], more].concat(), &[]);
    let output = join(&["--container", "mp4"]);
    assert_eq!(code(output.status), 0, "{}", errors(&output));
    assert!(errors(&output).starts_with("standard output: 8 frames of 2 segments, 0.267 s"), "{}", errors(&output));
    let path = directory.path().join("piped.mp4");
    fs::write(&path, output.stdout).expect("written");
    assert_eq!(probe(&path).packets.len(), 8);
    let output = join(&[]);
    assert_eq!(
        (code(output.status), errors(&output).contains("give --container mp4, mov, mkv or webm")),
        (2, true)
    );
    let output = join(&["--container", "mp4", "--stats", "a.json"]);
    assert_eq!((code(output.status), errors(&output).contains("--stats cannot be combined with -o -")), (2, true));
}
