//! Tests thumbnails of a movie's frames.

use framemill::{Codec, Error, FrameView, H264, Mpeg4, VideoWriter, thumbnails};
use tempfile::tempdir;

use super::RATE;

/// Returns the gray level that identifies a frame.
fn shade(frame: u32) -> u8 {
    (frame * 37 % 200 + 20) as u8
}

#[test]
fn each_thumbnail_shows_the_requested_frame() {
    for codec in Codec::all() {
        for container in codec.containers() {
            let what = format!("{} in {}", codec.name(), container.name());
            let directory = tempdir().expect("a directory");
            let path = directory.path().join("m").with_extension(container.name());
            let codec = match codec.clone() {
                Codec::H264(_) => H264::crf(18.0).gop(9).into(),
                other => other,
            };
            let mut video = VideoWriter::builder(&path, 64, 64, RATE).codec(codec).create().expect("opens");
            for frame in 0..40 {
                let pixels = [shade(frame), 255 - shade(frame), 60].repeat(64 * 64);
                video.write(&FrameView::rgb(&pixels, 64, 64).expect("a picture")).expect("written");
            }
            video.finish().expect("a movie");
            let made = thumbnails(&path, &[39, 0, 17, 17, 9, 40, 8], 16).expect("pictures");
            let indices: Vec<u64> = made.iter().map(|picture| picture.index).collect();
            assert_eq!(indices, [0, 8, 9, 17, 39], "{what}");
            for picture in made {
                assert_eq!((picture.width, picture.height, picture.rgb.len()), (16, 16, 16 * 16 * 3), "{what}");
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
fn files_that_are_not_movies_are_refused() {
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
    let error = thumbnails(&path, &[0], 100).expect_err("another kind of movie");
    assert!(error.to_string().ends_with("it is not a kind of movie that framemill makes"), "{error}");
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
    assert!(error.to_string().contains("frame 0 and the following frames were not decoded"), "{error}");
}

#[test]
fn damaged_frames_of_mpeg4_are_an_error() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("m.avi");
    let mut video = VideoWriter::builder(&path, 16, 16, RATE).codec(Mpeg4::default()).create().expect("opens");
    for frame in 0..11 {
        let pixels: Vec<u8> =
            (0..16 * 16 * 3).map(|at: u32| (at.wrapping_mul(7919 + frame * 977) >> 4) as u8).collect();
        video.write(&FrameView::rgb(&pixels, 16, 16).expect("a picture")).expect("written");
    }
    video.finish().expect("a movie");
    let whole = std::fs::read(&path).expect("a movie");
    let first = whole.windows(4).position(|bytes| bytes == b"00dc").expect("a frame");
    let picture = first + whole[first..].windows(4).position(|bytes| bytes == [0, 0, 1, 0xb6]).expect("a picture");
    // Damage the bytes after the picture's header. With several threads, FFmpeg 5.1 aborts here.
    for damage in 0..40 {
        let mut damaged = whole.clone();
        for (at, byte) in damaged[picture + 6 + damage..].iter_mut().take(8).enumerate() {
            *byte = (at * 89 + damage * 31) as u8 | 1;
        }
        std::fs::write(&path, &damaged).expect("written");
        // Some damage is not detected, but no damage may end the process.
        let _ = thumbnails(&path, &[0, 3], 16);
    }
}
