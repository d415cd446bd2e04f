//! Tests that every input pixel format gives the same picture in every pixel format of the encoders.

use framemill::{Alpha, Codec, Container, Ffv1, H264, PixelFormat, Preset, VideoWriterBuilder};

use crate::color_formulas::{Picture, noise_bytes, split_planes, view};
use crate::reader::{decode, probe, psnr};
use crate::samples::{decoded_frame, decoded_frames, movie_bytes, movie_file};

const WIDTH: u32 = 96;
const HEIGHT: u32 = 64;
const RGB_BYTES: usize = (WIDTH * HEIGHT * 3) as usize;

/// All byte orders of 8-bit RGB.
const RGB_ORDERS: [PixelFormat; 10] = [
    PixelFormat::Rgb24,
    PixelFormat::Bgr24,
    PixelFormat::Rgba,
    PixelFormat::Bgra,
    PixelFormat::Argb,
    PixelFormat::Abgr,
    PixelFormat::Rgb0,
    PixelFormat::Bgr0,
    PixelFormat::Xrgb,
    PixelFormat::Xbgr,
];

fn fast_lossless() -> H264 {
    H264::lossless().preset(Preset::Ultrafast)
}

/// Writes `picture` once in each format of `inputs` to one movie, and returns the decoded frames in RGB.
fn round_trip(picture: &Picture, inputs: &[PixelFormat], codec: &Codec, encoded: PixelFormat) -> Vec<Vec<u8>> {
    let bytes: Vec<Vec<u8>> = inputs.iter().map(|input| picture.bytes(*input)).collect();
    let frames: Vec<_> =
        inputs.iter().zip(&bytes).map(|(input, bytes)| view(*input, bytes, WIDTH, HEIGHT)).collect();
    decoded_frames(&frames, "rgb24", RGB_BYTES, |movie| movie.codec(codec.clone()).pixel_format(encoded))
}

/// Returns the lowest allowed PSNR, in dB, after lossless encoding in `encoded`.
fn floor(input: PixelFormat, encoded: PixelFormat) -> f64 {
    let halved = input.chroma_shift() != (0, 0) || encoded.chroma_shift() != (0, 0);
    if halved { 45.0 } else { 48.0 }
}

fn check_every_input(codec: &Codec, encoded: PixelFormat) {
    let picture = Picture::smooth(WIDTH, HEIGHT);
    let frames = round_trip(&picture, &PixelFormat::ALL, codec, encoded);
    for (input, seen) in PixelFormat::ALL.into_iter().zip(frames) {
        let expected = if input.is_gray() { picture.in_gray() } else { picture.clone() };
        let (quality, floor) = (psnr(&seen, &expected.rgb), floor(input, encoded));
        assert!(quality >= floor, "{input} as {encoded}: {quality:.1} dB, but at least {floor} are expected");
    }
}

#[test]
fn every_input_is_the_same_picture_in_h264_yuv420p() {
    check_every_input(&fast_lossless().into(), PixelFormat::Yuv420p);
}

#[test]
fn every_input_is_the_same_picture_in_h264_yuv444p() {
    check_every_input(&fast_lossless().into(), PixelFormat::Yuv444p);
}

#[test]
fn every_input_is_the_same_picture_in_h264_yuv422p10() {
    check_every_input(&fast_lossless().into(), PixelFormat::Yuv422p10Le);
}

#[test]
fn every_input_is_the_same_picture_in_ffv1_rgb() {
    check_every_input(&Ffv1::default().into(), PixelFormat::Bgr0);
}

#[test]
fn every_input_of_an_odd_size_is_the_same_picture_padded() {
    let picture = Picture::smooth(97, 65);
    let padded = picture.resized(98, 66);
    let bytes = PixelFormat::ALL.map(|input| picture.bytes(input));
    let inputs: Vec<_> =
        PixelFormat::ALL.iter().zip(&bytes).map(|(input, bytes)| view(*input, bytes, 97, 65)).collect();
    let asked = |movie: VideoWriterBuilder| movie.codec(fast_lossless()).pixel_format(PixelFormat::Yuv420p);
    let frames = decoded_frames(&inputs, "rgb24", padded.rgb.len(), asked);
    for (input, seen) in PixelFormat::ALL.into_iter().zip(frames) {
        let expected = if input.is_gray() { padded.in_gray() } else { padded.clone() };
        let quality = psnr(&seen, &expected.rgb);
        assert!(quality >= 42.0, "{input}: {quality:.1} dB");
    }
}

#[test]
fn every_order_of_rgb_gives_equal_frames() {
    let picture = Picture::noise(WIDTH, HEIGHT);
    for encoded in [PixelFormat::Yuv420p, PixelFormat::Yuv444p] {
        let frames = round_trip(&picture, &RGB_ORDERS, &fast_lossless().into(), encoded);
        for (input, frame) in RGB_ORDERS.into_iter().zip(&frames) {
            assert!(*frame == frames[0], "{input} as {encoded}");
        }
    }
}

#[test]
fn eight_bits_become_sixteen_bits_exactly() {
    let gray: Vec<u8> = (0..WIDTH * HEIGHT).map(|place| place as u8).collect();
    let rgb = Picture::noise(WIDTH, HEIGHT).rgb;
    let bgra: Vec<u8> = rgb.chunks_exact(3).flat_map(|pixel| [pixel[2], pixel[1], pixel[0], 255]).collect();
    let wide = |samples: &[u8]| samples.iter().flat_map(|sample| [*sample; 2]).collect::<Vec<u8>>();
    let colors = gray.iter().flat_map(|sample| [*sample; 3]).collect::<Vec<u8>>();
    for (input, bytes, encoded, expected) in [
        (PixelFormat::Gray8, &gray, PixelFormat::Gray16Le, wide(&gray)),
        (PixelFormat::Gray8, &gray, PixelFormat::Rgb48Le, wide(&colors)),
        (PixelFormat::Rgb24, &rgb, PixelFormat::Rgb48Le, wide(&rgb)),
        (PixelFormat::Bgra, &bgra, PixelFormat::Rgb48Le, wide(&rgb)),
    ] {
        let frames = [view(input, bytes, WIDTH, HEIGHT)];
        let asked = |movie: VideoWriterBuilder| movie.codec(Ffv1::default()).pixel_format(encoded);
        let seen = decoded_frames(&frames, encoded.name(), expected.len(), asked);
        assert!(seen[0] == expected, "{input} as {encoded}");
    }
}

#[test]
fn rgb_is_kept_bit_for_bit_by_the_rgb_codecs() {
    let picture = Picture::noise(WIDTH, HEIGHT);
    let h264 = Codec::H264Rgb(fast_lossless());
    for (codec, encoded) in [
        (&h264, PixelFormat::Bgr0),
        (&h264, PixelFormat::Bgr24),
        (&h264, PixelFormat::Rgb24),
        (&Codec::Ffv1(Ffv1::default()), PixelFormat::Bgr0),
    ] {
        for (input, seen) in RGB_ORDERS.into_iter().zip(round_trip(&picture, &RGB_ORDERS, codec, encoded)) {
            assert!(seen == picture.rgb, "{input} in {} {encoded}", codec.name());
        }
    }
}

/// Encodes noise in `format`. Returns the noise and the decoded bytes in the same format.
fn pass_through(codec: &Codec, format: PixelFormat) -> (Vec<u8>, Vec<u8>) {
    let mut bytes = noise_bytes(format.frame_bytes(WIDTH, HEIGHT));
    if format.bits() == 10 {
        bytes.iter_mut().skip(1).step_by(2).for_each(|high| *high &= 3);
    }
    let frame = view(format, &bytes, WIDTH, HEIGHT);
    let seen = decoded_frame(&frame, format.name(), bytes.len(), |movie| {
        let alpha = if format.has_alpha() { Alpha::Keep } else { Alpha::Composite };
        movie.codec(codec.clone()).pixel_format(format).alpha(alpha)
    });
    (bytes, seen)
}

#[test]
fn frames_in_the_encoders_own_format_pass_through_bit_for_bit() {
    for codec in [Codec::H264(fast_lossless()), Codec::Ffv1(Ffv1::default())] {
        for format in codec.pixel_formats() {
            // The unused byte of a pixel is not kept.
            if *format != PixelFormat::Bgr0 {
                let (bytes, seen) = pass_through(&codec, *format);
                assert!(seen == bytes, "{format} in {}", codec.name());
            }
        }
    }
}

#[test]
fn nv12_is_yuv420p_bit_for_bit() {
    let bytes = noise_bytes(PixelFormat::Nv12.frame_bytes(WIDTH, HEIGHT));
    let frame = view(PixelFormat::Nv12, &bytes, WIDTH, HEIGHT);
    let seen = decoded_frame(&frame, "yuv420p", bytes.len(), |movie| movie.codec(fast_lossless()));
    let planes = split_planes(PixelFormat::Yuv420p, &seen, WIDTH, HEIGHT);
    let given = split_planes(PixelFormat::Nv12, &bytes, WIDTH, HEIGHT);
    let every_second = |from: usize| given[1].iter().skip(from).step_by(2).copied().collect::<Vec<u16>>();
    assert!(planes[0] == given[0], "Y");
    assert!(planes[1] == every_second(0), "Cb");
    assert!(planes[2] == every_second(1), "Cr");
}

#[test]
fn h264_is_encoded_in_each_of_its_pixel_formats() {
    let picture = Picture::smooth(WIDTH, HEIGHT);
    let frame = view(PixelFormat::Rgb24, &picture.rgb, WIDTH, HEIGHT);
    let codec = Codec::H264(H264::qp(4));
    let profiles =
        ["High", "High 4:2:2", "High 4:4:4 Predictive", "High 10", "High 4:2:2", "High 4:4:4 Predictive"];
    assert_eq!(codec.pixel_formats().len(), profiles.len());
    for (format, profile) in codec.pixel_formats().iter().zip(profiles) {
        let movie =
            movie_bytes(Container::Mp4, &[frame; 3], |movie| movie.codec(codec.clone()).pixel_format(*format));
        let file = movie_file(Container::Mp4, &movie.expect("a movie"));
        let seen = probe(file.as_ref());
        assert_eq!(seen.stream_text("pix_fmt"), format.name());
        assert_eq!(seen.stream_text("profile"), profile, "{format}");
        let frames = decode(file.as_ref(), "rgb24", RGB_BYTES);
        assert_eq!(frames.len(), 3, "{format}");
        let quality = psnr(&frames[2], &picture.rgb);
        assert!(quality >= 38.0, "{format}: {quality:.1} dB");
    }
}
