use proptest::prelude::*;

use super::*;
use crate::error::{Error, Result};
use crate::frame::{FrameView, Strips};

/// Reads all rows of a picture, `step` rows at a time.
fn rows(array: &ArrayView<'_>, step: u32) -> Result<Vec<u8>> {
    let mut memory = Vec::new();
    let mut strips = array.strips(&mut memory);
    let FrameLayout { height, .. } = strips.layout();
    let mut bytes = Vec::new();
    for first in (0..height).step_by(step as usize) {
        let strip = strips.next_strip(step.min(height - first))?;
        for row in 0..strip.height() {
            bytes.extend_from_slice(strip.planes()[0].row(row as usize, strip.layout(0)));
        }
    }
    Ok(bytes)
}

/// Converts the samples one by one with the formulas, without padding and in the order of the channels.
fn by_definition(array: &ArrayView<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for row in 0..array.height {
        for column in 0..array.width {
            for channel in 0..array.channels {
                let wide = array.floats_in_16_bits;
                let double = f64::from_ne_bytes(array.sample(row, column, channel));
                let single = f32::from_ne_bytes(array.sample(row, column, channel));
                let [byte] = array.sample(row, column, channel);
                match array.samples {
                    SampleType::Bool => bytes.push(if byte == 0 { 0 } else { 255 }),
                    SampleType::U8 => bytes.push(byte),
                    SampleType::U16 => {
                        bytes.extend(u16::from_ne_bytes(array.sample(row, column, channel)).to_le_bytes());
                    }
                    SampleType::F32 if wide => bytes.extend(((single * 65_535.0 + 0.5) as u16).to_le_bytes()),
                    SampleType::F32 => bytes.push((single * 255.0 + 0.5) as u8),
                    SampleType::F64 if wide => bytes.extend(((double * 65_535.0 + 0.5) as u16).to_le_bytes()),
                    SampleType::F64 => bytes.push((double * 255.0 + 0.5) as u8),
                }
            }
        }
    }
    bytes
}

/// Returns the pixels in the order of their channels, without padding.
fn unpacked(format: PixelFormat, bytes: &[u8]) -> Vec<u8> {
    let pick = |places: &'static [usize]| {
        let pixels = bytes.chunks_exact(format.pixel_bytes());
        pixels.flat_map(|pixel| places.iter().map(|place| pixel[*place])).collect()
    };
    match format {
        PixelFormat::Rgb0 => pick(&[0, 1, 2]),
        PixelFormat::Bgr0 | PixelFormat::Bgr24 => pick(&[2, 1, 0]),
        PixelFormat::Abgr => pick(&[3, 2, 1, 0]),
        _ => bytes.to_vec(),
    }
}

const TYPES: [SampleType; 5] =
    [SampleType::Bool, SampleType::U8, SampleType::U16, SampleType::F32, SampleType::F64];

/// Returns the bytes of `count` samples with values near rounding boundaries and at the ends of the range.
fn levels(samples: SampleType, count: usize) -> Vec<u8> {
    let step = |index: usize| (index * 7919 % 511) as f64 / 510.0;
    (0..count)
        .flat_map(|index| match samples {
            SampleType::Bool => vec![(index % 3 == 0) as u8],
            SampleType::U8 => vec![(index * 37) as u8],
            SampleType::U16 => ((index * 7919) as u16).to_ne_bytes().to_vec(),
            SampleType::F32 => {
                let value = step(index) as f32;
                [value, value.next_down().max(-0.0), value.next_up().min(1.0)][index % 3].to_ne_bytes().to_vec()
            }
            SampleType::F64 => {
                let value = step(index);
                [value, value.next_down().max(-0.0), value.next_up().min(1.0)][index % 3].to_ne_bytes().to_vec()
            }
        })
        .collect()
}

proptest! {
    #[test]
    fn strips_have_the_samples_of_the_array(
        samples in prop::sample::select(TYPES.to_vec()),
        height in 1_usize..9,
        width in 1_usize..70,
        (places, channels) in prop::sample::select(vec![(1_usize, 1_usize), (3, 1), (3, 3), (4, 3), (4, 4)]),
        order in prop::sample::select(vec![[0, 1, 2], [1, 0, 2], [2, 0, 1], [0, 2, 1]]),
        flips in any::<[bool; 3]>(),
        skips in prop::array::uniform2(1_usize..3),
        step in 1_u32..9,
        wide in any::<bool>(),
    ) {
        // Make an array with its axes in the given order. The view shows a part of it, possibly reversed.
        let whole = [height * skips[0], width * skips[1], places];
        let mut strides = [0_isize; 3];
        let mut bytes = samples.bytes();
        for axis in order.into_iter().rev() {
            strides[axis] = bytes as isize;
            bytes *= whole[axis];
        }
        let data = levels(samples, whole.iter().product());
        let shape = [height, width, channels];
        let mut first = 0;
        strides[0] *= skips[0] as isize;
        strides[1] *= skips[1] as isize;
        for axis in 0..3 {
            if flips[axis] {
                first += (shape[axis] as isize - 1) * strides[axis];
                strides[axis] = -strides[axis];
            }
        }
        let array = ArrayView::new(samples, &data, first as usize, shape, strides).expect("inside");
        let array = array.floats_in_16_bits(wide);
        let seen = rows(&array, step.min(height as u32)).expect("levels");
        prop_assert_eq!(unpacked(array.layout().format, &seen), by_definition(&array));
    }

    #[test]
    fn strides_cannot_leave_the_memory(
        first in 0_usize..200,
        shape in prop::array::uniform3(0_usize..6),
        strides in prop::array::uniform3(-40_isize..40),
        samples in prop::sample::select(TYPES.to_vec()),
    ) {
        let data = [0; 200];
        if let Ok(array) = ArrayView::new(samples, &data, first, shape, strides) {
            prop_assert_eq!(unpacked(array.layout().format, &rows(&array, 2)?), by_definition(&array));
        }
    }
}

#[test]
fn supported_rows_are_not_copied() {
    let data = [0_u8; 40 * 60 * 4];
    for (first, channels, strides, format) in [
        (0, 4, [240, 4, 1], PixelFormat::Rgba),
        (39 * 240, 4, [-240, 4, 1], PixelFormat::Rgba),
        (3, 4, [240, 4, -1], PixelFormat::Abgr),
        (0, 3, [240, 4, 1], PixelFormat::Rgb0),
        (2, 3, [240, 4, -1], PixelFormat::Bgr0),
        (0, 3, [240, 3, 1], PixelFormat::Rgb24),
        (2, 3, [240, 3, -1], PixelFormat::Bgr24),
    ] {
        let array = ArrayView::new(SampleType::U8, &data, first, [40, 60, channels], strides).expect("inside");
        assert_eq!(array.layout().format, format);
        let mut memory = Vec::new();
        assert!(array.strips(&mut memory).next_strip(40).is_ok());
        assert_eq!(memory.capacity(), 0, "{format}");
    }
    let array = ArrayView::new(SampleType::U16, &data, 0, [20, 60, 3], [480, 6, 2]).expect("inside");
    assert_eq!(array.layout().format, PixelFormat::Rgb48Le);
}

#[test]
fn a_view_of_three_channels_of_four_may_end_with_its_last_byte() {
    let data: Vec<u8> = (0..23).collect();
    let array = ArrayView::new(SampleType::U8, &data, 0, [2, 3, 3], [12, 4, 1]).expect("inside");
    let expected = vec![0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22];
    for step in [1, 2] {
        assert_eq!(unpacked(PixelFormat::Rgb0, &rows(&array, step).expect("levels")), expected);
    }
}

#[test]
fn the_first_float_out_of_range_is_named() {
    let message = |floats: &[f32]| {
        let bytes: Vec<u8> = floats.iter().flat_map(|float| float.to_ne_bytes()).collect();
        let array = ArrayView::new(SampleType::F32, &bytes, 0, [2, 2, 1], [8, 4, 4]).expect("inside");
        match rows(&array, 1) {
            Err(Error::Frame(error)) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        message(&[0.0, 1.0, 1.0_f32.next_up(), -3.5]),
        "1.0000001 at row 1, column 0 is not between 0 (black) and 1 (white); the values range from -3.5 to 1.0000001: scale the floats, or clip them"
    );
    assert_eq!(
        message(&[0.0, f32::NAN, 9.0, 0.0]),
        "NaN at row 0, column 1 is not between 0 (black) and 1 (white): replace it, as np.nan_to_num does"
    );
    assert!(message(&[0.0, 0.0, 0.0, f32::INFINITY]).starts_with("inf at row 1, column 1 "));
    assert!(message(&[0.0, 0.0, -f32::MIN_POSITIVE, 0.0]).contains("at row 1, column 0 "));
}

#[test]
fn invalid_arrays_are_refused_with_their_numbers() {
    let data = [0; 100];
    let refused = |shape, strides, first| {
        ArrayView::new(SampleType::U16, &data, first, shape, strides).expect_err("refused").to_string()
    };
    assert_eq!(
        refused([10, 5, 1], [10, 2, 2], 2),
        "the array extends from byte 2 to byte 102, but its buffer has 100 bytes"
    );
    assert_eq!(
        refused([10, 5, 1], [-10, 2, 2], 80),
        "the array extends from byte -10 to byte 90, but its buffer has 100 bytes"
    );
    assert!(refused([1, 1, 2], [2, 2, 2], 0).starts_with("pixels of 2 channels are not supported"));
    assert!(refused([0, 1, 1], [2, 2, 2], 0).starts_with("a frame of 1x0 pixels is not valid"));
    assert!(refused([2, 2, 3], [isize::MAX, isize::MIN, isize::MAX], 0).contains("its buffer has 100 bytes"));
}

#[test]
fn a_frame_view_has_strips_too() {
    let bytes: Vec<u8> = (0..12).collect();
    let view = FrameView::packed(PixelFormat::Gray8, &bytes, 2, 4, -3).expect("valid");
    let mut strips = crate::frame::ViewStrips::new(view);
    let strip = strips.next_strip(3).expect("there");
    assert_eq!(strip.planes()[0].row(0, strip.layout(0)), [9, 10]);
    assert_eq!(strip.planes()[0].row(2, strip.layout(0)), [3, 4]);
    let strip = strips.next_strip(1).expect("there");
    assert_eq!(strip.planes()[0].row(0, strip.layout(0)), [0, 1]);
}
