"""`VideoWriter`: frames in, movie out."""

from __future__ import annotations

import atexit
import os
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from numbers import Integral
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self, TypeAlias, Unpack

from . import _native
from ._audio import Audio, piece
from ._audio import resolve as sound
from ._errors import (
    AudioError,
    ClosedError,
    Error,
    ForkedError,
    FrameError,
    InputError,
    NoFramesError,
    OutputError,
    SettingsError,
    SettingsTypeError,
    TimeError,
)
from ._frames import Pixels, figure_of, laid_out, pixels_of
from ._options import AUDIO_OPTIONS, Options, absolute, check_layout, path_or_file, resolve, seconds
from ._options import size as size_of
from ._progress import bar
from ._shown import html_of
from ._stats import Stats

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    from ._figures import Drawer


class Writes(Protocol):
    """A file object. Seekable objects get a plain MP4, others a fragmented one."""

    def write(self, data: bytes, /) -> object:
        """Write bytes, and return how many were written."""


Output: TypeAlias = str | os.PathLike[str] | Writes
FrameRate: TypeAlias = float | Fraction | str

# Writers whose movie has not ended.
_open_writers: weakref.WeakSet[VideoWriter] = weakref.WeakSet()


@atexit.register
def _leave_all() -> None:
    # While the interpreter ends, the encoder's threads can no longer call a file object: they would wait for ever.
    for writer in list(_open_writers):
        writer._forget()


def _count(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise SettingsTypeError(f"{name} is {value!r}: give a whole number")
    if value < 0:
        raise SettingsError(f"{name} is {value}: give 0 or more")
    return int(value)


def _nothing() -> None:
    """Do nothing."""


class VideoWriter:
    """Write frames to a movie.

    The complete movie appears at its path when the writer is closed. Until then it grows in a part file in the same
    folder. If a `with` block ends with an exception, nothing is published. The exception's note names the part file,
    from which `framemill.recover` makes a movie. After Ctrl-C, the frames so far become the movie.

    Parameters
    ----------
    output : path or file object
        Where the movie goes. The name sets the container: mp4, mov, m4v, avi, mkv or webm. A file object needs
        `write`. Seekable objects get a plain MP4, others a fragmented one.
    fps : float, Fraction or str, default 30
        Frames per second. 29.97 means 30000/1001.
    size : (int, int), optional
        Width and height of the frames. By default the size of the first frame.
    progress : bool, default False
        Show a progress bar, with tqdm.
    resume : bool, default False
        Continue an interrupted run to the same path. `frames` is the number of frames that were kept, and so the
        index of the next frame to write. With the same `jobs` and `segment_frames`, the movie has the same bytes as
        if the run had never been interrupted. Ctrl-C then makes no movie, so that you can resume again. A movie with
        held frames or varying times cannot be resumed.
    layers : bool, default True
        Draw only the parts of a Matplotlib figure that changed since the last frame, if that is known to give the same
        picture. With False, each figure is drawn in full.
    audio : path, (samples, rate) or (rate, channels), optional
        The movie's sound: a WAV, FLAC, MP3, Ogg, AAC or M4A file; or samples and their rate; or the rate and the number
        of channels for samples that you write with `write_audio`. Samples have the shape (n,) or (n, channels), and are
        int16, int32, or floats from -1 to 1. Sound that is too long is cut at the end of the movie, and silence follows
        sound that is too short. If the difference is more than a frame, you get a warning.
    expected_frames : int, optional
        How many frames you are going to write, if you know. The progress bar shows it. With `jobs`, a short movie gets
        shorter segments, so that each encoder has work: a 64th of the frames, from 50 to 250.
    audio_codec : {"aac", "opus", "flac", "pcm", "mp3", "copy"}, optional
        How the sound is compressed. By default pcm in avi, opus in mkv and webm, and aac elsewhere. "copy" copies the
        packets of a file without encoding them again.
    audio_bitrate : int or str, optional
        Bits per second of the sound: "192k".
    audio_start : float, default 0
        The second of the sound at which the movie starts. If negative, this many seconds of silence come first.
    shortest : bool, default False
        End the movie with the sound, if the sound is shorter than the frames.
    codec : str, default "h264"
        h264, h264-rgb, hevc, av1, vp9, mpeg4, xvid, mjpeg, prores, ffv1, png or qtrle, or "encoder:" and the name of
        any other FFmpeg encoder. A build that lacks the encoder refuses the codec; `framemill codecs` lists them.
    crf : float, optional
        Constant quality. 0 (best) to 51 for h264 (default 23) and hevc (28); 0 to 63 for av1 (35) and vp9 (32).
    qp : int, optional
        Constant quantizer: 0 to 51 (h264, hevc), 1 to 31 (mpeg4, xvid, mjpeg; 3 by default).
    bitrate : int or str, optional
        Average bits per second: 4_000_000 or "4M".
    max_size : int or str, optional
        The largest size of the movie in bytes, as in "25MB". The movie gets the best quality that fits. Encodes
        several times.
    lossless : bool, default False
        Encode without loss, after the conversion to `pixel_format` (h264, h264-rgb, hevc, vp9, ffv1, png, qtrle).
    maxrate : int or str, optional
        The rate at which the VBV buffer fills, in bits per second. Needs `bufsize`.
    bufsize : int or str, optional
        The size of the VBV buffer, in bits. Needs `maxrate`.
    preset : str or int, default "medium"
        How much time the encoder spends to make the movie smaller. For h264 and hevc: ultrafast, superfast, veryfast,
        faster, fast, medium, slow, slower, veryslow or placebo. For av1: 0 (slowest) to 13 (fastest), 8 by default.
    cpu_used : int, default 2
        The speed of libvpx, from 0 (slowest, smallest movie) to 5 (fastest) (vp9).
    tune : str, optional
        The kind of content that x264 and x265 optimize for: film, animation, grain, stillimage, psnr, ssim, fastdecode
        or zerolatency. x265 has no film and no stillimage.
    profile : str, optional
        The subset of H.264 that players must support: baseline, main, high, high10, high422 or high444; or the
        profile of ProRes: proxy, lt, standard, hq, 4444 or 4444xq.
    film_grain : int, default 0
        How much grain the encoder removes and the player adds again, 0 to 50 (av1).
    pixel_format : str, default "yuv420p"
        Pixel format of the movie: yuv444p, yuv420p10le, …
    gop : int, optional
        The largest number of frames from one keyframe to the next.
    threads : int, optional
        Threads of the encoder. By default one for each processor that this process may use.
    jobs : int or "auto", optional
        Encode this many segments of the movie in parallel, with one thread each. The movie is the same for every
        number of jobs. Up to this many segments of frames are in memory.
    segment_frames : int, optional
        Frames per segment. Each segment starts with a keyframe. By default 250, or fewer if frames are large or
        `expected_frames` are few. Needs `jobs`.
    fourcc : str, optional
        The codec's four-character code in an AVI.
    x264_params : dict, optional
        More x264 parameters, as in {"aq-mode": 3}.
    x265_params : dict, optional
        More x265 parameters (hevc).
    svtav1_params : dict, optional
        More SVT-AV1 parameters (av1).
    encoder_options : dict, optional
        Options for an encoder chosen by name: `codec="encoder:libaom-av1", encoder_options={"crf": 30}`.
    alpha : {"composite", "keep"}
        Draw transparent frames over the background, or keep their alpha (with vp9 in webm or mkv, prores, png, qtrle or
        ffv1). Colors in the movie are not premultiplied.
    premultiplied : bool, default False
        Whether the colors of the frames are premultiplied by alpha.
    background : str, default "#ffffff"
        Color behind transparent pixels.
    odd : {"pad", "crop", "error"}
        What to do with an odd width or height if the pixel format needs even ones.
    scale : (int, int), optional
        Scale each frame to this size.
    color_range : {"limited", "full"}, optional
        Range of luma and chroma in the movie. Players expect the default: limited, and full for mjpeg.
    metadata : dict, optional
        Descriptions that the movie contains: title, artist, comment, copyright, date, …
    quality : bool, default False
        Measure PSNR and SSIM of each encoded frame.
    container : str, optional
        The container, if the name does not set it: mp4, mov, m4v, avi, mkv or webm.
    clobber : bool, default True
        Whether to replace an existing file.

    Raises
    ------
    framemill.SettingsError
        A setting is invalid. Also a ValueError.
    framemill.SettingsTypeError
        An option is unknown, or a value has the wrong type. Also a TypeError.

    Notes
    -----
    Several threads may use one writer; their calls run one after the other. A writer belongs to the process that
    opened it: after `os.fork()` it raises ForkedError (also a RuntimeError) in the child. After `close` it raises
    ClosedError (also a ValueError). A writer that is never closed publishes nothing. With `max_size`, Ctrl-C takes
    effect only after `close` has found the right quality.

    Examples
    --------
    >>> import numpy as np, framemill
    >>> with framemill.VideoWriter("ramp.mp4", fps=30, crf=18) as video:
    ...     for shade in range(90):
    ...         video.write(np.full((120, 160), shade, np.uint8))
    >>> video.stats.frames
    90
    """

    # The category of the warning about a writer that was not closed.
    _forgotten: ClassVar[type[Warning]] = ResourceWarning

    def __init__(
        self,
        output: Output,
        fps: FrameRate = 30,
        *,
        size: tuple[int, int] | None = None,
        progress: bool = False,
        resume: bool = False,
        layers: bool = True,
        audio: Audio | None = None,
        expected_frames: int | None = None,
        **options: Unpack[Options],
    ) -> None:
        self._native: _native.Writer | None = None
        self._watch: _native.Watch | None = None
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._options = resolve(fps, options)
        self._audio = None if audio is None else sound(audio)
        self._expected_frames = None if expected_frames is None else _count("expected_frames", expected_frames)
        alone = [name for name in AUDIO_OPTIONS if options.get(name)] if audio is None else []
        if alone:
            raise SettingsError(f"{alone[0]} needs audio: give both, or neither")
        self._path, self._seekable = path_or_file(output)
        self._output: Any = output if self._path is None else absolute(self._path)
        self._size = None if size is None else size_of("size", size)
        self._frames = 0
        # The size of the frames that are left from the run to resume.
        self._kept_size: tuple[int, int] | None = None
        self._closed = True
        self._layers = layers
        self._drawer: tuple[Figure, Drawer] | None = None
        self._give_canvas_back: Callable[[], None] = _nothing
        # If this is a segment of a movie: the index of its first frame in the movie.
        self._segment_first: int | None = None
        # Samples that came before the first frame.
        self._waiting_audio: list[tuple[bytes, str]] = []
        # Before the first frame, so that a mistake is reported where it was made.
        self._deep = _native.validate(self._options, self._path, self._size or (64, 64))
        if self._audio is not None:
            _native.check_audio(self._audio)
        self._resumes = resume
        if resume:
            self._kept_size = self._look_for_frames()
        self._bar = bar(progress, self._expected_frames, self._frames)
        self._closed = False
        _open_writers.add(self)
        if self._size is not None:
            self._open(self._size)

    def write(
        self, frame: object, t: float | Fraction | None = None, *, layout: Literal["HWC", "CHW"] | None = None
    ) -> None:
        """Write the next frame. You may change its memory as soon as this returns.

        Parameters
        ----------
        frame : array, PIL image or matplotlib figure
            (height, width) or (height, width, channels) with 1, 3 (RGB) or 4 (RGBA) channels, of uint8, uint16, bool,
            or floats from 0 to 1. Any strides work: frame[..., ::-1] writes BGR without a copy. Also anything with
            `__array_interface__`, a buffer, or DLPack on the CPU.
        t : float, optional
            When the frame is shown, in seconds from the movie's start. By default one frame period after the last
            frame.
        layout : {"HWC", "CHW"}, optional
            The order of the frame's axes. PyTorch's pictures are "CHW": channels, height, width. By default, channels
            come last if there are any.

        Raises
        ------
        framemill.FrameError
            The frame is invalid. The message gives the reason, and you may write further frames. Also a ValueError.
        framemill.FrameTypeError
            The frame is not a picture. Also a TypeError.
        framemill.TimeError
            The time is not after that of the last frame. Also a ValueError.
        framemill.OutputError
            Writing failed. Also an OSError.
        """
        with self._own():
            if layout is not None:
                check_layout(layout, ("HWC", "CHW"))
            figure = figure_of(frame)
            if figure is not None and layout is not None:
                raise SettingsError("layout is for arrays; a figure has none")
            number = self._next_number
            pixels = pixels_of(frame, number, self._deep, layout) if figure is None else self._drawn(figure)
            self._write(pixels, None if t is None else seconds(f"t of frame {number}", t))

    def _write(self, pixels: Pixels, time: float | None = None) -> None:
        native = self._native or self._opened_for(pixels)
        if pixels.size != self._size and "scale" not in self._options:
            (width, height), (own_width, own_height) = self._size or (0, 0), pixels.size
            raise FrameError(
                f"frame {self._next_number} has {own_width}x{own_height} pixels, and the movie {width}x{height}:"
                " give all frames one size, or set scale=(width, height)"
            )
        with self._naming():
            native.write(pixels, time)
        # With `shortest`, frames after the sound are left out.
        self._frames = native.frames()
        if self._bar is not None:
            self._bar.update()

    def write_audio(self, samples: ArrayLike) -> None:
        """Write the next samples of the sound, for a movie that was opened with `audio=(rate, channels)`.

        Write sound and frames in any order, in pieces of any length. Sound that is ahead of the frames waits in memory.

        Parameters
        ----------
        samples : array
            (n,) or (n, channels), of int16 or int32, or floats from -1 to 1. Use the same type in all calls.

        Raises
        ------
        framemill.AudioError
            The samples are invalid, as NaN is. You may go on with other samples. Also a ValueError.
        framemill.AudioTypeError
            The samples have a wrong type. Also a TypeError.
        """
        with self._own():
            written = piece(samples, self._audio)
            data, kind, *_ = written
            if not data:
                return
            if self._native is None:
                if self._waiting_audio and kind != self._waiting_audio[0][1]:
                    raise AudioError("the samples have a different type from the earlier ones: use one type for all")
                _native.check_audio(written)
                self._waiting_audio.append((data, kind))
            else:
                self._native.write_audio(data, kind)

    @property
    def full(self) -> bool:
        """Whether `shortest` has ended the movie with its sound: further frames are left out."""
        return self._native is not None and not self._closed and self._native.is_full()

    def hold(self, duration: float | Fraction) -> None:
        """Show the last frame longer. The next frame comes that much later.

        Parameters
        ----------
        duration : float
            Seconds; at least 0.

        Raises
        ------
        framemill.NoFramesError
            There is no frame yet. Also a ValueError.
        framemill.TimeError
            The duration is invalid, or the movie is an AVI, which has a constant frame rate. Also a ValueError.
        """
        with self._own():
            if self._native is None:
                raise NoFramesError("there is no frame to hold yet: write one first")
            self._native.hold(seconds("duration", duration))

    def close(self) -> None:
        """Encode the remaining frames, and publish the movie. A second call does nothing.

        Raises
        ------
        framemill.NoFramesError
            No frame was written. Also a ValueError.
        framemill.OutputError
            Writing failed. Also an OSError.
        framemill.EncodingError
            The encoder failed, in this call or an earlier one. Also a RuntimeError.
        """
        self._check_process()
        with self._lock:
            if self._closed:
                return
            if self._frames == 0:
                self.abort()
                raise NoFramesError("no frame was written, so there is no movie: write one before closing")
            if self._native is None and self._kept_size is not None:
                # All frames were there.
                self._open(self._kept_size)
            assert self._native is not None
            try:
                if self._drawer is not None:
                    self._drawer[1].finish()
                self._native.finish()
            finally:
                self._end()
            assert self._watch is not None
            for warning in self._watch.audio_warnings():
                warnings.warn(warning, stacklevel=2)

    def leave(self) -> Path | None:
        """End without publishing, and keep the part file. An exception in a `with` block does the same.

        Returns
        -------
        part_file : pathlib.Path or None
            The file from which `framemill.recover` makes a movie. None if no frame was encoded, and for file objects.

        Raises
        ------
        framemill.OutputError
            The last frames could not be written. Its `part_file` has the frames before them. Also an OSError.
        """
        if self._process != os.getpid():
            return None
        with self._lock:
            self._end()
            part_file = None if self._native is None else self._native.leave()
        return None if part_file is None else Path(part_file)

    def abort(self) -> None:
        """Stop at once, and remove the part file."""
        # In a forked process no encoder is running, and the lock may be held for ever by a thread that is not there.
        if self._process != os.getpid():
            return
        with self._lock:
            self._end()
            if self._native is not None:
                self._native.abort()

    @property
    def frames(self) -> int:
        """The number of frames so far, including those of the run that this one resumes."""
        return self._frames

    @property
    def closed(self) -> bool:
        """Whether the movie has ended."""
        return self._closed

    @property
    def stats(self) -> Stats:
        """The statistics so far. They lag behind the frames, as the encoder looks ahead.

        Any thread may read them, even while another one writes or closes.
        """
        self._check_process()
        if self._watch is None:
            raise NoFramesError("no frame was written yet, so there are no statistics")
        return Stats(self._watch, None if self._drawer is None else self._drawer[1].drawing.copy())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        interrupted = (
            kind is not None and issubclass(kind, KeyboardInterrupt) and self._frames > 0 and not self._resumes
        )
        if kind is None or interrupted:
            self.close()
        else:
            self._leave_with(error)

    def __del__(self) -> None:
        # If `__init__` failed, the writer was never open.
        if not getattr(self, "_closed", True):
            self._forget()

    def __reduce__(self) -> Any:
        raise TypeError("a VideoWriter cannot be copied or pickled: it is one movie, in one process")

    def _leave_with(self, error: BaseException | None) -> None:
        try:
            part_file = self.leave()
        except Error as failure:
            if error is not None:
                error.add_note(f"framemill: ending the movie's part file failed too: {failure}")
            return
        if part_file is not None and error is not None:
            error.add_note(
                f"framemill: the frames that were written before ({self._frames}) are in {part_file}, and "
                f"framemill.recover({str(part_file)!r}) makes a movie of them"
            )

    def _forget(self) -> None:
        """Warn that the writer was not closed, and keep the part file."""
        if self._closed or self._process != os.getpid():
            return
        name = repr(self)
        try:
            part_file = self.leave()
        except Error as failure:
            warnings.warn(f"{name} was not closed: use `with`. {failure}", self._forgotten, stacklevel=2, source=self)
            return
        if part_file is not None:
            message = f"{name} was not closed: use `with`. Its frames are in {part_file}; see framemill.recover"
            warnings.warn(message, self._forgotten, stacklevel=2, source=self)

    def __repr__(self) -> str:
        state = "closed" if self._closed else "open"
        where = self._path if self._path is not None else type(self._output).__name__
        return f"<framemill.VideoWriter {where!r}, {self._frames} frames, {state}>"

    def _repr_html_(self) -> str | None:
        return html_of(self._output) if self._closed and self._path is not None else None

    def _movie_path(self) -> str:
        if self._path is None:
            raise InputError("the movie went to a file object: write it to a path to show it")
        return str(self._output)

    def _look_for_frames(self) -> tuple[int, int] | None:
        """Count the frames that an interrupted run left, and return their size."""
        if self._path is None:
            raise SettingsError("resume=True needs a path: an interrupted run leaves its frames beside it")
        if self._size is None and "jobs" in self._options and "segment_frames" not in self._options:
            raise SettingsError(
                "resume=True with jobs needs segment_frames, or the size of the frames: it decides that"
            )
        found = _native.resumable(self._path, self._options, *(self._size or (64, 64)), self._expected_frames)
        if found is None:
            return None
        self._frames, width, height = found
        return width, height

    def _open(self, size: tuple[int, int], frame_format: str | None = None) -> _native.Writer:
        native = _native.Writer(
            self._output,
            self._seekable,
            self._options,
            *size,
            frame_format,
            self._resumes,
            self._audio,
            self._expected_frames,
        )
        try:
            for data, kind in self._waiting_audio:
                native.write_audio(data, kind)
            if self._resumes and native.frames() != self._frames:
                frames = native.frames()
                raise OutputError(f"{frames} frames are there, and {self._frames} were when the writer was made")
        except BaseException:
            native.abort()
            raise
        self._waiting_audio.clear()
        self._watch, self._deep, self._size = native.watch(), native.is_deep(), size
        self._native = native
        return native

    def _opened_for(self, pixels: Pixels) -> _native.Writer:
        """Open the movie for its first frame, unless the frame is invalid."""
        with self._naming():
            _native.check_levels(pixels)
        return self._open(pixels.size, pixels.pixel_format)

    @property
    def _next_number(self) -> int:
        """The number of the next frame in the movie, of which this may be a segment."""
        return (self._segment_first or 0) + self._frames

    @contextmanager
    def _naming(self) -> Iterator[None]:
        """Add the index of the next frame to errors that lack it."""
        try:
            yield
        except (FrameError, TimeError) as error:
            message = str(error)
            named = message if message.startswith("frame ") else f"frame {self._next_number}: {message}"
            raise type(error)(named) from None

    def _drawn(self, figure: Figure) -> Pixels:
        from ._figures import Drawer, ensure_agg, resolution_of

        if self._drawer is None or self._drawer[0] is not figure:
            self._give_canvas_back()
            self._give_canvas_back = ensure_agg(figure)
            drawer = Drawer(figure, self._options.get("background"), self._layers, self._segment_first)
            if self._drawer is not None:
                self._drawer[1].finish()
                drawer.drawing = self._drawer[1].drawing
            self._drawer = figure, drawer
        drawn, pixel_format = self._drawer[1].draw(resolution_of(figure), {}, frame=self._frames)
        return laid_out(drawn if pixel_format == "rgba" else drawn[..., :3])

    @contextmanager
    def _own(self) -> Iterator[None]:
        """Lock the open movie for this thread."""
        # Before the lock: if another thread held it when this process was forked, it is never released.
        self._check_process()
        with self._lock:
            if self._closed:
                raise ClosedError("the movie has ended, so nothing more can be written to it")
            yield

    def _check_process(self) -> None:
        if self._process != os.getpid():
            raise ForkedError(
                "this VideoWriter was opened before os.fork() and belongs to the parent process: open one in the child"
            )

    def _end(self) -> None:
        self._closed = True
        self._give_canvas_back()
        _open_writers.discard(self)
        if self._bar is not None:
            self._bar.close()
