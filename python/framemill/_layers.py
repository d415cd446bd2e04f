"""Drawing a figure of matplotlib's again and again, and of what did not change nothing.

Artists whose `animated` is set, as those of an animation with `blit=True`, are drawn anew for each frame. Everything
else is drawn once into layers: what lies below the first animated artist is the background, what lies above an
animated one is a layer that is laid over it. Together they are what drawing the whole figure gives, within the rounding
of blending.

When matplotlib marks the figure stale, because something else changed, it is drawn in full, and new layers are made
once it rests.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure, FigureBase
from matplotlib.legend import Legend
from numpy.typing import NDArray

# Before 3.11 the place of a text depended on fractions of a pixel in the canvas's size.
WHOLE_PIXELS = mpl.__version_info__ >= (3, 11)
# Blending rounds: once in Agg when a layer is drawn, and once when it is laid over.
ROUNDING = 2
# The first frame of new layers, these, and every so many after them are compared with the figure as a whole.
CHECKED_FIRST = (10, 100)
CHECKED_EACH = 1_000
# Layers that last for fewer frames than this were not worth making.
WORTHWHILE = 8


BLACK, WHITE = np.array([0, 0, 0, 255], np.uint8), np.array([255] * 4, np.uint8)


class Overlay:
    """A layer that is laid over others: what it makes of black and of white tells what it makes of every colour."""

    def __init__(self, over_black: NDArray[np.uint8], over_white: NDArray[np.uint8]) -> None:
        black, white = over_black.reshape(-1, 4), over_white.reshape(-1, 4)
        touched = (black[:, :3] > 0).any(axis=1) | (white[:, :3] < 255).any(axis=1)
        solid = (black == white).all(axis=1)
        (self._solid,) = np.nonzero(solid)
        self._solid_pixels = black[self._solid].view(np.uint32)[:, 0]
        (self._clear,) = np.nonzero(touched & ~solid)
        part = black[self._clear, :3].astype(np.uint16)
        self._weight = white[self._clear, :3] - part
        self._weighted = 255 * part + 127

    def blend(self, canvas: NDArray[np.uint8]) -> None:
        """Lay it over an opaque canvas."""
        canvas.view(np.uint32).reshape(-1)[self._solid] = self._solid_pixels
        if len(self._clear):
            pixels = canvas.reshape(-1, 4)
            below = pixels[self._clear, :3]
            pixels[self._clear, :3] = (self._weighted + below * self._weight) // 255


class LayeredFigure:
    """A figure, and the canvas that it is drawn on."""

    def __init__(self, figure: Figure, background: str | None = None) -> None:
        self._figure = figure
        self._background = np.array([round(255 * part) for part in to_rgba(background or "white")], np.uint8)
        self._renderer: Any = None
        self._renderer_shape: tuple[float, float, float] = (0, 0, 0)
        self._layers: list[Any] = []
        self._groups: list[list[Artist]] = []
        self._still: list[Artist] = []
        self._known_order: list[tuple[int, float]] = []
        self._drawing = False
        self._broken = False
        # How many frames the figure must have rested before layers are made, and how many it has.
        self._rest_needed, self._rested = 1, 0
        self._layered_frames, self._since_made = 0, 0
        self._changed = True
        self._listener = figure.canvas.mpl_connect("draw_event", self._drawn)

    def close(self) -> None:
        """Listen to the figure no more."""
        self._figure.canvas.mpl_disconnect(self._listener)

    def draw(self) -> NDArray[np.uint8]:
        """The figure as it is now: (height, width, 4) bytes, which the next call overwrites."""
        if self._is_stale():
            self._forget()
            return self._draw_all(self._canvas())
        self._rested += 1
        if not self._layers and not self._broken and self._rested >= self._rest_needed:
            self._make_layers()
        if not self._layers:
            return self._draw_all(self._canvas())
        return self._draw_layered()

    def _drawn(self, _event: Any) -> None:
        # Somebody else drew the figure, and it may not say any more that it had changed.
        if not self._drawing:
            self._changed = True

    def _is_stale(self) -> bool:
        for axes in self._figure.axes:
            # Limits that are to be found anew are, when they are asked for, and mark the figure.
            _ = axes.viewLim
        if self._changed or self._figure.stale or self._renderer is None:
            return True
        # What becomes animated says nothing, and from then on of its changes neither.
        if any(artist.get_animated() for artist in self._still):
            return True
        return self._shape() != self._renderer_shape or self._order() != self._known_order

    def _shape(self) -> tuple[float, float, float]:
        """Width and height in pixels as matplotlib has them for its own canvas, and dots an inch."""
        canvas: Any = self._figure.canvas
        width, height = canvas.get_width_height(physical=True) if WHOLE_PIXELS else self._figure.bbox.size
        return width, height, self._figure.dpi

    def _order(self) -> list[tuple[int, float]]:
        """What decides where the animated artists lie, which matplotlib does not tell of."""
        return [(id(artist), artist.get_zorder()) for group in self._groups for artist in group]

    def _forget(self) -> None:
        if self._layers and self._since_made < WORTHWHILE:
            self._rest_needed = min(2 * self._rest_needed, 64)
        self._layers, self._groups, self._still, self._known_order, self._rested = [], [], [], [], 0
        self._changed = False

    def _canvas(self) -> Any:
        shape = self._shape()
        if self._renderer is None or shape != self._renderer_shape:
            self._renderer, self._renderer_shape = _renderer(*shape), shape
        return self._renderer

    def _draw_all(self, renderer: Any, ground: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
        renderer.clear()
        drawn = np.asarray(renderer.buffer_rgba())
        drawn[:] = self._background if ground is None else ground
        self._drawing = True
        canvas: Any = self._figure.canvas
        was_saving = canvas._is_saving
        # As in savefig, animated artists are drawn too.
        canvas._is_saving = True
        try:
            self._figure.draw(renderer)
        finally:
            self._drawing, canvas._is_saving = False, was_saving
        return drawn

    def _draw_layered(self) -> NDArray[np.uint8]:
        renderer = self._canvas()
        canvas = np.asarray(renderer.buffer_rgba())
        np.copyto(canvas, self._layers[0])
        # Figures of several threads share caches of text, which this lock of matplotlib's is for.
        with getattr(self._figure, "_render_lock", nullcontext()):
            for group, overlay in zip(self._groups, self._layers[1:], strict=True):
                for artist in group:
                    artist.draw(renderer)
                overlay.blend(canvas)
        if self._figure.stale:
            if not any(isinstance(artist, Legend) for group in self._groups for artist in group):
                # Drawing changed what lies still, such as limits.
                self._forget()
                return self._draw_all(renderer)
            # A legend that has looked for its place says so, and now it is drawn.
            self._figure.stale = False
        if self._is_checked():
            canvas = self._compare(canvas)
        self._layered_frames += 1
        self._since_made += 1
        return canvas

    def _is_checked(self) -> bool:
        is_new = self._since_made == 0
        return is_new or self._layered_frames in CHECKED_FIRST or self._layered_frames % CHECKED_EACH == 0

    def _compare(self, canvas: NDArray[np.uint8]) -> NDArray[np.uint8]:
        whole = self._draw_all(self._scratch())
        difference = np.abs(canvas[:, :, :3].astype(np.int16) - whole[:, :, :3]).max(initial=0)
        if difference > ROUNDING:
            self._broken = True
            self._forget()
            warnings.warn(
                f"drawing only what changed differs from drawing everything (by {difference} of 255), so every frame of"
                " this figure is drawn in full; it takes longer and is right",
                stacklevel=2,
            )
        return whole

    def _make_layers(self) -> None:
        """Draw what does not move, each run of it on a canvas of its own."""
        leaves = _leaves(self._figure)
        if leaves is None:
            self._broken = True
            return
        order: list[Artist] = []
        with _drawing_instead(leaves, lambda artist: lambda *_args, **_kwargs: order.append(artist)):
            self._draw_all(self._scratch())
        animated = {id(artist) for artist in order if artist.get_animated()}
        wanted = len(self._figure.findobj(Artist.get_animated))
        if not animated or len(animated) != wanted:
            # Nothing moves, or something that does is a part of something else.
            self._broken = wanted > 0
            return
        still: list[list[Artist]] = [[]]
        groups: list[list[Artist]] = []
        for artist in order:
            if not _moves(artist):
                still[-1].append(artist)
            elif groups and not still[-1]:
                groups[-1].append(artist)
            else:
                groups.append([artist])
                still.append([])
        layers: list[Any] = []
        for layer in still:
            kept = {id(artist) for artist in layer}
            others = [artist for artist in leaves if id(artist) not in kept]
            with _drawing_instead(others, lambda _artist: lambda *_args, **_kwargs: None):
                if layers:
                    layers.append(Overlay(*(self._draw_all(self._scratch(), ground) for ground in (BLACK, WHITE))))
                else:
                    layers.append(self._draw_all(self._scratch()))
        self._layers, self._groups, self._since_made = layers, groups, 0
        self._still = [artist for layer in still for artist in layer]
        self._known_order = self._order()

    def _scratch(self) -> Any:
        return _renderer(*self._shape())


def _renderer(width: float, height: float, dpi: float) -> Any:
    return RendererAgg(width, height, dpi)  # type: ignore[no-untyped-call]


def _moves(artist: Artist) -> bool:
    """Whether it is drawn for each frame: also legends that look for their best place beside what moves."""
    return artist.get_animated() or (isinstance(artist, Legend) and getattr(artist, "_loc_real", None) == 0)


def _leaves(figure: Figure) -> list[Artist] | None:
    """The artists that figures and axes draw one after the other; None where some axes draw otherwise."""
    leaves: list[Artist] = []

    def visit(container: Artist) -> bool:
        for child in container.get_children():
            if isinstance(child, (Axes, FigureBase)):
                # Axes in space draw their walls by themselves.
                if getattr(child, "name", "") == "3d" or not visit(child):
                    return False
            else:
                leaves.append(child)
        return True

    return leaves if visit(figure) else None


@contextmanager
def _drawing_instead(artists: list[Artist], instead: Callable[[Artist], Callable[..., Any]]) -> Iterator[None]:
    """Let artists be drawn by something else. An attribute of the instance hides the method and marks nothing stale."""
    hidden = {id(artist): artist.__dict__.get("draw") for artist in artists}
    try:
        for artist in artists:
            artist.__dict__["draw"] = instead(artist)
        yield
    finally:
        for artist in artists:
            before = hidden[id(artist)]
            if before is None:
                artist.__dict__.pop("draw", None)
            else:
                artist.__dict__["draw"] = before
