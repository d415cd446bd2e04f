"""The workers that make segments: this process, worker processes, or an executor."""

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

# The number of segments submitted per worker of an executor: one running, and one queued.
AHEAD = 2
# For executors that do not report their number of workers.
UNKNOWN_WORKERS = 32
MAX_PROCESSES = 1024
# For workers that `render` starts: one thread each, because numerical libraries otherwise start one for each
# processor, and no display.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "MPLBACKEND": "agg",
}
# The interval in seconds at which a worker checks that its parent exists.
INTERVAL = 1.0


class Pool(ABC):
    """Workers that make segments.

    Attributes
    ----------
    lost_errors : tuple of exceptions
        The exceptions of a segment's future when its worker died.
    is_local : bool
        Whether workers can access the folders of this machine.
    uses_processes : bool
        Whether workers are separate processes.
    is_this_thread : bool
        Whether `submit` makes the segment itself.
    """

    lost_errors: tuple[type[BaseException], ...] = (BrokenExecutor,)
    is_local = True
    uses_processes = True
    is_this_thread = False

    @abstractmethod
    def has_room(self, handed_out: int) -> bool:
        """Return whether to submit another segment, given how many are submitted."""

    @abstractmethod
    def submit(self, work: Callable[[Any], Any], task: Any) -> Future[Any]:
        """Submit a segment."""

    def survives_dead_worker(self) -> bool:
        """Return whether segments can be submitted after a worker died."""
        return True

    def give_up(self, running: list[Future[Any]]) -> None:
        """Cancel the segments that no worker has started."""
        for future in running:
            future.cancel()

    def close(self, *, now: bool) -> None:
        """End the workers, if they are ours; with `now`, interrupt their work."""
        return


class ThisProcess(Pool):
    """Makes one segment after another, in this thread."""

    lost_errors = ()
    uses_processes = False
    is_this_thread = True

    def has_room(self, handed_out: int) -> bool:
        return handed_out == 0

    def submit(self, work: Callable[[Any], Any], task: Any) -> Future[Any]:
        future: Future[Any] = Future()
        # Exceptions here propagate at once, with their whole traceback.
        future.set_result(work(task))
        return future


class Processes(Pool):
    """Worker processes of `render`. Each has its own executor, so that the others continue when one dies."""

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
            # The worker died while it was idle.
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
    """End this process when its parent is gone: a killed process cannot end its workers."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(INTERVAL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class UserExecutor(Pool):
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
        try:
            future: Any = self._executor.submit(work, task)
            if not isinstance(future, Future):
                raise SettingsTypeError(f"submit of executor must return a concurrent.futures.Future, not {future!r}")
        except Exception as error:
            # Segments that are finished by now are kept, as if the worker had failed.
            failed: Future[Any] = Future()
            failed.set_exception(error)
            return failed
        return future

    def survives_dead_worker(self) -> bool:
        # A pool of the standard library accepts no more work, and Dask has moved the segment as often as it may.
        return False

    def give_up(self, running: list[Future[Any]]) -> None:
        super().give_up(running)
        if self.is_local:
            # Running workers still write to the folder of segments: wait for them.
            wait([future for future in running if not future.cancelled()])


class Dask(UserExecutor):
    """The workers of a Dask cluster, which may come and go.

    If a worker is lost, Dask moves its segments to other workers, as often as its setting `allowed-failures` permits.
    """

    def __init__(self, client: Any) -> None:
        from distributed import KilledWorker

        super().__init__(client.get_executor(pure=False))
        self.lost_errors = (*Pool.lost_errors, KilledWorker)
        self._client = client

    def _workers(self) -> int:
        return max(1, sum(map(int, self._client.nthreads().values())))


def pool_of(executor: Any) -> Pool:
    """Return the workers that `executor` stands for.

    Raises
    ------
    SettingsError, SettingsTypeError
        `executor` is none of these.
    """
    if executor is None:
        return ThisProcess()
    if isinstance(executor, Integral) and not isinstance(executor, bool):
        if not 1 <= int(executor) <= MAX_PROCESSES:
            raise SettingsError(f"executor must be a number of processes from 1 to {MAX_PROCESSES}, not {executor}")
        return Processes(int(executor))
    if not isinstance(executor, type):
        if callable(getattr(executor, "get_executor", None)) and callable(getattr(executor, "nthreads", None)):
            return Dask(executor)
        if isinstance(executor, Executor) or callable(getattr(executor, "submit", None)):
            return UserExecutor(executor)
    raise SettingsTypeError(
        "executor must be None, a number of processes, an executor of concurrent.futures or a Dask Client, not"
        f" {executor!r}"
    )
