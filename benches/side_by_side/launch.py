"""Runs a pipeline of programs, and prints its time, processor time and peak memory as JSON.

This is a separate process, because a child's peak memory starts with the peak of its parent. To stay small, it imports
only a few modules.

    python -I -S launch.py STDOUT COMMANDS

COMMANDS is a JSON list of commands, each a list of strings. STDOUT is the file for the output of the last command.
"""

import json
import os
import sys
import threading
import time

SAMPLE_SECONDS = 0.05


def main(stdout: str, commands: list[list[str]]) -> dict:
    started = time.perf_counter()
    pids = spawn(commands, stdout)
    descendants = Descendants(known={os.getpid(), *pids})
    endings = [os.wait4(pid, 0) for pid in pids]
    seconds = time.perf_counter() - started
    usages = [usage for _, _, usage in endings]
    return {
        "seconds": seconds,
        # Includes the children that the programs started and waited for.
        "cpu_seconds": sum(usage.ru_utime + usage.ru_stime for usage in usages),
        # Of the last program, which encodes, and its children. The programs before only provide its input.
        "peak_bytes": usages[-1].ru_maxrss * 1024 + descendants.peak_bytes(),
        "statuses": [os.waitstatus_to_exitcode(status) for _, status, _ in endings],
    }


def spawn(commands: list[list[str]], stdout: str) -> list[int]:
    """Start the programs in a pipeline, and return their process IDs."""
    pids = []
    source = os.open(os.devnull, os.O_RDONLY)
    for index, command in enumerate(commands):
        if index + 1 < len(commands):
            next_source, sink = os.pipe()
        else:
            next_source, sink = -1, os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        redirections = [(os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, sink, 1)]
        pids.append(os.posix_spawnp(command[0], command, os.environ, file_actions=redirections))
        os.close(source)
        os.close(sink)
        source = next_source
    return pids


class Descendants:
    """Watches the peak memory of the processes that the programs start: those of this session that are not `known`."""

    def __init__(self, known: set[int]) -> None:
        self._known = known
        self._peaks: dict[int, int] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def peak_bytes(self) -> int:
        """Return the sum of their peaks, which is at least the peak of their sum."""
        self._ended.set()
        self._thread.join()
        return sum(self._peaks.values())

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
                if pid not in self._known and session(pid) == os.getpid():
                    # Keep the latest value. It is the highest, but before its exec, a process shows its parent's.
                    self._peaks[pid] = high_water_bytes(pid) or self._peaks.get(pid, 0)


def session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def high_water_bytes(pid: int) -> int:
    """Return the peak resident memory (VmHWM) of a process, or 0 if it has ended."""
    try:
        with open(f"/proc/{pid}/status") as status:
            lines = [line for line in status if line.startswith("VmHWM:")]
    except OSError:
        return 0
    return int(lines[0].split()[1]) * 1024 if lines else 0


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], json.loads(sys.argv[2]))))
