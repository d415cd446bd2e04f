"""Makes system calls fail: the nth call of a kind, or all from the nth on, with one of the possible errnos."""

import random
import tempfile

from .program import OLD, PROGRAM, Scene, check_recovers, ended, scene

# The system calls that a run makes on files, and the errnos to inject for each.
FAULTS = {
    "write": ["ENOSPC", "EIO", "EDQUOT", "EINTR"],
    "pwrite64": ["ENOSPC", "EIO"],
    "fsync,fdatasync": ["EIO", "ENOSPC", "EDQUOT", "ENOTSUP", "EPERM", "EINVAL"],
    "rename,renameat,renameat2": ["EIO", "ENOSPC", "EPERM", "EACCES"],
    "link,linkat": ["EPERM", "EIO"],
    "unlink,unlinkat": ["EIO", "EPERM"],
    "openat": ["EIO", "ENOSPC", "EMFILE", "EACCES"],
    "lseek": ["EIO", "ESPIPE"],
    "fchmod": ["EPERM", "EIO"],
    "fchown": ["EPERM"],
    "flock": ["ENOTSUP", "EIO", "ENOLCK"],
    "read": ["EIO", "EINTR"],
    "fallocate": ["ENOSPC", "EOPNOTSUPP", "EDQUOT"],
    "ftruncate": ["EIO"],
    "getdents64": ["EIO"],
    "newfstatat,statx,fstat": ["EIO"],
}
KINDS: list[tuple[str, list[str]]] = [
    ("a.mp4", []),
    ("a.mov", ["-c", "mpeg4"]),
    ("a.mkv", []),
    ("a.avi", ["-c", "xvid"]),
    ("a.mp4", ["--max-size", "60k", "--preset", "ultrafast"]),
    ("a.mp4", ["--stats", "s.jsonl"]),
    ("a.mp4", ["--report", "r.html"]),
    ("a.mp4", ["--no-clobber"]),
    ("recover", []),
]
# strace makes system calls fail. With --seccomp-bpf it stops the program at these calls only, which is faster.
STRACE = ["strace", "-f", "-qq", "--seccomp-bpf"]
# Calls that remove files. If they fail, temporary files may be left.
LITTERING = "unlink,unlinkat"


def case(seed: int, number: int) -> str:
    chance = random.Random(f"{seed} {number}")
    output, more = chance.choice(KINDS)
    calls = chance.choice(list(FAULTS))
    errno = chance.choice(FAULTS[calls])
    # The loader and the libraries make the first openat, read and stat calls, so later ones of these are chosen too.
    nth = chance.choice([1, 2, 3, 5, 8, 13]) if calls not in ("openat", "read", "newfstatat,statx,fstat") else None
    nth = nth or chance.randint(1, 90)
    # A program repeats an interrupted call, so a call that is always interrupted would never end.
    forever = "+" if chance.random() < 0.5 and errno != "EINTR" else ""
    described = f"{output} {more} {calls} {errno} when={nth}{forever}"
    inject = f"inject={calls}:error={errno}:when={nth}{forever}"
    wrapper = [*STRACE, "-e", f"trace={calls}", "-e", inject, "-o"]
    try:
        if output == "recover":
            with scene("a.mp4") as made:
                _recover(made, wrapper)
        else:
            with scene(output, more) as made:
                if "--no-clobber" in more:
                    made.movie.unlink()
                _check(made, wrapper, calls)
    except AssertionError as error:
        raise AssertionError(f"{described}: {error}") from error
    return described


def _check(made: Scene, wrapper: list[str], calls: str) -> None:
    had_movie = made.movie.exists()
    with _trace() as trace:
        run = made.run([*wrapper, trace.name])
        assert run.code == 0 or run.errors or _was_silenced(trace), "it failed without a message"
    # 127: the loader could not open a library.
    assert run.code in (0, 1, 2, 127), f"ended with {run.code}: {run.errors}"
    if run.code == 0:
        made.check_whole()
    else:
        _check_old(made, had_movie)
    _check_left(made, calls, run.code)
    made.check_parts()


def _check_old(made: Scene, had_movie: bool) -> None:
    """Check that the destination is unchanged, or is a complete movie.

    The movie is complete if only another output failed, for example the statistics.
    """
    if had_movie and made.movie.read_bytes() == OLD:
        return
    if not had_movie and not made.movie.exists():
        return
    made.check_whole()


def _check_left(made: Scene, calls: str, code: int) -> None:
    allowed = {"s.jsonl", "r.html", f"{made.output}.part"}
    if code == 0:
        allowed.discard(f"{made.output}.part")
    left = [name for name in made.left() if name not in allowed]
    # A file stays if it could not be inspected or removed.
    may_litter = calls in (LITTERING, "newfstatat,statx,fstat", "fchmod", "fchown")
    assert may_litter or not left, f"left {left}"


def _recover(made: Scene, wrapper: list[str]) -> None:
    first = made.run([*STRACE, "-e", "trace=fsync", "-e", "inject=fsync:error=EIO", "-o", "/dev/null"])
    part = made.folder / "a.mp4.part"
    assert first.code == 1 and part.exists(), first
    before = part.read_bytes()
    with _trace() as trace:
        command = [*wrapper, trace.name, str(PROGRAM), "recover", str(part), "-o", str(made.movie)]
        code, errors = ended(command, made.folder)
        assert code == 0 or errors or _was_silenced(trace), "it failed without a message"
    assert code in (0, 1, 2, 127), (code, errors)
    if code == 0:
        made.check_whole()
    else:
        _check_old(made, True)
    assert part.read_bytes() == before, "recovering changed the part file"
    check_recovers(part, 45)


def _trace() -> "tempfile._TemporaryFileWrapper[bytes]":
    return tempfile.NamedTemporaryFile(prefix="framemill-faults-")


def _was_silenced(trace: "tempfile._TemporaryFileWrapper[bytes]") -> bool:
    """Return whether the failing call was a write to standard error, so that no message could be printed."""
    return any(b"write(2, " in line and b"(INJECTED)" in line for line in trace.read().splitlines())
