"""Movies of xarray's arrays: `array.framemill.movie("m.mp4", dim="time")`.

Importing this module registers the accessor.

>>> import framemill.xarray
>>> temperature.framemill.movie("temperature.mp4", dim="time", cmap="magma")  # doctest: +SKIP
"""

from __future__ import annotations

import os
from collections.abc import Hashable
from functools import partial
from typing import Any

from xarray import DataArray, register_dataarray_accessor

from ._errors import SettingsTypeError
from ._options import path_or_file
from ._rendering import render
from ._stats import Stats
from ._writer import FrameRate
from ._xarray._arguments import check_look, check_options, pixel_size
from ._xarray._axes import arranged
from ._xarray._drawing import draw_pixels, draw_plot, make_plot, make_reader
from ._xarray._frame_style import style_of_colors, style_of_values
from ._xarray._frame_titles import DEFAULT, titles
from ._xarray._reading import source_of

__all__ = ["Movies"]


class Movies:
    """The accessor `framemill` of every `xarray.DataArray`.

    Parameters
    ----------
    array : xarray.DataArray
        The array.
    """

    def __init__(self, array: DataArray) -> None:
        self._array = array

    def movie(
        self,
        output: str | os.PathLike[str],
        dim: Hashable = "time",
        fps: FrameRate = 30,
        *,
        cmap: Any = None,
        vmin: float | None = None,
        vmax: float | None = None,
        norm: Any = None,
        quantiles: tuple[float, float] = (0.02, 0.98),
        x: Hashable | None = None,
        y: Hashable | None = None,
        rgb: Hashable | None = None,
        labels: bool = True,
        title: str = DEFAULT,
        figsize: tuple[float, float] | None = None,
        dpi: float | None = None,
        scale: int | tuple[int, int] | None = None,
        executor: Any = None,
        **options: Any,
    ) -> Stats:
        """Write a movie of the array along a dimension.

        Each frame is a plot of two other dimensions, with labels, a color bar and a title. Only the picture and the
        title are redrawn for each frame. With `labels=False`, each value is one pixel. Dask arrays and arrays in files
        are read a few frames at a time.

        Parameters
        ----------
        output : path
            The movie. Its name sets the container.
        dim : hashable, default "time"
            The dimension of the frames.
        fps : float, Fraction or str, default 30
            Frames per second.
        cmap : str or matplotlib.colors.Colormap, optional
            The color map. By default `image.cmap` of Matplotlib's settings.
        vmin, vmax : float, optional
            The values at the two ends of the color map. By default the `quantiles`. For an array of colors, the values
            for black and for full brightness: by default the whole range of uint8 and uint16, and 0 to 1 for floats.
            The color bar has a triangle on each side where values lie beyond. If the array is not in memory and you
            give both, the array is not read in advance, and there are no triangles.
        norm : matplotlib.colors.Normalize, optional
            How values become colors, as in LogNorm(). If it has no vmin and vmax, the `quantiles` are used.
        quantiles : (float, float), default (0.02, 0.98)
            The shares of all finite values that are below vmin and vmax. They are exact for up to 4 million values.
            For larger arrays, they are computed from at most 4 million values of 64 frames.
        x, y : hashable, optional
            The horizontal and the vertical dimension, or coordinates along them, which may have two dimensions. By
            default, x is the last dimension, and y the one before it.
        rgb : hashable, optional
            The dimension of 3 or 4 colors. By default it is found if each frame has three dimensions.
        labels : bool, default True
            Draw axes, a color bar and titles. With False, each value becomes a pixel.
        title : str, default "{dim} = {value}"
            The title of each frame. {dim} is the dimension, {value} the coordinate and {number} the index. Formats
            apply to the coordinate itself, as in {value:.1f} for numbers and {value:%Y} for dates.
        figsize : (float, float), optional
            Width and height of the figure, in inches.
        dpi : float, optional
            Dots per inch.
        scale : int or (int, int), optional
            Without labels, a number n draws each value as a square of n x n pixels. (width, height) scales the frames.
        executor : int, concurrent.futures.Executor or dask.distributed.Client, optional
            What draws the frames, as for `framemill.render`: for example a number of processes.
        **options
            As for `framemill.render`: crf=18, preset="fast", segment=100, scratch="folder", progress=True, …

        Returns
        -------
        Stats
            What the encoders did.

        Raises
        ------
        framemill.SettingsError, framemill.SettingsTypeError
            An argument is invalid, or the array does not have the dimensions. Nothing was drawn.
        framemill.InputError
            All values are NaN, and vmin or vmax is missing. Also a ValueError.
        framemill.FrameError
            Colors are out of range. Also a ValueError.
        """
        if path_or_file(output)[0] is None:
            raise SettingsTypeError("the output must be a path: a movie is joined from segments, in a file")
        check_options(options)
        check_look(labels, title, figsize, dpi)
        side = pixel_size(scale, labels)
        array, axes = arranged(self._array, dim, y, x, rgb)
        above = titles(self._array, dim, title)
        if axes.rgb is None:
            style = style_of_values(array, cmap, norm, vmin, vmax, quantiles)
        else:
            style = style_of_colors(cmap, norm, vmin, vmax)
        style = style._replace(figsize=figsize, dpi=dpi)
        if side is not None:
            style = style._replace(pixel_size=side)
        elif scale is not None:
            options["scale"] = scale
        source = source_of(array)
        draw, setup = (
            (partial(draw_plot, style), partial(make_plot, source, axes, style))
            if labels
            else (partial(draw_pixels, style), partial(make_reader, source, axes))
        )
        stats: Stats = render(draw, list(enumerate(above)), output, fps, setup=setup, executor=executor, **options)
        return stats


register_dataarray_accessor("framemill")(Movies)  # type: ignore[no-untyped-call]
