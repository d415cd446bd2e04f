//! Small pictures of frames of a movie.

use framemill::{Codec, Error, FrameView, H264, VideoWriter, thumbnails};
use tempfile::tempdir;

use super::RATE;

/// A shade for each frame, by which it is recognised.
fn shade(frame: u32) -> u8 {
    (frame * 37 % 200 + 20) as u8
}

#[test]
fn each_is_of_the_frame_that_was_asked_for() {
    for codec in Codec::all() {
        for container in codec.containers() {
            let what = format!("{} in {}", codec.name(), container.name());
            let directory = tempdir().expect("a directory");
            let path = directory.path().join("m").with_extension(container.name());
            let codec = match codec.clone() {
                Codec::H264(_) => H264::crf(18.0).gop(9).into(),
                other => other,
            };
            let mut video = VideoWriter::builder(&path, 64, 32, RATE).codec(codec).create().expect("opens");
            for frame in 0..40 {
                let pixels = [shade(frame), 255 - shade(frame), 60].repeat(64 * 32);
                video.write(&FrameView::rgb(&pixels, 64, 32).expect("a picture")).expect("written");
            }
            video.finish().expect("a movie");
            let made = thumbnails(&path, &[39, 0, 17, 17, 9, 40, 8], 16).expect("pictures");
            let indices: Vec<u64> = made.iter().map(|picture| picture.index).collect();
            assert_eq!(indices, [0, 8, 9, 17, 39], "{what}");
            for picture in made {
                assert_eq!((picture.width, picture.height, picture.rgb.len()), (16, 8, 16 * 8 * 3), "{what}");
                let shade = shade(picture.index as u32);
                for (ours, expected) in picture.rgb[3 * 70..].iter().zip([shade, 255 - shade, 60]) {
                    assert!(
                        ours.abs_diff(expected) <= 6,
                        "{what}: {ours} and {expected} of frame {}",
                        picture.index
                    );
                }
            }
        }
    }
}

#[test]
fn what_is_no_movie_is_said_so() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    std::fs::write(&path, "no movie").expect("written");
    let error = thumbnails(&path, &[0], 100).expect_err("no movie");
    assert!(matches!(&error, Error::Input { .. }), "{error}");
}

#[test]
fn no_decoder_of_another_codec_is_opened() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mkv");
    let made = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=5", "-frames:v", "5"])
        .args(["-c:v", "mpeg2video"])
        .arg(&path)
        .status()
        .expect("runs");
    assert!(made.success());
    let error = thumbnails(&path, &[0], 100).expect_err("of another kind");
    assert!(error.to_string().ends_with("it is not of a kind that framemill makes"), "{error}");
}

#[test]
fn a_movie_that_starts_without_a_keyframe_is_not_decoded() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.avi");
    let made = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=5", "-frames:v", "8"])
        .args(["-c:v", "mpeg4", "-g", "100", "-bsf:v", r"noise=drop=eq(n\,0)"])
        .arg(&path)
        .status()
        .expect("runs");
    assert!(made.success());
    let error = thumbnails(&path, &[0], 100).expect_err("it starts in the middle");
    assert!(error.to_string().contains("frame 0 and what follows did not come out of the decoder"), "{error}");
}
