"""Drawing a figure of matplotlib's again and again, and of what did not change nothing.

What moves is drawn anew for each frame: artists whose `animated` is set, as those of an animation with `blit=True`,
and those that were seen to change. Everything else is drawn once into layers: what lies below the first artist that
moves is the background, what lies above one is laid over it. Together they are what drawing the whole figure gives,
within the rounding of blending.

When something else changes the figure is drawn in full, and new layers are made once it rests.
"""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from ._anatomy import looks_for_its_place
from ._changes import Changes
from ._painter import Canvas, Painter
from ._stack import Stack, drawing_order

# Blending rounds: once in Agg when a layer is drawn, and once when it is laid over.
ROUNDING = 2
# The first frame of new layers, these, and every so many after them are compared with the figure as a whole. Those of
# figures of which nobody said what moves are compared more often.
CHECKED_FIRST, CHECKED_EACH = (10, 100), 1_000
CHECKED_FIRST_UNSAID, CHECKED_EACH_UNSAID = (1, 2, 5, 10, 20, 50), 100
# Layers that last for fewer frames than this were not worth making.
WORTHWHILE = 8
# The most frames that a figure is waited for to rest.
PATIENCE = 64


class LayeredFigure:
    """A figure, and the canvas that it is drawn on."""

    def __init__(self, figure: Figure, background: str | None = None) -> None:
        self._figure = figure
        self._painter = Painter(figure, background)
        self._renderer: Any = None
        self._shape: tuple[float, float, float] = (0, 0, 0)
        self._changes = Changes(figure)
        # Those that were seen to change.
        self._moved: set[Artist] = set()
        self._stack: Stack | None = None
        # Whether somebody said what moves.
        self._is_said = True
        self._broken = False
        # For how many frames the figure must rest before layers are made, and for how many it still must.
        self._rest_needed = self._rest_left = 1
        # How many frames in a row may have changed in everything.
        self._all_anew = 0
        self._layered_frames, self._since_made = 0, 0
        self._listener = figure.canvas.mpl_connect("draw_event", self._drawn)

    def close(self) -> None:
        """Listen to the figure no more."""
        self._changes.close()
        self._figure.canvas.mpl_disconnect(self._listener)

    def draw(self) -> Canvas:
        """The figure as it is now: (height, width, 4) bytes, which the next call overwrites."""
        try:
            return self._draw()
        except BaseException:
            self._changes.all_changed()
            raise

    def _draw(self) -> Canvas:
        changed, concerns_all = self._look()
        if concerns_all:
            return self._draw_anew()
        if new := changed - self._moved:
            for artist in new:
                titles = self._changes.anatomy.titles_of(artist)
                self._moved.update((artist,) if titles is None else titles[1])
            self._rest_left = self._rest_needed
            return self._draw_all()
        self._rest_left -= 1
        if self._stack is None and not self._broken and self._rest_left <= 0:
            self._make_layers()
        if self._stack is None:
            return self._draw_all()
        return self._draw_layered(self._stack, changed)

    def _drawn(self, _event: Any) -> None:
        # Somebody else drew the figure, and it may not say any more that it had changed.
        self._changes.all_changed()

    def _look(self) -> tuple[set[Artist], bool]:
        """Which artists changed since the last frame, and whether anything did that concerns all."""
        for axes in self._changes.anatomy.axes:
            # Limits that are to be found anew are, when they are asked for, and mark the figure.
            _ = axes.viewLim
        changed, concerns_all = self._changes.take()
        if concerns_all or self._renderer is None:
            return changed, True
        # Those that are animated move anyway.
        changed = {artist for artist in changed if not artist.get_animated()}
        is_moved = self._stack is not None and not self._stack.is_in_order()
        return changed, is_moved or any(map(self._changes.anatomy.decides_layout, changed))

    def _draw_all(self) -> Canvas:
        """Draw the figure in full, and forget the layers."""
        self._forget()
        shape = self._painter.shape()
        if self._renderer is None or shape != self._shape:
            self._renderer, self._shape = self._painter.renderer(), shape
        return self._paint(self._renderer)

    def _forget(self) -> None:
        if self._stack is None:
            return
        if self._since_made < WORTHWHILE:
            self._rest_needed = min(2 * self._rest_needed, PATIENCE)
        self._stack = None
        self._watch()

    def _draw_anew(self) -> Canvas:
        """Draw a figure of which all may have changed."""
        self._rest_left = self._rest_needed
        drawn = self._draw_all()
        # Where new artists come with each frame, listening to them each time would take long.
        count, self._all_anew = self._all_anew, self._all_anew + 1
        if count & (count - 1) == 0 or count % PATIENCE == 0:
            self._listen()
            self._watch()
        return drawn

    def _listen(self) -> None:
        """Listen to the artists that there are now, and think of no others."""
        self._changes.listen()
        self._moved.intersection_update(self._changes.anatomy.leaves)

    def _paint(self, renderer: Any) -> Canvas:
        with self._changes.drawn():
            return self._painter.draw(renderer)

    def _draw_layered(self, stack: Stack, changed: set[Artist]) -> Canvas:
        def draw(artist: Artist, renderer: Any) -> None:
            # A legend that has looked for its place says so, and is drawn there.
            with self._changes.unheard() if isinstance(artist, Legend) else nullcontext():
                artist.draw(renderer)

        # Figures of several threads share caches of text, which this lock of matplotlib's is for.
        with getattr(self._figure, "_render_lock", nullcontext()):
            self._place_titles(changed)
            canvas = stack.draw(draw)
        drawn, concerns_all = self._changes.take_told()
        if concerns_all or not drawn <= set(stack.moving):
            # Drawing changed what lies still, such as limits.
            return self._draw_anew()
        if self._is_checked():
            canvas = self._compare(canvas)
        self._layered_frames += 1
        self._since_made += 1
        self._all_anew = 0
        return canvas

    def _place_titles(self, changed: set[Artist]) -> None:
        """Place titles that changed, as their axes do before they are drawn."""
        for axes in {found[0] for artist in changed if (found := self._changes.anatomy.titles_of(artist)) is not None}:
            with self._changes.unheard():
                axes._update_title_position(self._renderer)

    def _is_checked(self) -> bool:
        first, each = (CHECKED_FIRST, CHECKED_EACH) if self._is_said else (CHECKED_FIRST_UNSAID, CHECKED_EACH_UNSAID)
        return self._since_made == 0 or self._layered_frames in first or self._layered_frames % each == 0

    def _compare(self, canvas: Canvas) -> Canvas:
        whole = self._paint(self._painter.renderer())
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
        if self._changes.miss_artists:
            self._listen()
        anatomy = self._changes.anatomy
        animated = {leaf for leaf in anatomy.leaves if leaf.get_animated()}
        if not self._moved and not animated:
            return
        # Tried again when the figure has rested for long.
        self._rest_left = PATIENCE
        if not anatomy.is_flat or len(self._figure.findobj(Artist.get_animated)) > len(animated):
            # What moves may be a part of something else.
            return
        with self._changes.drawn():
            order = drawing_order(self._painter, anatomy.leaves)
            moving = (animated | self._moved).intersection(order)
            if not moving:
                return
            self._is_said = bool(animated)
            moving |= {leaf for leaf in order if self._may_change(leaf)}
            self._stack = Stack(self._painter, self._renderer, anatomy.leaves, order, moving)
        self._since_made = 0
        self._watch()

    def _may_change(self, leaf: Artist) -> bool:
        anatomy = self._changes.anatomy
        is_quiet = not self._is_said and leaf not in anatomy.fixtures and not anatomy.tells(leaf)
        return is_quiet or looks_for_its_place(leaf)

    def _watch(self) -> None:
        """Look at what is to be drawn once: what fixtures keep in mind changes while others are drawn."""
        if self._broken:
            watched: list[Artist] = []
        else:
            watched = self._changes.anatomy.leaves if self._stack is None else self._stack.still
        fixtures = self._changes.anatomy.fixtures
        closely = self._stack is not None and not self._is_said
        self._changes.watch((artist for artist in watched if artist not in fixtures), closely)
