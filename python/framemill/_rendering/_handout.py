"""Hands out segments to workers, and takes them back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait

from ._pools import Pool
from ._worker import Made, Task, make_segment

# How often Ctrl-C is looked for while workers are busy, in seconds.
INTERVAL = 0.5


def hand_out(
    pool: Pool, tasks: Iterable[Task], retries: int, take: Callable[[Task, Made], None], lose: Callable[[Task], None]
) -> None:
    """Have all segments made.

    Parameters
    ----------
    pool : Pool
        The workers.
    tasks : iterable of Task
        The segments, in the order in which they are handed out.
    retries : int
        How often a segment is made again whose worker died.
    take : callable
        Called with each segment that was made.
    lose : callable
        Called with each segment whose worker died.

    Raises
    ------
    Exception
        What a worker raised, or that too many workers died. What was not begun is cancelled.
    """
    waiting = deque(tasks)
    running: dict[Future[Made], Task] = {}
    attempts: dict[int, int] = {}
    try:
        while waiting or running:
            while waiting and pool.has_room(len(running)):
                task = waiting.popleft()
                running[pool.submit(make_segment, task)] = task
            done, _ = wait(running, timeout=INTERVAL, return_when=FIRST_COMPLETED)
            for future in done:
                task = running.pop(future)
                try:
                    made = future.result()
                except pool.lost as error:
                    number = task.segment.number
                    attempts[number] = attempts.get(number, 0) + 1
                    lose(task)
                    if not pool.can_go_on() or attempts[number] > retries:
                        error.add_note(
                            f"framemill: the worker of frames {task.segment.first} to {task.segment.last} died,"
                            f" attempt {attempts[number]} of {retries + 1}"
                        )
                        raise
                    waiting.appendleft(task)
                else:
                    take(task, made)
    finally:
        for future in running:
            future.cancel()
