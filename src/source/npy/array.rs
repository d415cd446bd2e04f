//! Interprets the header of an array.

use std::io::Read;

use super::header;
use super::literal::Literal;
use super::samples::NpyType;
use super::shape::{self, Shape};
use crate::error::{Error, InvalidInput, Result};
use crate::source::FrameLayout;

/// The part of a header that matters for frames.
pub(super) struct Array {
    pub(super) sample_type: NpyType,
    pub(super) shape: Shape,
    pub(super) fortran_order: bool,
    /// Bytes of all samples.
    pub(super) bytes: u64,
}

impl Array {
    /// Reads a header from `reader`. Errors refer to it as `name`.
    pub(super) fn read(reader: &mut impl Read, name: &str) -> Result<Self> {
        let literal = header::read(reader, name)?;
        Self::of(literal).map_err(|problem| Error::Input { name: name.to_owned(), problem })
    }

    fn of(literal: Literal) -> Result<Self, InvalidInput> {
        let Literal { descr, fortran_order, shape: lengths } = literal;
        let sample_type = NpyType::parse(&descr).map_err(|hint| InvalidInput::SampleType { dtype: descr, hint })?;
        let shape_problem = |hint| InvalidInput::Shape { shape: shape::spelled(&lengths), hint };
        let shape = Shape::new(&lengths).map_err(shape_problem)?;
        if matches!(lengths[..], [3 | 4, _, _]) {
            let spelled = shape::spelled(&lengths);
            tracing::warn!(
                "an array of shape {spelled} is {} gray frames; of a picture whose channels come first, save \
                 np.moveaxis(a, 0, -1)",
                shape.frames
            );
        }
        let bytes = shape.array_bytes(sample_type.bytes());
        let bytes = bytes.ok_or_else(|| shape_problem("its bytes cannot be counted in 64 bits"))?;
        Ok(Self { sample_type, shape, fortran_order, bytes })
    }

    pub(super) fn layout(&self) -> FrameLayout {
        let format = self.sample_type.pixel_format(self.shape.channels);
        FrameLayout::new(format, self.shape.width, self.shape.height)
    }

    /// Returns the bytes of a frame in the array.
    pub(super) fn frame_bytes(&self) -> usize {
        self.shape.frame_samples() as usize * self.sample_type.bytes()
    }

    /// Rejects Fortran order, which can only be read from a file.
    pub(super) fn refuse_fortran_order(&self, name: &str) -> Result<()> {
        if self.fortran_order {
            return Err(Error::Input { name: name.to_owned(), problem: InvalidInput::FortranOrder });
        }
        Ok(())
    }
}
