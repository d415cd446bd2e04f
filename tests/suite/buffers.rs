//! Tests that the memory layout of rows does not change the movie, and that framemill reads nothing outside the rows.

use framemill::{Container, Ffv1, FrameView, PixelFormat, Plane, PlaneLayout};

use crate::color_formulas::{Picture, noise_bytes, view};
use crate::guard::Guarded;
use crate::reader::decode;
use crate::samples::{movie_bytes, movie_file};

const SIZES: [(u32, u32); 5] = [(1, 1), (3, 3), (17, 9), (64, 48), (1920, 4)];

/// The encoded pixel formats. Each uses another conversion: none, subsampled chroma, full chroma, and 16 bits.
const ENCODED: [PixelFormat; 4] =
    [PixelFormat::Bgr0, PixelFormat::Yuv420p, PixelFormat::Yuv444p10Le, PixelFormat::Gray16Le];

/// Lays out the rows of a plane with `stride`, with noise between them.
fn lay_out(rows: &[u8], layout: PlaneLayout, stride: isize) -> Vec<u8> {
    let step = stride.unsigned_abs();
    let mut bytes = noise_bytes(step * (layout.rows - 1) + layout.row_bytes);
    for (row, pixels) in rows.chunks_exact(layout.row_bytes).enumerate() {
        let place = if stride < 0 { layout.rows - 1 - row } else { row };
        bytes[place * step..][..layout.row_bytes].copy_from_slice(pixels);
    }
    bytes
}

/// Splits a contiguous picture into its planes.
fn planes(format: PixelFormat, bytes: &[u8], (width, height): (u32, u32)) -> Vec<(&[u8], PlaneLayout)> {
    let mut rest = bytes;
    let plane = |index| {
        let layout = format.plane_layout(index, width, height);
        let (here, after) = rest.split_at(layout.row_bytes * layout.rows);
        rest = after;
        (here, layout)
    };
    (0..format.plane_count()).map(plane).collect()
}

/// Makes a movie of one frame, scaled if `scale` is set. FFV1 in MOV is lossless and always gives the same bytes.
fn movie(frame: &FrameView<'_>, encoded: PixelFormat, scale: Option<(u32, u32)>) -> Vec<u8> {
    let movie = movie_bytes(Container::Mov, &[*frame], |movie| {
        let movie = movie.codec(Ffv1::default()).pixel_format(encoded).threads(1);
        match scale {
            Some((width, height)) => movie.scale(width, height),
            None => movie,
        }
    });
    movie.expect("a movie")
}

/// Makes a movie of `picture`. Plane `index` has the stride `stride(index, row_bytes)` and lies in memory from `hold`.
fn movie_of_rows<M>(
    picture: &[u8],
    (format, size): (PixelFormat, (u32, u32)),
    (encoded, scale): (PixelFormat, Option<(u32, u32)>),
    stride: impl Fn(usize, usize) -> isize,
    hold: impl Fn(&[u8]) -> M,
    bytes: impl Fn(&M) -> &[u8],
) -> Vec<u8> {
    let planes = planes(format, picture, size).into_iter().enumerate();
    let held: Vec<(M, isize)> = planes
        .map(|(index, (rows, layout))| {
            let stride = stride(index, layout.row_bytes);
            (hold(&lay_out(rows, layout, stride)), stride)
        })
        .collect();
    let planes: Vec<Plane<'_>> =
        held.iter().map(|(memory, stride)| Plane { data: bytes(memory), stride: *stride }).collect();
    let frame = FrameView::planar(format, &planes, size.0, size.1).expect("whole");
    movie(&frame, encoded, scale)
}

/// Positive, negative and mixed strides. All but the first leave gaps between rows.
const STRIDES: [fn(usize, usize) -> isize; 4] = [
    |_, row_bytes| -(row_bytes as isize),
    |_, row_bytes| row_bytes as isize + 13,
    |_, row_bytes| -(row_bytes as isize) - 13,
    |plane, row_bytes| if plane == 1 { -(row_bytes as isize) - 6 } else { row_bytes as isize + 1 },
];

#[test]
fn strides_and_padding_change_nothing() {
    for format in PixelFormat::ALL {
        for size in SIZES {
            let picture = Picture::noise(size.0, size.1).bytes(format);
            for encoded in ENCODED {
                let expected = movie(&view(format, &picture, size.0, size.1), encoded, None);
                for (number, stride) in STRIDES.into_iter().enumerate() {
                    let seen = movie_of_rows(
                        &picture,
                        (format, size),
                        (encoded, None),
                        stride,
                        <[u8]>::to_vec,
                        Vec::as_slice,
                    );
                    assert!(seen == expected, "{format} {size:?} as {encoded}, strides {number}");
                }
            }
        }
    }
}

#[test]
fn a_negative_stride_shows_the_picture_flipped() {
    let picture = Picture::noise(48, 32);
    let frame = FrameView::packed(PixelFormat::Rgb24, &picture.rgb, 48, 32, -48 * 3).expect("whole");
    let file = movie_file(Container::Mov, &movie(&frame, PixelFormat::Bgr0, None));
    let frames = decode(file.as_ref(), "rgb24", picture.rgb.len());
    assert!(frames == [picture.flipped().rgb]);
}

/// Checks every format in buffers that start or end at a forbidden page, with rows in both directions, with and without
/// gaps.
fn check_guarded(sizes: &[(u32, u32)], encoded: PixelFormat, scale: Option<(u32, u32)>) {
    for format in PixelFormat::ALL {
        for size in sizes {
            let picture = Picture::noise(size.0, size.1).bytes(format);
            let expected = movie(&view(format, &picture, size.0, size.1), encoded, scale);
            let tight: fn(usize, usize) -> isize = |_, row_bytes| row_bytes as isize;
            for stride in STRIDES.into_iter().chain([tight]) {
                for hold in [Guarded::at_the_end, Guarded::at_the_start] {
                    let seen =
                        movie_of_rows(&picture, (format, *size), (encoded, scale), stride, hold, Guarded::bytes);
                    assert!(seen == expected, "{format} {size:?} as {encoded}, scaled to {scale:?}");
                }
            }
        }
    }
}

#[test]
fn nothing_outside_the_rows_is_read_for_rgb() {
    check_guarded(&SIZES, PixelFormat::Bgr0, None);
}

#[test]
fn nothing_outside_the_rows_is_read_for_yuv420p() {
    check_guarded(&SIZES, PixelFormat::Yuv420p, None);
}

#[test]
fn nothing_outside_the_rows_is_read_for_ten_bits() {
    check_guarded(&SIZES, PixelFormat::Yuv444p10Le, None);
}

#[test]
fn nothing_outside_the_rows_is_read_for_gray() {
    check_guarded(&SIZES, PixelFormat::Gray16Le, None);
}

#[test]
fn nothing_outside_the_rows_is_read_for_a_larger_picture() {
    check_guarded(&SIZES[..4], PixelFormat::Yuv420p, Some((90, 66)));
}

#[test]
fn nothing_outside_the_rows_is_read_for_a_smaller_picture() {
    check_guarded(&SIZES[2..], PixelFormat::Yuv420p, Some((10, 4)));
}

#[test]
fn strides_beyond_two_gigabytes_work() {
    // The system allocates only those pages of the zeroed memory that hold the two rows.
    let stride = 3 << 30;
    let pixels = vec![0_u8; stride + 64 * 3 + 100];
    for stride in [stride as isize, -(stride as isize)] {
        let memory = framemill::Memory::new();
        let output = framemill::Output::memory(&memory, framemill::Container::Mkv);
        let rate = framemill::FrameRate::new(30, 1);
        let mut video = framemill::VideoWriter::builder(output, 64, 2, rate).create().expect("opens");
        let view = FrameView::packed(PixelFormat::Rgb24, &pixels, 64, 2, stride).expect("a picture");
        video.write(&view).expect("written");
        assert_eq!(video.finish().expect("a movie").packets, 1);
    }
}
