"""Hands out segments to workers, and takes them back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from itertools import takewhile

from .._errors import SettingsTypeError
from ._pools import Pool
from ._worker import Failed, Made, Task, make_segment

# The interval in seconds at which Ctrl-C is checked while workers are busy.
INTERVAL = 0.5
# How the message of loky begins if a worker cannot load what it got.
NOT_LOADED = "A task has failed to un-serialize"


def hand_out(
    pool: Pool, tasks: Iterable[Task], retries: int, take: Callable[[Task, Made], None], lose: Callable[[], None]
) -> None:
    """Make all segments.

    Parameters
    ----------
    pool : Pool
        The workers.
    tasks : iterable of Task
        The segments, in the order in which they are handed out.
    retries : int
        How often to make a segment again after its worker died.
    take : callable
        Called with each finished segment.
    lose : callable
        Called when the worker of a segment died.

    Raises
    ------
    Exception
        The exception of a worker, or of too many dead workers. Segments that were not started are cancelled.
    """
    waiting = deque(tasks)
    running: dict[Future[Made | Failed], Task] = {}
    losses = _Losses(pool, retries)

    def finish(task: Task, future: Future[Made | Failed]) -> BaseException | None:
        try:
            made = future.result()
            if isinstance(made, Failed):
                return made.error()
            if not isinstance(made, Made):
                problem = f"executor returned {made!r:.40} instead of the result of the submitted function"
                return SettingsTypeError(problem)
            take(task, made)
        except CancelledError as error:
            frames = f"{task.segment.first} to {task.segment.last}"
            error.add_note(f"framemill: the executor was shut down before it made frames {frames}")
            return error
        except pool.lost_errors as error:
            if (problem := _load_problem(error)) is not None:
                error.add_note(
                    f"framemill: a worker could not load what it has to draw: {problem}. Workers need the same modules"
                    " as this process: use absolute paths in sys.path, and keep the files"
                )
                return error
            lose()
            if losses.record(task, error, list(running.values())):
                return error
            waiting.appendleft(task)
        except BaseException as error:
            return error
        return None

    try:
        while waiting or running:
            while waiting and pool.has_room(len(running)):
                task = waiting.popleft()
                running[_submitted(pool, task)] = task
            wait(running, timeout=INTERVAL, return_when=FIRST_COMPLETED)
            # `wait` does not return futures that an executor cancels while it shuts down.
            done = [future for future in running if future.done()]
            # Finished segments are kept, even if others failed at the same time.
            in_order = sorted(done, key=lambda future: running[future].segment.number)
            errors = [finish(running.pop(future), future) for future in in_order]
            first_error = next((error for error in errors if error is not None), None)
            if first_error is not None:
                raise first_error
    finally:
        pool.give_up(list(running))


def _load_problem(error: BaseException) -> str | None:
    """Return why a worker could not load a task; None if it died for another reason."""
    if not str(error).startswith(NOT_LOADED):
        return None
    # The message follows the last line of the traceback, which is indented.
    lines = str(error.__cause__ or "").strip('"\n').splitlines()
    message = list(takewhile(lambda line: not line.startswith(" "), reversed(lines)))
    return " ".join(message[::-1]).strip() or "unknown error"


def _submitted(pool: Pool, task: Task) -> Future[Made | Failed]:
    """Submit a segment. If the pool has just lost its workers, the future has that error."""
    try:
        # The items of a worker exist only for as long as it has the segment.
        return pool.submit(make_segment, task.prepared(copies_items=not pool.is_this_thread))
    except pool.lost_errors as error:
        future: Future[Made | Failed] = Future()
        future.set_exception(error)
        return future


class _Losses:
    """Counts how often the worker of a segment died."""

    def __init__(self, pool: Pool, retries: int) -> None:
        self._pool, self._retries = pool, retries
        self._attempts: dict[int, int] = {}
        # The exception that has a note.
        self._noted: BaseException | None = None

    def record(self, task: Task, error: BaseException, others: Sequence[Task]) -> bool:
        """Count a dead worker. Return whether to give up; `error` then gets a note."""
        if not self._pool.survives_dead_worker():
            if error is self._noted:
                # One exception ends several segments.
                return True
            self._noted = error
            ranges = ", ".join(f"{one.segment.first} to {one.segment.last}" for one in [task, *others])
            error.add_note(
                "framemill: a worker died, and the executor does not run its segment again. The segments that were"
                f" running or queued are frames {ranges}. If workers import your script, put its main code under"
                " `if __name__ == '__main__':`"
            )
            return True
        number = task.segment.number
        self._attempts[number] = self._attempts.get(number, 0) + 1
        if self._attempts[number] <= self._retries:
            return False
        error.add_note(
            f"framemill: the worker of frames {task.segment.first} to {task.segment.last} died, attempt"
            f" {self._attempts[number]} of {self._retries + 1}"
        )
        return True
