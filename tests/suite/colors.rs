//! Tests how close the samples are to the standards' formulas.

use framemill::{ChromaLocation, Codec, ColorRange, Ffv1, FrameView, H264, Mjpeg, Mpeg4, PixelFormat};

use crate::color_formulas::{
    BT601, BT709, Matrix, Picture, from_samples, furthest, split_planes, to_samples, view,
};
use crate::samples::{decoded_frame, decoded_frames};

const PATCH: u32 = 16;
const PATCHES_ACROSS: u32 = 8;

/// Makes 48 flat patches: all colors of 0, 128 and 255, and 21 grays from black to white.
fn patches() -> Picture {
    let steps = [0, 128, 255];
    let mut colors: Vec<[u8; 3]> =
        steps.into_iter().flat_map(|r| steps.map(|g| steps.map(|b| [r, g, b]))).flatten().collect();
    colors.extend((0..21_u32).map(|step| [(step * 255 / 20) as u8; 3]));
    let rows = colors.len() as u32 / PATCHES_ACROSS;
    Picture::new(PATCHES_ACROSS * PATCH, rows * PATCH, |x, y| {
        colors[(y / PATCH * PATCHES_ACROSS + x / PATCH) as usize]
    })
}

/// Returns the samples of a plane that lie well inside the patches.
fn centers<T: Copy>(samples: &[T], shift: (u32, u32)) -> Vec<T> {
    let (patch_width, patch_height) = ((PATCH >> shift.0) as usize, (PATCH >> shift.1) as usize);
    let inside = |at: usize, patch: usize| (2..patch - 2).contains(&(at % patch));
    let width = patch_width * PATCHES_ACROSS as usize;
    let at = |index: usize| inside(index % width, patch_width) && inside(index / width, patch_height);
    samples.iter().enumerate().filter(|(index, _)| at(*index)).map(|(_, sample)| *sample).collect()
}

/// Returns the largest difference of each plane from the exact samples, at the centers of the patches.
fn furthest_in_patches(
    codec: impl Into<Codec>,
    format: PixelFormat,
    matrix: Matrix,
    range: ColorRange,
) -> [f64; 3] {
    let picture = patches();
    let (width, height) = (picture.width, picture.height);
    // FFmpeg has its own names for full-range YUV. The bytes are the same.
    let name = if range == ColorRange::Full { "yuvj420p" } else { format.name() };
    let frame = view(PixelFormat::Rgb24, &picture.rgb, width, height);
    let bytes = decoded_frame(&frame, name, format.frame_bytes(width, height), |movie| {
        movie.codec(codec).pixel_format(format)
    });
    let shift = |plane: usize| if plane == 0 { (0, 0) } else { format.chroma_shift() };
    let seen = split_planes(format, &bytes, width, height);
    let seen: Vec<_> = seen.iter().enumerate().map(|(plane, samples)| centers(samples, shift(plane))).collect();
    let exact = picture.planes(format, matrix, range);
    let exact: Vec<_> = exact.iter().enumerate().map(|(plane, samples)| centers(samples, shift(plane))).collect();
    furthest(&seen, &exact)
}

#[track_caller]
fn assert_within(seen: [f64; 3], limits: [f64; 3], what: &str) {
    let within = seen.iter().zip(limits).all(|(seen, limit)| *seen <= limit);
    assert!(
        within,
        "{what}: Y, Cb and Cr differ by up to {seen:.2?} from the formula, but at most {limits:?} is allowed"
    );
}

#[test]
fn patches_are_bt709_within_one_level() {
    // At its finest quantizer, x264 still rounds a little.
    for (codec, limit) in [(H264::lossless(), 1.0), (H264::qp(1), 1.5)] {
        for format in [PixelFormat::Yuv420p, PixelFormat::Yuv422p, PixelFormat::Yuv444p] {
            let seen = furthest_in_patches(codec.clone(), format, BT709, ColorRange::Limited);
            assert_within(seen, [limit; 3], &format!("{format}, {:?}", codec.rate_control));
        }
    }
}

#[test]
fn patches_in_ten_bits_are_bt709_within_one_level_of_ten_bits() {
    for format in [PixelFormat::Yuv420p10Le, PixelFormat::Yuv422p10Le, PixelFormat::Yuv444p10Le] {
        let seen = furthest_in_patches(H264::lossless(), format, BT709, ColorRange::Limited);
        assert_within(seen, [1.0; 3], format.name());
    }
}

#[test]
fn mpeg4_is_bt601() {
    let seen = furthest_in_patches(Mpeg4::qp(1), PixelFormat::Yuv420p, BT601, ColorRange::Limited);
    assert_within(seen, [2.0; 3], "mpeg4");
}

#[test]
fn mjpeg_is_bt601_in_full_range() {
    let seen = furthest_in_patches(Mjpeg::qp(1), PixelFormat::Yuv420p, BT601, ColorRange::Full);
    assert_within(seen, [2.0; 3], "mjpeg");
}

#[test]
fn noise_is_bt709_and_its_chroma_is_the_mean() {
    let picture = Picture::noise(128, 96);
    let frame = view(PixelFormat::Rgb24, &picture.rgb, 128, 96);
    for format in [PixelFormat::Yuv420p, PixelFormat::Yuv422p, PixelFormat::Yuv444p] {
        let bytes = decoded_frame(&frame, format.name(), format.frame_bytes(128, 96), |movie| {
            movie.codec(H264::lossless()).pixel_format(format)
        });
        let seen = split_planes(format, &bytes, 128, 96);
        let seen = furthest(&seen, &picture.planes(format, BT709, ColorRange::Limited));
        assert_within(seen, [1.0; 3], format.name());
    }
}

#[test]
fn yuv_changes_its_range() {
    let picture = Picture::smooth(96, 64);
    let formats = [
        (PixelFormat::Yuv420p, PixelFormat::Yuv420p),
        (PixelFormat::Yuv422p, PixelFormat::Yuv422p),
        (PixelFormat::Yuv444p, PixelFormat::Yuv444p),
        (PixelFormat::Nv12, PixelFormat::Yuv420p),
        (PixelFormat::Yuv444p10Le, PixelFormat::Yuv444p10Le),
        (PixelFormat::Yuv420p, PixelFormat::Yuv420p10Le),
        (PixelFormat::Yuv422p10Le, PixelFormat::Yuv422p),
    ];
    for ((input, encoded), (from, to)) in formats.into_iter().flat_map(|pair| {
        [(ColorRange::Full, ColorRange::Limited), (ColorRange::Limited, ColorRange::Full)]
            .map(|ranges| (pair, ranges))
    }) {
        let bytes = picture.yuv_bytes(input, from);
        let frame = view(input, &bytes, 96, 64).with_range(from);
        let bytes = decoded_frame(&frame, encoded.name(), encoded.frame_bytes(96, 64), |movie| {
            movie.codec(Ffv1::default()).pixel_format(encoded).color_range(to)
        });
        let exact = picture.planes(encoded, BT709, to);
        let seen = furthest(&split_planes(encoded, &bytes, 96, 64), &exact);
        // Half a level of the output, and half a level of the input.
        let input_level = f64::from(1 << encoded.bits().saturating_sub(input.bits()));
        assert_within(seen, [0.51 + 0.59 * input_level; 3], &format!("{input} as {encoded} in {to:?}"));
    }
}

#[test]
fn sixteen_bits_become_the_same_as_eight_in_every_format() {
    let picture = Picture::noise(64, 48).in_gray();
    for (wide, narrow) in [(PixelFormat::Gray16Le, PixelFormat::Gray8), (PixelFormat::Rgb48Le, PixelFormat::Rgb24)]
    {
        let (wide_bytes, narrow_bytes) = (picture.bytes(wide), picture.bytes(narrow));
        let frames = [view(wide, &wide_bytes, 64, 48), view(narrow, &narrow_bytes, 64, 48)];
        for format in [PixelFormat::Gray8, PixelFormat::Yuv422p, PixelFormat::Yuv420p] {
            let decoded = decoded_frames(&frames, format.name(), format.frame_bytes(64, 48), |movie| {
                movie.codec(Ffv1::default()).pixel_format(format)
            });
            assert!(decoded[0] == decoded[1], "{wide} as {format}");
        }
    }
}

#[test]
fn yuv_is_exact_from_every_rgb_and_gray() {
    let inputs: Vec<_> = PixelFormat::ALL.into_iter().filter(|format| !format.is_yuv()).collect();
    // Each of the sizes ends rows and columns in another way.
    for (width, height) in [(128, 96), (61, 35), (1, 1), (2, 3)] {
        let color = Picture::noise(width, height);
        let pictures = inputs.iter().map(|input| if input.is_gray() { color.in_gray() } else { color.clone() });
        let pictures: Vec<_> = pictures.collect();
        let bytes: Vec<_> = inputs.iter().zip(&pictures).map(|(input, picture)| picture.bytes(*input)).collect();
        let frames: Vec<_> =
            inputs.iter().zip(&bytes).map(|(input, bytes)| view(*input, bytes, width, height)).collect();
        for format in
            [PixelFormat::Yuv422p, PixelFormat::Yuv420p10Le, PixelFormat::Yuv422p10Le, PixelFormat::Yuv444p10Le]
        {
            let (across, down) = format.chroma_shift();
            let (wide, high) = (width.next_multiple_of(1 << across), height.next_multiple_of(1 << down));
            for range in [ColorRange::Limited, ColorRange::Full] {
                let decoded = decoded_frames(&frames, format.name(), format.frame_bytes(wide, high), |movie| {
                    movie.codec(Ffv1::default()).pixel_format(format).color_range(range)
                });
                for ((input, picture), bytes) in inputs.iter().zip(&pictures).zip(&decoded) {
                    // Pure blue and red are half a level above the maximum of full-range chroma.
                    let mut exact = picture.resized(wide, high).planes(format, BT709, range);
                    let most = f64::from((1 << format.bits()) - 1);
                    exact.iter_mut().flatten().for_each(|sample| *sample = sample.min(most));
                    let seen = furthest(&split_planes(format, bytes, wide, high), &exact);
                    assert_within(
                        seen,
                        [0.501; 3],
                        &format!("{input} of {width}x{height} as {format} in {range:?}"),
                    );
                }
            }
        }
    }
}

#[test]
fn white_stays_white_if_it_is_scaled_to_ten_bits() {
    for input in PixelFormat::ALL {
        let bytes = Picture::new(40, 30, |_, _| [255; 3]).bytes(input);
        let format = PixelFormat::Yuv420p10Le;
        for (range, white) in [(ColorRange::Limited, 940), (ColorRange::Full, 1023)] {
            let frame = view(input, &bytes, 40, 30);
            let bytes = decoded_frame(&frame, format.name(), format.frame_bytes(64, 48), |movie| {
                movie.codec(Ffv1::default()).pixel_format(format).color_range(range).scale(64, 48)
            });
            let planes = split_planes(format, &bytes, 64, 48);
            let seen = planes.iter().map(|plane| plane.iter().min().zip(plane.iter().max()));
            let seen: Vec<_> = seen.collect();
            assert_eq!(seen, [(&white, &white), (&512, &512), (&512, &512)].map(Some), "{input} in {range:?}");
        }
    }
}

#[test]
fn white_and_black_are_exact_from_every_input() {
    let picture = Picture::new(32, 32, |x, _| if x < 16 { [255; 3] } else { [0; 3] });
    let bytes = PixelFormat::ALL.map(|input| picture.bytes(input));
    let inputs: Vec<FrameView<'_>> =
        PixelFormat::ALL.iter().zip(&bytes).map(|(input, bytes)| view(*input, bytes, 32, 32)).collect();
    for (format, levels) in [(PixelFormat::Yuv420p, [235, 16, 128]), (PixelFormat::Yuv420p10Le, [940, 64, 512])] {
        let frames = decoded_frames(&inputs, format.name(), format.frame_bytes(32, 32), |movie| {
            movie.codec(H264::lossless()).pixel_format(format)
        });
        for (input, frame) in PixelFormat::ALL.into_iter().zip(&frames) {
            let [white, black, chroma] = levels;
            for (plane, samples) in split_planes(format, frame, 32, 32).iter().enumerate() {
                for (index, sample) in samples.iter().enumerate() {
                    let luma = if index % 32 < 16 { white } else { black };
                    let exact = if plane == 0 { luma } else { chroma };
                    assert_eq!(*sample, exact, "{input} as {format}");
                }
            }
        }
    }
}

#[test]
fn gray_is_exact_from_every_rgb() {
    let picture = Picture::noise(61, 35);
    let inputs: Vec<_> = PixelFormat::ALL.into_iter().filter(|format| format.is_rgb()).collect();
    let bytes: Vec<_> = inputs.iter().map(|input| picture.bytes(*input)).collect();
    let frames: Vec<_> = inputs.iter().zip(&bytes).map(|(input, bytes)| view(*input, bytes, 61, 35)).collect();
    for format in [PixelFormat::Gray8, PixelFormat::Gray16Le] {
        // The luma of full range with these bits is gray.
        let luma = &picture.planes(PixelFormat::Yuv444p, BT709, ColorRange::Full)[0];
        let exact: Vec<_> = luma.iter().map(|luma| luma / 255.0 * f64::from((1 << format.bits()) - 1)).collect();
        let decoded = decoded_frames(&frames, format.name(), format.frame_bytes(61, 35), |movie| {
            movie.codec(Ffv1::default()).pixel_format(format)
        });
        for (input, bytes) in inputs.iter().zip(&decoded) {
            let [seen, ..] = split_planes(format, bytes, 61, 35).try_into().unwrap_or_else(|_| [vec![]]);
            let furthest = seen.iter().zip(&exact).map(|(seen, exact)| (f64::from(*seen) - exact).abs());
            let furthest = furthest.fold(0.0, f64::max);
            assert!(furthest <= 0.51, "{input} as {format}: {furthest} from the formula");
        }
    }
}

/// Doubles one side of a picture that is the same along this side, which changes no color.
#[test]
fn scaled_ten_bits_have_their_chroma_at_each_location() {
    let columns = Picture::noise(64, 1);
    let rows = Picture::noise(1, 64);
    let wide = Picture::new(64, 32, |x, _| columns.pixel(x, 0));
    let high = Picture::new(32, 64, |_, y| rows.pixel(0, y));
    for location in [ChromaLocation::Center, ChromaLocation::Left, ChromaLocation::TopLeft] {
        for (picture, size) in [(&wide, (64, 64)), (&high, (64, 64))] {
            let format = PixelFormat::Yuv420p10Le;
            let frame = view(PixelFormat::Rgb24, &picture.rgb, picture.width, picture.height);
            let bytes = decoded_frame(&frame, format.name(), format.frame_bytes(size.0, size.1), |movie| {
                let movie = movie.codec(Ffv1::default()).pixel_format(format).chroma_location(location);
                movie.scale(size.0, size.1)
            });
            let scaled =
                Picture::new(64, 64, |x, y| picture.pixel(x.min(picture.width - 1), y.min(picture.height - 1)));
            let exact = scaled.planes_at(location, format, BT709, ColorRange::Limited);
            let seen = furthest(&split_planes(format, &bytes, 64, 64), &exact);
            assert_within(seen, [0.55; 3], &format!("{}x{} at {location:?}", picture.width, picture.height));
        }
    }
}

/// Returns the exact samples of a color.
fn exact_samples(format: PixelFormat, range: ColorRange, color: [f64; 3]) -> [f64; 3] {
    let most = f64::from(u32::MAX >> (32 - format.bits()));
    match format {
        format if format.is_yuv() => to_samples(format, range, color),
        format if format.is_gray() => [color[0].clamp(0.0, 1.0) * most; 3],
        _ => BT709.invert(color).map(|sample| sample * most),
    }
}

/// Returns the samples of each plane of YUV or gray, or of each channel of RGB.
fn channels(format: PixelFormat, bytes: &[u8]) -> Vec<Vec<u16>> {
    let planes = split_planes(format, bytes, 32, 32);
    if !format.is_rgb() {
        return planes;
    }
    (0..3).map(|channel| planes[0].iter().skip(channel).step_by(3).copied().collect()).collect()
}

/// A flat picture in a YUV format, and the color that its samples have after rounding.
struct Flat {
    format: PixelFormat,
    range: ColorRange,
    bytes: Vec<u8>,
    color: [f64; 3],
}

impl Flat {
    fn new(format: PixelFormat, range: ColorRange, rgb: [u8; 3]) -> Self {
        let samples = to_samples(format, range, BT709.convert(rgb)).map(|sample| sample.round() as u16);
        let bytes = Picture::new(32, 32, |_, _| rgb).yuv_bytes(format, range);
        Self { format, range, bytes, color: from_samples(format, range, samples) }
    }

    /// Makes a picture of these samples, which are given in 8 bits. They may be outside of all RGB colors.
    fn of_samples(format: PixelFormat, range: ColorRange, samples: [u16; 3]) -> Self {
        let samples = samples.map(|sample| sample << (format.bits() - 8));
        let opaque = (1 << format.bits()) - 1;
        let mut bytes = Vec::new();
        for plane in 0..format.plane_count() {
            let row: &[u16] = match (plane, format) {
                (1, PixelFormat::Nv12) => &samples[1..],
                (ALPHA_PLANE, _) => &[opaque],
                _ => &samples[plane..=plane],
            };
            let layout = format.plane_layout(plane, 32, 32);
            let sample_bytes = format.bits().div_ceil(8) as usize;
            let row = row.iter().cycle().take(layout.row_bytes / sample_bytes * layout.rows);
            row.for_each(|sample| bytes.extend(&sample.to_le_bytes()[..sample_bytes]));
        }
        Self { format, range, bytes, color: from_samples(format, range, samples) }
    }
}

/// The plane of the alpha of YUV.
const ALPHA_PLANE: usize = 3;
/// Samples in 8 bits whose blue or red is far above the maximum.
const BRIGHT: [[u16; 3]; 4] = [[235, 250, 128], [255, 255, 128], [255, 128, 255], [245, 0, 0]];

/// Converts flat YUV colors of every format to every format, and compares all samples with the formulas.
#[test]
fn levels_of_yuv_are_exact_in_every_format() {
    let noise = Picture::noise(6, 4);
    let colors = noise.rgb.chunks_exact(3).map(|rgb| [rgb[0], rgb[1], rgb[2]]);
    let colors: Vec<_> = colors.chain([[255; 3], [0; 3], [128; 3], [1; 3]]).collect();
    let ranges = [ColorRange::Limited, ColorRange::Full];
    let inputs = PixelFormat::ALL.into_iter().filter(|format| format.is_yuv());
    let inputs = inputs.flat_map(|format| ranges.map(|range| (format, range)));
    let flats = inputs.flat_map(|(format, range)| {
        let bright = BRIGHT.map(|samples| Flat::of_samples(format, range, samples));
        colors.iter().map(move |rgb| Flat::new(format, range, *rgb)).chain(bright)
    });
    let flats: Vec<_> = flats.collect();
    let frames = flats.iter().map(|flat| view(flat.format, &flat.bytes, 32, 32).with_range(flat.range));
    let frames: Vec<_> = frames.collect();
    let codec = Codec::from(Ffv1::default());
    let formats = codec.pixel_formats().iter().filter(|format| !format.has_alpha());
    for (format, range) in formats.flat_map(|format| ranges.map(|range| (*format, range))) {
        if range == ColorRange::Limited && !format.is_yuv() {
            continue;
        }
        let seen_format = if format == PixelFormat::Bgr0 { PixelFormat::Rgb24 } else { format };
        let decoded = decoded_frames(&frames, seen_format.name(), seen_format.frame_bytes(32, 32), |movie| {
            let movie = movie.codec(codec.clone()).pixel_format(format);
            if format.is_yuv() { movie.color_range(range) } else { movie }
        });
        for (flat, bytes) in flats.iter().zip(&decoded) {
            // Fewer bits are dithered.
            let limit = if format.is_yuv() && format.bits() < flat.format.bits() { 1.0 } else { 0.52 };
            let exact = exact_samples(seen_format, range, flat.color);
            for (plane, (samples, exact)) in channels(seen_format, bytes).iter().zip(exact).enumerate() {
                let furthest = samples.iter().map(|sample| (f64::from(*sample) - exact).abs());
                let furthest = furthest.fold(0.0, f64::max);
                assert!(
                    furthest <= limit,
                    "{} in {:?} as {format} in {range:?}: plane {plane} of {:?} is {furthest} off",
                    flat.format,
                    flat.range,
                    flat.color
                );
            }
        }
    }
}

/// Returns the bytes of a YUV picture whose odd last column and row are repeated. Its chroma planes stay the same.
fn padded(format: PixelFormat, bytes: &[u8], (width, height): (u32, u32)) -> Vec<u8> {
    let (wide, high) = (width.next_multiple_of(2), height.next_multiple_of(2));
    let mut padded = Vec::new();
    for (plane, samples) in split_planes(format, bytes, width, height).iter().enumerate() {
        let (odd, even) = (format.plane_layout(plane, width, height), format.plane_layout(plane, wide, high));
        let row_samples = samples.len() / odd.rows;
        let repeats = row_samples * even.row_bytes / odd.row_bytes - row_samples;
        for row in (0..even.rows).map(|row| &samples[row.min(odd.rows - 1) * row_samples..][..row_samples]) {
            padded.extend(row.iter().chain(std::iter::repeat_n(&row[row_samples - 1], repeats)).copied());
        }
    }
    if format.bits() == 8 {
        padded.into_iter().map(|sample| sample as u8).collect()
    } else {
        padded.into_iter().flat_map(u16::to_le_bytes).collect()
    }
}

/// The chroma of an odd size covers one more column and row, and is never stretched.
#[test]
fn an_odd_size_is_converted_like_the_even_size_that_its_chroma_covers() {
    let inputs = [
        PixelFormat::Yuv420p,
        PixelFormat::Yuv422p,
        PixelFormat::Yuv420p10Le,
        PixelFormat::Yuv422p10Le,
        PixelFormat::Nv12,
        PixelFormat::Yuva420p,
    ];
    for ((width, height), location) in [
        ((65, 17), ChromaLocation::Center),
        ((65, 17), ChromaLocation::Left),
        ((64, 17), ChromaLocation::TopLeft),
        ((65, 16), ChromaLocation::Left),
    ] {
        let picture = Picture::noise(width, height);
        let odd = inputs.iter().map(|input| picture.yuv_bytes(*input, ColorRange::Limited));
        let mut odd: Vec<_> = odd.collect();
        // Half transparent, so that it becomes RGB first.
        let opaque_bytes = PixelFormat::Yuv420p.frame_bytes(width, height);
        odd[5][opaque_bytes..].fill(128);
        let even: Vec<_> =
            inputs.iter().zip(&odd).map(|(input, bytes)| padded(*input, bytes, (width, height))).collect();
        let (wide, high) = (width.next_multiple_of(2), height.next_multiple_of(2));
        for format in [
            PixelFormat::Yuv444p,
            PixelFormat::Yuv444p10Le,
            PixelFormat::Yuv422p10Le,
            PixelFormat::Yuv420p,
            PixelFormat::Rgb48Le,
            PixelFormat::Bgr0,
        ] {
            let seen_format = if format == PixelFormat::Bgr0 { PixelFormat::Rgb24 } else { format };
            let convert = |bytes: &[Vec<u8>], width: u32, height: u32| {
                let frames = inputs
                    .iter()
                    .zip(bytes)
                    .map(|(input, bytes)| view(*input, bytes, width, height).with_chroma_location(location));
                let frames: Vec<_> = frames.collect();
                let (across, down) = format.chroma_shift();
                let coded = (width.next_multiple_of(1 << across), height.next_multiple_of(1 << down));
                let bytes = seen_format.frame_bytes(coded.0, coded.1);
                let decoded = decoded_frames(&frames, seen_format.name(), bytes, |movie| {
                    movie.codec(Ffv1::default()).pixel_format(format).chroma_location(location)
                });
                (decoded, coded)
            };
            let (seen, coded) = convert(&odd, width, height);
            let (expected, _) = convert(&even, wide, high);
            for ((input, seen), expected) in inputs.iter().zip(&seen).zip(&expected) {
                if input.has_alpha() && format.chroma_shift() != (0, 0) {
                    // Chroma is then made from RGB, of the column that is not shown, too.
                    continue;
                }
                let seen = split_planes(seen_format, seen, coded.0, coded.1);
                let expected = split_planes(seen_format, expected, wide, high);
                for plane in 0..seen_format.plane_count() {
                    let row_samples = |(picture_width, picture_height): (u32, u32), planes: &[Vec<u16>]| {
                        planes[plane].len() / seen_format.plane_layout(plane, picture_width, picture_height).rows
                    };
                    let (seen_samples, expected_samples) =
                        (row_samples(coded, &seen), row_samples((wide, high), &expected));
                    // The last column and row of a padded picture are not shown.
                    let shown_rows = if plane == 0 { height as usize } else { usize::MAX };
                    let shown =
                        if plane == 0 { width as usize * seen_samples / coded.0 as usize } else { seen_samples };
                    for (row, seen) in seen[plane].chunks_exact(seen_samples).take(shown_rows).enumerate() {
                        let expected = &expected[plane][row * expected_samples..];
                        assert_eq!(
                            seen[..shown],
                            expected[..shown],
                            "{input} of {width}x{height} at {location:?} as {format}: plane {plane}, row {row}"
                        );
                    }
                }
            }
        }
    }
}

/// Returns after how many samples one value becomes another, in rows that are the same.
fn edge(samples: &[u16], row_samples: usize) -> f64 {
    let mut row = vec![0.0; row_samples];
    for samples in samples.chunks_exact(row_samples) {
        row.iter_mut().zip(samples).for_each(|(sum, sample)| *sum += f64::from(*sample));
    }
    let (first, last) = (row[0], row[row_samples - 1]);
    row.iter().map(|sample| (sample - last) / (first - last)).sum()
}

/// The chroma of an odd size covers more than the picture, and must not be scaled as if it did not.
#[test]
fn chroma_stays_in_place_if_an_odd_size_is_scaled() {
    let red_and_blue =
        |width: u32, at: u32| Picture::new(width, 33, |x, _| [[230, 90, 60], [20, 40, 180]][usize::from(x >= at)]);
    let yuv = PixelFormat::Yuv420p;
    for (input, size, at, scaled) in [
        (yuv, 161, 154, 640),
        (PixelFormat::Yuv422p, 161, 154, 640),
        (PixelFormat::Yuv420p10Le, 161, 154, 640),
        (PixelFormat::Nv12, 161, 154, 640),
        (yuv, 640, 600, 161),
        (PixelFormat::Rgb24, 640, 600, 161),
        (PixelFormat::Rgb48Le, 640, 600, 161),
        (PixelFormat::Rgb24, 64, 60, 641),
    ] {
        let picture = red_and_blue(size, at);
        let bytes =
            if input.is_yuv() { picture.yuv_bytes(input, ColorRange::Limited) } else { picture.bytes(input) };
        let frame = view(input, &bytes, size, 33);
        for format in [
            yuv,
            PixelFormat::Yuv422p,
            PixelFormat::Yuv444p,
            PixelFormat::Yuv420p10Le,
            PixelFormat::Yuv444p10Le,
            PixelFormat::Rgb48Le,
        ] {
            if input.is_yuv() && format.bits() < input.bits() {
                // Dithering is larger than what this test measures.
                continue;
            }
            let (across, down) = format.chroma_shift();
            let coded = (u32::next_multiple_of(scaled, 1 << across), u32::next_multiple_of(65, 1 << down));
            let decoded = decoded_frame(&frame, format.name(), format.frame_bytes(coded.0, coded.1), |movie| {
                movie.codec(Ffv1::default()).pixel_format(format).scale(scaled, 65)
            });
            let expected = f64::from(at) * f64::from(scaled) / f64::from(size);
            for (plane, samples) in split_planes(format, &decoded, coded.0, coded.1).iter().enumerate() {
                let step = if format.is_rgb() { 3 } else { 1 };
                let samples: Vec<u16> = samples.iter().step_by(step).copied().collect();
                let row_samples = samples.len() / format.plane_layout(plane, coded.0, coded.1).rows;
                let pixels_of_a_sample = f64::from(coded.0) / row_samples as f64;
                let seen = edge(&samples, row_samples) * pixels_of_a_sample;
                assert!(
                    (seen - expected).abs() < 0.3 * pixels_of_a_sample.max(f64::from(scaled) / f64::from(size)),
                    "{input} of {size} columns as {format} of {scaled}: plane {plane} has the edge at {seen}, not {expected}"
                );
            }
        }
    }
}
