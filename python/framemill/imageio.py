"""A plugin of imageio that writes movies: `plugin="framemill"`, or `format="framemill"` in the older interface.

Importing this module registers the plugin. PyVista, napari-animation and others write movies by imageio, and take its
name where they take a `format`; for those that do not, see `prefer`.

>>> import framemill.imageio
>>> imageio.v3.imwrite("m.mp4", frames, plugin="framemill", fps=30)  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any, NoReturn, Self

from imageio.config import PluginConfig, known_extensions, known_plugins
from imageio.core.legacy_plugin_wrapper import LegacyPlugin
from imageio.core.request import URI_BYTES, URI_FILENAME, InitializationError, IOMode, Request

from ._errors import SettingsError
from ._imageio_keywords import movie_keywords
from ._loud_writer import LoudWriter
from ._stats import Stats

__all__ = ["Plugin", "Writer", "prefer"]

CONTAINERS = (".mp4", ".m4v", ".mov", ".avi", ".mkv")
# Frames a second where none are given: as of imageio's ffmpeg plugin.
FPS = 10


class Plugin(LegacyPlugin):
    """What imageio opens for `plugin="framemill"`.

    The older functions of imageio ask a `LegacyPlugin` for its writer, and so get one that knows how its `with` block
    was left.

    Parameters
    ----------
    request : imageio.core.Request
        What is to be written.
    **options
        As for `write`, where it gets none.
    """

    def __init__(self, request: Request, **options: Any) -> None:
        if request.mode.io_mode is IOMode.read:
            raise InitializationError("framemill writes movies and reads none: read with another plugin, such as pyav")
        self._request = request
        self._options = options
        self._given: dict[str, Any] = {}
        self._writer: Writer | None = None

    def legacy_get_writer(self, **options: Any) -> Writer:  # type: ignore[override]
        """The writer of `imageio.get_writer`.

        Parameters
        ----------
        **options
            As for `Writer`.
        """
        return Writer(self._request, **{**self._options, **options})

    def write(self, ndimage: Any, *, is_batch: bool | None = None, **options: Any) -> bytes | None:
        """Write a frame or several; another call adds to the movie.

        Parameters
        ----------
        ndimage : array or iterable of arrays
            Frames, as `framemill.VideoWriter` takes them.
        is_batch : bool, optional
            Whether these are several frames. By default an array is one frame if it has two axes, or three of which
            the last one is 1, 3 or 4 long; anything else that can be iterated is several.
        **options
            As for `Writer`; later calls need not repeat them.

        Returns
        -------
        bytes or None
            The movie, if it is written to "<bytes>". It takes no more frames then.
        """
        if self._writer is None:
            self._writer, self._given = self.legacy_get_writer(**options), options
        elif options and options != self._given:
            raise SettingsError(f"the movie was begun with the options {self._given}, and cannot go on with {options}")
        several = _is_several(ndimage) if is_batch is None else is_batch
        for frame in ndimage if several else (ndimage,):
            self._writer.append_data(frame)
        if self._request._uri_type != URI_BYTES:
            return None
        self._writer.close()
        return self._request.get_result()

    def close(self) -> None:
        """End the movie, and publish it."""
        if self._writer is not None:
            self._writer.close()
        self._request.finish()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.__exit__(kind, error, trace)
        self._request.finish()


class Writer:
    """What `imageio.get_writer` returns.

    Parameters
    ----------
    request : imageio.core.Request
        What is to be written.
    fps : float, Fraction or str, default 10
        Frames a second.
    **options
        Of imageio's ffmpeg plugin: codec, quality from 0 to 10, bitrate, pixelformat, macro_block_size (None or 1),
        output_params. Also all of `framemill.VideoWriter`.

    Attributes
    ----------
    request : imageio.core.Request
        What is written.
    """

    def __init__(self, request: Request, *, fps: Any = FPS, **options: Any) -> None:
        keywords = movie_keywords(options)
        output: Any = request.filename if request._uri_type == URI_FILENAME else request.get_file()
        if request.extension in CONTAINERS:
            # It may be another one than in the name, and there may be no name.
            keywords.setdefault("container", request.extension[1:])
        self.request = request
        self._video = LoudWriter(output, fps, **keywords)

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
        """Refuse: the movie was begun with its metadata.

        Parameters
        ----------
        meta
            Anything.
        """
        raise SettingsError("a movie gets its metadata when it is begun: give metadata={…} to get_writer")

    def close(self) -> None:
        """End the movie, and publish it."""
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
        self._video.__exit__(kind, error, trace)
        self.request.finish()


def prefer() -> None:
    """Have imageio write mp4, m4v, mov, avi and mkv by framemill where no plugin is named.

    Reading is left to imageio's other plugins. This is for programs that call imageio, and let nobody name a plugin.
    """
    for extension in CONTAINERS:
        for kind in known_extensions.get(extension, ()):
            if "framemill" not in kind.priority:
                kind.priority.insert(0, "framemill")


def _is_several(ndimage: Any) -> bool:
    shape = getattr(ndimage, "shape", None)
    if shape is None:
        return isinstance(ndimage, Iterable)
    return len(shape) > 3 or (len(shape) == 3 and shape[2] not in (1, 3, 4))


known_plugins["framemill"] = PluginConfig(name="framemill", class_name="Plugin", module_name="framemill.imageio")
