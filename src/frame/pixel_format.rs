//! The pixel formats, by FFmpeg's names, and their layouts in memory.

use std::fmt;
use std::str::FromStr;

use crate::error::InvalidSettings;

/// A pixel format, by FFmpeg's name. 10-bit and 16-bit samples are little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum PixelFormat {
    /// 8-bit luminance, full range.
    Gray8,
    /// 16-bit luminance, full range.
    Gray16Le,
    /// 8-bit red, green, blue.
    Rgb24,
    /// 8-bit blue, green, red.
    Bgr24,
    /// 8-bit red, green, blue, straight alpha.
    Rgba,
    /// 8-bit blue, green, red, straight alpha.
    Bgra,
    /// 8-bit straight alpha, red, green, blue.
    Argb,
    /// 8-bit straight alpha, blue, green, red.
    Abgr,
    /// 8-bit red, green, blue, one unused byte.
    Rgb0,
    /// 8-bit blue, green, red, one unused byte.
    Bgr0,
    /// One unused byte, 8-bit red, green, blue.
    Xrgb,
    /// One unused byte, 8-bit blue, green, red.
    Xbgr,
    /// 16-bit red, green, blue.
    Rgb48Le,
    /// 16-bit red, green, blue, straight alpha.
    Rgba64Le,
    /// 8-bit Y, then U and V at half width and height.
    Yuv420p,
    /// 8-bit Y, then U and V at half width.
    Yuv422p,
    /// 8-bit Y, U and V.
    Yuv444p,
    /// 10-bit Y in 2 bytes, then U and V at half width and height.
    Yuv420p10Le,
    /// 10-bit Y in 2 bytes, then U and V at half width.
    Yuv422p10Le,
    /// 10-bit Y, U and V in 2 bytes each.
    Yuv444p10Le,
    /// 8-bit Y, then U and V interleaved at half width and height.
    Nv12,
    /// 8-bit Y, then U and V at half width and height, then straight alpha.
    Yuva420p,
    /// 10-bit Y, U, V and straight alpha in 2 bytes each.
    Yuva444p10Le,
}

/// The layout of one plane, against which strides and buffers are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaneLayout {
    /// The bytes of a row's pixels, without padding.
    pub row_bytes: usize,
    /// The number of rows.
    pub rows: usize,
}

/// The plane that has alpha, in planar formats.
pub(crate) const ALPHA_PLANE: usize = 3;

impl PixelFormat {
    /// Every format, in the order of the enum.
    pub const ALL: [Self; 23] = [
        Self::Gray8,
        Self::Gray16Le,
        Self::Rgb24,
        Self::Bgr24,
        Self::Rgba,
        Self::Bgra,
        Self::Argb,
        Self::Abgr,
        Self::Rgb0,
        Self::Bgr0,
        Self::Xrgb,
        Self::Xbgr,
        Self::Rgb48Le,
        Self::Rgba64Le,
        Self::Yuv420p,
        Self::Yuv422p,
        Self::Yuv444p,
        Self::Yuv420p10Le,
        Self::Yuv422p10Le,
        Self::Yuv444p10Le,
        Self::Nv12,
        Self::Yuva420p,
        Self::Yuva444p10Le,
    ];

    /// Returns FFmpeg's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gray8 => "gray",
            Self::Gray16Le => "gray16le",
            Self::Rgb24 => "rgb24",
            Self::Bgr24 => "bgr24",
            Self::Rgba => "rgba",
            Self::Bgra => "bgra",
            Self::Argb => "argb",
            Self::Abgr => "abgr",
            Self::Rgb0 => "rgb0",
            Self::Bgr0 => "bgr0",
            Self::Xrgb => "0rgb",
            Self::Xbgr => "0bgr",
            Self::Rgb48Le => "rgb48le",
            Self::Rgba64Le => "rgba64le",
            Self::Yuv420p => "yuv420p",
            Self::Yuv422p => "yuv422p",
            Self::Yuv444p => "yuv444p",
            Self::Yuv420p10Le => "yuv420p10le",
            Self::Yuv422p10Le => "yuv422p10le",
            Self::Yuv444p10Le => "yuv444p10le",
            Self::Nv12 => "nv12",
            Self::Yuva420p => "yuva420p",
            Self::Yuva444p10Le => "yuva444p10le",
        }
    }

    /// Returns whether pixels are red, green and blue.
    #[must_use]
    pub const fn is_rgb(self) -> bool {
        !self.is_gray() && !self.is_yuv()
    }

    /// Returns whether pixels are only luminance.
    #[must_use]
    pub const fn is_gray(self) -> bool {
        matches!(self, Self::Gray8 | Self::Gray16Le)
    }

    /// Returns whether pixels are luma and chroma.
    #[must_use]
    pub const fn is_yuv(self) -> bool {
        matches!(
            self,
            Self::Yuv420p
                | Self::Yuv422p
                | Self::Yuv444p
                | Self::Yuv420p10Le
                | Self::Yuv422p10Le
                | Self::Yuv444p10Le
                | Self::Nv12
                | Self::Yuva420p
                | Self::Yuva444p10Le
        )
    }

    /// Returns whether pixels have alpha.
    #[must_use]
    pub const fn has_alpha(self) -> bool {
        matches!(
            self,
            Self::Rgba
                | Self::Bgra
                | Self::Argb
                | Self::Abgr
                | Self::Rgba64Le
                | Self::Yuva420p
                | Self::Yuva444p10Le
        )
    }

    /// Returns the same layout with its alpha unused.
    pub(crate) const fn without_alpha(self) -> Self {
        match self {
            Self::Rgba => Self::Rgb0,
            Self::Bgra => Self::Bgr0,
            Self::Argb => Self::Xrgb,
            Self::Abgr => Self::Xbgr,
            Self::Yuva420p => Self::Yuv420p,
            Self::Yuva444p10Le => Self::Yuv444p10Le,
            other => other,
        }
    }

    /// Returns the significant bits of a sample.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Gray16Le | Self::Rgb48Le | Self::Rgba64Le => 16,
            Self::Yuv420p10Le | Self::Yuv422p10Le | Self::Yuv444p10Le | Self::Yuva444p10Le => 10,
            _ => 8,
        }
    }

    /// Returns how many times chroma is halved horizontally and vertically.
    #[must_use]
    pub const fn chroma_shift(self) -> (u32, u32) {
        match self {
            Self::Yuv420p | Self::Yuv420p10Le | Self::Nv12 | Self::Yuva420p => (1, 1),
            Self::Yuv422p | Self::Yuv422p10Le => (1, 0),
            _ => (0, 0),
        }
    }

    /// Returns the number of planes.
    #[must_use]
    pub const fn plane_count(self) -> usize {
        match self {
            Self::Nv12 => 2,
            _ if self.is_yuv() => 3 + self.has_alpha() as usize,
            _ => 1,
        }
    }

    /// Returns the bytes from one pixel of plane 0 to the next.
    pub(crate) const fn pixel_bytes(self) -> usize {
        match self {
            Self::Gray8 | Self::Yuv420p | Self::Yuv422p | Self::Yuv444p | Self::Nv12 | Self::Yuva420p => 1,
            Self::Gray16Le | Self::Yuv420p10Le | Self::Yuv422p10Le | Self::Yuv444p10Le | Self::Yuva444p10Le => 2,
            Self::Rgb24 | Self::Bgr24 => 3,
            Self::Rgba
            | Self::Bgra
            | Self::Argb
            | Self::Abgr
            | Self::Rgb0
            | Self::Bgr0
            | Self::Xrgb
            | Self::Xbgr => 4,
            Self::Rgb48Le => 6,
            Self::Rgba64Le => 8,
        }
    }

    /// Returns the bytes from one sample position of plane `plane` to the next.
    pub(crate) const fn sample_bytes(self, plane: usize) -> usize {
        let interleaved = matches!(self, Self::Nv12) && plane > 0;
        if interleaved { 2 * self.pixel_bytes() } else { self.pixel_bytes() }
    }

    /// Returns the layout of plane `plane` of a picture. Odd chroma sizes are rounded up, as in FFmpeg.
    #[must_use]
    pub const fn plane_layout(self, plane: usize, width: u32, height: u32) -> PlaneLayout {
        let (width, height) = (width as usize, height as usize);
        if plane == 0 || plane == ALPHA_PLANE {
            return PlaneLayout { row_bytes: width.saturating_mul(self.pixel_bytes()), rows: height };
        }
        let (across, down) = self.chroma_shift();
        let samples = width.div_ceil(1 << across);
        PlaneLayout { row_bytes: samples * self.sample_bytes(plane), rows: height.div_ceil(1 << down) }
    }

    /// Returns the bytes of a picture whose rows and planes follow each other without padding.
    #[must_use]
    pub const fn frame_bytes(self, width: u32, height: u32) -> usize {
        let (mut bytes, mut plane) = (0, 0);
        while plane < self.plane_count() {
            let layout = self.plane_layout(plane, width, height);
            bytes = layout.row_bytes.saturating_mul(layout.rows).saturating_add(bytes);
            plane += 1;
        }
        bytes
    }
}

impl fmt::Display for PixelFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Parses FFmpeg's names; also `gray8`, and `gray16`, `rgb48`, `rgba64` and `yuv420p10` without `le`.
impl FromStr for PixelFormat {
    type Err = InvalidSettings;

    fn from_str(text: &str) -> Result<Self, InvalidSettings> {
        let lower = text.to_lowercase();
        let name = match lower.as_str() {
            "gray8" => "gray",
            "gray16" => "gray16le",
            "rgb48" => "rgb48le",
            "rgba64" => "rgba64le",
            "yuv420p10" => "yuv420p10le",
            "yuv422p10" => "yuv422p10le",
            "yuv444p10" => "yuv444p10le",
            "yuva444p10" => "yuva444p10le",
            "xrgb" => "0rgb",
            "xbgr" => "0bgr",
            "rgbx" => "rgb0",
            "bgrx" => "bgr0",
            other => other,
        };
        Self::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| InvalidSettings::unknown_name(None, "pixel format", text, &Self::ALL.map(Self::name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for format in PixelFormat::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        assert_eq!("YUV420P10".parse(), Ok(PixelFormat::Yuv420p10Le));
        assert!("rgb".parse::<PixelFormat>().expect_err("rgb").to_string().contains("did you mean \"rgb0\"?"));
    }

    #[test]
    fn odd_sizes_round_chroma_up() {
        let chroma = PixelFormat::Yuv420p.plane_layout(1, 5, 3);
        assert_eq!(chroma, PlaneLayout { row_bytes: 3, rows: 2 });
        assert_eq!(PixelFormat::Nv12.plane_layout(1, 5, 3), PlaneLayout { row_bytes: 6, rows: 2 });
        assert_eq!(PixelFormat::Yuv422p10Le.plane_layout(2, 5, 3), PlaneLayout { row_bytes: 6, rows: 3 });
        assert_eq!(PixelFormat::Yuv420p.frame_bytes(5, 3), 15 + 6 + 6);
        assert_eq!(PixelFormat::Rgb48Le.frame_bytes(2, 2), 24);
    }
}
