//! Tests parameters that are passed to encoders, and named encoders.

use std::path::Path;
use std::process::Command;

use framemill::{
    Alpha, Av1, Codec, Container, FrameRate, H264, Hevc, NamedEncoder, PixelFormat, VideoWriter, VideoWriterBuilder,
};
use tempfile::tempdir;

use crate::samples::write_movie;

const RATE: FrameRate = FrameRate::new(30, 1);

/// Returns the error message for a movie of this name.
#[track_caller]
fn refused(name: &str, configure: impl FnOnce(VideoWriterBuilder) -> VideoWriterBuilder) -> String {
    let directory = tempdir().expect("a directory");
    let builder = VideoWriter::builder(directory.path().join(name), 96, 64, RATE);
    configure(builder).create().map(drop).expect_err("refused").to_string()
}

/// Returns the picture type of each frame, one letter per line.
fn picture_types(path: &Path) -> String {
    let arguments = ["-v", "error", "-show_entries", "frame=pict_type", "-of", "csv=p=0"];
    let output = Command::new("ffprobe").args(arguments).arg(path).output().expect("ffprobe runs");
    let types = String::from_utf8(output.stdout).expect("text");
    assert_eq!(types.lines().filter(|line| !line.is_empty()).count(), 31, "{types}");
    types
}

#[test]
fn av1_uses_a_crf_of_0_instead_of_its_default() {
    let directory = tempdir().expect("a directory");
    let bytes = |crf| {
        let path = directory.path().join(format!("{crf}.mp4"));
        let stats =
            write_movie(&path, 12, RATE, |builder| builder.codec(Av1::crf(crf).preset(12))).expect("a movie");
        stats.stream_bytes
    };
    let (best, good, default) = (bytes(0), bytes(1), bytes(35));
    // Both are nearly lossless, so SVT-AV1 makes files of about the same size.
    assert!(best * 100 >= good * 99 && good > 2 * default, "{best} bytes at crf 0, {good} at 1, {default} at 35");
}

#[test]
fn a_value_cannot_contain_a_reserved_parameter() {
    let rule = "use letters, digits, - and _ in a name, and no space, colon, quote or backslash in a value";
    let codecs: [(&str, Codec); 3] = [
        ("x264-params", H264::default().x264_param("aq-mode", "3:annexb=0").into()),
        ("x265-params", Hevc::default().x265_param("aq-mode", "3:annexb=0").into()),
        ("svtav1-params", Av1::default().svtav1_param("aq-mode", "3:annexb=0").into()),
    ];
    for (option, codec) in codecs {
        let message = refused("a.mp4", |builder| builder.codec(codec));
        assert_eq!(message, format!("{option} \"aq-mode=3:annexb=0\" is not valid: {rule}"));
    }
}

#[test]
fn a_prefix_does_not_bypass_reserved_parameters() {
    let x265 = |name: &str| refused("a.mp4", |builder| builder.codec(Hevc::default().x265_param(name, "1")));
    let container = "framemill sets it to match the container; leave it out";
    assert_eq!(x265("noannexb"), format!("x265-params must not set noannexb: {container}"));
    let keyframe = "players must be able to seek to every keyframe, and framemill to cut there; leave it out";
    assert_eq!(x265("no-open-gop"), format!("x265-params must not set no-open-gop: {keyframe}"));
    let av1 = refused("a.mp4", |builder| builder.codec(Av1::default().svtav1_param("qp", "1")));
    assert_eq!(av1, "svtav1-params must not set qp: use crf or bitrate");
}

#[test]
fn a_named_encoder_makes_no_b_frames_for_an_avi() {
    let directory = tempdir().expect("a directory");
    let types = |container: Container| {
        let path = directory.path().join(format!("movie.{}", container.name()));
        write_movie(&path, 31, RATE, |builder| builder.codec(NamedEncoder::new("libx264"))).expect("a movie");
        picture_types(&path)
    };
    let has_b_frames = |types: String| types.lines().any(|kind| kind.starts_with('B'));
    assert!(has_b_frames(types(Container::Mp4)));
    assert!(!has_b_frames(types(Container::Avi)));
    for (name, value) in [("bf", "2"), ("x264-params", "ref=2:bframes=3"), ("x264opts", "ref=1:bframes=2")] {
        let message = refused("a.avi", |builder| builder.codec(NamedEncoder::new("libx264").option(name, value)));
        let expected = "encoder-options cannot be combined with avi, which has no B-frames: leave bf and bframes out, or choose mp4, \
                        mov or mkv";
        assert_eq!(message, expected, "{name}={value}");
    }
    let allowed = NamedEncoder::new("libx264").option("x264-params", "bframes=0");
    write_movie(directory.path().join("b.avi"), 3, RATE, |builder| builder.codec(allowed)).expect("a movie");
}

#[test]
fn the_named_encoders_libx265_and_mjpeg_equal_the_codecs() {
    let directory = tempdir().expect("a directory");
    for (codec, encoder, name) in [("hevc", "libx265", "a.mp4"), ("mjpeg", "mjpeg", "a.avi")] {
        let seen = [codec.to_owned(), format!("encoder:{encoder}")].map(|codec| {
            let path = directory.path().join(name);
            let codec: Codec = codec.parse().expect("a codec");
            write_movie(&path, 31, RATE, |builder| builder.codec(codec)).expect("a movie");
            let movie = framemill::inspect(&path).expect("a movie");
            let times: Vec<_> = movie.packets.iter().map(|packet| (packet.pts, packet.keyframe)).collect();
            let stream = movie.stream;
            (stream.fourcc, stream.color_range, stream.color_matrix, times.len(), times[0])
        });
        assert_eq!(seen[0], seen[1], "{encoder}");
    }
    let raw = directory.path().join("raw");
    std::fs::write(&raw, vec![90; 96 * 64 * 5]).expect("written");
    let program = Command::new(env!("CARGO_BIN_EXE_framemill"))
        .args(["encode", "-q", "-f", "gray", "-s", "96x64", "-r", "30", "-c", "encoder:libx265"])
        .arg(&raw)
        .arg("-o")
        .arg(directory.path().join("b.mp4"))
        .output()
        .expect("runs");
    assert!(program.status.success() && program.stderr.is_empty(), "{}", String::from_utf8_lossy(&program.stderr));
}

#[test]
fn a_named_encoder_keeps_alpha_in_a_format_with_alpha() {
    let encoder = || NamedEncoder::new("png");
    let message = refused("a.mov", |builder| builder.codec(encoder()).alpha(Alpha::Keep));
    assert_eq!(message, "alpha cannot be combined with yuv420p: choose a pixel format with alpha, such as bgra");
    let directory = tempdir().expect("a directory");
    let stats = write_movie(directory.path().join("a.mov"), 3, RATE, |builder| {
        builder.codec(encoder()).alpha(Alpha::Keep).pixel_format(PixelFormat::Rgba)
    });
    assert_eq!(stats.expect("a movie").packets, 3);
}
