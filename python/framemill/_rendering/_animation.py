"""`framemill.matplotlib.render`: a Matplotlib animation that many workers draw."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Unpack, overload

import matplotlib as mpl
from matplotlib.animation import Animation, FuncAnimation

from .._animation_writer import FrameMillWriter
from .._audio import Audio
from .._errors import NoFramesError, SettingsError, SettingsTypeError
from .._ffmpeg_arguments import CODECS
from .._options import Options
from .._stats import Stats
from .._writer import FrameRate, VideoWriter
from ._render import Arguments, render_scene
from ._scene import AnimationState, Encoded, Scene, note_frame
from ._seam import picture_of
from ._segments import Segment


@overload
def render(
    make_animation: Callable[[], Animation],
    output: str | os.PathLike[str],
    fps: FrameRate | None = None,
    *,
    dpi: float | None = None,
    executor: int | Executor | Any = None,
    segment: int | None = None,
    scratch: str | os.PathLike[str] | None = None,
    share: None = None,
    retries: int = 3,
    progress: bool | None = None,
    layers: bool = True,
    audio: Audio | None = None,
    **options: Unpack[Options],
) -> Stats: ...
@overload
def render(
    make_animation: Callable[[], Animation],
    output: str | os.PathLike[str],
    fps: FrameRate | None = None,
    *,
    dpi: float | None = None,
    executor: int | Executor | Any = None,
    segment: int | None = None,
    scratch: str | os.PathLike[str] | None = None,
    share: tuple[int, int],
    retries: int = 3,
    progress: bool | None = None,
    layers: bool = True,
    audio: Audio | None = None,
    **options: Unpack[Options],
) -> None: ...
def render(
    make_animation: Callable[[], Animation],
    output: str | os.PathLike[str],
    fps: FrameRate | None = None,
    *,
    dpi: float | None = None,
    executor: int | Executor | Any = None,
    segment: int | None = None,
    scratch: str | os.PathLike[str] | None = None,
    share: tuple[int, int] | None = None,
    retries: int = 3,
    progress: bool | None = None,
    layers: bool = True,
    audio: Audio | None = None,
    **options: Unpack[Options],
) -> Stats | None:
    """Save an animation whose frames are drawn by many workers.

    Each worker makes an animation of its own, and saves runs of its frames as `animation.save` does. A frame must not
    depend on the frames before it.

    Parameters
    ----------
    make_animation : callable
        Called once in each worker, and once here to count the frames. Returns a new animation.
    output : path
        The movie.
    fps : float, Fraction or str, optional
        Frames per second. By default from the animation's interval.
    dpi : float, optional
        Dots per inch. By default `savefig.dpi` of rcParams.
    executor, segment, scratch, share, retries, progress, layers, audio
        As for `framemill.render`.
    **options
        As for `framemill.VideoWriter`: crf=18, preset="fast", … A bit rate, `max_size` and `shortest` are
        refused.

    Returns
    -------
    Stats or None
        What the encoders did, for the whole movie. None with `share`.

    Raises
    ------
    framemill.FrameError
        Frames depend on those before them: the first frame of the second segment differs when it is drawn after the
        first segment.
    Exception
        As for `framemill.render`.

    Examples
    --------
    >>> framemill.matplotlib.render(make_animation, "demo.mp4", executor=8)  # doctest: +SKIP
    """
    if not callable(make_animation):
        raise SettingsTypeError(f"make_animation must be a function, not {make_animation!r}")
    scene = AnimationScene(make_animation)
    animation, count = scene.state.animation, len(scene.state.items)
    if count == 0:
        raise NoFramesError("the animation has no frames, so there is no movie")
    interval = getattr(animation, "_interval", None)
    if fps is None:
        if not interval:
            raise SettingsError("fps is not given, and the animation has no interval: set fps")
        fps = 1_000 / interval
    resolution = mpl.rcParams["savefig.dpi"] if dpi is None else dpi
    resolution = animation._fig.dpi if resolution == "figure" else resolution
    codec = options.get("codec") or mpl.rcParams["animation.codec"]
    return render_scene(
        scene,
        range(count),
        output,
        fps,
        {**options, "codec": CODECS.get(codec, codec)},
        Arguments(executor, segment, scratch, share, retries, progress, layers, audio),
        scene_options={"dpi": resolution},
        is_strict=True,
    )


class AnimationScene(Scene):
    """The frames of an animation.

    Parameters
    ----------
    make_animation : callable
        Returns a new animation.
    """

    sent_names = makes_state = "make_animation"

    def make_state(self) -> Any:
        (make_animation,) = self.functions
        assert make_animation is not None
        made = make_animation()
        if not isinstance(made, Animation):
            kind = type(made).__name__
            raise SettingsTypeError(f"make_animation must return an animation, not an object of type {kind}")
        animation: Any = made
        # Matplotlib warns of animations that were never drawn.
        animation._draw_was_started = True
        if isinstance(made, FuncAnimation) and vars(animation)["_save_count"] is None:
            raise SettingsError("the animation has no number of frames: set its save_count")
        return AnimationState(animation, list(animation.new_saved_frame_seq()))

    def encode(self, path: Path, segment: Segment, options: dict[str, Any]) -> Encoded:
        animation, items = self.state.animation, self.state.items
        options = dict(options)
        dpi, fps = options.pop("dpi"), options.pop("fps")
        writer = _SegmentWriter(fps, bitrate=-1, **options)
        writer._segment_first = segment.first
        current, pictures = segment.first, []

        def frames() -> Iterator[Any]:
            nonlocal current
            for current in segment.items:
                yield items[current]
                if current == segment.pictured:
                    pictures.append(picture_of(animation._fig, current, dpi))
            for current in segment.next_items:
                # The writer's last check uses the current state of the figure.
                writer.check_drawing()
                animation._draw_next_frame(items[current], blit=False)
                pictures.append(picture_of(animation._fig, current, dpi))

        animation.new_saved_frame_seq = frames
        try:
            animation.save(path, writer=writer, dpi=dpi)
        except BaseException as error:
            note_frame(error, current, items[current])
            raise
        finally:
            del animation.new_saved_frame_seq
        stats = writer.stats
        assert stats is not None
        return Encoded(stats, (stats.movie["width"], stats.movie["height"]), pictures[0] if pictures else None)


class _SegmentWriter(FrameMillWriter):
    """Leaves nothing of a segment that failed."""

    def check_drawing(self) -> None:
        """Check the last frames, if they come from layers."""
        assert self._drawer is not None
        self._drawer.finish()

    def _end(self, how: Callable[[VideoWriter], None]) -> None:
        super()._end(how if how is VideoWriter.close else VideoWriter.abort)
