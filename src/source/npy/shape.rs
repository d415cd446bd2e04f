//! The shape of an array: the number of frames and their size.

/// The largest side of a frame, in pixels.
const MAX_SIDE: u64 = 65_535;

/// Frames of pixels of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) frames: u64,
    pub(super) height: u32,
    pub(super) width: u32,
    /// 1, 3 or 4.
    pub(super) channels: u64,
}

impl Shape {
    /// Interprets the lengths of an array's axes. A last axis of 1, 3 or 4 is the samples of a pixel, and (3, h, w) is
    /// three frames, because NumPy pictures have their channels last.
    ///
    /// # Errors
    /// Why the array does not hold frames, and what to save instead.
    pub(super) fn new(lengths: &[u64]) -> Result<Self, &'static str> {
        let (frames, height, width, channels) = match *lengths {
            [height, width] => (1, height, width, 1),
            [height, width, channels @ (1 | 3 | 4)] => (1, height, width, channels),
            [frames, height, width] => (frames, height, width, 1),
            [frames, height, width, channels @ (1 | 3 | 4)] => (frames, height, width, channels),
            [.., 0] => return Err("it is empty"),
            [_, 1 | 3 | 4, _, _] => return Err("its channels come before its rows: save np.moveaxis(a, 1, -1)"),
            [_, _, _, _] => return Err("a pixel has 1 (gray), 3 (RGB) or 4 (RGBA) samples, on the last axis"),
            _ => return Err("save (frames, height, width) or (frames, height, width, 3 or 4)"),
        };
        if lengths.contains(&0) {
            return Err("it is empty");
        }
        match (u32::try_from(height), u32::try_from(width)) {
            (Ok(height), Ok(width)) if u64::from(height.max(width)) <= MAX_SIDE => {
                Ok(Self { frames, height, width, channels })
            }
            _ => Err("a frame may have at most 65535 rows and columns"),
        }
    }

    /// Returns the samples of a frame.
    pub(super) fn frame_samples(&self) -> u64 {
        u64::from(self.height) * u64::from(self.width) * self.channels
    }

    /// Returns the bytes of the whole array, if 64 bits can count them.
    pub(super) fn array_bytes(&self, sample_bytes: usize) -> Option<u64> {
        self.frame_samples().checked_mul(sample_bytes as u64)?.checked_mul(self.frames)
    }
}

/// Formats a shape as Python does.
pub(super) fn spelled(lengths: &[u64]) -> String {
    let texts: Vec<String> = lengths.iter().map(u64::to_string).collect();
    if let [only] = texts.as_slice() { format!("({only},)") } else { format!("({})", texts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_frames_rows_columns_and_channels() {
        for (lengths, expected) in [
            (&[5, 6][..], (1, 5, 6, 1)),
            (&[7, 5, 6], (7, 5, 6, 1)),
            (&[7, 5, 2], (7, 5, 2, 1)),
            (&[3, 5, 6], (3, 5, 6, 1)),
            (&[5, 6, 1], (1, 5, 6, 1)),
            (&[5, 6, 3], (1, 5, 6, 3)),
            (&[5, 6, 4], (1, 5, 6, 4)),
            (&[7, 5, 3, 1], (7, 5, 3, 1)),
            (&[7, 5, 6, 3], (7, 5, 6, 3)),
            (&[7, 65_535, 65_535, 4], (7, 65_535, 65_535, 4)),
        ] {
            let shape = Shape::new(lengths).expect("frames");
            assert_eq!((shape.frames, shape.height, shape.width, shape.channels), expected, "{lengths:?}");
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        for (lengths, problem) in [
            (&[][..], "save (frames, height, width)"),
            (&[5], "save (frames, height, width)"),
            (&[2, 2, 2, 2, 3], "save (frames, height, width)"),
            (&[7, 3, 64, 48], "its channels come before its rows: save np.moveaxis(a, 1, -1)"),
            (&[7, 5, 6, 2], "a pixel has 1 (gray), 3 (RGB) or 4 (RGBA) samples"),
            (&[0, 5, 6], "it is empty"),
            (&[7, 0, 6, 3], "it is empty"),
            (&[7, 5, 6, 0], "it is empty"),
            (&[7, 5, 0], "it is empty"),
            (&[7, 65_536, 6], "at most 65535 rows and columns"),
            (&[7, 5, u64::MAX, 3], "at most 65535 rows and columns"),
        ] {
            let error = Shape::new(lengths).expect_err("refused");
            assert!(error.contains(problem), "{lengths:?}: {error}");
        }
    }

    #[test]
    fn uncountable_bytes_are_detected() {
        let bytes = |frames| Shape::new(&[frames, 4, 5, 3]).expect("frames").array_bytes(8);
        assert_eq!((bytes(10), bytes(u64::MAX), bytes(1 << 60)), (Some(4_800), None, None));
        assert_eq!((spelled(&[]), spelled(&[3]), spelled(&[3, 4])), ("()".into(), "(3,)".into(), "(3, 4)".into()));
    }
}
