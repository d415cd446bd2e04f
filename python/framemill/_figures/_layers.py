"""Composes a figure from layers of still artists, with moving artists between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from matplotlib import cbook
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg

from .. import _native
from ._parts import Part, clip_box
from ._reference import Pixels

# The largest difference between layers and a full drawing, in levels of 255: blending rounds when a layer is drawn, and
# again when it is blended onto the frame.
ROUNDING = 2
LEVELS = _native.Overlay.LEVELS
# The number of colors of a figure on which overlays are tested.
FLAT_BACKGROUNDS = 6
# The methods of a renderer that may clip to a path.
DRAWING = (
    "draw_path", "draw_markers", "draw_path_collection", "draw_quad_mesh", "draw_gouraud_triangles", "draw_image",
)  # fmt: skip


class Region(NamedTuple):
    """A rectangle of a canvas in pixels. `bottom` and `right` are exclusive, and row 0 is at the top."""

    top: int
    bottom: int
    left: int
    right: int

    def overlaps(self, other: Region) -> bool:
        """Return whether some pixel is in both."""
        return (
            self.top < other.bottom and other.top < self.bottom and self.left < other.right and other.left < self.right
        )

    def union(self, other: Region) -> Region:
        """Return the smallest region that contains both."""
        return Region(
            min(self.top, other.top),
            max(self.bottom, other.bottom),
            min(self.left, other.left),
            max(self.right, other.right),
        )


def region_of(artist: Artist, height: int, width: int) -> Region:
    """Return all pixels that an artist may draw on; the whole canvas if unknown."""
    box = clip_box(artist)
    if box is None or not np.isfinite(box.extents).all():
        return Region(0, height, 0, width)
    left, below, right, above = box.extents
    # Agg rounds to the nearest pixel, and its rows begin below.
    top, bottom = height - math.ceil(above) - 1, height - math.floor(below) + 1
    top, bottom = max(0, min(top, height)), max(0, min(bottom, height))
    first, last = max(0, math.floor(left) - 1), min(width, math.ceil(right) + 1)
    return Region(top, max(top, bottom), min(first, width), max(min(first, width), last))


@dataclass
class Group:
    """Moving artists whose regions overlap. Regions of different groups do not overlap."""

    region: Region
    members: list[Part]
    backdrop: Any = None
    # In the order of drawing: artists, and overlays that lie above those before them.
    steps: list[Any] = field(default_factory=list)
    # The largest error of the overlays in each pixel.
    errors: Any = 0

    def paint(self, canvas: Pixels, renderer: Any) -> None:
        """Draw the moving artists in their current state."""
        self.backdrop.restore(canvas)
        for step in self.steps:
            if isinstance(step, _native.Overlay):
                step.blend(canvas)
            else:
                step.draw(renderer)


class NotLayeredError(Exception):
    """Layers cannot reproduce a full drawing."""


class Layers:
    """The layers of a figure as it is now, on a canvas of its own.

    Parameters
    ----------
    renderer : RendererAgg
        Where frames are drawn.
    order : sequence of artists
        Everything that is drawn, in drawing order.
    moving : set of artists
        The artists that are drawn in each frame.
    is_fixture : callable
        Returns whether an artist is an axis, a spine or a background: `Parts.is_fixture`.

    Raises
    ------
    NotLayeredError
        Still artists above a moving one cannot be blended exactly in 8 bits, artists are clipped to different paths, or
        the background is missing or partly transparent.

    Attributes
    ----------
    moving : list of artists
        The artists that are drawn in each frame. They include still artists above a moving one, if 8 bits are too few
        to blend them as a layer.
    has_axes : bool
        Whether some of them are axes.
    """

    def __init__(
        self,
        renderer: Any,
        order: Sequence[Part],
        moving: set[Part],
        is_fixture: Callable[[Part], bool],
    ) -> None:
        self._renderer = renderer
        self.canvas: Pixels = np.asarray(renderer.buffer_rgba())
        self._spare = RendererAgg(renderer.width, renderer.height, renderer.dpi)  # type: ignore[no-untyped-call]
        self._order = order
        self._grays = [np.full(self.canvas.shape, (level, level, level, 255), np.uint8) for level in LEVELS]
        self._noises = _noises(self.canvas.shape)
        self._prime_clip_path()
        while (inexact := self._build(moving)) is not None:
            others = {part for part in inexact if not is_fixture(part)}
            if not others:
                raise NotLayeredError("still artists above a moving one cannot be blended exactly in 8 bits")
            moving = moving | others
        del self._spare, self._grays, self._noises
        self.has_axes = any(isinstance(part, Axes) for part in self.moving)

    def _prime_clip_path(self) -> None:
        """Make the renderers clip as in a full drawing.

        Agg draws the mask of a clip path once, snapped to pixels like the first artist that has the path. It keeps one
        mask, and uses it for all artists with the same path, until another path is drawn.
        """
        paths = _clip_paths(self._order, self._spare)
        if len(paths) > 1:
            raise NotLayeredError("artists are clipped to different paths")
        if paths:
            for part in self._order:
                part.draw(self._renderer)

    def draw(self) -> Pixels:
        """Draw the moving artists in their current state, and return the whole figure."""
        for group in self._groups:
            group.paint(self.canvas, self._renderer)
        return self.canvas

    def _build(self, moving: set[Part]) -> list[Part] | None:
        """Draw the still artists. Return artists that cannot be in a layer; None if all of them can."""
        self.moving = [part for part in self._order if part in moving]
        self._groups = self._grouped()
        self._draw_still()
        if (self.canvas[..., 3] != 255).any():
            # Agg blends differently on transparent pixels.
            raise NotLayeredError("the figure has no background, or one that lets something through")
        return self._make_overlays()

    def _grouped(self) -> list[Group]:
        height, width = self.canvas.shape[:2]
        groups: list[Group] = []
        for part in self.moving:
            group = Group(region_of(part, height, width), [part])
            while near := [other for other in groups if other.region.overlaps(group.region)]:
                for other in near:
                    groups.remove(other)
                    group = Group(group.region.union(other.region), [*other.members, *group.members])
            groups.append(group)
        return groups

    def _group_of(self) -> dict[Part, Group]:
        return {part: group for group in self._groups for part in group.members}

    def _draw_still(self) -> None:
        """Draw the still artists, and keep the pixels below the first moving artist of each group."""
        self._renderer.clear()
        for group in self._groups:
            group.backdrop = None
        group_of = self._group_of()
        for part in self._order:
            if part not in group_of:
                part.draw(self._renderer)
            elif (group := group_of[part]).backdrop is None:
                group.backdrop = _native.Backdrop(self.canvas, group.region)

    def _make_overlays(self) -> list[Part] | None:
        """Turn each run of still artists above a moving one into an overlay. Return the first run that is inexact."""
        group_of = self._group_of()
        started: list[Group] = []
        for group in self._groups:
            group.steps, group.errors = [], np.zeros(1, np.uint16)
        # The figure as drawn so far.
        below: Pixels = np.zeros_like(self.canvas)
        for run, part in _runs(self._order, set(self.moving)):
            if started and run and not self._add_overlay(started, run, below):
                return run
            if part is not None:
                below = self._drawn_on(below, [*run, part])
                group = group_of[part]
                group.steps.append(part)
                if group not in started:
                    started.append(group)
        return None

    def _add_overlay(self, groups: Iterable[Group], run: Sequence[Part], below: Pixels) -> bool:
        """Add an overlay of a run to each group. Return whether all of them are exact enough."""
        drawn = [self._drawn_on(background, run) for background in self._grays]
        tests = [*self._noises, *_flat_backgrounds(below), below]
        expected = [self._drawn_on(background, run) for background in tests]
        for group in groups:
            overlay = _native.Overlay(drawn, group.region)
            if overlay.is_empty():
                continue
            # The errors of overlapping overlays add up.
            group.errors = group.errors + np.maximum.reduce(list(map(overlay.errors, tests, expected)))
            if group.errors.max(initial=0) > ROUNDING:
                return False
            group.steps.append(overlay)
        return True

    def _drawn_on(self, background: Pixels, run: Iterable[Part]) -> Pixels:
        """Draw a run on a background."""
        spare: Any = self._spare
        canvas: Pixels = np.asarray(spare.buffer_rgba())
        canvas[:] = background
        for part in run:
            part.draw(self._spare)
        return canvas.copy()


def _noises(shape: tuple[int, ...]) -> list[Pixels]:
    """Return opaque backgrounds of all colors, on which overlays are tested."""
    random = np.random.default_rng(1)
    noises = [random.integers(0, 256, shape, np.uint8) for _ in range(2)]
    for noise in noises:
        noise[..., 3] = 255
    return noises


def _flat_backgrounds(canvas: Pixels) -> list[Pixels]:
    """Return backgrounds of a canvas's most frequent colors, which moving artists are most likely to have below.

    Repeated rounding makes errors that only some colors show, and noise has each color in few pixels.
    """
    colors, counts = np.unique(canvas.view(np.uint32), return_counts=True)
    frequent = colors[np.argsort(-counts, kind="stable")[:FLAT_BACKGROUNDS]]
    return [np.full(canvas.shape[:2], color).view(np.uint8).reshape(canvas.shape) for color in frequent]


def _clip_paths(order: Iterable[Part], renderer: Any) -> set[tuple[int, bytes]]:
    """Return the clip paths of a full drawing."""
    found = set()
    # Keeps the arrays alive, because another one may get the address of an array that is freed.
    kept = []

    def noted(draw: Callable[..., Any]) -> Callable[..., Any]:
        def draw_and_note(gc: Any, *args: Any, **kwargs: Any) -> Any:
            path, transform = gc.get_clip_path()
            if path is not None:
                kept.append(path.vertices)
                found.add((id(path.vertices), transform.get_matrix().tobytes()))
            return draw(gc, *args, **kwargs)

        return draw_and_note

    drawing = {name: noted(getattr(renderer, name)) for name in DRAWING}
    with cbook._setattr_cm(renderer, **drawing):
        for part in order:
            part.draw(renderer)
    return found


def _runs(order: Sequence[Part], moving: set[Part]) -> list[tuple[list[Part], Part | None]]:
    """Return runs of still artists, each with the moving artist after it; None after the last."""
    runs: list[tuple[list[Part], Part | None]] = []
    run: list[Part] = []
    for part in order:
        if part in moving:
            runs.append((run, part))
            run = []
        else:
            run.append(part)
    runs.append((run, None))
    return runs
