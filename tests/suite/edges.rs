//! Tests odd sizes, transparent pixels and invalid frames.

use framemill::{
    Codec, ColorRange, Container, Error, Ffv1, FrameRate, FrameView, H264, Memory, OddSize, Output, PixelFormat,
    Plane, Preset, Rgb, VideoWriter,
};

use crate::color_formulas::{BT709, Picture, furthest, split_planes, view};
use crate::reader::{decode, probe};
use crate::samples::{decoded_frame, movie_bytes, movie_file};

const SIZES: [(u32, u32); 8] = [(1, 1), (1, 5), (5, 1), (5, 3), (5, 5), (16, 17), (17, 16), (641, 481)];

/// Sizes with two columns or two rows that differ.
const TWO_WIDE_OR_HIGH: [(u32, u32); 5] = [(2, 2), (2, 1), (1, 2), (16, 2), (2, 16)];

fn even(side: u32) -> u32 {
    side.next_multiple_of(2)
}

/// Encodes `frame` losslessly in yuv420p, checks the movie's size, and returns the planes.
fn yuv420p_planes(frame: &FrameView<'_>, odd_size: OddSize, (width, height): (u32, u32)) -> Vec<Vec<u16>> {
    let format = PixelFormat::Yuv420p;
    let codec = H264::lossless().preset(Preset::Ultrafast);
    let movie = movie_bytes(Container::Mp4, &[*frame], |movie| movie.codec(codec).odd_size(odd_size));
    let file = movie_file(Container::Mp4, &movie.expect("a movie"));
    let seen = probe(file.as_ref());
    assert_eq!((&seen.stream["width"], &seen.stream["height"]), (&width.into(), &height.into()));
    let frames = decode(file.as_ref(), format.name(), format.frame_bytes(width, height));
    assert_eq!(frames.len(), 1);
    split_planes(format, &frames[0], width, height)
}

#[track_caller]
fn check_padded((width, height): (u32, u32)) {
    let picture = Picture::noise(width, height);
    let padded = picture.resized(even(width), even(height));
    let frame = view(PixelFormat::Rgb24, &picture.rgb, width, height);
    let seen = yuv420p_planes(&frame, OddSize::Pad, (padded.width, padded.height));
    let distance = furthest(&seen, &padded.planes(PixelFormat::Yuv420p, BT709, ColorRange::Limited));
    assert!(distance.iter().all(|levels| *levels <= 1.0), "{width}x{height}: {distance:?}");
}

#[test]
fn an_odd_picture_is_padded_with_its_last_column_and_row() {
    SIZES.into_iter().for_each(check_padded);
}

#[test]
fn in_a_picture_two_pixels_wide_or_high_chroma_is_their_mean() {
    TWO_WIDE_OR_HIGH.into_iter().for_each(check_padded);
}

#[test]
fn an_odd_picture_is_cropped_to_its_upper_left() {
    for (width, height) in SIZES.into_iter().filter(|(width, height)| *width >= 4 && *height >= 4) {
        let picture = Picture::noise(width, height);
        let cropped = picture.resized(width & !1, height & !1);
        let frame = view(PixelFormat::Rgb24, &picture.rgb, width, height);
        let seen = yuv420p_planes(&frame, OddSize::Crop, (cropped.width, cropped.height));
        let distance = furthest(&seen, &cropped.planes(PixelFormat::Yuv420p, BT709, ColorRange::Limited));
        assert!(distance.iter().all(|levels| *levels <= 1.0), "{width}x{height}: {distance:?}");
    }
}

#[test]
fn odd_yuv420p_passes_through_and_its_luma_is_padded() {
    for (width, height) in SIZES.into_iter().chain(TWO_WIDE_OR_HIGH) {
        let format = PixelFormat::Yuv420p;
        let bytes = Picture::noise(width, height).bytes(format);
        let seen = yuv420p_planes(&view(format, &bytes, width, height), OddSize::Pad, (even(width), even(height)));
        let given = split_planes(format, &bytes, width, height);
        let at = |x: u32, y: u32| given[0][(y.min(height - 1) * width + x.min(width - 1)) as usize];
        let luma: Vec<u16> =
            (0..even(height)).flat_map(|y| (0..even(width)).map(move |x| (x, y))).map(|(x, y)| at(x, y)).collect();
        assert!(seen[0] == luma, "{width}x{height}: Y");
        assert!(seen[1..] == given[1..], "{width}x{height}: chroma");
    }
}

#[test]
fn an_odd_size_needs_no_padding_without_chroma_subsampling() {
    for (width, height) in SIZES {
        let picture = Picture::noise(width, height);
        let frame = view(PixelFormat::Rgb24, &picture.rgb, width, height);
        let seen = decoded_frame(&frame, "rgb24", picture.rgb.len(), |movie| {
            movie.codec(Codec::H264Rgb(H264::lossless())).odd_size(OddSize::Error)
        });
        assert!(seen == picture.rgb, "{width}x{height}");
    }
}

#[test]
fn odd_sizes_are_refused_with_the_size_and_a_hint() {
    let create = |width, height, odd_size| {
        let output = Output::memory(&Memory::new(), Container::Mp4);
        let movie = VideoWriter::builder(output, width, height, FrameRate::new(25, 1)).odd_size(odd_size);
        movie.create().expect_err("refused").to_string()
    };
    assert_eq!(
        create(641, 480, OddSize::Error),
        "641x480 is odd, and yuv420p needs even sizes: choose odd pad or odd crop, or pixel-format yuv444p"
    );
    assert_eq!(
        create(1, 481, OddSize::Crop),
        "1x481 is one pixel wide or high, and cropping it to an even size leaves nothing: choose odd pad"
    );
    assert_eq!(
        create(0, 480, OddSize::Pad),
        "frame size 0x480 is out of range: each side must be 1 to 16384 pixels"
    );
}

const WITH_ALPHA: [PixelFormat; 5] =
    [PixelFormat::Rgba, PixelFormat::Bgra, PixelFormat::Argb, PixelFormat::Abgr, PixelFormat::Rgba64Le];

/// Returns the picture's bytes with an alpha that grows from 0 to 255, and the expected pixels over `background`.
fn transparent(picture: &Picture, format: PixelFormat, background: Rgb) -> (Vec<u8>, Vec<u8>) {
    let alpha = |index: usize| (index % 256) as u8;
    let pixel_bytes = if format == PixelFormat::Rgba64Le { 8 } else { 4 };
    let mut bytes = picture.bytes(format);
    for (index, pixel) in bytes.chunks_exact_mut(pixel_bytes).enumerate() {
        let place = if matches!(format, PixelFormat::Argb | PixelFormat::Abgr) { 0..1 } else { 3..4 };
        // Multiplying by 257 converts 8 bits to 16 bits.
        pixel[if pixel_bytes == 8 { 6..8 } else { place }].fill(alpha(index));
    }
    let under = [background.red, background.green, background.blue];
    let seen = picture.rgb.iter().enumerate().map(|(index, sample)| {
        let part = f64::from(alpha(index / 3)) / 255.0;
        (f64::from(*sample) * part + f64::from(under[index % 3]) * (1.0 - part)).round() as u8
    });
    (bytes, seen.collect())
}

#[test]
fn transparent_pixels_are_blended_with_the_background() {
    let picture = Picture::noise(48, 32);
    for background in [Rgb::WHITE, Rgb::new(0, 0, 0), Rgb::new(200, 30, 90)] {
        for format in WITH_ALPHA {
            let (bytes, expected) = transparent(&picture, format, background);
            let frame = view(format, &bytes, 48, 32);
            let seen = decoded_frame(&frame, "rgb24", expected.len(), |movie| {
                // Frames of more bits are encoded in 8 bits too.
                let movie = movie.codec(Ffv1::default()).pixel_format(PixelFormat::Bgr0);
                if background == Rgb::WHITE { movie } else { movie.background(background) }
            });
            // swscale converts 16 bits to 8 through YUV.
            let allowed = if format == PixelFormat::Rgba64Le { 1 } else { 0 };
            let furthest = seen.iter().zip(&expected).map(|(seen, exact)| seen.abs_diff(*exact)).max();
            assert!(furthest <= Some(allowed), "{format} over {background:?}: {furthest:?} levels");
        }
    }
}

#[test]
fn opaque_alpha_and_an_unused_byte_make_the_same_movie() {
    let picture = Picture::noise(48, 32);
    let movie = |format: PixelFormat| {
        let bytes = picture.bytes(format);
        movie_bytes(Container::Mp4, &[view(format, &bytes, 48, 32)], |movie| movie).expect("a movie")
    };
    let expected = movie(PixelFormat::Rgb0);
    for format in &WITH_ALPHA[..4] {
        assert!(movie(*format) == expected, "{format}");
    }
    assert!(movie(PixelFormat::Rgba64Le) == movie(PixelFormat::Rgb48Le), "rgba64le");
}

#[test]
fn bad_views_are_refused_one_by_one() {
    let data = [0; 100];
    let plane = |bytes: usize, stride| Plane { data: &data[..bytes], stride };
    let planar = |planes: &[Plane<'_>]| FrameView::planar(PixelFormat::Yuv420p, planes, 6, 6).map(|_| ());
    let packed =
        |width, height, stride| FrameView::packed(PixelFormat::Bgra, &data, width, height, stride).map(|_| ());
    for (result, message) in [
        (packed(0, 5, 20), "a frame of 0x5 pixels is not valid: each side must be 1 to 65535 pixels"),
        (packed(5, 0, 20), "a frame of 5x0 pixels is not valid: each side must be 1 to 65535 pixels"),
        (packed(65_536, 1, 20), "a frame of 65536x1 pixels is not valid: each side must be 1 to 65535 pixels"),
        (packed(5, 5, 19), "the stride of 19 bytes in plane 0 is shorter than a row of 20 bytes"),
        (packed(5, 5, -19), "the stride of -19 bytes in plane 0 is shorter than a row of 20 bytes"),
        (packed(5, 5, 0), "the stride of 0 bytes in plane 0 is shorter than a row of 20 bytes"),
        (packed(5, 5, isize::MIN), "plane 0 has 100 bytes, but the picture needs 18446744073709551615"),
        (packed(5, 6, 20), "plane 0 has 100 bytes, but the picture needs 120"),
        (packed(5, 6, -20), "plane 0 has 100 bytes, but the picture needs 120"),
        (planar(&[plane(36, 6), plane(9, 3), plane(8, -3)]), "plane 2 has 8 bytes, but the picture needs 9"),
        (
            planar(&[plane(36, 6), plane(9, 2), plane(9, 3)]),
            "the stride of 2 bytes in plane 1 is shorter than a row of 3 bytes",
        ),
        (planar(&[plane(36, 6)]), "yuv420p has 3 planes, but 1 were given"),
        (planar(&[plane(36, 6); 4]), "yuv420p has 3 planes, but 4 were given"),
        (
            FrameView::packed(PixelFormat::Nv12, &data, 4, 4, 4).map(|_| ()),
            "nv12 is not a packed format: pass its planes",
        ),
        (FrameView::yuv420p(&data[..44], 6, 6).map(|_| ()), "plane 1 has 8 bytes, but the picture needs 9"),
    ] {
        assert_eq!(result.expect_err(message).to_string(), message);
    }
}

#[test]
fn a_frame_of_another_size_is_refused_and_the_movie_continues() {
    let memory = Memory::new();
    let output = Output::memory(&memory, Container::Mp4);
    let mut video = VideoWriter::builder(output, 6, 4, FrameRate::new(25, 1)).create().expect("open");
    let data = [128; 6 * 5];
    for (width, height, index) in [(6, 4, 0), (6, 5, 1), (4, 6, 1), (6, 4, 1), (1, 1, 2)] {
        let result = video.write(&FrameView::gray(&data, width, height).expect("whole"));
        if (width, height) == (6, 4) {
            result.expect("the movie's size");
            continue;
        }
        let error = result.expect_err("another size");
        let message = format!("frame {index} has {width}x{height} pixels, but the movie was opened for 6x4");
        assert_eq!(error.to_string(), message);
        assert!(matches!(error, Error::Frame(_)) && error.leaves_movie_usable());
    }
    assert_eq!(video.finish().expect("the movie continues").frames, 2);
    let file = movie_file(Container::Mp4, &memory.take());
    assert_eq!(probe(file.as_ref()).times(), [0.0, 0.04]);
}
