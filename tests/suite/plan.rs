//! Tests plans: several writers make the segments of a movie, and the join refuses segments that do not match the plan.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use framemill::{
    Codec, Container, Error, Ffv1, FrameRate, FrameView, H264, InvalidFrame, InvalidSettings, Jobs, JoinOptions,
    Memory, Mjpeg, Mpeg4, Output, Plan, Preset, VideoWriter, VideoWriterBuilder, join, join_with, recover,
};
use tempfile::{TempDir, tempdir};

use crate::program::{code, errors, raw_frames, run};
use crate::reader::probe;
use crate::samples::picture;

// If the chroma of a row is a multiple of 32 samples wide, x264 always writes the same bytes; see vendor-notes/x264.md.
const WIDTH: u32 = 128;
const HEIGHT: u32 = 64;
const SEGMENT_FRAMES: u32 = 7;

fn builder(path: &Path) -> VideoWriterBuilder {
    VideoWriter::builder(path, WIDTH, HEIGHT, FrameRate::new(30, 1)).segment_frames(SEGMENT_FRAMES)
}

fn write(video: &mut VideoWriter, frames: Range<u64>) {
    for frame in frames {
        let pixels = picture(WIDTH, HEIGHT, frame as u32 * 3);
        video.write(&FrameView::rgb(&pixels, WIDTH, HEIGHT).expect("a picture")).expect("written");
    }
}

/// A directory with the segments of a plan.
struct Parts {
    directory: TempDir,
    container: Container,
}

impl Parts {
    fn new(container: Container) -> Self {
        Self { directory: tempdir().expect("a directory"), container }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(format!("{name}.{}", self.container.name()))
    }

    fn builder(&self) -> VideoWriterBuilder {
        builder(&self.at("any"))
    }

    /// Writes a segment with at most this many frames.
    fn make(&self, plan: &Plan, segment: u64, frames: u64) -> PathBuf {
        let path = self.at(&format!("{}-{:?}-{segment}-{frames}", plan.fingerprint(), plan.segments()));
        let mut video = plan.segment(segment, &path).expect("opens");
        let Range { start, end } = plan.frames_of(segment);
        write(&mut video, start..end.min(start + frames));
        video.finish().expect("a segment");
        path
    }
}

#[test]
fn segments_in_any_order_become_the_movie_that_jobs_make() {
    let codecs: [(Codec, Container); 7] = [
        (H264::crf(20.0).into(), Container::Mp4),
        (H264::qp(20).preset(Preset::Slow).into(), Container::Mov),
        (H264::crf(20.0).into(), Container::Mkv),
        (H264::crf(20.0).into(), Container::M4v),
        (Mpeg4::qp(3).into(), Container::Avi),
        (Mjpeg::qp(3).into(), Container::Avi),
        (Ffv1::default().into(), Container::Mkv),
    ];
    for (codec, container) in codecs {
        for comment in [None, Some("of my own\nin two lines")] {
            let parts = Parts::new(container);
            let builder = || match comment {
                Some(comment) => parts.builder().codec(codec.clone()).metadata("comment", comment),
                None => parts.builder().codec(codec.clone()),
            };
            let plan = builder().plan().expect("a plan").with_frames(23);
            assert_eq!((plan.segments(), plan.segment_frames()), (Some(4), 7));
            let made = [2, 0, 3, 1].map(|segment| parts.make(&plan, segment, 7));
            let joined = join(&made, parts.at("joined")).expect("a movie");
            assert_eq!((joined.frames, joined.segments), (23, 4));
            let mut whole = builder().container(container).jobs(Jobs::Count(2)).create().expect("opens");
            write(&mut whole, 0..23);
            whole.finish().expect("a movie");
            let bytes = |name| fs::read(parts.at(name)).expect("a movie");
            assert!(bytes("joined") == bytes("any"), "{codec:?} {container:?}");
            let tags = probe(&parts.at("joined")).format["tags"].take();
            let kept = ["comment", "COMMENT"].into_iter().find_map(|name| tags[name].as_str());
            assert_eq!(kept, comment, "{codec:?} {container:?}");
        }
    }
}

/// Joins segments, which must fail. Returns the name in the error and the problem.
fn refused(parts: &Parts, made: &[&PathBuf]) -> (String, String) {
    let error = join(made, parts.at("movie")).expect_err("refused");
    assert!(!parts.at("movie").exists());
    let Error::Input { name, problem } = error else { panic!("{error}") };
    (name, problem.to_string())
}

#[test]
fn segments_outside_the_plan_are_named() {
    let parts = Parts::new(Container::Mp4);
    let plan = parts.builder().plan().expect("a plan");
    let other = parts.builder().codec(H264::crf(20.0)).plan().expect("a plan");
    let [a, b, c] = [0, 1, 2].map(|segment| parts.make(&plan, segment, 7));
    let [short, last] = [1, 2].map(|segment| parts.make(&plan, segment, 4));
    let (copy, strange) = (parts.at("copy"), parts.make(&other, 1, 7));
    fs::copy(&b, &copy).expect("copied");
    let mut movie = parts.builder().jobs(Jobs::Count(1)).create().expect("opens");
    write(&mut movie, 0..7);
    movie.finish().expect("a movie");
    for (made, at, problem) in [
        (&[&a, &b, &copy][..], &copy, "it is segment 1, but so is"),
        (&[&strange, &a, &c], &strange, "it was made with other settings than most of the others"),
        (&[&parts.at("any"), &a], &parts.at("any"), "it is not a segment, but others are"),
        (&[&c, &short, &a], &short, "it has 4 frames instead of 7: make it again"),
    ] {
        let (name, message) = refused(&parts, made);
        assert!(message.contains(problem), "{message}");
        assert!(name == at.display().to_string(), "{name}: {message}");
    }
    // If the movie's length is unknown, the last segment may have fewer frames.
    assert_eq!(join([&last, &a, &b], parts.at("movie")).expect("a movie").frames, 18);
}

#[test]
fn missing_segments_are_listed_unless_the_movie_is_partial() {
    let parts = Parts::new(Container::Mkv);
    let plan = parts.builder().plan().expect("a plan").with_frames(51);
    let made = [1, 3, 4].map(|segment| parts.make(&plan, segment, 7));
    let (name, message) = refused(&parts, &made.each_ref());
    assert!(name == parts.at("movie").display().to_string(), "{name}");
    assert_eq!(
        message,
        "of the segments 0 to 7, these are missing: 0,2,5-7. Make them, or use the option partial to join only the existing ones"
    );
    let joined = join_with(&made, parts.at("movie"), &JoinOptions::default().partial()).expect("a movie");
    assert_eq!((joined.segments, joined.frames), (3, 21));
}

#[test]
fn a_changed_input_is_detected_and_leaves_no_gap() {
    let parts = Parts::new(Container::Mp4);
    let plan = parts.builder().plan().expect("a plan");
    let [early, late] = [10, 23].map(|frames| plan.clone().with_frames(frames));
    let (a, short) = (parts.make(&early, 0, 7), parts.make(&early, 1, 7));
    let (b, c, d) = (parts.make(&late, 1, 7), parts.make(&late, 2, 7), parts.make(&late, 3, 7));
    let (name, message) = refused(&parts, &[&a, &b, &c, &d]);
    assert!(name == a.display().to_string(), "{name}");
    assert!(message.contains("it was made when the input had 10 frames, but others when it had 23"), "{message}");
    let partial = |made: &[&PathBuf]| join_with(made, parts.at("movie"), &JoinOptions::default().partial());
    let error = partial(&[&a, &short, &c, &d]).expect_err("a hole").to_string();
    assert!(error.contains("it has 3 frames instead of 7"), "{error}");
    assert_eq!(partial(&[&a, &b, &c, &d]).expect("a movie").frames, 23);
}

#[test]
fn an_unfinished_segment_is_not_used_as_the_last_one() {
    let parts = Parts::new(Container::Mkv);
    let plan = parts.builder().plan().expect("a plan");
    let first = parts.make(&plan, 0, 7);
    let mut video = plan.segment(1, parts.at("cut")).expect("opens");
    write(&mut video, 7..10);
    let part = video.leave().expect("left").expect("a part file");
    let (name, message) = refused(&parts, &[&first, &part]);
    assert!(
        name == part.display().to_string() && message.contains("is an unfinished segment: make it again"),
        "{message}"
    );
}

#[test]
fn the_first_picture_sets_the_pixel_format_of_all_segments() {
    let directory = tempdir().expect("a directory");
    let at = |name: String| directory.path().join(name);
    for number in 0..8_u8 {
        match number {
            0..4 => {
                image::RgbImage::from_pixel(16, 16, image::Rgb([9, number, 99])).save(at(format!("{number}.png")))
            }
            _ => image::GrayImage::from_pixel(16, 16, image::Luma([number])).save(at(format!("{number}.png"))),
        }
        .expect("a picture");
    }
    for segment in ["0", "1"] {
        let encode =
            ["encode", "*.png", "-r", "25", "-c", "ffv1", "-q", "--segment", segment, "--segment-frames", "4"];
        let output = run(directory.path(), &[&encode[..], &["-o", &format!("{segment}.mkv")]].concat(), &[]);
        assert_eq!((code(output.status), errors(&output)), (0, String::new()));
    }
    assert_eq!(
        join(["0", "1"].map(|name| at(format!("{name}.mkv"))), at("m.mkv".to_owned())).expect("a movie").frames,
        8
    );
    let encode = [
        "encode",
        "*.png",
        "-r",
        "25",
        "--bitrate",
        "100k",
        "--segment",
        "0",
        "--segment-frames",
        "4",
        "-o",
        "x.mp4",
    ];
    let output = run(directory.path(), &encode, &[]);
    assert_eq!(code(output.status), 2);
    assert!(errors(&output).contains("--segment cannot be combined with a bitrate"), "{}", errors(&output));
}

#[test]
fn a_recovered_segment_is_not_a_segment() {
    let parts = Parts::new(Container::Mp4);
    let plan = parts.builder().plan().expect("a plan");
    let first = parts.make(&plan, 0, 7);
    let mut video = plan.segment(1, parts.at("cut")).expect("opens");
    write(&mut video, 7..10);
    let part = video.leave().expect("left").expect("a part file");
    recover(part, None).expect("recovered");
    let (name, message) = refused(&parts, &[&first, &parts.at("cut")]);
    assert!(name.ends_with("cut.mp4") && message.contains("it is not a segment, but others are"), "{message}");
}

#[test]
fn a_segment_of_another_x264_is_named() {
    let parts = Parts::new(Container::Mkv);
    let plan = parts.builder().plan().expect("a plan");
    let (first, second) = (parts.make(&plan, 0, 7), parts.make(&plan, 1, 7));
    let mut bytes = fs::read(&second).expect("a segment");
    let version = bytes.windows(12).position(|window| window == b"x264 - core ").expect("the version of x264") + 12;
    bytes[version..version + 3].copy_from_slice(b"999");
    fs::write(&second, bytes).expect("written");
    let message = join([&first, &second], parts.at("movie")).expect_err("another version").to_string();
    assert!(message.contains("was encoded by x264 - core 999"), "{message}");
    assert!(message.contains("use the same version everywhere"), "{message}");
}

#[test]
fn a_segment_takes_exactly_its_frames() {
    let memory = Memory::new();
    let output = || Output::memory(&memory, Container::Mp4);
    let plan = builder(Path::new("any.mp4")).plan().expect("a plan").with_frames(9);
    assert_eq!((plan.frames_of(0), plan.frames_of(1), plan.frames_of(2)), (0..7, 7..9, 9..9));
    let mut video = plan.segment(1, output()).expect("opens");
    write(&mut video, plan.frames_of(1));
    let pixels = picture(WIDTH, HEIGHT, 0);
    let error = video.write(&FrameView::rgb(&pixels, WIDTH, HEIGHT).expect("a picture")).expect_err("one more");
    assert!(matches!(error, Error::Frame(InvalidFrame::BeyondSegment { frames: 2 })), "{error}");
    assert!(error.leaves_movie_usable());
    assert_eq!(video.finish().expect("a segment").frames, 2);
    assert!(!memory.take().is_empty());
    let mut video = plan.segment(0, output()).expect("opens");
    write(&mut video, 0..6);
    let error = video.finish().expect_err("one frame is missing");
    assert!(matches!(error, Error::ShortSegment { frames: 6, expected: 7 }), "{error}");
    let error = plan.segment(2, output()).expect_err("beyond");
    assert!(matches!(error, Error::Settings(InvalidSettings::Segment { number: 2, segments: Some(2) })), "{error}");
    let error = plan.clone().with_frames(0).segment(0, output()).expect_err("no frames").to_string();
    assert_eq!(error, "there is no segment 0: the movie has no frames");
    let error =
        plan.segment(0, Output::memory(&memory, Container::Mkv)).expect_err("another container").to_string();
    assert_eq!(error, "the segment's container is mkv, but the plan's is mp4: use the plan's container");
}

#[test]
fn fingerprints_are_equal_if_the_bytes_are_and_differ_otherwise() {
    let fingerprint = |builder: VideoWriterBuilder| builder.plan().expect("a plan").fingerprint();
    let at = |name: &str| VideoWriter::builder(Path::new(name), WIDTH, HEIGHT, FrameRate::new(30, 1));
    let plain = fingerprint(at("a.mp4"));
    assert!(plain.len() == 17 && plain.split('-').all(|digits| u32::from_str_radix(digits, 16).is_ok()), "{plain}");
    for same in
        [at("b.mp4"), at("a.mp4").jobs(Jobs::Count(1)), at("a.mp4").measure_quality(), at("a.mp4").threads(1)]
    {
        assert_eq!(fingerprint(same), plain);
    }
    // All picture sizes are scaled to one size.
    let scaled = |width| VideoWriter::builder(Path::new("a.mp4"), width, 64, FrameRate::new(30, 1)).scale(64, 64);
    assert_eq!(fingerprint(scaled(100)), fingerprint(scaled(200)));
    for other in [
        at("a.mkv"),
        at("a.mp4").threads(2),
        at("a.mp4").segment_frames(10),
        at("a.mp4").codec(H264::crf(20.0)),
        at("a.mp4").metadata("title", "Ripples"),
        at("a.mp4").scale(64, 64),
        VideoWriter::builder(Path::new("a.mp4"), WIDTH, HEIGHT, FrameRate::new(25, 1)),
    ] {
        assert_ne!(fingerprint(other), plain);
    }
    for refused in [
        at("a.mp4").codec(H264::bitrate(1_000_000)),
        at("a.mp4").max_bytes(1_000),
        at("a.mp4").resume(),
        at("a.mp4").jobs(Jobs::Count(5)),
    ] {
        assert!(matches!(refused.plan(), Err(Error::Settings(_))));
    }
}

#[test]
fn a_plan_is_serialized_and_refused_by_other_versions() {
    let settings = |path| builder(Path::new(path)).codec(H264::crf(18.5).preset(Preset::Fast).gop(20));
    let plan = settings("a.mkv").metadata("title", "Ripples").plan().expect("a plan").with_frames(100);
    let text = serde_json::to_string(&plan).expect("serialized");
    assert!(text.contains(r#""container":"mkv""#) && text.contains(r#""preset":"fast""#), "{text}");
    let read: Plan = serde_json::from_str(&text).expect("a plan");
    assert_eq!(read, plan);
    for (field, other) in [
        (r#""segment_frames":7,"movie"#, r#""segment_frames":0,"movie"#),
        (r#""segment_frames":7,"movie"#, r#""segment_frames":8,"movie"#),
        (r#""width":128"#, r#""width":0"#),
        (r#""count":1"#, r#""count":0"#),
    ] {
        assert!(text.contains(field), "{text}");
        assert!(serde_json::from_str::<Plan>(&text.replace(field, other)).is_err(), "{other}");
    }
    let later = text.replace("framemill 0", "framemill 9");
    let read: Plan = serde_json::from_str(&later).expect("a plan");
    let error = read.segment(0, Output::memory(&Memory::new(), Container::Mkv)).expect_err("another version");
    assert!(matches!(error, Error::Settings(InvalidSettings::OtherVersions { .. })), "{error}");
}

#[test]
fn the_program_joins_segments_in_any_order_and_names_what_is_missing() {
    let directory = tempdir().expect("a directory");
    fs::write(directory.path().join("in.raw"), raw_frames(10)).expect("written");
    let program = |arguments: &str| {
        let output = run(directory.path(), &arguments.split(' ').collect::<Vec<_>>(), &[]);
        (code(output.status), errors(&output))
    };
    for segment in [2, 0, 1] {
        let encode = format!("encode in.raw -f rgb24 -s 96x64 -r 30 -q --segment {segment} --segment-frames 4");
        assert_eq!(program(&format!("{encode} -o {segment}.mp4")), (0, String::new()));
    }
    let (status, message) = program("join 0.mp4 1.mp4 -o movie.mp4");
    assert_eq!(status, 1);
    assert!(message.contains("movie.mp4: of the segments 0 to 2, these are missing: 2. Make them"), "{message}");
    let (status, message) = program("join 0.mp4 1.mp4 -o part.mp4 --partial");
    assert_eq!((status, message.contains("part.mp4: 8 frames of 2 segments")), (0, true), "{message}");
    let (status, message) =
        program("encode in.raw -f rgb24 -s 96x64 -r 30 --segment 0 --segment-frames 4 --jobs 2 -o x.mp4");
    assert_eq!((status, message.contains("--jobs cannot be combined with --segment")), (2, true), "{message}");
    let (status, message) = program("join 2.mp4 1.mp4 0.mp4 -o movie.mp4");
    assert_eq!((status, message.contains("movie.mp4: 10 frames of 3 segments")), (0, true), "{message}");
}
