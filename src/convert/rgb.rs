//! Converts 8-bit RGB, in any byte order, to 8-bit YUV: each pixel is read once and rounded once.
//!
//! While pixels are in registers, they are drawn over the background if they are transparent, and multiplied by the
//! matrix. There are three implementations with the same results: for x86-64 with AVX2, which takes little longer than
//! reading the picture, for aarch64 with NEON, and for every other processor.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod coefficients;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod vectors;

use coefficients::Coefficients;
use rayon::prelude::*;

use super::threads::Threads;
use crate::av::Frame;
use crate::error::LibavError;
use crate::frame::{FrameView, PixelFormat};
use crate::settings::{Color, Rgb};

/// Rows of luma, and the row of each chroma plane that they share.
type RowGroup<'a> = (&'a mut [u8], (&'a mut [u8], &'a mut [u8]));

/// Converts pictures in one format.
pub(super) struct RgbConverter {
    source: PixelFormat,
    kernel: Kernel,
}

impl RgbConverter {
    /// Makes a converter from `source` to `target` with the colors of `color`; `None` if this converter does not
    /// support the pair.
    pub(super) fn new(source: PixelFormat, target: PixelFormat, color: Color, background: Rgb) -> Option<Self> {
        let is_target = matches!(target, PixelFormat::Yuv420p | PixelFormat::Yuv444p);
        let coefficients = Coefficients::new(source, color, background).filter(|_| is_target)?;
        Some(Self { source, kernel: Kernel::new(coefficients) })
    }

    /// Returns the format of the pictures that this converts.
    pub(super) fn source(&self) -> PixelFormat {
        self.source
    }

    /// Fills the rows of `frame` from row `first`, an even number, from `view`. If chroma is halved, the last column or
    /// row of an odd size counts twice.
    pub(super) fn convert(
        &self,
        view: &FrameView<'_>,
        first: u32,
        frame: &mut Frame,
        threads: &Threads,
    ) -> Result<(), LibavError> {
        let layout = view.layout(0);
        let width = view.width() as usize;
        let row = |index: usize| view.planes()[0].row(index.min(layout.rows - 1), layout);
        let (across, down) = frame.format().chroma_shift();
        let chroma_width = width.div_ceil(1 << across);
        let mut planes = frame.planes_mut()?;
        let (Some(y), Some(u), Some(v)) = (planes.next(), planes.next(), planes.next()) else {
            return Err(LibavError::unexpected("convert a frame", "it has no chroma"));
        };
        let luma_stride = y.stride;
        // A group is the rows of luma that share a row of chroma. The frame has all of them, even if the picture ends before.
        let convert_group = |(index, (luma, (u, v))): (usize, RowGroup<'_>)| {
            let chroma = [&mut u[..chroma_width], &mut v[..chroma_width]];
            if down == 0 {
                self.kernel.convert_row(row(index), &mut luma[..width], chroma);
            } else {
                let (top, bottom) = luma.split_at_mut(luma_stride);
                let luma = [&mut top[..width], &mut bottom[..width]];
                self.kernel.convert_rows([row(2 * index), row(2 * index + 1)], luma, chroma);
            }
        };
        let (done, count) = (first as usize >> down, layout.rows.div_ceil(1 << down));
        let (luma_bytes, u_bytes, v_bytes) = (luma_stride << down, u.stride, v.stride);
        match threads.for_bytes(layout.row_bytes * layout.rows) {
            None => {
                let chroma = u.data.chunks_exact_mut(u_bytes).zip(v.data.chunks_exact_mut(v_bytes));
                let groups = y.data.chunks_exact_mut(luma_bytes).zip(chroma);
                groups.skip(done).take(count).enumerate().for_each(convert_group);
            }
            Some(pool) => pool.install(|| {
                let chroma = u.data.par_chunks_exact_mut(u_bytes).zip(v.data.par_chunks_exact_mut(v_bytes));
                let groups = y.data.par_chunks_exact_mut(luma_bytes).zip(chroma);
                let rows_each = count.div_ceil(pool.current_num_threads());
                groups.skip(done).take(count).enumerate().with_min_len(rows_each).for_each(convert_group);
            }),
        }
        Ok(())
    }
}

/// Converts rows with the fastest code for this processor.
struct Kernel {
    coefficients: Coefficients,
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    simd: Option<vectors::Simd>,
}

impl Kernel {
    fn new(coefficients: Coefficients) -> Self {
        Self {
            coefficients,
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            simd: vectors::Simd::try_new(),
        }
    }

    /// Converts a row to one row of each plane.
    fn convert_row(&self, row: &[u8], y: &mut [u8], [u, v]: [&mut [u8]; 2]) {
        let done = self.convert_row_by_vectors(row, y, [&mut *u, &mut *v]);
        let rest = &row[done * self.coefficients.pixel_bytes..];
        scalar::convert_row(&self.coefficients, rest, &mut y[done..], [&mut u[done..], &mut v[done..]]);
    }

    /// Converts two rows to two rows of luma and one of halved chroma.
    fn convert_rows(&self, rows: [&[u8]; 2], [top, bottom]: [&mut [u8]; 2], [u, v]: [&mut [u8]; 2]) {
        let done = self.convert_rows_by_vectors(rows, [&mut *top, &mut *bottom], [&mut *u, &mut *v]);
        let rest = rows.map(|row| &row[done * self.coefficients.pixel_bytes..]);
        let luma = [&mut top[done..], &mut bottom[done..]];
        scalar::convert_rows(&self.coefficients, rest, luma, [&mut u[done / 2..], &mut v[done / 2..]]);
    }
}

/// These functions return the number of pixels that are done, from the left.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
impl Kernel {
    fn convert_row_by_vectors(&self, row: &[u8], y: &mut [u8], chroma: [&mut [u8]; 2]) -> usize {
        self.simd.map_or(0, |simd| vectors::convert_row(simd, &self.coefficients, row, y, chroma))
    }

    fn convert_rows_by_vectors(&self, rows: [&[u8]; 2], luma: [&mut [u8]; 2], chroma: [&mut [u8]; 2]) -> usize {
        self.simd.map_or(0, |simd| vectors::convert_rows(simd, &self.coefficients, rows, luma, chroma))
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
impl Kernel {
    fn convert_row_by_vectors(&self, _: &[u8], _: &mut [u8], _: [&mut [u8]; 2]) -> usize {
        0
    }

    fn convert_rows_by_vectors(&self, _: [&[u8]; 2], _: [&mut [u8]; 2], _: [&mut [u8]; 2]) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORMATS: [PixelFormat; 10] = [
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

    const BACKGROUND: Rgb = Rgb::new(250, 3, 128);

    fn coefficients(format: PixelFormat, color: Color) -> Coefficients {
        Coefficients::new(format, color, BACKGROUND).expect("8-bit RGB to YUV")
    }

    proptest! {
        /// Tests full blocks, the rest of a row and single pixels, opaque or not.
        #[test]
        fn vector_code_matches_the_formula(
            width in 1_usize..150,
            format in prop::sample::select(FORMATS.to_vec()),
            color in prop::sample::select(vec![Color::BT709_LIMITED, Color::BT601_FULL]),
            opaque in any::<bool>(),
            pixels in prop::collection::vec(any::<u8>(), 2 * 4 * 150),
        ) {
            let coefficients = coefficients(format, color);
            let mut pixels = pixels;
            if let Some(alpha) = coefficients.alpha.filter(|_| opaque) {
                pixels.iter_mut().skip(alpha).step_by(4).for_each(|alpha| *alpha = 255);
            }
            let row_bytes = width * coefficients.pixel_bytes;
            let rows = [&pixels[..row_bytes], &pixels[row_bytes..2 * row_bytes]];
            let kernel = Kernel::new(coefficients.clone());
            let (mut by_vectors, mut by_formula) = (Planes::new(width), Planes::new(width));
            let Planes { y, u, v } = &mut by_vectors;
            kernel.convert_row(rows[0], y, [&mut u[..], &mut v[..]]);
            let Planes { y, u, v } = &mut by_formula;
            scalar::convert_row(&coefficients, rows[0], y, [&mut u[..], &mut v[..]]);
            prop_assert_eq!(&by_vectors, &by_formula);

            let half = width.div_ceil(2);
            let (mut by_vectors, mut by_formula) = (Planes::new(width), Planes::new(width));
            let Planes { y, u, v } = &mut by_vectors;
            let mut top = y.clone();
            kernel.convert_rows(rows, [&mut top[..], &mut y[..]], [&mut u[..half], &mut v[..half]]);
            let Planes { y, u, v } = &mut by_formula;
            let mut top_by_formula = y.clone();
            scalar::convert_rows(&coefficients, rows, [&mut top_by_formula[..], &mut y[..]], [&mut u[..half], &mut v[..half]]);
            prop_assert_eq!((top, by_vectors), (top_by_formula, by_formula));
        }
    }

    #[derive(Debug, PartialEq)]
    struct Planes {
        y: Vec<u8>,
        u: Vec<u8>,
        v: Vec<u8>,
    }

    impl Planes {
        fn new(width: usize) -> Self {
            Self { y: vec![0; width], u: vec![0; width], v: vec![0; width] }
        }
    }

    #[cfg(target_arch = "aarch64")]
    #[test]
    fn every_aarch64_has_vectors() {
        let kernel = Kernel::new(coefficients(PixelFormat::Bgra, Color::BT709_LIMITED));
        let (mut y, mut u, mut v) = ([0; 70], [0; 70], [0; 70]);
        assert_eq!(kernel.convert_row_by_vectors(&[9; 4 * 70], &mut y, [&mut u, &mut v]), 64);
    }

    /// In full range, these chroma samples lie half a step above the largest one.
    #[test]
    fn pure_blue_and_red_have_the_largest_chroma() {
        let kernel = Kernel::new(coefficients(PixelFormat::Rgb24, Color::BT601_FULL));
        for (pixel, is_blue) in [([0, 0, 255], true), ([255, 0, 0], false)] {
            let row = [pixel; 70].concat();
            let (mut y, mut bottom, mut u, mut v) = ([0; 70], [0; 70], [0; 70], [0; 70]);
            kernel.convert_row(&row, &mut y, [&mut u, &mut v]);
            assert_eq!(if is_blue { u } else { v }, [255; 70]);
            let (mut u, mut v) = ([0; 35], [0; 35]);
            kernel.convert_rows([&row, &row], [&mut y, &mut bottom], [&mut u, &mut v]);
            assert_eq!(if is_blue { u } else { v }, [255; 35]);
        }
    }

    #[test]
    fn white_black_and_grays_have_no_color() {
        for (color, black, white) in [(Color::BT709_LIMITED, 16, 235), (Color::BT601_FULL, 0, 255)] {
            let kernel = Kernel::new(coefficients(PixelFormat::Rgb24, color));
            for gray in 0..=255_u8 {
                let (mut y, mut u, mut v) = ([0; 64], [0; 64], [0; 64]);
                kernel.convert_row(&[gray; 3 * 64], &mut y, [&mut u, &mut v]);
                let exact = f64::from(black) + f64::from(gray) / 255.0 * f64::from(white - black);
                assert!((f64::from(y[0]) - exact).abs() <= 0.51, "{gray} became {}, and is {exact}", y[0]);
                assert_eq!((y, u, v), ([y[0]; 64], [128; 64], [128; 64]));
            }
        }
    }
}
