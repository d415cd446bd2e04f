"""A figure as layers of what lies still, and between them what moves."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from matplotlib.artist import Artist

from ._anatomy import clip_box
from ._painter import Canvas, Painter, drawing_instead

BLACK, WHITE = np.array([0, 0, 0, 255], np.uint8), np.array([255] * 4, np.uint8)


class Region(NamedTuple):
    """A rectangle of a canvas."""

    rows: slice
    columns: slice

    @classmethod
    def of(cls, artists: Iterable[Artist], height: int, width: int) -> Self:
        """All pixels that artists may draw on; the whole canvas where that is not known."""
        whole = cls(slice(0, height), slice(0, width))
        extents = []
        for artist in artists:
            box = clip_box(artist)
            if box is None or not np.isfinite(box.extents).all():
                return whole
            extents.append(box.extents)
        # Agg rounds to the nearest pixel, and its rows begin below.
        left, below, right, above = zip(*extents, strict=True)
        first_row, first_column = height - math.ceil(max(above)) - 1, math.floor(min(left)) - 1
        last_row, last_column = height - math.floor(min(below)) + 1, math.ceil(max(right)) + 1
        return cls(
            slice(max(0, first_row), max(0, last_row)),
            slice(max(0, first_column), max(0, last_column)),
        )


class Overlay:
    """A layer that is laid over others: what it makes of black and of white tells what it makes of every colour."""

    def __init__(self, over_black: Canvas, over_white: Canvas, region: Region | None = None) -> None:
        black, white = over_black.reshape(-1, 4), over_white.reshape(-1, 4)
        touched = (black[:, :3] > 0).any(axis=1) | (white[:, :3] < 255).any(axis=1)
        if region is not None:
            inside = np.zeros(over_black.shape[:2], bool)
            inside[region] = True
            touched &= inside.reshape(-1)
        solid = (black == white).all(axis=1)
        (self._solid,) = np.nonzero(touched & solid)
        self._solid_pixels = black[self._solid].view(np.uint32)[:, 0]
        (self._clear,) = np.nonzero(touched & ~solid)
        part = black[self._clear].astype(np.uint16)
        self._weight = white[self._clear] - part
        self._weighted = 255 * part + 127

    def blend(self, canvas: Canvas) -> None:
        """Lay it over an opaque canvas."""
        pixels = canvas.view(np.uint32).reshape(-1)
        pixels[self._solid] = self._solid_pixels
        if len(self._clear):
            below = pixels[self._clear].view(np.uint8).reshape(-1, 4)
            blended = self._weighted + below * self._weight
            # Divided by 255, for which (x + 1 + x / 256) / 256 is exact up to 65534.
            blended += 1 + (blended >> 8)
            pixels[self._clear] = (blended >> 8).astype(np.uint8).view(np.uint32)[:, 0]


class Stack:
    """The layers of a figure as it is now. What moves is drawn again and again, and nothing else."""

    def __init__(
        self, painter: Painter, renderer: Any, leaves: Sequence[Artist], order: list[Artist], moving: set[Artist]
    ) -> None:
        levels, groups = _levels(order, moving)
        self.moving = [artist for group in groups for artist in group]
        self.still = [artist for level in levels for artist in level]
        self._renderer = renderer
        self._canvas: Canvas = np.asarray(renderer.buffer_rgba())

        def draw(level: list[Artist], *grounds: Canvas | None) -> list[Canvas]:
            alone = set(level)
            with drawing_instead((leaf for leaf in leaves if leaf not in alone), lambda _artist: None):
                return [painter.draw(painter.renderer(), ground) for ground in grounds]

        (self._background,) = draw(levels[0], None)
        # Drawing may have laid axes out.
        self._zorders, self._region = self._places()
        self._canvas[:] = self._background
        self._levels = []
        for group, level in zip(groups, levels[1:], strict=True):
            over_black, over_white = draw(level, BLACK, WHITE)
            # Out of the region it stays as it is laid now.
            Overlay(over_black, over_white).blend(self._canvas)
            self._levels.append((group, Overlay(over_black, over_white, self._region)))

    def is_in_order(self) -> bool:
        """Whether what moves lies where it lay when the layers were made, which matplotlib does not tell of."""
        is_said_otherwise = any(artist.get_animated() for artist in self.still)
        return not is_said_otherwise and self._places() == (self._zorders, self._region)

    def draw(self, draw: Callable[[Artist, Any], None]) -> Canvas:
        """The figure with what moves as it is now, each by `draw(artist, renderer)`."""
        self._canvas[self._region] = self._background[self._region]
        for group, overlay in self._levels:
            for artist in group:
                draw(artist, self._renderer)
            overlay.blend(self._canvas)
        return self._canvas

    def _places(self) -> tuple[list[float], Region]:
        zorders = [artist.get_zorder() for artist in self.moving]
        return zorders, Region.of(self.moving, *self._canvas.shape[:2])


def drawing_order(painter: Painter, leaves: Sequence[Artist]) -> list[Artist]:
    """The leaves in the order in which a figure draws them, without those that it does not draw."""
    order: list[Artist] = []
    with drawing_instead(leaves, order.append):
        painter.draw(painter.renderer())
    return order


def _levels(order: list[Artist], moving: set[Artist]) -> tuple[list[list[Artist]], list[list[Artist]]]:
    """Runs of artists that lie still, the background first, and those that move between each two."""
    still: list[list[Artist]] = [[]]
    groups: list[list[Artist]] = []
    for artist in order:
        if artist not in moving:
            still[-1].append(artist)
        elif groups and not still[-1]:
            groups[-1].append(artist)
        else:
            groups.append([artist])
            still.append([])
    return still, groups
