"""Sends values to other processes: with cloudpickle, if installed, so that functions of a notebook can be sent."""

from __future__ import annotations

import pickle
from typing import Any

from .._errors import SettingsTypeError


def dumps(value: object) -> bytes:
    """Convert a value to bytes, by cloudpickle if it is installed."""
    cloudpickle = _cloudpickle()
    return pickle.dumps(value) if cloudpickle is None else cloudpickle.dumps(value)


def dumps_named(what: str, value: object, where: str) -> bytes:
    """Convert a value to bytes like `dumps`, with an error that explains what to do.

    Raises
    ------
    SettingsTypeError
        It cannot be sent. The message names it as `what`, and `where` to create it instead.
    """
    try:
        return dumps(value)
    except Exception as error:
        install = "" if _cloudpickle() else ", or install cloudpickle, which can send lambdas and inner functions"
        raise SettingsTypeError(
            f"{what} cannot be sent to other processes: {error}. Create what cannot be sent in {where}{install}"
        ) from error


def _cloudpickle() -> Any:
    try:
        import cloudpickle  # type: ignore[import-untyped]
    except ImportError:
        return None
    return cloudpickle


class Sent:
    """Wraps a value so that plain pickle sends it by cloudpickle."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __reduce__(self) -> Any:
        return _received, (dumps(self.value),)


def _received(content: bytes) -> Sent:
    return Sent(pickle.loads(content))
