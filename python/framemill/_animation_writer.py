"""The writer that `animation.save` uses."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from math import isfinite
from numbers import Real
from types import SimpleNamespace
from typing import Any, ClassVar, Unpack

import matplotlib as mpl
from matplotlib.animation import AbstractMovieWriter, MovieWriter
from matplotlib.figure import Figure

from . import _native
from ._audio import Audio, whole
from ._errors import SettingsError, SettingsTypeError
from ._ffmpeg_arguments import CODECS, translated
from ._figures import Drawer, Drawing
from ._figures._idle import DeferredDrawIdle
from ._figures._look import with_figure_facecolor
from ._frames import laid_out
from ._options import CommonOptions, resolve
from ._shown import html_of
from ._stacklevel import levels_to_the_user
from ._stats import Stats
from ._writer import VideoWriter

# Options of `VideoWriter` that are not for the native part.
ONLY_IN_PYTHON = ("audio", "expected_frames", "progress", "size")
# The movies that are tried when options are checked: the name of the real one is not known yet.
ANY_MOVIE = ("a.mp4", "a.mkv", "a.mov", "a.avi", "a.webm")
# Metadata that Matplotlib's documentation suggests, and that only Matroska stores.
ONLY_IN_MATROSKA = ("subject", "srcform")
MATROSKA = ("mkv", "webm")


class FrameMillWriter(AbstractMovieWriter):
    """Writes the frames of animations to a movie.

    Parameters
    ----------
    fps : float, default 5
        Frames per second.
    codec : str, optional
        By default `animation.codec` of rcParams.
    bitrate : int, optional
        Kilobits per second. By default `animation.bitrate` of rcParams, where -1 means constant quality.
    extra_args : list of str, optional
        Options of the ffmpeg program: -crf, -preset, -tune, -pix_fmt and a few more. Others raise an error. By default
        `animation.ffmpeg_args` of rcParams.
    metadata : dict, optional
        Descriptions that the movie contains: title, artist, comment, … If the container does not store subject or
        srcform, you get a warning.
    layers : bool, default True
        Draw only what changed, if that is known to give the same picture. With False, every frame is drawn as
        Matplotlib's own writer draws it.
    audio : path or (samples, rate), optional
        The movie's sound, as for `framemill.VideoWriter`.
    **options
        As for `framemill.VideoWriter`: crf=18, preset="fast", quality=True, …

    Raises
    ------
    framemill.SettingsError
        A setting is invalid. Also a ValueError.
    framemill.SettingsTypeError
        An option is unknown, or a value has the wrong type. Also a TypeError.

    Attributes
    ----------
    stats : framemill.Stats
        What the encoder did.
    drawing : framemill.matplotlib.Drawing
        How the frames were drawn.
    """

    supported_formats: ClassVar[list[str]] = ["rgba"]

    def __init__(
        self,
        fps: float = 5,
        codec: str | None = None,
        bitrate: int | None = None,
        extra_args: Sequence[str] | None = None,
        metadata: Mapping[str, str] | None = None,
        *,
        layers: bool = True,
        audio: Audio | None = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        if metadata is not None and not isinstance(metadata, Mapping):
            raise SettingsTypeError(f"metadata must be a dictionary, as in {{'title': 'A wave'}}, not {metadata!r}")
        if isinstance(bitrate, bool) or not (bitrate is None or (isinstance(bitrate, Real) and isfinite(bitrate))):
            raise SettingsTypeError(f"bitrate must be a number of kilobits per second, as in 500, not {bitrate!r}")
        super().__init__(
            fps=fps,  # type: ignore[arg-type]  # It may have a fraction.
            metadata=None if metadata is None else dict(metadata),
            codec=codec,
            bitrate=bitrate,
        )
        if "resume" in options:
            raise SettingsError(
                "resume is not for animation.save, which gives all frames: use framemill.matplotlib.render with scratch"
            )
        if extra_args is None:
            name, extra_args = 'rcParams["animation.ffmpeg_args"]', mpl.rcParams["animation.ffmpeg_args"]
        else:
            name = "extra_args"
        from_arguments, has_quality = translated(extra_args, name)
        self._options: dict[str, Any] = {**from_arguments, **options}
        if audio is not None:
            whole(audio)
            self._options["audio"] = audio
        if self.metadata:
            self._options.setdefault("metadata", dict(self.metadata))
        codec = self._options.get("codec", self.codec)
        self._options["codec"] = CODECS.get(codec, codec) if isinstance(codec, str) else codec
        if has_quality and str(self._options["codec"]).startswith("h264"):
            raise SettingsError(f"{name}: -q:v is for mpeg4, xvid and mjpeg; for h264 use -crf")
        kilobits = mpl.rcParams["animation.bitrate"] if bitrate is None else bitrate
        asked = {"crf", "qp", "bitrate", "max_size", "lossless"} & self._options.keys()
        if bitrate is not None and bitrate > 0 and asked:
            raise SettingsError(f"give one of bitrate and {min(asked)}: each sets how large the movie becomes")
        if kilobits > 0 and not asked:
            self._options["bitrate"] = int(kilobits * 1_000)
        _check(fps, self._options)
        self._video: VideoWriter | None = None
        self._layers = layers
        # If the movie is a segment: the number of its first frame in the whole movie.
        self._segment_first: int | None = None
        self._drawer: Drawer | None = None
        self._idle: DeferredDrawIdle | None = None
        self._stats: Stats | None = None

    @classmethod
    def isAvailable(cls) -> bool:  # noqa: N802, the registry's name for it
        """Return True: no other program is needed."""
        return True

    @property
    def stats(self) -> Stats | None:
        """The statistics of the encoder so far. None before the first frame."""
        watch = None if self._video is None else self._video._watch
        return self._stats if watch is None else Stats(watch, self.drawing)

    @property
    def drawing(self) -> Drawing | None:
        """How the frames were drawn so far. None before `setup`."""
        return None if self._drawer is None else self._drawer.drawing.copy()

    def setup(self, fig: Figure, outfile: Any, dpi: float | None = None) -> None:
        """Begin a movie of a figure.

        Parameters
        ----------
        fig : matplotlib.figure.Figure
            The figure.
        outfile : path or file object
            The movie.
        dpi : float, optional
            Dots per inch. By default the figure's own.
        """
        if self._video is not None:
            raise SettingsError("this writer has a movie open already: finish it first, or make another writer")
        self.fig, self.outfile = fig, outfile
        self.dpi = fig.dpi if dpi is None else dpi
        self._video = VideoWriter(outfile, self.fps, **_without_unstored(outfile, self._options))
        try:
            self._take_over(fig)
        except BaseException:
            self._end(VideoWriter.abort)
            raise

    def grab_frame(self, **savefig_kwargs: Any) -> None:
        """Write the figure as it is now.

        Parameters
        ----------
        **savefig_kwargs
            As for `Figure.savefig`, without dpi, format and bbox_inches, which would change a frame's size.
        """
        for name in ("dpi", "bbox_inches", "format"):
            if name in savefig_kwargs:
                raise TypeError(f"grab_frame got an unexpected keyword argument {name!r}: all frames have one size")
        if self._video is None:
            raise SettingsError("there is no movie yet: call setup, or use `with writer.saving(fig, path, dpi)`")
        assert self._drawer is not None
        if self._options.get("alpha") == "keep":
            savefig_kwargs = with_figure_facecolor(self.fig, savefig_kwargs)
        draw_idle_called = self._idle is not None and self._idle.take_was_called()
        if tuple(self.fig.bbox_inches.p1) != self._inches:
            if draw_idle_called:
                self._drawer.draw_idle()
                draw_idle_called = False
            self.fig.set_size_inches(*self._inches)
        drawn, pixel_format = self._drawer.draw(self.dpi, savefig_kwargs, draw_idle_called, self._video._frames)
        with self._video._own():
            self._video._write(laid_out(drawn if pixel_format == "rgba" else drawn[..., :3]))

    def finish(self) -> None:
        """End the movie, and publish it."""
        try:
            if self._drawer is not None and self._video is not None:
                self._drawer.finish()
        except BaseException as error:
            self._end(partial(VideoWriter._leave_with, error=error))
            raise
        self._end(VideoWriter.close)

    @contextmanager
    def saving(self, fig: Figure, outfile: Any, dpi: float | None, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Make a movie of the frames that are grabbed inside a `with` block.

        If the block ends with an exception, nothing is published. The exception's note names the part file, from which
        `framemill.recover` makes a movie. After Ctrl-C, the frames so far become the movie.

        Parameters
        ----------
        fig, outfile, dpi
            As for `setup`.
        """
        self.setup(fig, outfile, dpi, *args, **kwargs)
        try:
            yield self
        except KeyboardInterrupt:
            self._end(VideoWriter.close if self._video is not None and self._video._frames else VideoWriter.abort)
            raise
        except BaseException as error:
            self._end(partial(VideoWriter._leave_with, error=error))
            raise
        else:
            if self._video is not None:
                self.finish()

    def _repr_html_(self) -> str | None:
        is_path = isinstance(self.outfile, (str, os.PathLike)) if self._stats is not None else False
        return html_of(self.outfile) if is_path else None

    def _take_over(self, fig: Figure) -> None:
        self._inches_before = tuple(fig.get_size_inches())
        # As in Matplotlib's own writers, a size is whole pixels, but an odd size is padded here.
        like: Any = SimpleNamespace(fig=fig, dpi=self.dpi, frame_size=self.frame_size, codec="any")
        self._inches = tuple(MovieWriter._adjust_frame_size(like))  # type: ignore[attr-defined]
        self._drawer = Drawer(fig, self._options.get("background"), self._layers, self._segment_first)
        self._idle = DeferredDrawIdle(fig) if self._layers else None

    def _end(self, how: Callable[[VideoWriter], None]) -> None:
        video, self._video = self._video, None
        if self._idle is not None:
            self._idle.close()
            self._idle = None
            if tuple(self.fig.get_size_inches()) == self._inches != self._inches_before:
                self.fig.set_size_inches(self._inches_before, forward=False)
        if video is None:
            return
        try:
            how(video)
        finally:
            self._stats = None if video._watch is None else Stats(video._watch, self.drawing)


def _check(fps: Any, keywords: Mapping[str, Any]) -> None:
    """Check the options of a movie whose name is not known yet.

    Raises
    ------
    SettingsError, SettingsTypeError
        An option is unknown, or its value has the wrong type, or no container supports the options.
    """
    named = {name: value for name, value in keywords.items() if name not in ONLY_IN_PYTHON}
    options = resolve(fps, _without_suggested(named))
    errors: list[SettingsError] = []
    for movie in (None,) if "container" in options else ANY_MOVIE:
        try:
            _native.validate(options, movie, (64, 64))
        except SettingsError as error:
            errors.append(error)
        else:
            return
    # Errors that differ are about the containers.
    messages = list(map(str, errors))
    raise max(errors, key=lambda error: messages.count(str(error)))


def _without_suggested(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the metadata that Matplotlib suggests and most containers do not store."""
    if "metadata" not in keywords:
        return dict(keywords)
    stored = {key: value for key, value in keywords["metadata"].items() if key not in ONLY_IN_MATROSKA}
    return {**keywords, "metadata": stored}


def _without_unstored(outfile: Any, keywords: dict[str, Any]) -> dict[str, Any]:
    """Leave out metadata that the container does not store, as ffmpeg does, and warn."""
    names = [name for name in ONLY_IN_MATROSKA if name in keywords.get("metadata", ())]
    path = os.fspath(outfile) if isinstance(outfile, (str, os.PathLike)) else ""
    container = keywords.get("container") or os.path.splitext(os.fsdecode(path))[1][1:].lower() or "mp4"
    if not names or container in MATROSKA:
        return keywords
    warnings.warn(
        f"the movie will not contain the metadata {' and '.join(names)}: {container} does not store it. Use a .mkv, or"
        " other names, such as comment",
        stacklevel=levels_to_the_user(),
    )
    return _without_suggested(keywords)
