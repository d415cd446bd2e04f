//! Converts planar YUV to RGB and gray in floating point, rounded once. With more than 8 bits, swscale is up to 252 of
//! 65,535 levels off, and with 8 bits, it makes blue 0 where it would be more than twice the maximum.

use pulp::Arch;

use super::channels::Channels;
use super::formulas::{BT709_SHARES, SampleScale, largest, luma_shares};
use super::leveler::{DEEP_BITS, Leveler, in_frame};
use super::levels::Levels;
use super::resample::Resampler;
use super::samples::SampleRows;
use crate::av::Frame;
use crate::error::{LibavError, Result};
use crate::frame::{ALPHA_PLANE, FrameView, PixelFormat};
use crate::settings::{Color, Matrix};

/// Converts pictures of any subsampling, and scales them.
pub(super) struct YuvToRgb {
    color: Color,
    leveler: Leveler,
    resampler: Resampler,
    pixels: PixelsToRgb,
}

impl YuvToRgb {
    /// Makes a converter for YUV with the matrix of `color`; with BT.709 if that is [`Matrix::Rgb`]. Chroma lies where
    /// `color` has it, unless a picture says otherwise.
    pub(super) fn new(color: Color) -> Self {
        let pixels = PixelsToRgb::new(color.matrix);
        Self { color, leveler: Leveler::new(color), resampler: Resampler::default(), pixels }
    }

    /// Fills `frame`, which is packed RGB or gray, from a planar picture with these levels, which is scaled to `size`.
    /// Alpha is kept if both have it, and the picture is 4:4:4 and is not scaled; otherwise the frame is opaque.
    pub(super) fn convert(
        &mut self,
        view: &FrameView<'_>,
        levels: Levels,
        size: (u32, u32),
        frame: &mut Frame,
    ) -> Result<()> {
        let has_all_samples = frame.format().is_gray() || view.format().chroma_shift() == (0, 0);
        if has_all_samples && (view.width(), view.height()) == size {
            return Ok(self.pixels.convert(view, levels, frame)?);
        }
        let between = match levels.bits {
            8 => Levels::shifted(DEEP_BITS, view.range()),
            _ => levels,
        };
        let leveled = self.leveler.leveled(view, levels, between)?;
        let view = in_frame(view, leveled.as_ref())?;
        let chroma_location = view.chroma_location().unwrap_or(self.color.chroma_location);
        let color = Color { range: view.range(), chroma_location, ..self.color };
        let resampled = self.resampler.resampled(&view, (PixelFormat::Yuv444p10Le, size, color))?;
        Ok(self.pixels.convert(&resampled.view()?.cropped(size.0, size.1), between, frame)?)
    }
}

/// Converts pictures whose pixels have their own chroma. Reuses its memory from frame to frame.
struct PixelsToRgb {
    /// What Cr adds to red.
    red: f32,
    /// What Cb and Cr add to green.
    green: [f32; 2],
    /// What Cb adds to blue.
    blue: f32,
    planes: SampleRows,
    pixels: SampleRows,
}

impl PixelsToRgb {
    fn new(matrix: Matrix) -> Self {
        let (kr, kb) = luma_shares(matrix).unwrap_or(BT709_SHARES);
        // ITU-R BT.709-6, 3.2 and 3.3, solved for red, green and blue.
        let (red, blue) = (2.0 * (1.0 - kr), 2.0 * (1.0 - kb));
        let green = [-blue * kb, -red * kr].map(|weight| (weight / (1.0 - kr - kb)) as f32);
        let (planes, pixels) = (SampleRows::default(), SampleRows::default());
        Self { red: red as f32, green, blue: blue as f32, planes, pixels }
    }

    /// Fills `frame` from a picture of its size. For RGB, the picture must be 4:4:4. Alpha is kept if both have it;
    /// otherwise the frame is opaque.
    fn convert(&mut self, view: &FrameView<'_>, levels: Levels, frame: &mut Frame) -> Result<(), LibavError> {
        // Compiles the rows' loops for the vector instructions of this processor, which changes no result.
        Arch::new().dispatch(|| self.convert_rows(view, levels, frame))
    }

    #[inline(always)]
    fn convert_rows(&mut self, view: &FrameView<'_>, levels: Levels, frame: &mut Frame) -> Result<(), LibavError> {
        let (bits, is_gray) = (frame.format().bits(), frame.format().is_gray());
        let Some(channels) = Channels::of(frame.format()) else {
            return Err(LibavError::unexpected("convert a frame", "its pixels are not packed"));
        };
        let most = largest(bits);
        let alpha_scale = SampleScale { origin: 0.0, steps: largest(view.format().bits()) };
        let scales = [levels.luma, levels.chroma, levels.chroma, alpha_scale].map(|scale| scale.to_steps(most));
        let kept_alpha = channels.alpha.filter(|_| view.format().has_alpha());
        self.pixels.fill(view.width() as usize, most as f32);
        for plane in frame.planes_mut()? {
            for (index, target) in
                plane.data.chunks_exact_mut(plane.stride).take(view.height() as usize).enumerate()
            {
                for (place, plane) in view.planes().iter().enumerate().take(if is_gray { 1 } else { 4 }) {
                    let row = plane.row(index, view.layout(place));
                    self.planes.read_plane(place, row, view.format().bits(), &scales[place]);
                }
                if is_gray {
                    self.pixels.set(0, self.planes.get([0; 3])[0].iter().copied());
                } else {
                    self.fill_colors(channels.color);
                }
                if let Some(place) = kept_alpha {
                    self.pixels.set(place, self.planes.get([ALPHA_PLANE; 3])[0].iter().copied());
                }
                self.pixels.write(target, bits, channels.samples);
            }
        }
        Ok(())
    }

    /// Fills red, green and blue at these positions from Y, Cb and Cr, in the scale of the pixels.
    #[inline(always)]
    fn fill_colors(&mut self, [red, green, blue]: [usize; 3]) {
        let [y, cb, cr] = self.planes.get([0, 1, 2]);
        let samples = || y.iter().zip(cb).zip(cr);
        self.pixels.set(red, samples().map(|((y, _), cr)| y + self.red * cr));
        self.pixels.set(green, samples().map(|((y, cb), cr)| y + self.green[0] * cb + self.green[1] * cr));
        self.pixels.set(blue, samples().map(|((y, cb), _)| y + self.blue * cb));
    }
}
