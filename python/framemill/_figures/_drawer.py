"""Draws each frame of a figure: from layers if that is known to be right, otherwise in full."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any, TypeAlias

from matplotlib import cbook
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from .. import _native
from .._stacklevel import levels_to_the_user
from ._checks import Checks
from ._layers import ROUNDING, Layers, NotLayeredError
from ._look import Look
from ._making import make_layers
from ._movers import Movers
from ._parts import Part, Parts, full_drawing_reason, has_user_tickers, is_plain, redraw_obstacle, user_code_reason
from ._patience import Patience
from ._reasons import reason_of
from ._record import Drawing
from ._reference import Pixels, Reference, fit_axes, layout_engine
from ._titles import Titles
from ._watch import Watch

# Pixels, and their format.
DrawnPicture: TypeAlias = tuple[Pixels, str]


class Drawer:
    """Draws a figure repeatedly.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    background : str, optional
        The color behind a transparent figure; white by default.
    layers : bool, default True
        Whether frames may be composed from layers. Otherwise each is drawn as Matplotlib's own writer draws it.
    segment_first : int, optional
        For a segment of a movie, the number of its first frame in the movie. Then the same frames are drawn in the same
        way each time, and this class does not warn about doubtful frames: the code that joins the segments does.

    Attributes
    ----------
    drawing : Drawing
        How the frames so far were drawn.
    """

    def __init__(
        self, figure: Figure, background: str | None = None, layers: bool = True, segment_first: int | None = None
    ) -> None:
        self.drawing = Drawing()
        self._figure = figure
        self._background = [round(255 * part) for part in to_rgba(background or "white")[:3]]
        self._wants_layers = layers
        self._reference = Reference(figure)
        self._warns = segment_first is None
        self._checks = Checks() if segment_first is None else Checks(segment_first, measures_time=False)
        self._movers = Movers()
        self._patience = Patience()
        # The number of the last frame in the movie, which may also have frames that are not figures.
        self._frame = -1
        self._has_drawn = False
        # The first unchecked frame from layers; None if there is none.
        self._first_unchecked: int | None = None
        # Why frames are drawn in full, until another reason is found.
        self._reason = "the figure had not been analyzed yet"
        self._is_broken = False
        self._look = Look(0, {})
        self._draw_idle_called = False
        # The state of the figure when the last frame was drawn; None if it was not recorded.
        self._parts = Parts(figure)
        self._watch: Watch | None = None
        self._layers: Layers | None = None
        self._titles = Titles((), set(), None)
        # The complete state of the figure when the last frame was checked, if some axes change as a whole.
        self._probe: Watch | None = None

    def draw(
        self, dpi: float, savefig_kwargs: Mapping[str, Any], draw_idle_called: bool = False, frame: int | None = None
    ) -> DrawnPicture:
        """Draw the figure as it is now.

        Parameters
        ----------
        dpi : float
            Dots per inch.
        savefig_kwargs : mapping
            As for `savefig`, without dpi and format.
        draw_idle_called : bool, default False
            Whether `draw_idle` was called since the last frame.
        frame : int, optional
            The number of the frame in the movie or the segment; by default the next one.

        Returns
        -------
        canvas : numpy.ndarray
            (height, width, 4) bytes, which the next call overwrites.
        pixel_format : str
            "rgba", or "rgb0" if no pixel is transparent.
        """
        before, self._look = self._look, Look(dpi, savefig_kwargs)
        self._frame = self._frame + 1 if frame is None else frame
        self._draw_idle_called = draw_idle_called
        try:
            if not self._look.matches(before):
                self._forget()
            picture = self._next()
        except BaseException:
            # Drawing may have stopped anywhere.
            self._forget()
            raise
        self._has_drawn = True
        return picture

    def finish(self) -> None:
        """Check the last frames from layers at the end of the movie, if they were not checked."""
        layers, self._layers = self._layers, None
        if layers is None or self._first_unchecked is None or self._is_broken:
            return
        # The figure may have changed since, and then the layers do not match it.
        if full_drawing_reason(self._figure) is not None or self._watch is None or self._watch.changed():
            return
        canvas: Any = self._figure.canvas
        # An animation restarts from its first frame when its figure is drawn without being saved.
        with cbook._setattr_cm(canvas, _is_saving=True, manager=None):
            layered = self._composed(layers)
            difference = _native.difference(layered, self._draw_checked(), self._background)
        if difference > ROUNDING:
            self._doubt(_differed(difference), self._frame)

    def draw_idle(self) -> None:
        """Do now what `draw_idle` would have done: the figure is about to change."""
        self._forget()
        self._reference.draw_idle()

    def _next(self) -> DrawnPicture:
        if not self._wants_layers:
            return self._as_matplotlib_does("layers=False")
        if self._is_broken:
            return self._as_matplotlib_does(self._reason)
        if (reason := full_drawing_reason(self._figure)) is not None:
            self._forget()
            return self._as_matplotlib_does(reason)
        if (given := self._look.obstacle()) is not None:
            self._forget()
            return self._in_full(f"savefig was called with {given}", records_state=False)
        if self._watch is None:
            return self._in_full(self._reason)
        changed = self._watch.changed()
        if self._layers is None:
            return self._without_layers(changed)
        if changed:
            self._lose_layers()
            return self._without_layers(changed)
        if self._probe is not None and (resting := self._resting_axes()):
            # These axes are drawn artist by artist again.
            self._movers.forget_axes(resting)
            self._watch = self._probe
            self._lose_layers()
            return self._make_layers() or self._in_full(self._reason)
        self._probe = None
        return self._from_layers(self._layers)

    def _without_layers(self, changed: Mapping[Part, str]) -> DrawnPicture:
        """Draw a frame without layers, or from new layers if the figure has stopped changing."""
        all_were_moving = self._movers.note(changed, self._parts)
        if self._patience.is_over(all_were_moving and self._figure not in changed):
            return self._make_layers() or self._in_full(self._reason)
        return self._in_full(self._why(changed, all_were_moving))

    def _why(self, changed: Mapping[Part, str], all_were_moving: bool) -> str:
        """Return why a frame is drawn in full. If axes or the figure changed, keep the reason for the next frames."""
        containers = [part for part in changed if part is self._figure or isinstance(part, Axes)]
        if containers:
            self._reason = reason_of(changed[containers[0]])
        elif changed and not all_were_moving:
            return f"{self._parts.name(next(iter(changed)))} began to change"
        return self._reason

    def _as_matplotlib_does(self, reason: str) -> DrawnPicture:
        """Draw everything, as often as Matplotlib does."""
        canvas = self._draw_reference(draws_once=False)
        self.drawing.drew_in_full(reason)
        self._first_unchecked = self._watch = None
        return canvas, "rgba"

    def _in_full(self, reason: str, *, records_state: bool = True) -> DrawnPicture:
        """Draw everything, once if that is known to be enough, and record the state for the next frame."""
        user_code = user_code_reason(self._figure)
        # The first drawing fills Matplotlib's caches, so it is repeated as often as Matplotlib does.
        again = user_code or redraw_obstacle(self._figure) or has_user_tickers(self._figure)
        canvas = self._draw_reference(draws_once=not again and self._has_drawn)
        self.drawing.drew_in_full(user_code or reason)
        self._first_unchecked = self._watch = None
        if records_state and user_code is None and self._patience.drew_in_full():
            self._parts = Parts(self._figure)
            self._movers.keep(self._parts)
            try:
                self._watch = Watch(self._parts)
            except Exception as error:
                # Matplotlib may refuse to report what it draws, such as the limits of a map projection.
                self._reason = f"the figure cannot be watched: {error}"
        return canvas, "rgba"

    def _draw_reference(self, draws_once: bool) -> Pixels:
        if draws_once and (self._look.dpi != self._figure.dpi or layout_engine(self._figure) is not None):
            draws_once = is_plain(self._figure)
        look = self._look
        return self._reference.draw(
            look.dpi, look.savefig_kwargs, draw_idle_called=self._draw_idle_called, draws_once=draws_once
        )

    def _make_layers(self) -> DrawnPicture | None:
        """Make layers, and draw this frame from them; None if layers are not possible."""
        if self._watch is None or user_code_reason(self._figure) is not None:
            return None
        try:
            if self._reference.moved:
                raise NotLayeredError("the layout engine moves things in each frame")
            if (reason := redraw_obstacle(self._figure)) is not None:
                raise NotLayeredError(reason)
            self._layers, self._titles = make_layers(self._parts, self._watch, self._movers, self._look)
        except NotLayeredError as error:
            self._reason = str(error) or self._reason
            self._patience.wait_longer()
            return None
        self._watch = Watch(self._parts, self._layers.moving)
        self._patience.begin_layers()
        self._checks.begin()
        return self._from_layers(self._layers)

    def _from_layers(self, layers: Layers) -> DrawnPicture:
        begin = time.perf_counter()
        canvas = self._composed(layers)
        if layers.has_axes and self._watch is not None and (changed := self._watch.changed()):
            # Drawing axes as a whole changed others.
            self._lose_layers()
            return self._in_full(self._why(changed, all_were_moving=False))
        self._checks.layered(time.perf_counter() - begin)
        if self._checks.is_due():
            whole = self._draw_checked()
            difference = _native.difference(canvas, whole, self._background)
            if difference > ROUNDING:
                self._break(difference)
                return whole, "rgba"
            self._record_match(layers)
        elif self._first_unchecked is None:
            self._first_unchecked = self._frame
        self.drawing.layered += 1
        self._patience.drew_layers()
        return canvas, "rgb0"

    def _composed(self, layers: Layers) -> Pixels:
        """Draw the figure from layers."""
        with self._at_resolution():
            if layers.has_axes:
                fit_axes(self._figure)
            self._titles.place()
            return layers.draw()

    def _draw_checked(self) -> Pixels:
        begin = time.perf_counter()
        # An artist that draws differently the second time cannot be in a layer.
        whole = self._draw_reference(draws_once=True)
        self._checks.checked(time.perf_counter() - begin)
        self.drawing.checked += 1
        return whole

    def _record_match(self, layers: Layers) -> None:
        """Record that a frame from layers equals a full drawing."""
        self._first_unchecked = None
        if self._reference.moved:
            self._forget()
            return
        if self._watch is not None and self._watch.changed():
            # Drawing changed internal state, but nothing visible.
            self._watch = Watch(self._parts, layers.moving)
        self._probe = Watch(self._parts) if layers.has_axes else None

    def _break(self, difference: int) -> None:
        """Stop using layers, because they were wrong in this frame."""
        self._is_broken = True
        self._reason = _differed(difference)
        self.drawing.drew_in_full(self._reason)
        self._forget()
        if self._first_unchecked is not None:
            self._doubt(
                f"{self._reason} in frame {self._frame}, from which each frame is drawn in full", self._frame - 1
            )

    def _doubt(self, reason: str, last: int) -> None:
        """Record that the unchecked frames may be wrong, up to `last`, and warn."""
        first, self._first_unchecked = self._first_unchecked, None
        if first is None:
            return
        self.drawing.doubtful.append((first, last))
        if self._warns:
            warnings.warn(
                f"{reason}: frames {first} to {last} may be wrong. framemill missed a change; please report it."
                " layers=False draws all frames as Matplotlib does",
                stacklevel=levels_to_the_user(),
            )

    def _resting_axes(self) -> list[Axes]:
        """Return the axes that changed as a whole, but not since the last check."""
        changed = {} if self._probe is None else self._probe.changed()
        return [axes for axes in self._movers.axes if axes not in changed]

    def _forget(self) -> None:
        """Forget everything about the figure."""
        self._lose_layers()
        self._watch = None

    def _lose_layers(self) -> None:
        self._probe = None
        if self._layers is not None:
            self._layers = None
            self._patience.end_layers()

    @contextmanager
    def _at_resolution(self) -> Iterator[None]:
        """Set the movie's resolution, and, for drawing single parts, the state that `savefig` sets."""
        figure, canvas = self._figure, self._figure.canvas
        untyped: Any = canvas
        is_same = figure.dpi == self._look.dpi
        with (
            # Figures of several threads share text caches, which this lock of Matplotlib protects.
            getattr(figure, "_render_lock", nullcontext()),
            nullcontext() if is_same else cbook._setattr_cm(canvas, manager=None),
            nullcontext() if is_same else cbook._setattr_cm(figure, dpi=self._look.dpi),
        ):
            was_saving, untyped._is_saving = untyped._is_saving, True
            try:
                yield
            finally:
                untyped._is_saving = was_saving


def _differed(difference: int) -> str:
    return f"layers differed from drawing everything by {difference} of 255"
