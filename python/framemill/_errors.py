"""The exceptions: each is a `framemill.Error`, and also the matching builtin exception."""

from __future__ import annotations

from pathlib import Path


class Error(Exception):
    """The base class of all exceptions of framemill."""

    part_file: Path | None = None
    """The part file with the frames encoded before the error, if any. `framemill.recover` makes a movie from it."""


class SettingsError(Error, ValueError):
    """The settings are invalid. Nothing was opened or written."""

    option: str | None = None
    """The name of the keyword at fault, if the error is about one."""


class SettingsTypeError(Error, TypeError):
    """A setting does not exist, or its value has the wrong type. Nothing was opened or written."""


class FrameError(Error, ValueError):
    """A frame is invalid. The movie continues without it."""


class FrameTypeError(Error, TypeError):
    """The frame is not a picture. The movie continues without it."""


class TimeError(Error, ValueError):
    """A time is invalid. The movie continues."""


class AudioError(Error, ValueError):
    """Samples of sound are invalid. The movie continues without them."""


class AudioTypeError(Error, TypeError):
    """The object is not sound. The movie continues without it."""


class NoFramesError(Error, ValueError):
    """No frame was written, so there is no movie."""


class ClosedError(Error, ValueError):
    """The movie has ended."""


class ForkedError(Error, RuntimeError):
    """The writer belongs to the process that opened it, but this process was forked from it."""


class InputError(Error, ValueError):
    """A file is invalid."""


class InputNotFoundError(InputError, FileNotFoundError):
    """A file that should be read does not exist."""


class OutputError(Error, OSError):
    """Writing the movie failed. `errno` is the operating system's error number, if there is one."""


class OutputExistsError(OutputError, FileExistsError):
    """The file exists, and `clobber=False` keeps it."""


class OutputNotFoundError(OutputError, FileNotFoundError):
    """The folder of the movie does not exist."""


class OutputPermissionError(OutputError, PermissionError):
    """The user has no permission to write the movie, or to read a file that is needed for it."""


class EncodingError(Error, RuntimeError):
    """The encoder, or the file object of the movie, failed."""


class TooLargeError(EncodingError):
    """The movie cannot be as small as `max_size`."""
