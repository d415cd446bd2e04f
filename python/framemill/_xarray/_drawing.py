"""Draws frames: the functions that `framemill.render` calls, in this process or in its workers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from xarray import DataArray

from .._errors import FrameError
from ._axes import AxisNames, grows, is_evenly_spaced
from ._frame_style import FrameStyle
from ._reading import ArrayFrames, array_of


class Plot(NamedTuple):
    """A figure that shows one frame after another, in a worker."""

    figure: Any
    axes: Any
    picture: Any
    frames: ArrayFrames


def make_plot(source: Any, axes: AxisNames, style: FrameStyle) -> Plot:
    """Make the figure, with the first frame, its labels and its color bar."""
    from matplotlib.figure import Figure

    array = array_of(source)
    figure = Figure(figsize=style.figsize, dpi=style.dpi)
    panel = figure.subplots()
    first = array[0]
    keywords: dict[str, Any] = {"x": axes.x, "y": axes.y, "ax": panel}
    if style.norm is not None:
        keywords.update(norm=style.norm, cmap=style.cmap, extend=style.extend)
    if axes.rgb is not None:
        # It is black until `draw` shows a frame, because xarray would compute the limits of its values.
        black = DataArray(np.zeros(first.shape, np.uint8), first.coords, first.dims)
        picture = black.plot.imshow(rgb=axes.rgb, **keywords)
    elif is_evenly_spaced(array, axes.x) and is_evenly_spaced(array, axes.y):
        picture = first.plot.imshow(**keywords)
    else:
        picture = first.plot.pcolormesh(**keywords)
    if axes.y not in array.coords:
        # Rows without coordinates are ordered as in a picture: the first one is on top.
        panel.yaxis.set_inverted(True)
    return Plot(figure, panel, picture, ArrayFrames(array))


def draw_plot(style: FrameStyle, plot: Plot, item: tuple[int, str]) -> Any:
    """Show a frame and its title in the figure."""
    number, title = item
    values = plot.frames.read(number)
    if style.norm is None:
        plot.picture.set_data(_colors(values, style, number))
    elif hasattr(plot.picture, "set_data"):
        plot.picture.set_data(np.ma.masked_invalid(values))
    else:
        plot.picture.set_array(np.ma.masked_invalid(values))
    plot.axes.set_title(title)
    return plot.figure


class Reader(NamedTuple):
    """Frames without labels, in a worker."""

    frames: ArrayFrames
    order: tuple[slice, slice]  # of rows and of columns, so that coordinates grow upward and to the right


def make_reader(source: Any, axes: AxisNames) -> Reader:
    """Make the reader of the frames."""
    array = array_of(source)
    backward, forward = slice(None, None, -1), slice(None)
    rows = backward if grows(array, axes.y) is True else forward
    columns = backward if grows(array, axes.x) is False else forward
    return Reader(ArrayFrames(array), (rows, columns))


def draw_pixels(style: FrameStyle, reader: Reader, item: tuple[int, str]) -> NDArray[Any]:
    """Return the colors of a frame, with one pixel for each value, or a square of pixels."""
    number, _ = item
    values = reader.frames.read(number)[reader.order]
    if style.norm is None:
        colors = _colors(values, style, number)
    else:
        colors = style.cmap(style.norm(np.ma.masked_invalid(values)), bytes=True)
    size = style.pixel_size
    return colors if size == 1 else colors.repeat(size, 0).repeat(size, 1)


def _colors(values: NDArray[Any], style: FrameStyle, number: int) -> NDArray[Any]:
    """Return colors as bytes, or as floats from 0 to 1, transparent where there are none."""
    if style.limits is not None:
        low, high = style.limits
        values = np.clip((values.astype(np.float32) - low) / (high - low), 0, 1)
    elif values.dtype == np.uint16:
        values = values / np.float32(65_535)
    elif values.dtype == np.bool_:
        values = values * np.uint8(255)
    if values.dtype == np.uint8:
        return values
    if values.dtype.kind != "f" or np.nanmin(values, initial=0) < 0 or np.nanmax(values, initial=0) > 1:
        raise FrameError(
            f"frame {number}: colors are of {values.dtype} and go from {np.nanmin(values)} to {np.nanmax(values)}: give"
            " uint8, uint16, floats from 0 to 1, or vmin and vmax"
        )
    return _with_transparency(values)


def _with_transparency(values: NDArray[Any]) -> NDArray[Any]:
    known = np.isfinite(values).all(axis=2, keepdims=True)
    opacity = values[..., 3:] if values.shape[2] == 4 else known
    return np.concatenate([np.where(known, values[..., :3], 0), np.where(known, opacity, 0)], axis=2)
