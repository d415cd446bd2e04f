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

from ._errors import SettingsError
from ._rendering import render
from ._stats import Stats
from ._writer import FrameRate
from ._xarray._axes import arranged
from ._xarray._drawing import draw_pixels, draw_plot, make_plot, make_reader
from ._xarray._look import look_of_colors, look_of_values
from ._xarray._reading import source_of
from ._xarray._titles import titles

__all__ = ["Movies"]


class Movies:
    """What every `xarray.DataArray` has as `framemill`.

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
        title: str = "{dim} = {value}",
        figsize: tuple[float, float] | None = None,
        dpi: float | None = None,
        scale: int | tuple[int, int] | None = None,
        executor: Any = None,
        **options: Any,
    ) -> Stats:
        """Write a movie of the array along a dimension.

        Each frame is a plot of two other dimensions, with labels, a color bar and a title, in which only the picture
        and the title are drawn anew. Without labels it is a pixel for each value. Arrays that Dask computes, or that
        are in a file, are read a few frames at a time.

        Parameters
        ----------
        output : path
            The movie. Its name sets the container.
        dim : hashable, default "time"
            The dimension of the frames.
        fps : float, Fraction or str, default 30
            Frames a second.
        cmap : str or matplotlib.colors.Colormap, optional
            The colors; `image.cmap` of Matplotlib's settings by default.
        vmin, vmax : float, optional
            The values at the ends of the colors; the `quantiles` by default. For an array of colors, what is black
            and what is full; without them, uint8 and uint16 span their range, and floats go from 0 to 1.
        norm : matplotlib.colors.Normalize, optional
            How values become colors, as in LogNorm(). It has its own vmin and vmax, or gets the `quantiles`.
        quantiles : (float, float), default (0.02, 0.98)
            The shares of all finite values that are below vmin and vmax. They are exact up to 4 million values; of
            larger arrays, 64 frames are read, and at most 4 million values are taken.
        x, y : hashable, optional
            The dimensions across and upward, or coordinates over them, which may have two dimensions. By default the
            last one is x, and the one before is y.
        rgb : hashable, optional
            The dimension of 3 or 4 colors. By default it is found where three dimensions are left for each frame.
        labels : bool, default True
            Draw axes, a color bar and titles. With False a value becomes a pixel.
        title : str, default "{dim} = {value}"
            The title of each frame, with {dim}, {value} of its coordinate and {number} in it.
        figsize : (float, float), optional
            Width and height of the figure, in inches.
        dpi : float, optional
            Pixels an inch.
        scale : int or (int, int), optional
            Without labels, a number makes each value a square of so many pixels. Width and height scale the frames.
        executor : int, concurrent.futures.Executor or dask.distributed.Client, optional
            Who draws, as for `framemill.render`: a number of processes, for one.
        **options
            As for `framemill.render`: crf=18, preset="fast", segment=100, scratch="folder", progress=True, …

        Returns
        -------
        Stats
            What the encoders did.

        Raises
        ------
        framemill.SettingsError, framemill.SettingsTypeError
            An argument cannot be used, or the array has other dimensions. Nothing was drawn.
        framemill.InputError
            All values are NaN, and vmin or vmax is missing. Also a ValueError.
        framemill.FrameError
            Colors are out of their range. Also a ValueError.
        """
        array, axes = arranged(self._array, dim, y, x, rgb)
        above = titles(self._array, dim, title)
        if axes.rgb is None:
            look = look_of_values(array, cmap, norm, vmin, vmax, quantiles)
        else:
            look = look_of_colors(cmap, norm, vmin, vmax)
        look = look._replace(figsize=figsize, dpi=dpi)
        if isinstance(scale, int) and not isinstance(scale, bool):
            if labels or scale < 1:
                raise SettingsError(f"scale={scale} is for labels=False, from 1 on: with labels, set figsize and dpi")
            look = look._replace(pixel_size=scale)
        elif scale is not None:
            options["scale"] = scale
        source = source_of(array)
        draw, setup = (
            (partial(draw_plot, look), partial(make_plot, source, axes, look))
            if labels
            else (partial(draw_pixels, look), partial(make_reader, source, axes))
        )
        stats: Stats = render(draw, list(enumerate(above)), output, fps, setup=setup, executor=executor, **options)
        return stats


register_dataarray_accessor("framemill")(Movies)  # type: ignore[no-untyped-call]
