"""Sends values to other processes: with cloudpickle, if installed, so that functions of a notebook can be sent."""

from __future__ import annotations

import pickle
from typing import Any

from .._errors import SettingsTypeError


def dumps(value: object) -> bytes:
    """Convert a value to bytes."""
    try:
        import cloudpickle  # type: ignore[import-untyped]
    except ImportError:
        return pickle.dumps(value)
    return cloudpickle.dumps(value)  # type: ignore[no-any-return]


def sendable(what: str, value: object) -> bytes:
    """Convert a value to bytes.

    Raises
    ------
    SettingsTypeError
        It cannot be sent; `what` names it.
    """
    try:
        return dumps(value)
    except Exception as error:
        raise SettingsTypeError(
            f"{what} cannot be sent to other processes: {error}. Let setup make what draw uses, or install cloudpickle"
            " where it is missing: with it, lambdas and inner functions can be sent"
        ) from error


class Sent:
    """A value that is sent by cloudpickle, whatever sends it."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __reduce__(self) -> Any:
        return _received, (dumps(self.value),)


def _received(content: bytes) -> Sent:
    return Sent(pickle.loads(content))
