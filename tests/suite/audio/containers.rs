//! Tests sound with every video codec, and the audio codecs that WebM holds.

use std::path::Path;
use std::process::Command;

use framemill::{Alpha, Audio, AudioCodec, Av1, Codec, FrameRate, FrameView, Hevc, Prores, VideoWriter, Vp9};
use tempfile::tempdir;

use super::{RATE, SIDE, builder, click, finish, heard, loudest, probe, sound_file, sound_of, tone};

/// Returns the codec names of a movie's streams, as ffprobe lists them.
fn streams(path: &Path) -> Vec<String> {
    let streams = probe(path)["streams"].as_array().cloned().expect("streams");
    streams.iter().map(|stream| stream["codec_name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn every_video_codec_works_with_sound() {
    let directory = tempdir().expect("a directory");
    let vp9 = || Codec::Vp9(Vp9::default().cpu_used(5));
    let av1 = || Codec::Av1(Av1::crf(40));
    for (name, codec, expected) in [
        ("vp9.webm", vp9(), ["vp9", "opus"]),
        ("av1.webm", av1(), ["av1", "opus"]),
        ("av1.mp4", av1(), ["av1", "aac"]),
        ("vp9.mp4", vp9(), ["vp9", "aac"]),
        ("hevc.mp4", Codec::Hevc(Hevc::default()), ["hevc", "aac"]),
        ("hevc.mkv", Codec::Hevc(Hevc::default()), ["hevc", "opus"]),
        ("prores.mov", Codec::Prores(Prores::default()), ["prores", "aac"]),
        ("png.mov", Codec::Png, ["png", "aac"]),
        ("qtrle.mov", Codec::Qtrle, ["qtrle", "aac"]),
    ] {
        let path = directory.path().join(name);
        // SVT-AV1 does not support smaller sizes.
        let (side, at) = (64, 30_000);
        let mut video = VideoWriter::builder(&path, side, side, FrameRate::new(30, 1))
            .codec(codec)
            .audio(Audio::samples(click(2 * RATE as usize, at), RATE, 1))
            .create()
            .expect("opens");
        for frame in 0..60 {
            let pixels = vec![frame * 4; (side * side) as usize];
            video.write(&FrameView::gray(&pixels, side, side).expect("a picture")).expect("written");
        }
        let sound = sound_of(video.finish().expect("a movie"));
        assert_eq!((&*sound.codec, sound.warnings.len()), (expected[1], 0), "{name}");
        assert_eq!(streams(&path), expected, "{name}");
        assert!(loudest(&heard(&path)).abs_diff(at) <= 48, "{name}: {}", loudest(&heard(&path)));
        let packets = probe(&path)["packets"].as_array().cloned().expect("packets");
        assert_eq!(packets.iter().filter(|packet| packet["codec_type"] == "video").count(), 60, "{name}");
    }
}

#[test]
fn webm_holds_opus_and_suggests_it_instead_of_other_codecs() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.webm");
    let open = |audio: Audio, codec| builder(&path, 30, audio).codec(Vp9::default()).audio_codec(codec).create();
    for codec in [AudioCodec::Aac, AudioCodec::Flac, AudioCodec::Pcm, AudioCodec::Mp3] {
        let error = open(Audio::samples(tone(480, 1), RATE, 1), codec).expect_err("refused").to_string();
        assert_eq!(error, format!("webm cannot hold {} sound: choose audio-codec opus", codec.name()));
    }
    for (name, options, expected) in [
        ("a.opus", &["-c:a", "libopus"][..], Ok("opus")),
        ("a.ogg", &["-c:a", "libvorbis"], Ok("vorbis")),
        ("a.m4a", &["-c:a", "aac"], Err("webm cannot hold aac sound: choose audio-codec opus")),
    ] {
        let file = directory.path().join(name);
        sound_file(&file, &click(2 * RATE as usize, 40_000), 1, options);
        match (open(Audio::file(&file), AudioCodec::Copy), expected) {
            (Ok(video), Ok(codec)) => {
                finish(video, 59);
                assert_eq!(streams(&path), ["vp9", codec], "{name}");
                assert!(loudest(&heard(&path)).abs_diff(40_000) <= 48, "{name}: {}", loudest(&heard(&path)));
                std::fs::remove_file(&path).expect("there");
            }
            (Err(error), Err(message)) => assert_eq!(error.to_string(), message, "{name}"),
            (opened, _) => panic!("{name}: {opened:?}"),
        }
    }
    assert!(!path.exists());
}

#[test]
fn webm_with_sound_keeps_alpha() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.webm");
    let audio = Audio::samples(click(RATE as usize, 30_000), RATE, 1);
    let mut video = builder(&path, 30, audio).codec(Vp9::crf(4)).alpha(Alpha::Keep).create().expect("opens");
    // The left half is opaque. The right half fades from frame to frame.
    let faint = |frame: u8| 200 - 5 * frame;
    for frame in 0..30 {
        let row = (0..SIDE).flat_map(|x| [200, 60, 30, if x < SIDE / 2 { 255 } else { faint(frame) }]);
        let pixels: Vec<u8> = row.collect::<Vec<u8>>().repeat(SIDE as usize);
        video.write(&FrameView::rgba(&pixels, SIDE, SIDE).expect("a picture")).expect("written");
    }
    video.finish().expect("a movie");
    assert_eq!(streams(&path), ["vp9", "opus"]);
    assert!(loudest(&heard(&path)).abs_diff(30_000) <= 48);
    // FFmpeg's native VP9 decoder ignores alpha.
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-c:v", "libvpx-vp9", "-i"])
        .arg(&path)
        .args(["-map", "0:v", "-f", "rawvideo", "-pix_fmt", "rgba", "-"])
        .output()
        .expect("ffmpeg runs");
    let frames: Vec<&[u8]> = output.stdout.chunks_exact((SIDE * SIDE * 4) as usize).collect();
    assert_eq!(frames.len(), 30);
    for (number, frame) in (0..).zip(frames) {
        let alpha = |x: u32| frame[((SIDE / 2 * SIDE + x) * 4 + 3) as usize];
        assert!(alpha(2) >= 250, "frame {number}: {}", alpha(2));
        assert!(alpha(SIDE - 3).abs_diff(faint(number)) <= 6, "frame {number}: {}", alpha(SIDE - 3));
    }
}
