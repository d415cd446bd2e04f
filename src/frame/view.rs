//! A borrowed picture, whose planes are checked once.

use std::str::FromStr;

use super::{PixelFormat, PlaneLayout};
use crate::error::{InvalidFrame, InvalidSettings, OptionId};

/// The largest number of planes in a format.
const MAX_PLANES: usize = 4;

/// The range of luma and chroma values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum ColorRange {
    /// Black is 16 and white is 235 (in 8 bits): `tv`, as video players expect.
    #[default]
    Limited,
    /// 0 to 255 (in 8 bits): `pc`, as in JPEG.
    Full,
}

impl ColorRange {
    /// Every value.
    pub const ALL: [Self; 2] = [Self::Limited, Self::Full];

    /// Returns the name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Limited => "limited",
            Self::Full => "full",
        }
    }
}

/// Parses `limited` or `full`.
impl FromStr for ColorRange {
    type Err = InvalidSettings;

    fn from_str(text: &str) -> Result<Self, InvalidSettings> {
        let known = Self::ALL.map(Self::name);
        let found = Self::ALL.into_iter().find(|range| range.name() == text);
        found.ok_or_else(|| InvalidSettings::unknown_name(Some(OptionId::ColorRange), "color range", text, &known))
    }
}

/// The location of a 4:2:0 chroma sample among the four pixels that share it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum ChromaLocation {
    /// In the middle of the four pixels: `center`, as in JPEG, and for RGB frames.
    #[default]
    Center,
    /// Between the two pixels on the left: `left`, as in MPEG-2 and most video files.
    Left,
    /// On the upper left pixel: `topleft`, as in PAL DV and in UHD television.
    TopLeft,
}

impl ChromaLocation {
    /// Returns FFmpeg's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Center => "center",
            Self::Left => "left",
            Self::TopLeft => "topleft",
        }
    }
}

/// One plane of a picture: its bytes, and its stride.
///
/// With a negative stride the picture is upside down in memory: its first row is the last in `data`, and `data` still
/// starts at the lowest address.
#[derive(Clone, Copy, Debug)]
pub struct Plane<'a> {
    /// The bytes that hold all rows.
    pub data: &'a [u8],
    /// The bytes from one row of the picture to the next one down; negative if the picture is upside down in memory.
    pub stride: isize,
}

impl<'a> Plane<'a> {
    /// Returns the offset of row `row` in `data`, for a picture of `rows` rows.
    pub(crate) fn row_offset(&self, row: usize, rows: usize) -> usize {
        let from_start = if self.stride < 0 { rows - 1 - row } else { row };
        from_start * self.stride.unsigned_abs()
    }

    /// Returns the bytes of row `row`; `layout` must be the one that the view was checked against.
    pub(crate) fn row(&self, row: usize, layout: PlaneLayout) -> &'a [u8] {
        let start = self.row_offset(row, layout.rows);
        &self.data[start..start + layout.row_bytes]
    }

    fn check(&self, plane: usize, layout: PlaneLayout) -> Result<(), InvalidFrame> {
        let PlaneLayout { row_bytes, rows } = layout;
        let step = self.stride.unsigned_abs();
        if step < row_bytes {
            return Err(InvalidFrame::StrideTooShort { plane, stride: self.stride, row_bytes });
        }
        let needed = step.saturating_mul(rows - 1).saturating_add(row_bytes);
        if self.data.len() < needed {
            return Err(InvalidFrame::BufferTooShort { plane, bytes: self.data.len(), needed });
        }
        Ok(())
    }
}

/// A borrowed picture. Nothing is copied until it is written; then it is converted directly from here.
///
/// ```
/// use framemill::{FrameView, PixelFormat};
/// let pixels = vec![0_u8; 640 * 480 * 4];
/// let whole = FrameView::bgra(&pixels, 640, 480)?;
/// // The left half of it, upside down, without a copy.
/// let part = FrameView::packed(PixelFormat::Bgra, &pixels, 320, 480, -(640 * 4))?;
/// # Ok::<(), framemill::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FrameView<'a> {
    format: PixelFormat,
    width: u32,
    height: u32,
    range: ColorRange,
    chroma_location: Option<ChromaLocation>,
    planes: [Plane<'a>; MAX_PLANES],
}

macro_rules! contiguous_constructors {
    ($($(#[$doc:meta])* $name:ident => $format:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`InvalidFrame`] when a side is zero or `data` is too short.
        pub fn $name(data: &'a [u8], width: u32, height: u32) -> Result<Self, InvalidFrame> {
            Self::contiguous(PixelFormat::$format, data, width, height)
        }
    )*};
}

impl<'a> FrameView<'a> {
    contiguous_constructors! {
        /// `height` × `width` bytes of luminance.
        gray => Gray8;
        /// `height` × `width` 16-bit samples of luminance, little-endian.
        gray16 => Gray16Le;
        /// `height` × `width` × 3 bytes: red, green, blue.
        rgb => Rgb24;
        /// `height` × `width` × 3 bytes: blue, green, red.
        bgr => Bgr24;
        /// `height` × `width` × 4 bytes: red, green, blue, straight alpha.
        rgba => Rgba;
        /// `height` × `width` × 4 bytes: blue, green, red, straight alpha.
        bgra => Bgra;
        /// `height` × `width` × 4 bytes: straight alpha, red, green, blue.
        argb => Argb;
        /// `height` × `width` × 4 bytes: straight alpha, blue, green, red.
        abgr => Abgr;
        /// `height` × `width` × 4 bytes: red, green, blue, unused.
        rgb0 => Rgb0;
        /// `height` × `width` × 4 bytes: blue, green, red, unused.
        bgr0 => Bgr0;
        /// `height` × `width` × 4 bytes: unused, red, green, blue.
        xrgb => Xrgb;
        /// `height` × `width` × 4 bytes: unused, blue, green, red.
        xbgr => Xbgr;
        /// `height` × `width` × 3 16-bit samples: red, green, blue, little-endian.
        rgb48 => Rgb48Le;
        /// `height` × `width` × 4 16-bit samples: red, green, blue, straight alpha, little-endian.
        rgba64 => Rgba64Le;
        /// Y, then U and V at half width and height, one plane after the other, 8 bits.
        yuv420p => Yuv420p;
        /// Y, then U and V at half width, one plane after the other, 8 bits.
        yuv422p => Yuv422p;
        /// Y, U and V, one plane after the other, 8 bits.
        yuv444p => Yuv444p;
        /// Y, then U and V interleaved at half width and height, 8 bits.
        nv12 => Nv12;
    }

    /// Makes a view of a picture in any format, whose rows and planes follow each other without padding.
    ///
    /// # Errors
    /// [`InvalidFrame`] when a side is zero or `data` is too short.
    pub fn contiguous(format: PixelFormat, data: &'a [u8], width: u32, height: u32) -> Result<Self, InvalidFrame> {
        check_size(width, height)?;
        let mut planes = [EMPTY_PLANE; MAX_PLANES];
        let mut rest = data;
        for (index, plane) in planes.iter_mut().enumerate().take(format.plane_count()) {
            let layout = format.plane_layout(index, width, height);
            let bytes = layout.row_bytes.saturating_mul(layout.rows);
            let Some((here, after)) = rest.split_at_checked(bytes) else {
                return Err(InvalidFrame::BufferTooShort { plane: index, bytes: rest.len(), needed: bytes });
            };
            let last = index + 1 == format.plane_count();
            *plane = Plane { data: if last { rest } else { here }, stride: layout.row_bytes as isize };
            rest = after;
        }
        Ok(Self { format, width, height, range: ColorRange::default(), chroma_location: None, planes })
    }

    /// Makes a view of a picture with one plane, with `stride` bytes from row to row. With a negative stride the
    /// picture is upside down in `data`, which still starts at the lowest address.
    ///
    /// # Errors
    /// [`InvalidFrame`] if a side is zero, the stride is shorter than a row, `data` is too short, or the format has
    /// several planes.
    pub fn packed(
        format: PixelFormat,
        data: &'a [u8],
        width: u32,
        height: u32,
        stride: isize,
    ) -> Result<Self, InvalidFrame> {
        if format.plane_count() != 1 {
            return Err(InvalidFrame::NotPacked { pixel_format: format.name() });
        }
        Self::planar(format, &[Plane { data, stride }], width, height)
    }

    /// Makes a view of a picture with several planes, each with its own stride.
    ///
    /// # Errors
    /// [`InvalidFrame`] if a side is zero, a stride is shorter than a row, a plane is too short, or the number of
    /// planes is not that of the format.
    pub fn planar(
        format: PixelFormat,
        planes: &[Plane<'a>],
        width: u32,
        height: u32,
    ) -> Result<Self, InvalidFrame> {
        check_size(width, height)?;
        if planes.len() != format.plane_count() {
            return Err(InvalidFrame::PlaneCount {
                pixel_format: format.name(),
                planes: planes.len(),
                needed: format.plane_count(),
            });
        }
        let mut checked = [EMPTY_PLANE; MAX_PLANES];
        for (index, (plane, slot)) in planes.iter().zip(&mut checked).enumerate() {
            plane.check(index, format.plane_layout(index, width, height))?;
            *slot = *plane;
        }
        Ok(Self { format, width, height, range: ColorRange::default(), chroma_location: None, planes: checked })
    }

    /// Sets the range of the samples of a YUV picture; limited by default. It has no effect on RGB and gray, which are
    /// always full.
    #[must_use]
    pub const fn with_range(mut self, range: ColorRange) -> Self {
        self.range = range;
        self
    }

    /// Sets the chroma location of a 4:2:0 picture; by default that of the movie. It has no effect on other formats.
    #[must_use]
    pub const fn with_chroma_location(mut self, location: ChromaLocation) -> Self {
        self.chroma_location = Some(location);
        self
    }

    /// Sets the range and the chroma location to those of another picture.
    pub(crate) const fn with_samples_of(self, other: &FrameView<'_>) -> Self {
        Self { range: other.range, chroma_location: other.chroma_location, ..self }
    }

    /// Returns the same picture with its alpha unused.
    pub(crate) const fn without_alpha(&self) -> Self {
        Self { format: self.format.without_alpha(), ..*self }
    }

    /// Returns the pixel format.
    #[must_use]
    pub const fn format(&self) -> PixelFormat {
        self.format
    }

    /// Returns the width in pixels.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Returns the height in pixels.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Returns the range of the samples: as set for YUV, full for RGB and gray.
    #[must_use]
    pub const fn range(&self) -> ColorRange {
        if self.format.is_yuv() { self.range } else { ColorRange::Full }
    }

    /// Returns the chroma location, if it was set and the format is 4:2:0.
    #[must_use]
    pub const fn chroma_location(&self) -> Option<ChromaLocation> {
        match self.format.chroma_shift() {
            (1, 1) => self.chroma_location,
            _ => None,
        }
    }

    /// Returns the planes, as many as the format has.
    #[must_use]
    pub fn planes(&self) -> &[Plane<'a>] {
        &self.planes[..self.format.plane_count()]
    }

    /// Returns the layout of plane `plane`.
    pub(crate) const fn layout(&self, plane: usize) -> PlaneLayout {
        self.format.plane_layout(plane, self.width, self.height)
    }

    /// Returns the upper left `width` × `height` pixels. The size must not be larger than the picture's.
    pub(crate) fn cropped(&self, width: u32, height: u32) -> Self {
        let mut part = Self { width, height, ..*self };
        for (index, plane) in part.planes.iter_mut().enumerate().take(self.format.plane_count()) {
            if plane.stride < 0 {
                let dropped = self.layout(index).rows - part.format.plane_layout(index, width, height).rows;
                plane.data = &plane.data[dropped * plane.stride.unsigned_abs()..];
            }
        }
        part
    }

    /// Returns rows `first` to `first + rows` of a picture with one plane. The rows must exist.
    pub(crate) fn strip(&self, first: u32, rows: u32) -> Self {
        let mut part = Self { height: rows, ..*self };
        let plane = &mut part.planes[0];
        let before = if plane.stride < 0 { self.height - first - rows } else { first };
        plane.data = &plane.data[before as usize * plane.stride.unsigned_abs()..];
        part
    }
}

const EMPTY_PLANE: Plane<'static> = Plane { data: &[], stride: 0 };

/// Checks that a picture can have this size.
pub(crate) fn check_size(width: u32, height: u32) -> Result<(), InvalidFrame> {
    let allowed = 1..=65_535;
    if allowed.contains(&width) && allowed.contains(&height) {
        Ok(())
    } else {
        Err(InvalidFrame::Size { width, height })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_stride_reads_rows_upside_down() {
        let data = [1, 2, 9, 3, 4, 9, 5, 6];
        let view = FrameView::packed(PixelFormat::Gray8, &data, 2, 3, -3).expect("valid");
        let rows: Vec<&[u8]> = (0..3).map(|row| view.planes()[0].row(row, view.layout(0))).collect();
        assert_eq!(rows, [&[5, 6], &[3, 4], &[1, 2]]);
        let cropped = view.cropped(2, 2);
        assert_eq!(cropped.planes()[0].row(0, cropped.layout(0)), [5, 6]);
        assert_eq!(cropped.planes()[0].row(1, cropped.layout(0)), [3, 4]);
        let strip = view.strip(1, 2);
        assert_eq!([0, 1].map(|row| strip.planes()[0].row(row, strip.layout(0))), [[3, 4], [1, 2]]);
    }

    #[test]
    fn bad_geometry_is_refused_with_its_numbers() {
        let data = [0; 100];
        assert_eq!(FrameView::rgb(&data, 0, 5).unwrap_err(), InvalidFrame::Size { width: 0, height: 5 });
        assert_eq!(
            FrameView::rgb(&data, 10, 5).unwrap_err(),
            InvalidFrame::BufferTooShort { plane: 0, bytes: 100, needed: 150 }
        );
        assert_eq!(
            FrameView::packed(PixelFormat::Rgba, &data, 5, 5, -19).unwrap_err(),
            InvalidFrame::StrideTooShort { plane: 0, stride: -19, row_bytes: 20 }
        );
        assert_eq!(
            FrameView::packed(PixelFormat::Nv12, &data, 5, 5, 19).unwrap_err(),
            InvalidFrame::NotPacked { pixel_format: "nv12" }
        );
        assert_eq!(
            FrameView::yuv420p(&data, 10, 8).unwrap_err(),
            InvalidFrame::BufferTooShort { plane: 2, bytes: 0, needed: 20 }
        );
        let planes = [Plane { data: &data, stride: 10 }; 2];
        assert_eq!(
            FrameView::planar(PixelFormat::Yuv420p, &planes, 10, 8).unwrap_err(),
            InvalidFrame::PlaneCount { pixel_format: "yuv420p", planes: 2, needed: 3 }
        );
    }

    #[test]
    fn the_last_row_needs_no_padding() {
        let data = [0; 16 + 12];
        assert!(FrameView::packed(PixelFormat::Rgba, &data, 3, 2, 16).is_ok());
        assert!(FrameView::packed(PixelFormat::Rgba, &data[1..], 3, 2, 16).is_err());
    }
}
