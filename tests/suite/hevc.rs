//! Tests that framemill avoids the bugs of x265 at some sizes and frame rates.

use framemill::{
    Codec, Container, Error, FrameRate, FrameView, Hevc, InvalidSettings, NamedEncoder, PixelFormat, Preset,
    VideoWriter,
};
use tempfile::tempdir;

use crate::reader::{decode, probe};

/// Makes noise, for which motion search reads beyond the picture.
fn noise(bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(bytes).collect()
}

#[test]
fn narrow_pictures_without_loss_come_back_bit_for_bit() {
    for (width, height) in [(16, 16), (16, 48), (32, 32), (31, 64), (64, 64), (64, 16), (64, 128)] {
        let directory = tempdir().expect("a directory");
        let path = directory.path().join("m.mkv");
        let rate = FrameRate::new(30, 1);
        let mut video = VideoWriter::builder(&path, width, height, rate)
            .pixel_format(PixelFormat::Yuv444p)
            .codec(Hevc::lossless().gop(250))
            .create()
            .unwrap_or_else(|error| panic!("{width}x{height}: {error}"));
        let bytes = (width * height * 3) as usize;
        let frames: Vec<Vec<u8>> = (0..20).map(|frame| noise(bytes, frame + u64::from(width))).collect();
        for frame in &frames {
            let view = FrameView::contiguous(PixelFormat::Yuv444p, frame, width, height).expect("a picture");
            video.write(&view).expect("written");
        }
        video.finish().expect("finished");
        let decoded = decode(&path, "yuv444p", bytes);
        assert_eq!(decoded.len(), frames.len());
        let differ: Vec<usize> = (0..20).filter(|frame| decoded[*frame] != frames[*frame]).collect();
        assert!(differ.is_empty(), "{width}x{height}: frames {differ:?}");
    }
}

#[test]
fn pictures_of_34_to_48_columns_do_not_damage_memory() {
    for width in [34, 40, 48] {
        let directory = tempdir().expect("a directory");
        let path = directory.path().join("m.mp4");
        let mut video = VideoWriter::builder(&path, width, 48, FrameRate::new(30, 1))
            .codec(Hevc::default())
            .create()
            .expect("opens");
        for frame in 0..60 {
            let pixels = noise((width * 48) as usize, frame);
            video.write(&FrameView::gray(&pixels, width, 48).expect("a picture")).expect("written");
        }
        assert_eq!(video.finish().expect("finished").frames, 60);
    }
}

#[test]
fn parameters_that_keep_narrow_pictures_safe_cannot_be_changed() {
    for (width, name, is_refused) in [
        (64, "ctu", true),
        (62, "ctu", true),
        (66, "ctu", false),
        (48, "cutree", true),
        (48, "no-cutree", true),
        (50, "cutree", false),
    ] {
        let value = if name == "ctu" { "64" } else { "1" };
        let by_name = NamedEncoder::new("libx265").option("x265-params", format!("aq-mode=1:{name}={value}"));
        for codec in [Codec::from(Hevc::default().x265_param(name, value)), by_name.into()] {
            let directory = tempdir().expect("a directory");
            let made = VideoWriter::builder(directory.path().join("m.mp4"), width, 96, FrameRate::new(30, 1))
                .codec(codec.clone())
                .create();
            let refused = matches!(&made, Err(Error::Settings(InvalidSettings::ReservedParam { name: found, .. })) if found == name);
            assert_eq!(refused, is_refused, "{} {width} {name}: {:?}", codec.name(), made.err());
        }
    }
}

#[test]
fn frames_of_1000_seconds_keep_their_times_in_an_mp4() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("m").with_extension(Container::Mp4.name());
    let mut video = VideoWriter::builder(&path, 96, 64, FrameRate::new(1, 1_000))
        .codec(Hevc::default().preset(Preset::Ultrafast))
        .create()
        .expect("opens");
    for frame in 0..12 {
        let pixels = noise(96 * 64, frame);
        video.write(&FrameView::gray(&pixels, 96, 64).expect("a picture")).expect("written");
    }
    video.finish().expect("finished");
    let shown = probe(&path).times().into_iter().map(|time| (time / 1_000.0).round() as u64);
    assert!(shown.eq(0..12));
}
