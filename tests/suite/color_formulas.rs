//! Makes test pictures in RGB and converts them to every pixel format with the standards' formulas in floating point.

use framemill::{ChromaLocation, ColorRange, FrameView, PixelFormat};

/// The weights of red and blue in luma.
#[derive(Clone, Copy)]
pub(crate) struct Matrix {
    red: f64,
    blue: f64,
}

/// ITU-R BT.709, 3.2.
pub(crate) const BT709: Matrix = Matrix { red: 0.2126, blue: 0.0722 };
/// ITU-R BT.601, 2.5.1.
pub(crate) const BT601: Matrix = Matrix { red: 0.299, blue: 0.114 };

impl Matrix {
    /// Converts an 8-bit color to Y from 0 to 1, and Cb and Cr from −0.5 to 0.5.
    pub(crate) fn convert(self, rgb: [u8; 3]) -> [f64; 3] {
        let [red, green, blue] = rgb.map(|sample| f64::from(sample) / 255.0);
        let luma = self.red * red + (1.0 - self.red - self.blue) * green + self.blue * blue;
        [luma, (blue - luma) / (2.0 * (1.0 - self.blue)), (red - luma) / (2.0 * (1.0 - self.red))]
    }

    /// Converts Y, Cb and Cr back to red, green and blue from 0 to 1. Colors that RGB cannot hold are clipped.
    pub(crate) fn invert(self, [luma, cb, cr]: [f64; 3]) -> [f64; 3] {
        let (red, blue) = (luma + 2.0 * (1.0 - self.red) * cr, luma + 2.0 * (1.0 - self.blue) * cb);
        let green = (luma - self.red * red - self.blue * blue) / (1.0 - self.red - self.blue);
        [red, green, blue].map(|sample| sample.clamp(0.0, 1.0))
    }
}

/// Returns the Y, Cb and Cr of YUV samples.
pub(crate) fn from_samples(format: PixelFormat, range: ColorRange, samples: [u16; 3]) -> [f64; 3] {
    std::array::from_fn(|plane| {
        let levels = Levels::of(plane, range, format.bits());
        (f64::from(samples[plane]) - levels.offset) / levels.scale
    })
}

/// Returns the exact samples of Y, Cb and Cr, as far as the format can hold them.
pub(crate) fn to_samples(format: PixelFormat, range: ColorRange, color: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|plane| {
        let levels = Levels::of(plane, range, format.bits());
        (color[plane] * levels.scale + levels.offset).clamp(0.0, f64::from((1 << format.bits()) - 1))
    })
}

/// The scale and offset of a plane's samples.
struct Levels {
    scale: f64,
    offset: f64,
}

impl Levels {
    /// Limited range follows ITU-R BT.709, 4.6; full range follows JFIF.
    fn of(plane: usize, range: ColorRange, bits: u32) -> Self {
        let unit = f64::from(1 << (bits - 8));
        let whole = f64::from((1 << bits) - 1);
        match (range, plane) {
            (ColorRange::Limited, 0) => Self { scale: 219.0 * unit, offset: 16.0 * unit },
            (ColorRange::Limited, _) => Self { scale: 224.0 * unit, offset: 128.0 * unit },
            (ColorRange::Full, 0) => Self { scale: whole, offset: 0.0 },
            (ColorRange::Full, _) => Self { scale: whole, offset: 128.0 * unit },
        }
    }
}

/// A picture of 8-bit RGB pixels.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rgb: Vec<u8>,
}

impl Picture {
    pub(crate) fn new(width: u32, height: u32, mut pixel: impl FnMut(u32, u32) -> [u8; 3]) -> Self {
        let rgb =
            (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect();
        Self { width, height, rgb }
    }

    /// Makes a gradient in each channel, each in another direction.
    pub(crate) fn smooth(width: u32, height: u32) -> Self {
        let part = |at: u32, of: u32| (f64::from(at) / f64::from(of.max(2) - 1) * 255.0).round() as u8;
        Self::new(width, height, |x, y| {
            [part(x, width), part(y, height), part(width - 1 - x + y, width + height - 1)]
        })
    }

    /// Makes noise, always the same.
    pub(crate) fn noise(width: u32, height: u32) -> Self {
        let bytes = noise_bytes(width as usize * height as usize * 3);
        Self { width, height, rgb: bytes }
    }

    pub(crate) fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let start = (y as usize * self.width as usize + x as usize) * 3;
        [self.rgb[start], self.rgb[start + 1], self.rgb[start + 2]]
    }

    /// Returns the picture upside down.
    pub(crate) fn flipped(&self) -> Self {
        Self::new(self.width, self.height, |x, y| self.pixel(x, self.height - 1 - y))
    }

    /// Crops the picture to its upper left part, or pads it by repeating its last column and row.
    pub(crate) fn resized(&self, width: u32, height: u32) -> Self {
        Self::new(width, height, |x, y| self.pixel(x.min(self.width - 1), y.min(self.height - 1)))
    }

    /// Converts the picture to gray, by luma.
    pub(crate) fn in_gray(&self) -> Self {
        Self::new(self.width, self.height, |x, y| [(BT709.convert(self.pixel(x, y))[0] * 255.0).round() as u8; 3])
    }

    /// Returns the exact Y, Cb and Cr samples in a YUV format. The chroma of 4:2:0 is located at the center.
    pub(crate) fn planes(&self, format: PixelFormat, matrix: Matrix, range: ColorRange) -> Vec<Vec<f64>> {
        self.planes_at(ChromaLocation::Center, format, matrix, range)
    }

    /// Returns the exact samples with the chroma of 4:2:0 at a location. If a chroma sample lies between two pixels, it
    /// is their mean. If it lies on the first of two, this pixel has weight 2, and its neighbors have weight 1.
    pub(crate) fn planes_at(
        &self,
        location: ChromaLocation,
        format: PixelFormat,
        matrix: Matrix,
        range: ColorRange,
    ) -> Vec<Vec<f64>> {
        let weights = |first: u32, is_halved: bool, is_at_first: bool| -> Vec<(u32, f64)> {
            match (is_halved, is_at_first) {
                (false, _) => vec![(first, 1.0)],
                (true, false) => vec![(first, 1.0), (first + 1, 1.0)],
                (true, true) => vec![(first.wrapping_sub(1), 1.0), (first, 2.0), (first + 1, 1.0)],
            }
        };
        let plane = |plane: usize| {
            let shift = if plane == 0 { (0, 0) } else { format.chroma_shift() };
            let levels = Levels::of(plane, range, format.bits());
            let (width, height) = (self.width.div_ceil(1 << shift.0), self.height.div_ceil(1 << shift.1));
            let is_left = shift == (1, 0) || location != ChromaLocation::Center;
            let sample = |x: u32, y: u32| {
                let columns = weights(x << shift.0, shift.0 == 1, is_left);
                let rows = weights(y << shift.1, shift.1 == 1, location == ChromaLocation::TopLeft);
                let (mut sum, mut all) = (0.0, 0.0);
                for (row, of_row) in rows.into_iter().filter(|(row, _)| *row < self.height) {
                    for (column, of_column) in columns.iter().filter(|(column, _)| *column < self.width) {
                        let weight = of_row * of_column;
                        sum += weight * matrix.convert(self.pixel(*column, row))[plane];
                        all += weight;
                    }
                }
                sum / all * levels.scale + levels.offset
            };
            (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| sample(x, y)).collect()
        };
        (0..3).map(plane).collect()
    }

    /// Returns the picture's bytes in any format, opaque and without padding. YUV is BT.709 in limited range. The
    /// unused byte of a pixel is 77.
    pub(crate) fn bytes(&self, format: PixelFormat) -> Vec<u8> {
        if format.is_yuv() { self.yuv_bytes(format, ColorRange::Limited) } else { self.packed_bytes(format) }
    }

    /// Returns the picture's bytes in a YUV format, in BT.709.
    pub(crate) fn yuv_bytes(&self, format: PixelFormat, range: ColorRange) -> Vec<u8> {
        let most = f64::from((1 << format.bits()) - 1);
        // Pure blue and red are half a level above the maximum of full-range chroma.
        let round = |samples: Vec<f64>| samples.into_iter().map(|sample| sample.round().min(most) as u16).collect();
        let mut planes: Vec<Vec<u16>> = self.planes(format, BT709, range).into_iter().map(round).collect();
        if format == PixelFormat::Nv12 {
            let (v, u) = (planes.remove(2), planes.remove(1));
            planes.push(u.into_iter().zip(v).flat_map(|(u, v)| [u, v]).collect());
        }
        if format.has_alpha() {
            planes.push(vec![most as u16; (self.width * self.height) as usize]);
        }
        let samples = planes.into_iter().flatten();
        if format.bits() == 8 {
            samples.map(|sample| sample as u8).collect()
        } else {
            samples.flat_map(u16::to_le_bytes).collect()
        }
    }

    fn packed_bytes(&self, format: PixelFormat) -> Vec<u8> {
        use PixelFormat as F;
        let pixels = self.rgb.chunks_exact(3).map(|pixel| [pixel[0], pixel[1], pixel[2]]);
        let wide =
            |samples: &[u8]| samples.iter().flat_map(|sample| (u16::from(*sample) * 257).to_le_bytes()).collect();
        pixels
            .flat_map(|rgb @ [r, g, b]| -> Vec<u8> {
                let luma = BT709.convert(rgb)[0];
                match format {
                    F::Gray8 => vec![(luma * 255.0).round() as u8],
                    F::Gray16Le => ((luma * 65_535.0).round() as u16).to_le_bytes().to_vec(),
                    F::Rgb24 => vec![r, g, b],
                    F::Bgr24 => vec![b, g, r],
                    F::Rgba => vec![r, g, b, 255],
                    F::Bgra => vec![b, g, r, 255],
                    F::Argb => vec![255, r, g, b],
                    F::Abgr => vec![255, b, g, r],
                    F::Rgb0 => vec![r, g, b, 77],
                    F::Bgr0 => vec![b, g, r, 77],
                    F::Xrgb => vec![77, r, g, b],
                    F::Xbgr => vec![77, b, g, r],
                    F::Rgb48Le => wide(&[r, g, b]),
                    F::Rgba64Le => wide(&[r, g, b, 255]),
                    other => panic!("{other} is not packed"),
                }
            })
            .collect()
    }
}

/// Returns pseudorandom bytes, always the same.
pub(crate) fn noise_bytes(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        // Xorshift64 (Marsaglia, 2003).
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

/// Returns a view of bytes from [`Picture::bytes`].
pub(crate) fn view(format: PixelFormat, bytes: &[u8], width: u32, height: u32) -> FrameView<'_> {
    FrameView::contiguous(format, bytes, width, height).expect("a whole picture")
}

/// Splits raw YUV into the samples of each plane.
pub(crate) fn split_planes(format: PixelFormat, bytes: &[u8], width: u32, height: u32) -> Vec<Vec<u16>> {
    let mut rest = bytes;
    (0..format.plane_count())
        .map(|plane| {
            let layout = format.plane_layout(plane, width, height);
            let (here, after) = rest.split_at(layout.row_bytes * layout.rows);
            rest = after;
            if format.bits() == 8 {
                here.iter().map(|sample| u16::from(*sample)).collect()
            } else {
                here.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
            }
        })
        .collect()
}

/// Returns the largest difference of each plane from the exact samples.
pub(crate) fn furthest(planes: &[Vec<u16>], exact: &[Vec<f64>]) -> [f64; 3] {
    std::array::from_fn(|plane| {
        assert_eq!(planes[plane].len(), exact[plane].len(), "plane {plane}");
        let pairs = planes[plane].iter().zip(&exact[plane]);
        pairs.map(|(sample, exact)| (f64::from(*sample) - exact).abs()).fold(0.0, f64::max)
    })
}
