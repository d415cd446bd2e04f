"""Where segments are made: here, in worker processes of our own, or by an executor."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from numbers import Integral
from typing import Any

from .._errors import SettingsError, SettingsTypeError

# Segments that are handed out for each worker: one that is made, and one that waits.
AHEAD = 2
# For executors that do not say how many workers they have.
UNKNOWN_WORKERS = 32
MOST_PROCESSES = 1024
# One thread for each worker; libraries take as many as there are processors otherwise.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")


class Pool(ABC):
    """Workers.

    Attributes
    ----------
    lost : tuple of exceptions
        What the future of a segment raises whose worker died.
    is_local : bool
        Whether workers see the folders of this machine.
    sends : bool
        Whether workers are other processes.
    """

    lost: tuple[type[BaseException], ...] = (BrokenExecutor,)
    is_local = True
    sends = True

    @abstractmethod
    def has_room(self, handed_out: int) -> bool:
        """Whether to hand out another segment, when so many are."""

    @abstractmethod
    def submit(self, work: Callable[[Any], Any], task: Any) -> Future[Any]:
        """Hand out a segment."""

    def can_go_on(self) -> bool:
        """Whether segments can be handed out after a worker died."""
        return True

    def close(self, *, now: bool) -> None:
        """End the workers, if they are ours; `now` if they are to stop what they do."""
        return


class Here(Pool):
    """One segment after the other, in this thread."""

    sends = False

    def has_room(self, handed_out: int) -> bool:
        return handed_out == 0

    def submit(self, work: Callable[[Any], Any], task: Any) -> Future[Any]:
        future: Future[Any] = Future()
        # What is raised here goes on at once, with its whole traceback.
        future.set_result(work(task))
        return future


class Processes(Pool):
    """Worker processes of our own. Each is an executor of its own, so that the others go on when one dies."""

    def __init__(self, count: int) -> None:
        try:
            import loky  # type: ignore[import-untyped]
        except ImportError:
            raise ImportError(f"executor={count} needs loky: pip install loky") from None
        self._new: Callable[[], Any] = partial(loky.ProcessPoolExecutor, 1, env=ONE_THREAD)
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


class Given(Pool):
    """An executor of `concurrent.futures`, or one like it."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        module = type(executor).__module__
        self.sends = not isinstance(executor, ThreadPoolExecutor)
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


class Dask(Given):
    """The workers of a Dask cluster, which may come and go. Dask gives what a lost worker had to another one."""

    def __init__(self, client: Any) -> None:
        from distributed import KilledWorker

        super().__init__(client.get_executor(pure=False))
        self.lost = (*Pool.lost, KilledWorker)
        self._client = client

    def _workers(self) -> int:
        return max(1, sum(map(int, self._client.nthreads().values())))

    def can_go_on(self) -> bool:
        return True


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
    if callable(getattr(executor, "get_executor", None)) and callable(getattr(executor, "nthreads", None)):
        return Dask(executor)
    if isinstance(executor, Executor) or callable(getattr(executor, "submit", None)):
        return Given(executor)
    raise SettingsTypeError(
        "executor must be None, a number of processes, an executor of concurrent.futures or a Dask client, and is of"
        f" the type {type(executor).__name__}"
    )
