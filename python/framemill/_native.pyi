"""The private native module. Its source is in `python/src/`."""

import os
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from ._audio import Native as Sound
from ._frames import Pixels

class _Writes(Protocol):
    def write(self, data: bytes, /) -> object: ...

class Writer:
    """An unfinished movie. One thread at a time may call it."""

    def __new__(
        cls,
        target: str | _Writes,
        seekable: bool,
        options: dict[str, Any],
        width: int,
        height: int,
        frame_format: str | None,
        resume: bool,
        audio: Sound | None,
        expected_frames: int | None,
    ) -> Writer: ...
    def write_audio(self, samples: bytes, kind: str) -> None: ...
    def is_full(self) -> bool:
        """Return whether `shortest` has ended the movie with its sound."""

    def frames(self) -> int: ...
    def write(self, pixels: Pixels, seconds: float | None = None) -> None: ...
    def is_deep(self) -> bool: ...
    def hold(self, seconds: float) -> None: ...
    def finish(self) -> None: ...
    def leave(self) -> os.PathLike[str] | None:
        """End without publishing; return the part file if it has frames."""

    def abort(self) -> None:
        """End, and remove the part file."""

    def watch(self) -> Watch: ...

class Watch:
    """The statistics of a movie. Any thread may read them at any time."""

    def stats(self) -> tuple[str, str, str]:
        """Return the movie and the run as JSON, and the run as a table."""

    def audio_warnings(self) -> list[str]: ...
    def run(self) -> str: ...
    def packets(self) -> bytes:
        """Return a row of `_stats.PACKET_DTYPE` for each packet."""

def check_levels(pixels: Pixels) -> None: ...
def check_audio(audio: Sound) -> None: ...
def validate(options: dict[str, Any], name: str | None, size: tuple[int, int]) -> bool: ...
def options() -> list[tuple[str, str, str, str, str, str]]: ...
def recover(
    part_file: str | os.PathLike[str],
    output: str | os.PathLike[str] | None,
    audio: Sound | None,
    audio_options: dict[str, Any],
) -> tuple[os.PathLike[str], int, str | None]: ...
def join(
    segments: Sequence[str | os.PathLike[str] | bytes],
    output: Any,
    seekable: bool,
    clobber: bool,
    container: str | None,
    partial: bool,
    audio: Sound | None,
    audio_options: dict[str, Any],
) -> tuple[int, int, float, int, str | None]: ...
def resumable(
    path: str, options: dict[str, Any], width: int, height: int, expected_frames: int | None
) -> tuple[int, int, int] | None: ...
def joined_run(
    runs: Sequence[str],
    peak_second_bytes: int,
    file_bytes: int,
    movie_seconds: float,
    wall_seconds: float,
    cpu_seconds: float | None,
    audio: str | None,
) -> tuple[str, str]: ...
def kind(movie: str | os.PathLike[str]) -> tuple[str, str, str | None]:
    """Return the container, the codec and the pixel format of a movie."""

def build() -> tuple[str, list[tuple[str, str]], str]: ...

class State:
    """The recorded state of objects and of all values that they refer to. It reports which owners changed."""

    def __new__(
        cls,
        rule_of: Callable[[type], tuple[Any, ...]],
        parts_of: Callable[[Any], list[Any] | None],
        free_side: Callable[[Any], str],
        written_by_axes: frozenset[str],
    ) -> State: ...
    def add(self, owner: int, object: object, name: str, left_out: Sequence[str] = ...) -> None: ...
    def add_attributes(self, owner: int, object: object, name: str, names: Sequence[str]) -> None: ...
    def changed(self) -> list[tuple[int, str]]: ...
    def unwatchable(self) -> list[tuple[int, str]]: ...
    def shared(self, kind: type) -> list[tuple[Any, list[int]]]: ...

class Backdrop:
    """The pixels of a region (top, bottom, left, right), without the artists that move."""

    def __new__(cls, canvas: NDArray[np.uint8], region: tuple[int, int, int, int]) -> Backdrop: ...
    def restore(self, canvas: NDArray[np.uint8]) -> None: ...

class Overlay:
    """The artists that are drawn above moving ones, in a region (top, bottom, left, right)."""

    LEVELS: ClassVar[list[int]]
    def __new__(cls, drawn: Sequence[NDArray[np.uint8]], region: tuple[int, int, int, int]) -> Overlay: ...
    def is_empty(self) -> bool: ...
    def blend(self, canvas: NDArray[np.uint8]) -> None: ...
    def errors(self, ground: NDArray[np.uint8], drawn: NDArray[np.uint8]) -> NDArray[np.uint8]: ...

def difference(canvas: NDArray[np.uint8], drawn: NDArray[np.uint8], background: Sequence[int]) -> int: ...
