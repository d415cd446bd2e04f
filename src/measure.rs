//! Compares two pictures: whether they are equal, and how close they are.

mod ssim;

use crate::av::Frame;
use crate::frame::PixelFormat;
use crate::stats::{PlaneQuality, Quality};
use ssim::Ssim;

/// The step between rows that are compared first: this finds most differences with a fraction of the work.
const ROWS_AT_FIRST: usize = 16;

/// Returns whether two pictures of one format and size are equal, sample for sample.
pub(crate) fn are_equal(one: &Frame, other: &Frame) -> bool {
    let planes = || {
        let format = one.format();
        (0..format.plane_count()).map(move |plane| {
            let rows = format.plane_layout(plane, one.width(), one.height()).rows;
            (one.plane(plane), other.plane(plane), rows)
        })
    };
    planes().all(|(a, b, rows)| (0..rows).step_by(ROWS_AT_FIRST).all(|y| a.row(y) == b.row(y)))
        && planes().all(|(a, b, rows)| (0..rows).all(|y| a.row(y) == b.row(y)))
}

/// Returns the quality of `encoded` compared with `frame`, which has the same format and size.
pub(crate) fn quality(frame: &Frame, encoded: &Frame, scratch: &mut Scratch) -> Quality {
    let format = frame.format();
    let mut planes = [None; 3];
    for (quality, channel) in planes.iter_mut().zip(channels(format)) {
        *quality = channel.map(|channel| scratch.compare(channel, frame, encoded));
    }
    Quality { peak: (1 << format.bits()) - 1, planes }
}

/// The position of the samples of one kind, such as Y or red.
#[derive(Clone, Copy)]
struct Channel {
    plane: usize,
    /// The position of the sample in a pixel.
    place: usize,
    /// The number of samples per pixel in this plane.
    samples: usize,
    /// The bytes of a sample.
    bytes: usize,
}

/// Returns the channels of an encoder's format, in reporting order.
fn channels(format: PixelFormat) -> [Option<Channel>; 3] {
    let bytes = format.bits().div_ceil(8) as usize;
    let planar = |plane| Some(Channel { plane, place: 0, samples: 1, bytes });
    if format.is_gray() {
        return [planar(0), None, None];
    }
    if format.is_yuv() {
        return match format {
            PixelFormat::Nv12 => {
                let chroma = |place| Some(Channel { plane: 1, place, samples: 2, bytes });
                [planar(0), chroma(0), chroma(1)]
            }
            _ => [0, 1, 2].map(planar),
        };
    }
    let samples = format.pixel_bytes() / bytes;
    let places = match format {
        PixelFormat::Bgr24 | PixelFormat::Bgr0 | PixelFormat::Bgra => [2, 1, 0],
        PixelFormat::Xbgr | PixelFormat::Abgr => [3, 2, 1],
        PixelFormat::Xrgb | PixelFormat::Argb => [1, 2, 3],
        _ => [0, 1, 2],
    };
    places.map(|place| Some(Channel { plane: 0, place, samples, bytes }))
}

impl Channel {
    /// Extracts the samples from a row.
    fn read(self, row: &[u8], samples: &mut [u16]) {
        match (self.samples, self.bytes) {
            (1, 1) => samples.iter_mut().zip(row).for_each(|(sample, byte)| *sample = (*byte).into()),
            (_, 1) => {
                let pixels = row.chunks_exact(self.samples);
                samples.iter_mut().zip(pixels).for_each(|(sample, pixel)| *sample = pixel[self.place].into());
            }
            _ => {
                for (sample, pixel) in samples.iter_mut().zip(row.chunks_exact(self.samples * 2)) {
                    *sample = u16::from_le_bytes([pixel[2 * self.place], pixel[2 * self.place + 1]]);
                }
            }
        }
    }
}

/// Memory for rows, reused from picture to picture.
#[derive(Default)]
pub(crate) struct Scratch {
    /// Four rows of each picture.
    rows: [Vec<u16>; 2],
    ssim: Ssim,
}

impl Scratch {
    fn compare(&mut self, channel: Channel, frame: &Frame, encoded: &Frame) -> PlaneQuality {
        let format = frame.format();
        let layout = format.plane_layout(channel.plane, frame.width(), frame.height());
        let (width, height) = (layout.row_bytes / (channel.samples * channel.bytes), layout.rows);
        let planes = [frame.plane(channel.plane), encoded.plane(channel.plane)];
        let mut squared_error = 0;
        self.ssim.start(width, height);
        for top in (0..height).step_by(4) {
            let rows = (height - top).min(4);
            for (samples, plane) in self.rows.iter_mut().zip(planes) {
                samples.resize(4 * width, 0);
                for (y, samples) in samples.chunks_exact_mut(width).take(rows).enumerate() {
                    channel.read(plane.row(top + y), samples);
                }
            }
            let [one, other] = self.rows.each_ref().map(|samples| &samples[..rows * width]);
            squared_error += squared_differences(one, other);
            if rows == 4 {
                self.ssim.add_blocks(one, other, width);
            }
        }
        let samples = width as u64 * height as u64;
        let ssim = self.ssim.mean(format.bits());
        PlaneQuality { samples, squared_error: squared_error as f64, ssim }
    }
}

/// Returns the sum of squared differences.
fn squared_differences(one: &[u16], other: &[u16]) -> u64 {
    let square = |(a, b): (&u16, &u16)| u64::from(a.abs_diff(*b)).pow(2);
    one.iter().zip(other).map(square).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::av::FramePool;
    use crate::settings::Settings;
    use crate::time::FrameRate;

    fn frame(format: PixelFormat, fill: impl Fn(usize, usize) -> u8) -> Frame {
        let mut settings = Settings::new(18, 20, FrameRate::new(30, 1));
        settings.pixel_format = Some(format);
        let pool = FramePool::new(format, settings.color(), 18, 20).expect("a pool");
        let mut frame = pool.frame().expect("a frame");
        for (index, plane) in frame.planes_mut().expect("its own").enumerate() {
            plane.data.iter_mut().enumerate().for_each(|(place, byte)| *byte = fill(index, place));
        }
        frame
    }

    #[test]
    fn differences_are_found_anywhere() {
        for format in [PixelFormat::Yuv420p, PixelFormat::Bgr0, PixelFormat::Yuv444p10Le] {
            let blank = frame(format, |_, _| 7);
            assert!(are_equal(&blank, &frame(format, |_, _| 7)));
            for plane in 0..format.plane_count() {
                let layout = format.plane_layout(plane, 18, 20);
                for y in [0, 1, layout.rows - 1] {
                    let mut other = frame(format, |_, _| 7);
                    let target = other.planes_mut().expect("its own").nth(plane).expect("a plane");
                    target.data[y * target.stride + layout.row_bytes - 1] = 8;
                    assert!(!are_equal(&blank, &other), "{format} {plane} {y}");
                }
            }
        }
    }

    #[test]
    fn padding_does_not_count() {
        let mut other = frame(PixelFormat::Yuv420p, |_, _| 7);
        let target = other.planes_mut().expect("its own").next().expect("a plane");
        target.data[18] = 8;
        assert!(target.stride > 18 && are_equal(&frame(PixelFormat::Yuv420p, |_, _| 7), &other));
    }

    #[test]
    fn errors_are_counted_by_channel() {
        let mut encoded = frame(PixelFormat::Bgr24, |_, _| 100);
        let target = encoded.planes_mut().expect("its own").next().expect("a plane");
        // Changes the red of the first pixel, the green of the second, and the blue of the last pixel in the third row.
        (target.data[2], target.data[4], target.data[2 * target.stride + 51]) = (103, 105, 93);
        let quality = quality(&frame(PixelFormat::Bgr24, |_, _| 100), &encoded, &mut Scratch::default());
        let errors = quality.planes.map(|plane| plane.map(|plane| (plane.squared_error, plane.samples)));
        assert_eq!(errors, [Some((9.0, 360)), Some((25.0, 360)), Some((49.0, 360))]);
        assert_eq!(quality.peak, 255);
    }

    #[test]
    fn equal_pictures_have_an_ssim_of_1() {
        let noise = |plane, place: usize| (place * 7919 + plane) as u8;
        let (one, other) = (frame(PixelFormat::Yuv444p, noise), frame(PixelFormat::Yuv444p, noise));
        let quality = quality(&one, &other, &mut Scratch::default());
        assert_eq!((quality.ssim(), quality.psnr()), (Some(1.0), f64::INFINITY));
    }
}
