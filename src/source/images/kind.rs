//! Detects the kind of a picture by its first bytes.

/// A kind of picture file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PictureKind {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
    /// Windows bitmap.
    Bmp,
    /// PBM, PGM, PPM or PAM, of the Netpbm family.
    Pnm,
    /// TIFF. Only from files, not from streams, because its end is not marked.
    Tiff,
    /// OpenEXR. Only from files, not from streams, because its end is not marked.
    Exr,
    /// GIF, which is an animation of one or more frames.
    Gif,
}

impl PictureKind {
    /// The number of bytes that [`of_start`](Self::of_start) reads.
    pub const START_BYTES: usize = 18;

    /// Returns the kind of a file or stream that starts with `start`. Fewer bytes than
    /// [`START_BYTES`](Self::START_BYTES) suffice if there are no more.
    ///
    /// ```
    /// use framemill::PictureKind;
    /// assert_eq!(PictureKind::of_start(b"\x89PNG\r\n\x1a\n"), Some(PictureKind::Png));
    /// assert_eq!(PictureKind::of_start(b"YUV4MPEG2 W2 H2\n"), None);
    /// ```
    #[must_use]
    pub fn of_start(start: &[u8]) -> Option<Self> {
        match start {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            // SOI, and the start of any marker that may follow.
            [0xff, 0xd8, 0xff, 0xc0..=0xfe, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            // The size of the second header comes after the first header, of 14 bytes.
            [b'B', b'M', header @ ..] if matches!(header.get(12..16), Some([12..=124, 0, 0, 0])) => Some(Self::Bmp),
            [b'P', b'1'..=b'6', space, digit, ..] if space.is_ascii_whitespace() && starts_number(*digit) => {
                Some(Self::Pnm)
            }
            [b'P', b'7', b'\n', b'#' | b'A'..=b'Z', ..] => Some(Self::Pnm),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Self::Tiff),
            [0x76, 0x2f, 0x31, 0x01, ..] => Some(Self::Exr),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            _ => None,
        }
    }

    /// Returns the name of the kind.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Bmp => "BMP",
            Self::Pnm => "PNM",
            Self::Tiff => "TIFF",
            Self::Exr => "OpenEXR",
            Self::Gif => "GIF",
        }
    }
}

/// Returns whether a Netpbm header may continue with this byte.
fn starts_number(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_whitespace() || byte == b'#'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_pixels_are_seldom_taken_for_pictures() {
        for raw in [&b"BM but a longer text"[..], b"P6", b"P7\n", b"\xff\xd8\xff\x00", b"\0\0\0\0", b"", b"GIF87b"]
        {
            assert_eq!(PictureKind::of_start(raw), None, "{raw:?}");
        }
        assert_eq!(PictureKind::of_start(b"P6\n4 2\n255\n"), Some(PictureKind::Pnm));
        assert_eq!(PictureKind::of_start(b"P7\nWIDTH 4\n"), Some(PictureKind::Pnm));
        assert_eq!(PictureKind::of_start(b"MM\0*"), Some(PictureKind::Tiff));
        assert_eq!(PictureKind::of_start(b"BM..............\x28\0\0\0"), None);
        assert_eq!(PictureKind::of_start(b"BM............\x28\0\0\0"), Some(PictureKind::Bmp));
    }
}
