"""What goes wrong: each is a `framemill.Error`, and the matching exception of Python's too."""

from __future__ import annotations

from pathlib import Path


class Error(Exception):
    """Anything that framemill refuses or that fails in it."""

    part_file: Path | None = None
    """The file that holds what was encoded before, where there is one: `framemill.recover` makes a movie of it."""


class SettingsError(Error, ValueError):
    """The settings cannot make a movie. Nothing was opened or written."""

    option: str | None = None
    """The keyword at fault, where it is one."""


class SettingsTypeError(Error, TypeError):
    """There is no such setting, or its value is of another type than it should be. Nothing was opened or written."""


class FrameError(Error, ValueError):
    """A frame cannot be taken. The movie goes on without it."""


class FrameTypeError(Error, TypeError):
    """What was given is no picture. The movie goes on without it."""


class TimeError(Error, ValueError):
    """A time cannot be taken. The movie goes on."""


class AudioError(Error, ValueError):
    """Samples of sound cannot be taken. The movie goes on without them."""


class AudioTypeError(Error, TypeError):
    """What was given is no sound. The movie goes on without it."""


class NoFramesError(Error, ValueError):
    """There is no movie of no frames."""


class ClosedError(Error, ValueError):
    """The movie has ended, and takes no more calls."""


class ForkedError(Error, RuntimeError):
    """The writer belongs to the process that opened it, and this is one that was forked from it."""


class InputError(Error, ValueError):
    """A file is not what it should be."""


class OutputError(Error, OSError):
    """Writing the movie failed; `errno` is the operating system's number, where it gave one."""


class OutputExistsError(OutputError, FileExistsError):
    """There is a file already, and `clobber=False` keeps it."""


class OutputNotFoundError(OutputError, FileNotFoundError):
    """The folder that the movie is to be in is not there."""


class OutputPermissionError(OutputError, PermissionError):
    """This user may not write there."""


class EncodingError(Error, RuntimeError):
    """The encoder, or a file object that the movie goes to, failed."""


class TooLargeError(EncodingError):
    """No movie of these frames is as small as `max_size`."""
