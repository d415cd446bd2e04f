"""Converts pictures of all kinds to what the native part reads: the memory of an array, and the layout of its samples.

Nothing is copied or converted here, except for rare types: other byte orders, half floats and long doubles.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from ._errors import FrameError, FrameTypeError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The types of samples that the native part reads, by their kind and bytes.
SAMPLES = {("b", 1): "bool", ("u", 1): "u8", ("u", 2): "u16", ("f", 4): "f32", ("f", 8): "f64"}


class Pixels(NamedTuple):
    """A picture for the native part."""

    memory: NDArray[np.uint8]  # from the array's lowest byte to its highest
    first: int  # the byte where the first sample starts
    samples: str  # one of SAMPLES
    shape: tuple[int, int, int]  # height, width, channels
    strides: tuple[int, int, int]  # bytes
    deep: bool  # whether floats become 16 bits, and not 8

    @property
    def size(self) -> tuple[int, int]:
        return self.shape[1], self.shape[0]

    @property
    def pixel_format(self) -> str:
        """Return the encoder's pixel format, by channels and bits."""
        is_deep = self.samples == "u16" or (self.deep and self.samples in ("f32", "f64"))
        names = {1: ("gray", "gray16le"), 3: ("rgb24", "rgb48le"), 4: ("rgba", "rgba64le")}
        return names[self.shape[2]][is_deep]


def pixels_of(frame: object, index: int, deep: bool = False, layout: str | None = None) -> Pixels:
    """Convert a picture of any type for the native part.

    Parameters
    ----------
    frame : object
        A NumPy array, another library's array, a buffer, or a PIL image.
    index : int
        The number of the frame in the movie, for messages.
    deep : bool, default False
        Whether floats become 16 bits, and not 8.
    layout : {"HWC", "CHW"}, optional
        The order of the axes, if the caller knows it.

    Raises
    ------
    FrameError
        The shape or the type of the samples does not fit a picture, or a value is out of range.
    FrameTypeError
        `frame` is not a picture.
    """
    array = _array(frame, index)
    if layout is not None:
        array = _channels_last(array, index, layout)
    array = _samples(array, index, deep)
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise FrameError(f"frame {index} has the shape {array.shape}: {_hint(array.shape)}")
    if array.size == 0:
        raise FrameError(f"frame {index} has the shape {array.shape}: it has no pixels")
    return laid_out(array, deep)


def _hint(shape: tuple[int, ...]) -> str:
    """Return a hint on what to do with an array whose shape does not fit a picture."""
    if len(shape) == 3 and shape[0] in (1, 3, 4):
        return 'its channels come first; give layout="CHW" (layout="TCHW" in framemill.write_video)'
    if len(shape) == 4:
        return "that is several pictures; write them one by one, or give them to framemill.write_video"
    return "give (height, width), or (height, width, channels) with 1, 3 or 4 channels"


def _channels_last(array: NDArray[Any], index: int, layout: str) -> NDArray[Any]:
    """Return the picture with its channels on the last axis."""
    channels = layout.index("C")
    if array.ndim != 3 or array.shape[channels] not in (1, 3, 4):
        raise FrameError(
            f"frame {index} has the shape {array.shape}, and the layout {layout} means three axes, with 1, 3 or 4"
            f" channels on the {'first' if channels == 0 else 'last'} one"
        )
    return array.transpose(1, 2, 0) if layout == "CHW" else array


def laid_out(array: NDArray[Any], deep: bool = False) -> Pixels:
    """Describe an array, (height, width) or (height, width, channels), whose samples the native part can read."""
    if array.ndim == 2:
        array = array[:, :, None]
    last = [(places - 1) * stride for places, stride in zip(array.shape, array.strides, strict=True)]
    first = -sum(offset for offset in last if offset < 0)
    # The sample at the lowest address, and from there all bytes up to the highest.
    lowest = array[tuple(slice(-1, None) if offset < 0 else slice(1) for offset in last)]
    reach = sum(map(abs, last)) + array.itemsize
    memory = as_strided(lowest.reshape(-1).view(np.uint8), (reach,), (1,), writeable=False)
    samples = SAMPLES[array.dtype.kind, array.itemsize]
    (height, width, channels), (row, pixel, sample) = array.shape, array.strides
    return Pixels(memory, first, samples, (height, width, channels), (row, pixel, sample), deep)


def _samples(array: NDArray[Any], index: int, deep: bool) -> NDArray[Any]:
    """Return the same picture in a type that the native part reads."""
    kind = array.dtype
    if kind.kind == "f" and kind.itemsize == 2:
        # A half-precision float cannot hold 65,535.
        return array.astype(np.float32)
    if kind.kind == "f" and kind.itemsize > 8:
        return _rounded(array, index, deep)
    if (kind.kind, kind.itemsize) not in SAMPLES:
        raise FrameError(
            f"frame {index} is of {kind}: give uint8, bool, uint16, or floats from 0 to 1, as in frame.astype(np.uint8)"
        )
    return array if kind.isnative else array.astype(kind.newbyteorder("="))


def _rounded(array: NDArray[Any], index: int, deep: bool) -> NDArray[Any]:
    """Convert long doubles to 8 or 16 bits, rounding once."""
    outside = np.argwhere(~((array >= 0) & (array <= 1)))
    if outside.size:
        where = tuple(outside[0])
        place = f" at row {where[0]}, column {where[1]}" if array.ndim in (2, 3) else ""
        raise FrameError(
            f"frame {index}: {array[where]}{place} is not between 0 (black) and 1 (white): scale the floats, or use"
            " np.clip"
        )
    levels: NDArray[Any] = array * array.dtype.type(65_535 if deep else 255) + array.dtype.type(0.5)
    return levels.astype(np.uint16 if deep else np.uint8)


def figure_of(frame: Any) -> Figure | None:
    """Return the Matplotlib figure that `frame` is, or belongs to."""
    figures = sys.modules.get("matplotlib.figure")
    return frame.figure if figures is not None and isinstance(frame, figures.FigureBase) else None


def _array(frame: Any, index: int) -> NDArray[Any]:
    """Return the pixels of a picture of any type as a NumPy array."""
    if isinstance(frame, np.ma.MaskedArray) and np.ma.is_masked(frame):
        raise FrameError(f"frame {index} has masked pixels: fill them, as in frame.filled(0)")
    if isinstance(frame, np.ndarray):
        # This also converts subclasses: matrices and masked arrays.
        return np.asarray(frame)
    if (pillow := sys.modules.get("PIL.Image")) is not None and isinstance(frame, pillow.Image):
        return _pillow(frame, index)
    if hasattr(frame, "__array_interface__") or hasattr(frame, "__array__") or hasattr(frame, "__dlpack__"):
        return _tensor(frame, index)
    try:
        return np.asarray(memoryview(frame))
    except TypeError:
        raise FrameTypeError(
            f"frame {index} is of the type {type(frame).__name__}, which is no picture: give a NumPy array,"
            " a buffer, a PIL image or a matplotlib figure"
        ) from None


def _tensor(frame: Any, index: int) -> NDArray[Any]:
    """Return the pixels of another library's array, unless it is on a GPU or records gradients."""
    try:
        if hasattr(frame, "__array_interface__") or hasattr(frame, "__array__"):
            return np.asarray(frame)
        return np.from_dlpack(frame)
    except (TypeError, ValueError, RuntimeError, BufferError) as error:
        raise FrameTypeError(
            f"frame {index} is of the type {type(frame).__name__}, and NumPy cannot read it: {error}"
        ) from error


def _pillow(image: Any, index: int) -> NDArray[Any]:
    mode = image.mode
    # The modes I and F do not define which value is white: they are treated as arrays.
    if mode == "F" or mode.startswith("I"):
        if "transparency" in image.info:
            raise FrameError(f"frame {index} has a transparent value in mode {mode}: give image.convert('RGBA')")
        return np.asarray(image)
    if mode == "LAB":
        raise FrameError(f"frame {index} is in mode LAB: make RGB of it with PIL.ImageCms")
    if mode == "La":
        image = image.convert("LA")
    has_alpha = mode in ("LA", "La", "PA", "RGBa") or "transparency" in image.info
    if has_alpha or (mode == "P" and image.palette.mode == "RGBA"):
        return np.asarray(image.convert("RGBA"))
    return np.asarray(image if mode in ("1", "L", "RGB", "RGBA") else image.convert("RGB"))
