"""Pictures of all kinds as what the converter walks: bytes, a pixel format, a size and a stride.

Nothing is copied where the pixels lie in a way that the converter knows: rows at any distance, upside down too, and
channels in either order. What it does not know (transposed pictures, every second pixel, floats) is copied once.
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

# By channels and bytes a sample: the format, and the one of channels in the opposite order where there is one.
FORMATS = {
    (1, 1): ("gray", None),
    (1, 2): ("gray16le", None),
    (3, 1): ("rgb24", "bgr24"),
    (3, 2): ("rgb48le", None),
    (4, 1): ("rgba", "abgr"),
    (4, 2): ("rgba64le", None),
}
# Three channels of pixels of four bytes, as in rgba[..., :3].
PADDED = ("rgb0", "bgr0")


class Pixels(NamedTuple):
    """A picture for the converter."""

    data: NDArray[np.uint8]  # one-dimensional bytes, contiguous
    pixel_format: str
    width: int
    height: int
    stride: int  # bytes from row to row; negative where they lie upside down

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height


def pixels_of(frame: object, index: int, deep: bool = False) -> Pixels:
    """What `frame`, the movie's number `index`, is for the converter. Floats become 16 bits where `deep`."""
    array = _samples(_array(frame, index), index, deep)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    formats = FORMATS.get((channels, array.itemsize))
    if formats is None:
        raise FrameError(f"frame {index} has the shape {array.shape}: {_hint(array.shape)}")
    height, width = array.shape[:2]
    if height == 0 or width == 0:
        raise FrameError(f"frame {index} has the shape {array.shape}: it has no pixels")
    return _walked(array, channels, formats, width, height)


def _hint(shape: tuple[int, ...]) -> str:
    """What to do with an array of a shape that is no picture's."""
    if len(shape) == 3 and shape[0] in (1, 3, 4):
        return "its channels come first; give np.moveaxis(frame, 0, -1)"
    if len(shape) == 4:
        return "that is several pictures; write them one by one, or give them to framemill.write_video"
    return "give (height, width), or (height, width, channels) with 1, 3 or 4 channels"


def _walked(array: NDArray[Any], channels: int, formats: tuple[str, str | None], width: int, height: int) -> Pixels:
    pixel_format, backward = formats
    upside_down = array.strides[0] < 0 and height > 1
    if upside_down:
        array = array[::-1]
    pixel_bytes = channels * array.itemsize
    if channels > 1 and array.strides[2] == -1 and backward is not None:
        array, pixel_format = array[:, :, ::-1], backward
    inner = array.strides[1:] if channels > 1 else (*array.strides[1:], array.itemsize)
    step = inner[0] if width > 1 else pixel_bytes
    stride = array.strides[0] if height > 1 else width * max(step, pixel_bytes)
    side_by_side = inner[1] == array.itemsize and stride >= width * step
    if channels == 3 and step == 4 and side_by_side and array.itemsize == 1 and _has_room(array, 4 * width, height):
        pixel_format, pixel_bytes = PADDED[pixel_format == "bgr24"], 4
    elif step != pixel_bytes or not side_by_side:
        array, stride = np.ascontiguousarray(array), width * pixel_bytes
    if array.flags.c_contiguous:
        data = array.reshape(-1).view(np.uint8)
    else:
        bytes_in_all = stride * (height - 1) + width * pixel_bytes
        data = as_strided(array.view(np.uint8), (bytes_in_all,), (1,), writeable=False)
    return Pixels(data, pixel_format, width, height, -stride if upside_down else stride)


def _has_room(array: NDArray[Any], row_bytes: int, height: int) -> bool:
    """Whether the byte behind the last pixel is the picture's owner's."""
    owner = array.base
    if not isinstance(owner, np.ndarray) or not owner.flags.c_contiguous:
        return False
    start, address = owner.__array_interface__["data"][0], array.__array_interface__["data"][0]
    return bool(start <= address and address + array.strides[0] * (height - 1) + row_bytes <= start + owner.nbytes)


def _samples(array: NDArray[Any], index: int, deep: bool) -> NDArray[Any]:
    """The same picture in unsigned 8 or 16 bits, little-endian."""
    kind = array.dtype
    if kind == np.uint8:
        return array
    if kind.kind == "u" and kind.itemsize == 2:
        return array.astype("<u2", copy=False)
    if kind == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if kind.kind == "f":
        least, most = (array.min(), array.max()) if array.size else (0.0, 0.0)
        if not (least >= 0.0 and most <= 1.0):
            # In full: 1.0000001 is not 1.
            values = f"the value {least!s}" if least == most else f"values from {least!s} to {most!s}"
            what = "NaN" if np.isnan(least) or np.isnan(most) else values
            raise FrameError(
                f"frame {index} has {what}: floats must lie from 0 (black) to 1 (white); scale them, or use np.clip"
            )
        # A half cannot say 65,535.
        reckoned = array.astype(np.float32) if kind.itemsize == 2 else array
        top = 65_535 if deep else 255
        levels = reckoned * reckoned.dtype.type(top) + reckoned.dtype.type(0.5)
        return levels.astype("<u2" if deep else np.uint8)
    raise FrameError(
        f"frame {index} is of {kind}: give uint8, bool, uint16, or floats from 0 to 1, as in frame.astype(np.uint8)"
    )


def figure_of(frame: Any) -> Figure | None:
    """The figure of matplotlib's that `frame` is, or is a part of."""
    figures = sys.modules.get("matplotlib.figure")
    return frame.figure if figures is not None and isinstance(frame, figures.FigureBase) else None


def _array(frame: Any, index: int) -> NDArray[Any]:
    """The pixels of anything that has some, as an array of numpy's."""
    if isinstance(frame, np.ma.MaskedArray) and np.ma.is_masked(frame):
        raise FrameError(f"frame {index} has masked pixels: say what they show, as in frame.filled(0)")
    if isinstance(frame, np.ndarray):
        # What a matrix or a masked array is, too.
        return np.asarray(frame)
    if (pillow := sys.modules.get("PIL.Image")) is not None and isinstance(frame, pillow.Image):
        return _pillow(frame, index)
    if hasattr(frame, "__array_interface__") or hasattr(frame, "__array__"):
        return np.asarray(frame)
    if hasattr(frame, "__dlpack__"):
        return np.from_dlpack(frame)
    try:
        return np.asarray(memoryview(frame))
    except TypeError:
        raise FrameTypeError(
            f"frame {index} is of the type {type(frame).__name__}, which is no picture: give an array of numpy's,"
            " a buffer, a PIL image or a matplotlib figure"
        ) from None


def _pillow(image: Any, index: int) -> NDArray[Any]:
    mode = image.mode
    # Of I and F nobody says which value is white: they are taken or refused as arrays are.
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
