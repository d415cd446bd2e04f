"""Where segments are made: here, in worker processes, or by an executor."""

from __future__ import annotations

import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from functools import partial
from numbers import Integral
from typing import Any

from .._errors import SettingsError, SettingsTypeError

# Segments that are handed out for each worker of an executor: one that is being made, and one that waits.
AHEAD = 2
# For executors that do not report how many workers they have.
UNKNOWN_WORKERS = 32
MOST_PROCESSES = 1024
# For workers that `render` starts: one thread each, where libraries take one for each processor, and no screen.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "MPLBACKEND": "agg",
}
# How often a worker looks whether its parent is there, in seconds.
INTERVAL = 1.0


class Pool(ABC):
    """Workers.

    Attributes
    ----------
    lost_errors : tuple of exceptions
        What the future of a segment raises when its worker died.
    is_local : bool
        Whether workers see the folders of this machine.
    uses_processes : bool
        Whether workers are other processes.
    """

    lost_errors: tuple[type[BaseException], ...] = (BrokenExecutor,)
    is_local = True
    uses_processes = True

    @abstractmethod
    def has_room(self, handed_out: int) -> bool:
        """Whether to hand out another segment, when so many are."""

    @abstractmethod
    def submit(self, work: Callable[[Any], Any], task: Any) -> Future[Any]:
        """Hand out a segment."""

    def can_go_on(self) -> bool:
        """Whether segments can be handed out after a worker died."""
        return True

    def give_up(self, running: list[Future[Any]]) -> None:
        """Cancel the segments that nobody has begun."""
        for future in running:
            future.cancel()

    def close(self, *, now: bool) -> None:
        """End the workers, if they are ours; `now` if they are to stop what they do."""
        return


class Here(Pool):
    """One segment after the other, in this thread."""

    uses_processes = False

    def has_room(self, handed_out: int) -> bool:
        return handed_out == 0

    def submit(self, work: Callable[[Any], Any], task: Any) -> Future[Any]:
        future: Future[Any] = Future()
        # Exceptions here propagate at once, with their whole traceback.
        future.set_result(work(task))
        return future


class Processes(Pool):
    """Worker processes that `render` starts. Each has an executor to itself, so that the others go on when one dies."""

    def __init__(self, count: int) -> None:
        try:
            import loky  # type: ignore[import-untyped]
        except ImportError:
            raise ImportError(f"executor={count} needs loky: pip install loky") from None
        parent = os.getpid()
        self._new: Callable[[], Any] = partial(
            loky.ProcessPoolExecutor, 1, env=ENVIRONMENT, initializer=_end_with_parent, initargs=(parent,)
        )
        self._workers = [self._new() for _ in range(count)]
        self._busy: list[Future[Any] | None] = [None] * count

    def has_room(self, handed_out: int) -> bool:
        return handed_out < len(self._workers)

    def submit(self, work: Callable[[Any], Any], task: Any) -> Future[Any]:
        free = next(place for place, future in enumerate(self._busy) if future is None or future.done())
        last = self._busy[free]
        if last is not None and isinstance(last.exception(), BrokenExecutor):
            self._replace(free)
        future: Future[Any]
        try:
            future = self._workers[free].submit(work, task)
        except BrokenExecutor:
            # It died while it had nothing to do.
            self._replace(free)
            future = self._workers[free].submit(work, task)
        self._busy[free] = future
        return future

    def _replace(self, place: int) -> None:
        self._workers[place].shutdown(wait=True, kill_workers=True)
        self._workers[place] = self._new()

    def close(self, *, now: bool) -> None:
        for worker in self._workers:
            worker.shutdown(wait=True, kill_workers=now)


def _end_with_parent(parent: int) -> None:
    """End this process when the one that started it is gone: a process that is killed cannot end its workers."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(INTERVAL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Given(Pool):
    """An executor of `concurrent.futures`, or one like it."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        module = type(executor).__module__
        self.uses_processes = not isinstance(executor, ThreadPoolExecutor)
        self.is_local = isinstance(executor, (ThreadPoolExecutor, ProcessPoolExecutor)) or module.startswith("loky.")

    def has_room(self, handed_out: int) -> bool:
        return handed_out < AHEAD * self._workers()

    def _workers(self) -> int:
        count = getattr(self._executor, "_max_workers", None)
        return count if isinstance(count, int) and count > 0 else UNKNOWN_WORKERS

    def submit(self, work: Callable[[Any], Any], task: Any) -> Future[Any]:
        return self._executor.submit(work, task)

    def can_go_on(self) -> bool:
        # A pool of the standard library that lost a worker takes nothing more.
        return False

    def give_up(self, running: list[Future[Any]]) -> None:
        super().give_up(running)
        if self.is_local:
            # They write to the folder of segments until they are done.
            wait(running)


class Dask(Given):
    """The workers of a Dask cluster, which may come and go.

    Dask gives what a lost worker had to another one, as often as its setting `allowed-failures` allows.
    """

    def __init__(self, client: Any) -> None:
        from distributed import KilledWorker

        super().__init__(client.get_executor(pure=False))
        self.lost_errors = (*Pool.lost_errors, KilledWorker)
        self._client = client

    def _workers(self) -> int:
        return max(1, sum(map(int, self._client.nthreads().values())))


def pool_of(executor: Any) -> Pool:
    """The workers that `executor` stands for.

    Raises
    ------
    SettingsError, SettingsTypeError
        It stands for none.
    """
    if executor is None:
        return Here()
    if isinstance(executor, Integral) and not isinstance(executor, bool):
        if not 1 <= int(executor) <= MOST_PROCESSES:
            raise SettingsError(f"executor must be a number of processes from 1 to {MOST_PROCESSES}, and is {executor}")
        return Processes(int(executor))
    if not isinstance(executor, type):
        if callable(getattr(executor, "get_executor", None)) and callable(getattr(executor, "nthreads", None)):
            return Dask(executor)
        if isinstance(executor, Executor) or callable(getattr(executor, "submit", None)):
            return Given(executor)
    raise SettingsTypeError(
        "executor must be None, a number of processes, an executor of concurrent.futures or a Dask Client, and is"
        f" {executor!r}"
    )
