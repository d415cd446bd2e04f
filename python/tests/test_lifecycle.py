"""Tests processes, threads, signals and memory."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import framemill
import numpy as np
import pytest
from reader import decode, frame_count

FRAME = np.random.default_rng(9).integers(0, 256, (48, 64, 3), np.uint8)


def python(code, *arguments, timeout=60, options=(), **keywords):
    """Run the code in a new Python process, and return the result."""
    command = [sys.executable, *options, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, **keywords)


def test_ctrl_c_keeps_the_movie_and_is_raised_again(movie):
    code = """
    import framemill, numpy, signal, sys
    # A shell starts background jobs with SIGINT ignored, and the tests may be one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with framemill.VideoWriter(sys.argv[1]) as video:
        for number in range(10**9):
            video.write(numpy.full((48, 64), number % 256, "u1"))
            if number == 100:
                print("started", flush=True)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(movie)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "started\n"
        process.send_signal(signal.SIGINT)
        try:
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGINT
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert frame_count(movie) > 100
    assert os.listdir(movie.parent) == ["movie.mp4"]


def test_ctrl_c_before_the_first_frame_leaves_nothing(movie):
    with pytest.raises(KeyboardInterrupt), framemill.VideoWriter(movie, size=(64, 48)):
        raise KeyboardInterrupt
    assert os.listdir(movie.parent) == []


def test_ctrl_c_after_the_end_changes_nothing(movie):
    with pytest.raises(KeyboardInterrupt), framemill.VideoWriter(movie) as video:
        video.write(FRAME)
        video.close()
        raise KeyboardInterrupt
    assert frame_count(movie) == 1


FORKED = """
import framemill, numpy, os, sys, threading, warnings
warnings.simplefilter("ignore", DeprecationWarning)
video = framemill.VideoWriter(sys.argv[1])
frame = numpy.zeros((1080, 1920, 3), "u1")
video.write(frame)
stop = threading.Event()
def busy():
    while not stop.is_set():
        video.write(frame)
if sys.argv[2] == "busy":
    thread = threading.Thread(target=busy)
    thread.start()
for _ in range(3):
    child = os.fork()
    if child == 0:
        seen = []
        for call in (lambda: video.write(frame), lambda: video.hold(1), video.close, lambda: video.stats, video.abort):
            try:
                call()
                seen.append(None)
            except framemill.ForkedError as error:
                assert isinstance(error, RuntimeError) and "os.fork()" in str(error), error
                seen.append(error)
        assert [bool(error) for error in seen] == [True, True, True, True, False], seen
        with framemill.VideoWriter(sys.argv[1] + ".child.mp4") as own:
            own.write(frame)
        del video
        sys.stdout.flush()
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
stop.set()
if sys.argv[2] == "busy":
    thread.join()
video.close()
print(video.stats.frames)
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_a_forked_process_gets_an_error_at_once(movie, state):
    done = python(FORKED, movie, state)
    assert done.returncode == 0, done.stderr
    assert frame_count(movie) == int(done.stdout) >= 1
    assert frame_count(f"{movie}.child.mp4") == 1


def test_multiprocessing_by_fork_leaves_the_movie_whole(movie):
    code = """
    import framemill, multiprocessing, numpy, sys, warnings
    warnings.simplefilter("ignore", DeprecationWarning)
    with framemill.VideoWriter(sys.argv[1]) as video:
        video.write(numpy.zeros((48, 64), "u1"))
        with multiprocessing.get_context("fork").Pool(2) as pool:
            for shade in pool.map(abs, range(20)):
                video.write(numpy.full((48, 64), shade, "u1"))
    """
    done = python(code, movie)
    assert done.returncode == 0, done.stderr
    assert frame_count(movie) == 21


def test_threads_take_turns(movie):
    with framemill.VideoWriter(movie, codec="h264-rgb", lossless=True) as video:

        def work(shade):
            for _ in range(25):
                video.write(np.full((48, 64), shade, np.uint8))
                assert video.stats.frames > 0

        threads = [threading.Thread(target=work, args=(shade,)) for shade in (10, 20, 30, 40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    shades = decode(movie)[:, 0, 0, 0].tolist()
    assert sorted(shades) == sorted([10, 20, 30, 40] * 25)


def test_statistics_may_be_asked_for_by_another_thread(movie):
    failures, ended = [], threading.Event()

    def watch(video):
        while not ended.is_set():
            try:
                assert len(video.stats.packets) <= 60
            except framemill.NoFramesError:
                pass
            except Exception as error:
                failures.append(error)
                return

    frame = np.zeros((1080, 1920, 3), np.uint8)
    with framemill.VideoWriter(movie, preset="ultrafast") as video:
        thread = threading.Thread(target=watch, args=(video,))
        thread.start()
        for _ in range(60):
            video.write(frame)
        ended.set()
        thread.join()
    assert failures == []


def test_several_movies_at_once(tmp_path):
    def work(number):
        framemill.write_video(tmp_path / f"{number}.mp4", (np.full((48, 64), number, np.uint8) for _ in range(30)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [frame_count(tmp_path / f"{number}.mp4") for number in range(6)] == [30] * 6


def test_the_interpreter_is_free_while_frames_are_written(movie):
    """Another thread runs during `write`. It can run only if `write` releases the GIL; nothing else does here."""
    ended, counted = threading.Event(), 0

    def count():
        nonlocal counted
        while not ended.is_set():
            counted += 1
            # Release the GIL, because the long switch interval never forces it.
            time.sleep(0)

    frame = np.random.default_rng(1).integers(0, 256, (2160, 3840, 3), np.uint8)
    thread = threading.Thread(target=count)
    interval = sys.getswitchinterval()
    with framemill.VideoWriter(movie, preset="ultrafast", qp=40, size=(3840, 2160)) as video:
        sys.setswitchinterval(60)
        thread.start()
        try:
            writes_beside = 0
            for _ in range(20):
                before = counted
                video.write(frame)
                writes_beside += counted > before
        finally:
            ended.set()
            sys.setswitchinterval(interval)
            thread.join()
    assert writes_beside >= 10


def test_memory_is_flat(movie):
    code = """
    import framemill, numpy, resource, sys
    frame = numpy.zeros((48, 64, 3), "u1")
    peaks = []
    with framemill.VideoWriter(sys.argv[1], preset="ultrafast") as video:
        for number in range(20_000):
            frame[...] = number % 256
            video.write(frame)
            if number in (4_999, 19_999):
                peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    print(peaks[1] - peaks[0])
    """
    done = python(code, movie)
    assert done.returncode == 0, done.stderr
    # Each packet needs 130 bytes of statistics and about the same for the index: below 5 MB for 15,000.
    assert int(done.stdout) < 8_000
    assert frame_count(movie) == 20_000


def test_figures_of_a_loop_are_freed(movie):
    code = """
    import framemill, resource, sys
    from matplotlib.figure import Figure
    import gc
    with framemill.VideoWriter(sys.argv[1], preset="ultrafast") as video:
        for number in range(120):
            figure = Figure(figsize=(10, 10), dpi=100)
            figure.text(0.5, 0.5, str(number))
            video.write(figure)
            del figure
            if number % 20 == 0:
                gc.collect()
            if number == 40:
                before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    done = python(code, movie)
    assert done.returncode == 0, done.stderr
    # A canvas has 4 MB.
    assert int(done.stdout) < 60_000


@pytest.mark.parametrize("end", ["", "sys.exit(3)", "os._exit(4)", "raise SystemError"])
@pytest.mark.parametrize("output", ["sys.argv[1]", "io.BytesIO()"])
def test_a_program_that_does_not_close_its_writer_ends(movie, output, end):
    code = f"""
    import framemill, io, numpy, os, sys
    video = framemill.VideoWriter({output})
    keep = [video]
    keep.append(keep)
    for _ in range(90):
        video.write(numpy.zeros((480, 640, 3), "u1"))
    {end}
    """
    done = python(code, movie, timeout=30)
    assert done.returncode == {"": 0, "sys.exit(3)": 3, "os._exit(4)": 4, "raise SystemError": 1}[end], done.stderr
    assert not movie.exists()


def test_no_environment_variable_is_needed(movie):
    """The environment has no PATH, no HOME and no other variable."""
    code = "import framemill, numpy, sys; framemill.write_video(sys.argv[1], numpy.zeros((9, 48, 64, 3), 'u1'))"
    done = python(code, movie, env={})
    assert done.returncode == 0, done.stderr
    assert frame_count(movie) == 9


# The file cannot grow, as on a full disk. Python ignores the signal that this raises.
CANNOT_GROW = """
import framemill, numpy, os, resource, sys, warnings
noise = numpy.random.default_rng(1).integers(0, 256, (48, 64, 3), "u1")
def written(path):
    video = framemill.VideoWriter(path, tune="zerolatency", crf=5)
    for _ in range(20):
        video.write(noise)
    while len(video.stats.packets) < 10:
        pass
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
    return video
"""


def test_an_error_while_ending_the_part_file_is_reported(movie):
    done = python(
        CANNOT_GROW
        + """
video = written(sys.argv[1])
try:
    video.leave()
except framemill.OutputError as error:
    print(error)
assert video.closed
""",
        movie,
    )
    assert done.returncode == 0, done.stderr
    assert "File too large" in done.stdout
    done = python(
        CANNOT_GROW
        + """
try:
    with written(sys.argv[1]):
        raise KeyError("mine")
except KeyError as error:
    print(error.__notes__)
""",
        movie,
    )
    assert done.returncode == 0, done.stderr
    assert "ending the movie's part file failed too" in done.stdout and "File too large" in done.stdout
