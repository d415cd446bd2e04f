//! Tests movies that keep alpha, as the ffmpeg program decodes them.

use std::path::Path;
use std::process::Command;

use framemill::{
    Alpha, Codec, ColorRange, Container, Error, Ffv1, FrameRate, FrameView, PixelFormat, Plane, Prores,
    ProresProfile, VideoWriter, VideoWriterBuilder, Vp9, join,
};
use tempfile::tempdir;

use crate::reader::probe;
use crate::samples::{movie_bytes, movie_file};

const WIDTH: u32 = 70;
const HEIGHT: u32 = 50;

/// Draws a disc in RGBA: opaque in the middle, fading toward its edge, on transparent white.
fn disc(frame: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| {
        let far = f64::from(x).mul_add(1.0, -30.0 - f64::from(frame)).hypot(f64::from(y) - 25.0);
        match (255.0 * (1.0 - (far - 12.0) / 8.0)).clamp(0.0, 255.0).round() as u8 {
            0 => [255, 255, 255, 0],
            alpha => [220, 40, (x * 3) as u8, alpha],
        }
    };
    (0..HEIGHT).flat_map(|y| (0..WIDTH).flat_map(move |x| pixel(x, y))).collect()
}

/// Decodes the pixels of all frames. FFmpeg's native VP9 decoder ignores alpha, so this uses libvpx.
fn decode(path: &Path, pixel_format: &str) -> Vec<u8> {
    let by_libvpx = path.extension().is_some_and(|extension| extension == "webm");
    let decoder: &[&str] = if by_libvpx { &["-c:v", "libvpx-vp9"] } else { &[] };
    let output = Command::new("ffmpeg")
        .args(["-v", "error"])
        .args(decoder)
        .arg("-i")
        .arg(path)
        .args([
            "-sws_flags",
            "bicubic+accurate_rnd+full_chroma_int",
            "-f",
            "rawvideo",
            "-pix_fmt",
            pixel_format,
            "-",
        ])
        .output()
        .expect("ffmpeg runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn movie(codec: impl Into<Codec>, container: Container, frames: &[Vec<u8>]) -> Vec<u8> {
    let views: Vec<FrameView<'_>> =
        frames.iter().map(|frame| FrameView::rgba(frame, WIDTH, HEIGHT).expect("a picture")).collect();
    movie_bytes(container, &views, |builder| builder.codec(codec).alpha(Alpha::Keep)).expect("a movie")
}

#[test]
fn lossless_codecs_preserve_every_sample() {
    let frames: Vec<Vec<u8>> = (0..5).map(disc).collect();
    for (codec, containers) in [
        (Codec::Ffv1(Ffv1::default()), &[Container::Mkv, Container::Mov, Container::Avi][..]),
        (Codec::Png, &[Container::Mov, Container::Mkv]),
        (Codec::Qtrle, &[Container::Mov]),
    ] {
        for container in containers {
            let file = movie_file(*container, &movie(codec.clone(), *container, &frames));
            assert!(decode(file.as_ref(), "rgba") == frames.concat(), "{} in {container:?}", codec.name());
        }
    }
}

#[test]
fn every_byte_order_is_preserved() {
    let frame = disc(3);
    let reorder = |places: [usize; 4]| -> Vec<u8> {
        frame.chunks_exact(4).flat_map(|pixel| places.map(|place| pixel[place])).collect()
    };
    for (format, places) in [
        (PixelFormat::Rgba, [0, 1, 2, 3]),
        (PixelFormat::Bgra, [2, 1, 0, 3]),
        (PixelFormat::Argb, [3, 0, 1, 2]),
        (PixelFormat::Abgr, [3, 2, 1, 0]),
    ] {
        let pixels = reorder(places);
        let view = FrameView::contiguous(format, &pixels, WIDTH, HEIGHT).expect("a picture");
        for (codec, container) in [(Codec::Ffv1(Ffv1::default()), Container::Mkv), (Codec::Qtrle, Container::Mov)] {
            let bytes = movie_bytes(container, &[view], |builder| builder.codec(codec).alpha(Alpha::Keep));
            let file = movie_file(container, &bytes.expect("a movie"));
            assert!(decode(file.as_ref(), "rgba") == frame, "{format}");
        }
    }
}

#[test]
fn sixteen_bits_of_alpha_are_kept() {
    let samples: Vec<u8> =
        (0..WIDTH * HEIGHT * 4).flat_map(|i| (i.wrapping_mul(40_503) as u16).to_le_bytes()).collect();
    let view = FrameView::rgba64(&samples, WIDTH, HEIGHT).expect("a picture");
    let bytes = movie_bytes(Container::Mkv, &[view], |builder| {
        builder.codec(Ffv1::default()).pixel_format(PixelFormat::Rgba64Le).alpha(Alpha::Keep)
    });
    let file = movie_file(Container::Mkv, &bytes.expect("a movie"));
    assert!(decode(file.as_ref(), "rgba64le") == samples);
}

#[test]
fn frames_without_alpha_are_opaque() {
    let gray = [90; (WIDTH * HEIGHT) as usize];
    let view = FrameView::gray(&gray, WIDTH, HEIGHT).expect("a picture");
    for (codec, container) in [
        (Codec::Ffv1(Ffv1::default()), Container::Mkv),
        (Codec::Prores(Prores::default()), Container::Mov),
        (Codec::Vp9(Vp9::crf(10)), Container::Webm),
    ] {
        let bytes = movie_bytes(container, &[view], |builder| builder.codec(codec.clone()).alpha(Alpha::Keep));
        let file = movie_file(container, &bytes.expect("a movie"));
        for pixel in decode(file.as_ref(), "rgba").chunks_exact(4) {
            assert!(pixel[3] == 255 && pixel[..3].iter().all(|sample| sample.abs_diff(90) <= 2), "{pixel:?}");
        }
    }
}

#[test]
fn prores_4444_keeps_alpha_exactly() {
    let frames: Vec<Vec<u8>> = (0..3).map(disc).collect();
    for profile in [ProresProfile::P4444, ProresProfile::P4444Xq] {
        let file = movie_file(Container::Mov, &movie(Prores::profile(profile), Container::Mov, &frames));
        let samples: Vec<u16> = decode(file.as_ref(), "rgba64le")
            .chunks_exact(2)
            .map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
            .collect();
        for (seen, given) in samples.chunks_exact(4).zip(frames.concat().chunks_exact(4)) {
            assert_eq!((f64::from(seen[3]) / 257.0).round() as u8, given[3]);
            let is_near = (0..3).all(|i| (f64::from(seen[i]) / 257.0 - f64::from(given[i])).abs() < 5.0);
            assert!(given[3] < 40 || is_near, "{seen:?} {given:?}");
        }
    }
}

#[test]
fn vp9_in_webm_keeps_alpha_and_has_no_fringe_at_edges() {
    let frames: Vec<Vec<u8>> = (0..12).map(disc).collect();
    let file = movie_file(Container::Webm, &movie(Vp9::crf(4), Container::Webm, &frames));
    let seen = decode(file.as_ref(), "rgba");
    assert_eq!(seen.len(), frames.concat().len());
    for (seen, given) in seen.chunks_exact(4).zip(frames.concat().chunks_exact(4)) {
        assert!(seen[3].abs_diff(given[3]) <= 8, "{seen:?} {given:?}");
        // A fringe here would come from white transparent pixels that leaked into the chroma.
        let is_near = (0..2).all(|i| seen[i].abs_diff(given[i]) <= 30);
        assert!(given[3] < 128 || is_near, "{seen:?} {given:?}");
    }
}

#[test]
fn copying_a_movie_preserves_alpha() {
    let directory = tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name);
    let halves: Vec<Vec<Vec<u8>>> = [0..4, 4..8].map(|frames| frames.map(disc).collect()).into();
    for (name, frames) in ["0.webm", "1.webm"].into_iter().zip(&halves) {
        std::fs::write(path(name), movie(Vp9::crf(4), Container::Webm, frames)).expect("written");
    }
    join([path("0.webm"), path("1.webm")], path("joined.webm")).expect("a movie");
    // Frames that arrive slowly are cut into more fragments. The movie is rewritten at the end.
    let mut video = VideoWriter::builder(path("slow.webm"), WIDTH, HEIGHT, FrameRate::new(25, 1))
        .codec(Vp9::crf(4))
        .alpha(Alpha::Keep)
        .create()
        .expect("opens");
    for frame in halves.concat() {
        video.write(&FrameView::rgba(&frame, WIDTH, HEIGHT).expect("a picture")).expect("written");
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    video.finish().expect("a movie");
    let made: Vec<u8> = ["0.webm", "1.webm"].into_iter().flat_map(|name| decode(&path(name), "rgba")).collect();
    assert!(decode(&path("joined.webm"), "rgba") == made);
    for name in ["joined.webm", "slow.webm"] {
        assert_eq!(probe(&path(name)).stream["tags"]["alpha_mode"], "1", "{name}");
        assert!(decode(&path(name), "rgba").chunks_exact(4).any(|pixel| pixel[3] < 8), "{name}");
    }
}

#[test]
fn premultiplied_frames_become_the_original_straight_frames() {
    let straight = disc(2);
    let premultiplied: Vec<u8> = straight
        .chunks_exact(4)
        .flat_map(|pixel| {
            let alpha = u32::from(pixel[3]);
            let by_alpha = |sample: u8| ((u32::from(sample) * alpha + 127) / 255) as u8;
            [by_alpha(pixel[0]), by_alpha(pixel[1]), by_alpha(pixel[2]), pixel[3]]
        })
        .collect();
    let view = FrameView::rgba(&premultiplied, WIDTH, HEIGHT).expect("a picture");
    let over = |builder: framemill::VideoWriterBuilder| builder.codec(Ffv1::default()).premultiplied();
    let kept = movie_bytes(Container::Mkv, &[view], |builder| over(builder).alpha(Alpha::Keep)).expect("a movie");
    let file = movie_file(Container::Mkv, &kept);
    for (seen, given) in decode(file.as_ref(), "rgba").chunks_exact(4).zip(straight.chunks_exact(4)) {
        // An error of half a level in a premultiplied color becomes 255 / alpha / 2 in the straight color.
        let allowed = 128_u32.div_ceil(u32::from(given[3]).max(1));
        let is_near = (0..3).all(|i| u32::from(seen[i].abs_diff(given[i])) <= allowed);
        assert!(seen[3] == given[3] && (given[3] == 0 || is_near), "{seen:?} {given:?}");
    }
    let composited = movie_bytes(Container::Mkv, &[view], over).expect("a movie");
    let file = movie_file(Container::Mkv, &composited);
    for (seen, given) in decode(file.as_ref(), "rgb24").chunks_exact(3).zip(premultiplied.chunks_exact(4)) {
        let is_near =
            (0..3).all(|i| (i32::from(seen[i]) - i32::from(given[i]) - 255 + i32::from(given[3])).abs() <= 1);
        assert!(is_near, "{seen:?} {given:?}");
    }
}

#[test]
fn premultiplied_light_above_its_alpha_is_added_to_the_background() {
    // In 8 and 16 bits: a flame with an alpha of 0, and a glow with a low alpha.
    let bytes = [[30_u8, 20, 10, 0], [200, 50, 0, 51]].concat().repeat(8);
    let deep: Vec<u8> = bytes.iter().flat_map(|byte| [*byte; 2]).collect();
    let views = [FrameView::rgba(&bytes, 4, 4), FrameView::rgba64(&deep, 4, 4)];
    for (view, format) in views.into_iter().zip([PixelFormat::Bgr0, PixelFormat::Rgb48Le]) {
        let made = movie_bytes(Container::Mkv, &[view.expect("a picture")], |builder| {
            let background = framemill::Rgb::new(100, 0, 255);
            builder.codec(Ffv1::default()).pixel_format(format).premultiplied().background(background)
        });
        let file = movie_file(Container::Mkv, &made.expect("a movie"));
        let expected = [130, 20, 255, 255, 50, 204];
        if format == PixelFormat::Rgb48Le {
            // Each 16-bit value repeats the 8-bit value in both bytes.
            let deep: Vec<u8> = expected.into_iter().flat_map(|byte| [byte; 2]).collect();
            assert_eq!(decode(file.as_ref(), "rgb48le"), deep.repeat(8));
        } else {
            assert_eq!(decode(file.as_ref(), "rgb24"), expected.repeat(8));
        }
    }
}

/// Each row has its own alpha, and the planes have no bytes after their last rows.
#[test]
fn every_row_of_yuv_keeps_its_alpha() {
    for (width, height) in [(64, 32), (640, 360), (8, 64), (35, 21), (2_048, 32), (16, 2)] {
        let size = (width * height) as usize;
        let chroma = PixelFormat::Yuva420p.plane_layout(1, width, height);
        let (luma, chroma) = (vec![117; size], vec![128; chroma.row_bytes * chroma.rows]);
        let alpha: Vec<u8> = (0..height).flat_map(|y| (0..width).map(move |_| (y * 7 % 256) as u8)).collect();
        let upside_down: Vec<u8> = alpha.chunks_exact(width as usize).rev().flatten().copied().collect();
        for (alpha, sign) in [(&alpha, 1), (&upside_down, -1)] {
            let strides = [width, width.div_ceil(2), width.div_ceil(2), width].map(|bytes| bytes as isize * sign);
            let data = [&luma, &chroma, &chroma, alpha];
            let planes: [Plane<'_>; 4] =
                std::array::from_fn(|plane| Plane { data: data[plane], stride: strides[plane] });
            let view = FrameView::planar(PixelFormat::Yuva420p, &planes, width, height).expect("a picture");
            let movie = movie_bytes(Container::Mov, &[view], |movie| movie.codec(Codec::Png).alpha(Alpha::Keep));
            let file = movie_file(Container::Mov, &movie.expect("a movie"));
            for (place, pixel) in decode(file.as_ref(), "rgba").chunks_exact(4).enumerate() {
                let expected = (place as u32 / width * 7 % 256) as u8;
                assert_eq!(pixel[3], expected, "{width}x{height} with strides {strides:?}, pixel {place}");
            }
        }
    }
}

#[test]
fn yuv_with_alpha_passes_through() {
    let bytes: Vec<u8> = (0..PixelFormat::Yuva444p10Le.frame_bytes(16, 16) / 2)
        .flat_map(|i| ((i * 37 % 800 + 64) as u16).to_le_bytes())
        .collect();
    let view = FrameView::contiguous(PixelFormat::Yuva444p10Le, &bytes, 16, 16).expect("a picture");
    let made = movie_bytes(Container::Mov, &[view], |builder| builder.codec(Prores::default()).alpha(Alpha::Keep));
    let path = movie_file(Container::Mov, &made.expect("a movie"));
    let alpha = PixelFormat::Yuva444p10Le.frame_bytes(16, 16) / 4 * 3;
    let seen: Vec<u8> = decode(path.as_ref(), "yuva444p10le");
    assert!(seen[alpha..] == bytes[alpha..]);
}

/// Returns Y, Cb, Cr and alpha of the middle pixel of a one-frame ProRes 4444 movie, in 10 bits.
fn prores_samples(
    view: &FrameView<'_>,
    configure: impl FnOnce(VideoWriterBuilder) -> VideoWriterBuilder,
) -> [u16; 4] {
    let made = movie_bytes(Container::Mov, &[*view], |builder| {
        configure(builder.codec(Prores::default()).alpha(Alpha::Keep))
    });
    let file = movie_file(Container::Mov, &made.expect("a movie"));
    let seen = decode(file.as_ref(), "yuva444p10le");
    let (plane, middle) = (seen.len() / 4, seen.len() / 8 / 2 * 2);
    std::array::from_fn(|index| {
        let place = index * plane + middle;
        u16::from_le_bytes([seen[place], seen[place + 1]])
    })
}

#[track_caller]
fn assert_near(seen: [u16; 4], expected: [u16; 4]) {
    assert!(
        seen.iter().zip(expected).all(|(seen, expected)| seen.abs_diff(expected) <= 3),
        "{seen:?} {expected:?}"
    );
}

/// Half-transparent pixels keep the colors of opaque ones, whatever the pixel format.
#[test]
fn kept_alpha_leaves_colors_unblended() {
    let samples =
        |values: [u16; 4]| -> Vec<u8> { values.repeat(16 * 16).into_iter().flat_map(u16::to_le_bytes).collect() };
    let planes = |values: [u16; 4]| -> Vec<u8> {
        values.into_iter().flat_map(|value| vec![value; 16 * 16]).flat_map(u16::to_le_bytes).collect()
    };
    // Red in BT.709 is 250, 409, 960 in 10 bits and limited range. An alpha of 32768 in 16 bits is 512 in 10 bits.
    let red = [250, 409, 960, 512];
    let rgba64 = samples([65_535, 0, 0, 32_768]);
    assert_near(prores_samples(&FrameView::rgba64(&rgba64, 16, 16).expect("a picture"), |builder| builder), red);
    let rgba = [255, 0, 0, 128].repeat(16 * 16);
    assert_near(prores_samples(&FrameView::rgba(&rgba, 16, 16).expect("a picture"), |builder| builder), red);
    let yuva = |bytes| FrameView::contiguous(PixelFormat::Yuva444p10Le, bytes, 16, 16).expect("a picture");
    let full = planes([1_023, 512, 512, 512]);
    let white = [940, 512, 512, 512];
    assert_near(prores_samples(&yuva(&full).with_range(ColorRange::Full), |builder| builder), white);
    // White that was multiplied by an alpha of one half.
    let half = planes([502, 512, 512, 512]);
    assert_near(prores_samples(&yuva(&half), VideoWriterBuilder::premultiplied), white);
}

/// The planes of such a picture are fewer than those of the movie.
#[test]
fn yuv_without_alpha_becomes_opaque() {
    let bytes = [[126_u8; 256], [128; 256], [200; 256]].concat();
    for (range, luma, chroma) in [(ColorRange::Limited, 504, 800), (ColorRange::Full, 497, 765)] {
        let view =
            FrameView::contiguous(PixelFormat::Yuv444p, &bytes, 16, 16).expect("a picture").with_range(range);
        assert_near(prores_samples(&view, |builder| builder), [luma, 512, chroma, 1_023]);
    }
    let opaque = [vec![126; 256], vec![128; 64], vec![200; 64], vec![255; 256]].concat();
    let view = FrameView::contiguous(PixelFormat::Yuva420p, &opaque, 16, 16).expect("a picture");
    let made = movie_bytes(Container::Webm, &[view], |builder| {
        builder.codec(Vp9::default()).alpha(Alpha::Keep).color_range(ColorRange::Full)
    });
    let file = movie_file(Container::Webm, &made.expect("a movie"));
    let seen = decode(file.as_ref(), "yuva420p");
    let near = |samples: &[u8], expected: u8| samples.iter().all(|sample| sample.abs_diff(expected) <= 3);
    assert!(near(&seen[..256], 128) && near(&seen[320..384], 210) && near(&seen[384..], 255), "{seen:?}");
}

#[test]
fn codecs_without_alpha_are_refused_by_name() {
    let refused =
        |codec: &str, container, configure: fn(framemill::VideoWriterBuilder) -> framemill::VideoWriterBuilder| {
            let pixels = disc(0);
            let view = FrameView::rgba(&pixels, WIDTH, HEIGHT).expect("a picture");
            let codec: Codec = codec.parse().expect("known");
            match movie_bytes(container, &[view], |builder| configure(builder.codec(codec))) {
                Err(Error::Settings(error)) => error.to_string(),
                other => panic!("{:?}", other.map(|bytes| bytes.len())),
            }
        };
    let keep = |builder: framemill::VideoWriterBuilder| builder.alpha(Alpha::Keep);
    assert_eq!(
        refused("h264", Container::Mp4, keep),
        "h264 cannot keep alpha: choose vp9 in webm or mkv, prores, png, qtrle or ffv1, or leave alpha out"
    );
    assert!(refused("vp9", Container::Mp4, keep).starts_with("vp9 in mp4 cannot keep alpha: choose vp9 in webm"));
    assert_eq!(
        refused("prores", Container::Mov, |builder| builder
            .alpha(Alpha::Keep)
            .pixel_format(PixelFormat::Yuv422p10Le)),
        "yuv422p10le has no alpha to keep: leave pixel-format out, or choose a format with alpha"
    );
    assert!(
        refused("ffv1", Container::Mkv, |builder| builder.pixel_format(PixelFormat::Bgra))
            .starts_with("bgra has alpha, but frames are drawn over the background: choose alpha keep")
    );
    assert!(
        refused("png", Container::Mov, |builder| builder.alpha(Alpha::Keep).scale(32, 32))
            .starts_with("scale cannot be combined with alpha that is kept")
    );
    assert!(
        refused("png", Container::Mov, |builder| builder.alpha(Alpha::Keep).measure_quality())
            .starts_with("quality cannot be combined with alpha that is kept")
    );
}
