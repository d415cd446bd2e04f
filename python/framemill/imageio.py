"""A plugin of imageio that writes movies: `plugin="framemill"`, or `format="framemill"` in the older interface.

Importing this module registers the plugin. PyVista, napari-animation and other libraries write movies with imageio.
Give them `format="framemill"`; for libraries without such a parameter, see `prefer`.

>>> import framemill.imageio
>>> imageio.v3.imwrite("m.mp4", frames, plugin="framemill", fps=30)  # doctest: +SKIP
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from types import TracebackType
from typing import Any, NoReturn, Self

from imageio.config import PluginConfig, known_extensions, known_plugins
from imageio.core.format import Format
from imageio.core.legacy_plugin_wrapper import LegacyPlugin
from imageio.core.request import URI_BYTES, URI_FILENAME, InitializationError, IOMode, Request

from ._errors import ClosedError, NoFramesError, SettingsError
from ._imageio_keywords import movie_keywords
from ._loud_writer import LoudWriter
from ._stats import Stats

__all__ = ["Plugin", "Writer", "prefer"]

CONTAINERS = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm")
# The default frame rate, which is that of imageio's ffmpeg plugin.
FPS = 10
# How imageio's writers describe what they write.
FORMAT = Format("framemill", "Movies, encoded by framemill", " ".join(CONTAINERS), "I")


class Plugin(LegacyPlugin):
    """The plugin that imageio opens for `plugin="framemill"`.

    It is a `LegacyPlugin` so that imageio's older functions return our `Writer`, which publishes nothing if its `with`
    block ends with an exception.

    Parameters
    ----------
    request : imageio.core.Request
        The movie to write.
    **options
        Defaults for the options of `write`. They are checked when the movie is opened, so give a codec that the
        container needs here, and not to `write`.

    Raises
    ------
    imageio.core.request.InitializationError
        The movie is opened for reading.
    framemill.SettingsError, framemill.SettingsTypeError
        An option is invalid. With plugin="framemill", imageio's `imopen` raises an OSError from it.
    """

    def __init__(self, request: Request, **options: Any) -> None:
        if request.mode.io_mode is IOMode.read:
            raise InitializationError("framemill cannot read movies: use another plugin, such as pyav")
        self._request, self._format = request, FORMAT
        self._options = options
        self._given: dict[str, Any] = {}
        self._writer: Writer | None = None
        # Whether there was a writer. It reports a movie without frames itself.
        self._had_writer = self._is_closed = False
        if options:
            # Report a wrong option here, and not at the first frame.
            _video(request, io.BytesIO(), **options).abort()

    def legacy_get_reader(self, **options: Any) -> NoReturn:
        """Raise an error: framemill cannot read movies. `read`, `iter`, `metadata` and `properties` call this.

        Parameters
        ----------
        **options
            Ignored.
        """
        raise InitializationError("framemill cannot read movies: use another plugin, such as pyav")

    def legacy_get_writer(self, **options: Any) -> Writer:  # type: ignore[override]
        """Return the writer for `imageio.get_writer`.

        Parameters
        ----------
        **options
            As for `Writer`.
        """
        self._had_writer = True
        return Writer(self._request, **{**self._options, **options})

    def write(self, ndimage: Any, *, is_batch: bool | None = None, **options: Any) -> bytes | None:
        """Write one frame or several. Further calls add frames to the movie.

        Parameters
        ----------
        ndimage : array or iterable of arrays
            Frames, as `framemill.VideoWriter` takes them.
        is_batch : bool, optional
            Whether `ndimage` is several frames. By default, an array is one frame if it has two axes, or three axes
            with a last axis of length 1, 3 or 4. Any other array or iterable is several frames.
        **options
            As for `Writer`. Later calls may leave them out.

        Returns
        -------
        bytes or None
            The movie, if it is written to "<bytes>". It is then complete and takes no more frames.
        """
        if self._is_closed:
            raise ClosedError("the movie has ended: open another one to write more frames")
        if self._writer is None:
            self._writer, self._given = self.legacy_get_writer(**options), options
        elif options and options != self._given:
            raise SettingsError(
                f"the movie was started with the options {self._given}, and cannot continue with {options}"
            )
        several = _is_several(ndimage) if is_batch is None else is_batch
        for frame in ndimage if several else (ndimage,):
            self._writer.append_data(frame)
        if self._request._uri_type != URI_BYTES:
            return None
        self._writer.close()
        return self._request.get_result()

    def close(self) -> None:
        """End the movie, and publish it. A second call does nothing.

        Raises
        ------
        framemill.NoFramesError
            No frame was written. Also a ValueError.
        """
        if self._is_closed:
            return
        self._is_closed = True
        if self._writer is not None:
            self._writer.close()
        self._request.finish()
        if not self._had_writer:
            raise NoFramesError("no frame was written, so there is no movie: write one before closing")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the movie; publish it only if the block raised nothing."""
        if kind is None:
            self.close()
            return
        self._is_closed = True
        if self._writer is not None:
            self._writer.__exit__(kind, error, trace)
        self._request.finish()


class Writer:
    """The writer that `imageio.get_writer` returns.

    Parameters
    ----------
    request : imageio.core.Request
        The movie to write.
    fps : float, Fraction or str, default 10
        Frames per second.
    **options
        Options of imageio's ffmpeg plugin: codec, quality from 0 to 10, bitrate, pixelformat, macro_block_size (None
        or 1), output_params, audio_path and audio_codec. Also all options of `framemill.VideoWriter`.

    Attributes
    ----------
    request : imageio.core.Request
        The movie that is written.
    format : imageio.core.Format
        framemill's name and extensions, as imageio's own writers have them.
    """

    format = FORMAT

    def __init__(self, request: Request, *, fps: Any = FPS, **options: Any) -> None:
        self.request = request
        self._video = _video(request, fps=fps, **options)

    def append_data(self, im: Any, meta: dict[str, Any] | None = None) -> None:
        """Write the next frame.

        Parameters
        ----------
        im : array
            As for `framemill.VideoWriter.write`.
        meta : dict, optional
            Must be empty: frames of a movie have no metadata.
        """
        if meta:
            raise SettingsError("meta: the frames of a movie have no metadata; give metadata={…} for the whole movie")
        self._video.write(im)

    def set_meta_data(self, meta: Any) -> NoReturn:
        """Raise an error: metadata must be given when the movie is started.

        Parameters
        ----------
        meta
            Ignored.
        """
        raise SettingsError("a movie gets its metadata when it is started: give metadata={…} to get_writer")

    def close(self) -> None:
        """End the movie, and publish it. A second call does nothing.

        Raises
        ------
        framemill.NoFramesError
            No frame was written. Also a ValueError.
        """
        self._video.close()
        self.request.finish()

    @property
    def closed(self) -> bool:
        """Whether the movie has ended."""
        return self._video.closed

    @property
    def stats(self) -> Stats:
        """What the encoder did."""
        return self._video.stats

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the movie; publish it only if the block raised nothing."""
        self._video.__exit__(kind, error, trace)
        self.request.finish()


def prefer() -> None:
    """Make framemill imageio's first choice for writing mp4, m4v, mov, avi, mkv and webm.

    imageio's other plugins still read these files. Use this if a library calls imageio and has no parameter for the
    plugin.
    """
    for extension in CONTAINERS:
        for kind in known_extensions.get(extension, ()):
            if "framemill" not in kind.priority:
                kind.priority.insert(0, "framemill")


def _video(request: Request, file: io.BytesIO | None = None, *, fps: Any = FPS, **options: Any) -> LoudWriter:
    """Begin the movie of a request. If it has no path, it goes to `file`, or else to the request's file object."""
    keywords = movie_keywords(options)
    output: Any = request.filename if request._uri_type == URI_FILENAME else file or request.get_file()
    if request.extension in CONTAINERS:
        # imageio may be given an extension that differs from the name, or no name at all.
        keywords.setdefault("container", request.extension[1:])
    return LoudWriter(output, fps, **keywords)


def _is_several(ndimage: Any) -> bool:
    shape = getattr(ndimage, "shape", None)
    if shape is None:
        return isinstance(ndimage, Iterable)
    return len(shape) > 3 or (len(shape) == 3 and shape[2] not in (1, 3, 4))


known_plugins["framemill"] = PluginConfig(name="framemill", class_name="Plugin", module_name="framemill.imageio")
