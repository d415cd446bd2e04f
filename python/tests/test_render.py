"""Tests movies whose frames are drawn and encoded by many workers."""

import collections
import functools
import importlib
import io
import json
import os
import subprocess
import sys
import threading
import time
import warnings
import wave
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import framemill
import framemill.matplotlib
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from reader import decode, packets, probe
from scenes import CountedNoise, KilledOnce, line_animation, line_figure, move_line, noise, remembering_animation

loky = pytest.importorskip("loky")


@pytest.fixture(scope="module", autouse=True)
def _workers_find_scenes():
    """Let workers import this folder's modules."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *([before] if before else [])])
    yield
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before


@pytest.fixture(scope="module")
def dask_client():
    distributed = pytest.importorskip("distributed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cluster = distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None)
        client = distributed.Client(cluster)
    yield client
    client.close()
    cluster.close()


@pytest.fixture
def standard_pool():
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        yield pool


class Elsewhere(Executor):
    """An executor whose workers seem to be on other machines: it pickles tasks and results."""

    def submit(self, work, task):
        import pickle

        future = Future()
        try:
            future.set_result(
                pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(work))(pickle.loads(pickle.dumps(task)))))
            )
        except Exception as error:
            future.set_exception(error)
        return future


def test_the_ranks_of_mpi_make_the_same_movie(tmp_path):
    pytest.importorskip("mpi4py")
    mpiexec = Path(sys.executable).with_name("mpiexec")
    if not mpiexec.exists():
        pytest.skip("there is no mpiexec beside this Python")
    (tmp_path / "script.py").write_text("""
import framemill
from mpi4py.futures import MPIPoolExecutor
from scenes import noise
if __name__ == "__main__":
    with MPIPoolExecutor() as ranks:
        framemill.render(lambda item: noise(item), 45, "m.mp4", segment=10, executor=ranks, preset="ultrafast")
""")
    command = [mpiexec, "-n", "3", sys.executable, "-m", "mpi4py.futures", "script.py"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "m.mp4").read_bytes() == made(tmp_path / "here.mp4", noise, 45, segment=10)


def made(path, *args, **kwargs):
    framemill.render(*args[:2], path, *args[2:], **{"preset": "ultrafast", **kwargs})
    return Path(path).read_bytes()


def test_the_movie_is_the_same_with_every_executor(tmp_path, standard_pool, dask_client):
    path = tmp_path / "m.mp4"
    framemill.write_video(path, map(noise, range(45)), preset="ultrafast", jobs=2, segment_frames=10)
    whole = path.read_bytes()
    with ThreadPoolExecutor(3) as threads, loky.ProcessPoolExecutor(2) as pool:
        for executor in (None, 1, 2, threads, standard_pool, pool, dask_client, Elsewhere()):
            for scratch in (None, tmp_path / "scratch"):
                assert made(path, noise, 45, segment=10, executor=executor, scratch=scratch) == whole, executor
    assert sorted(item.name for item in tmp_path.iterdir()) == ["m.mp4", "scratch"]
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("name", ["m.mp4", "m.mkv", "m.avi", "m.mov"])
@pytest.mark.parametrize("count", [1, 9, 10, 11, 20, 21])
def test_all_frames_are_there_in_order(tmp_path, name, count):
    stats = framemill.render(noise, count, tmp_path / name, 25, segment=10, codec="mjpeg" if "avi" in name else "h264")
    assert (stats.frames, stats.keyframes >= -(-count // 10)) == (count, True)
    frames = decode(tmp_path / name)
    assert len(frames) == count
    for number, frame in enumerate(frames):
        errors = [np.abs(frame.astype(int) - noise(other)).mean() for other in range(count)]
        assert int(np.argmin(errors)) == number
    assert sorted(round(time * 25) for time, _, _ in packets(tmp_path / name)) == list(range(count))


@pytest.mark.parametrize("codec", ["mpeg4", "ffv1", "h264-rgb"])
def test_codecs_and_b_frames_are_joined(tmp_path, codec):
    framemill.render(noise, 31, tmp_path / "a.mkv", segment=7, executor=None, codec=codec)
    framemill.write_video(tmp_path / "b.mkv", map(noise, range(31)), codec=codec, jobs=1, segment_frames=7)
    assert (tmp_path / "a.mkv").read_bytes() == (tmp_path / "b.mkv").read_bytes()
    assert len(decode(tmp_path / "a.mkv")) == 31


# The last segment of the second movie is too short for the delay of B-frames. Segments round their durations.
@pytest.mark.parametrize(("count", "segment", "fps"), [(45, 10, 30), (120, 17, 25), (70, 13, 23.976)])
def test_the_statistics_are_those_of_the_whole_movie(tmp_path, count, segment, fps):
    path, frames = tmp_path / "a.mp4", map(noise, range(count))
    joined = framemill.render(noise, count, path, fps, segment=segment, quality=True)
    whole = framemill.write_video(path, frames, fps, jobs=1, segment_frames=segment, quality=True)
    times = ("converting_ns", "waiting_ns", "encoding_ns", "muxing_ns")
    for name in joined.packets.dtype.names:
        if name not in times:
            np.testing.assert_array_equal(joined.packets[name], whole.packets[name], name)
    measured = ("wall_seconds", "cpu_seconds", "frames_per_second", "peak_memory_bytes", "stages", "encoder_report")
    ours, theirs = joined.to_dict(), whole.to_dict()
    assert [worst["index"] for worst in ours["quality"]["worst"]] == [
        worst["index"] for worst in theirs["quality"]["worst"]
    ]
    for name in theirs.keys() - {*measured, "quality", "types", "gops"}:
        assert ours[name] == pytest.approx(theirs[name]), name
    assert (ours["types"], ours["gops"]) == (theirs["types"], theirs["gops"])
    assert ours["seconds"] == theirs["seconds"]
    assert joined.movie["output"] == str(path)
    assert f"{count} in {count / fps:.3f} s" in repr(joined)


def test_workers_draw_figures_from_layers_and_alike(tmp_path):
    path = tmp_path / "m.mp4"
    options = {"setup": line_figure, "segment": 30, "codec": "h264-rgb", "lossless": True}
    stats = framemill.render(move_line, 90, path, **options)
    assert stats.drawing.layered > 70
    assert stats.drawing.layered + stats.drawing.full == 90
    whole = path.read_bytes()
    for executor in (1, 2):
        assert made(path, move_line, 90, **{**options, "preset": None}, executor=executor) == whole
    frames = decode(path)
    figure = line_figure()
    for number in (0, 29, 30, 31, 89):
        move_line(figure, number)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="rgba", dpi=figure.dpi)
        expected = np.frombuffer(buffer.getbuffer(), np.uint8).reshape(144, 192, 4)[..., :3]
        assert np.abs(frames[number].astype(int) - expected).max() <= 2


def test_closures_and_lambdas_are_sent(tmp_path):
    shade = 7

    def draw(frame):
        return np.full((16, 16), frame * shade, np.uint8)

    assert made(tmp_path / "a.mp4", draw, 20, executor=1, segment=5) == made(tmp_path / "a.mp4", draw, 20, segment=5)
    framemill.render(lambda frame: draw(frame), range(20), tmp_path / "a.mp4", executor=1, segment=5)


def test_objects_that_cannot_be_sent_are_named(tmp_path):
    lock = threading.Lock()
    with pytest.raises(
        framemill.SettingsTypeError,
        match=r"cannot be sent to other processes.*lock.*Create what cannot be sent in setup",
    ):
        framemill.render(lambda frame: lock, 9, tmp_path / "a.mp4", executor=1)
    with pytest.raises(Exception, match="ickle"):
        framemill.render(noise, [lock], tmp_path / "a.mp4", executor=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("executor", [None, 2])
def test_an_exception_names_its_frame_and_a_second_run_continues(tmp_path, executor):
    (tmp_path / "drawn").mkdir()
    counted, path = CountedNoise(tmp_path / "drawn"), tmp_path / "m.mp4"

    def draw(frame):
        if frame == 33 and not (tmp_path / "well").exists():
            raise ZeroDivisionError("of the user's")
        return counted(frame)

    with pytest.raises(ZeroDivisionError, match="of the user's") as caught:
        framemill.render(draw, 40, path, segment=10, executor=executor)
    notes = "\n".join(caught.value.__notes__)
    assert "while drawing frame 33 (item 33)" in notes
    assert not path.exists()
    scratch = next(tmp_path.glob("m.mp4.segments-*"))
    assert f"To go on from there, render again with scratch={str(scratch)!r}" in notes
    finished = len(list(scratch.glob("*/*.json")))
    assert finished >= 1 if executor else finished == 3
    # A worker that was ended leaves its part file, which is removed with the folder.
    assert executor or not list(scratch.glob("*/*making*"))
    before = len(counted.drawn())
    (tmp_path / "well").touch()
    framemill.render(draw, 40, path, segment=10, scratch=scratch)
    # The worker of the first segment also draws the first frame of the second.
    assert len(counted.drawn()) - before - 10 * (4 - finished) in (0, 1)
    framemill.write_video(tmp_path / "whole.mp4", map(noise, range(40)), jobs=1, segment_frames=10)
    assert path.read_bytes() == (tmp_path / "whole.mp4").read_bytes()


class TwicePool(ThreadPoolExecutor):
    """Runs each task twice and loses the first result."""

    def submit(self, work, *args):
        super().submit(work, *args).result()
        return super().submit(work, *args)


@pytest.mark.parametrize("executor", ["own", "dask"])
def test_after_a_killed_worker_only_its_segment_is_drawn_again(tmp_path, executor, request):
    (tmp_path / "drawn").mkdir()
    draw = KilledOnce(tmp_path / "drawn", 25)
    workers = 2 if executor == "own" else request.getfixturevalue("dask_client")
    # Without a folder, Dask may lose another finished segment along with the worker.
    scratch = tmp_path / "s" if executor == "dask" else None
    movie = made(tmp_path / "m.mp4", draw, 60, segment=10, executor=workers, scratch=scratch)
    assert movie == made(tmp_path / "m.mp4", noise, 60, segment=10)
    drawn = draw.drawn()
    twice = {frame for frame in drawn if drawn.count(frame) > 1}
    # The first frame of the second segment is drawn by the first worker too.
    assert twice <= {10, *range(20, 30)}
    assert 25 in twice


def test_a_stored_segment_is_not_drawn_again(tmp_path):
    """Dask runs a task again if a worker dies before it has sent its result."""
    (tmp_path / "drawn").mkdir()
    draw = CountedNoise(tmp_path / "drawn")
    with TwicePool(1) as pool:
        movie = made(tmp_path / "m.mp4", draw, 30, segment=10, executor=pool, scratch=tmp_path / "s")
    assert movie == made(tmp_path / "m.mp4", noise, 30, segment=10)
    # The worker of the first segment also draws the first frame of the second.
    assert len(draw.drawn()) == 31


def test_a_worker_that_is_always_killed_ends_the_run(tmp_path):
    (tmp_path / "drawn").mkdir()
    draw = KilledOnce(tmp_path / "drawn", 12, always=True)
    with pytest.raises(BrokenExecutor) as caught:
        framemill.render(draw, 30, tmp_path / "m.mp4", segment=10, executor=1, retries=1, scratch=tmp_path / "s")
    notes = "\n".join(caught.value.__notes__)
    assert "the worker of frames 10 to 19 died, attempt 2 of 2" in notes
    assert "finished segments: 1. To go on" in notes
    assert draw.drawn().count(12) == 2
    assert not (tmp_path / "m.mp4").exists()


def test_a_broken_pool_of_the_user_is_reported_with_the_finished_segments(tmp_path):
    (tmp_path / "drawn").mkdir()
    draw = KilledOnce(tmp_path / "drawn", 25)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool, pytest.raises(BrokenExecutor) as caught:
        framemill.render(draw, 30, tmp_path / "m.mp4", segment=10, executor=pool, scratch=tmp_path / "s")
    notes = "\n".join(caught.value.__notes__)
    assert (
        "the executor does not run its segment again. The segments that were running or queued are frames 20 to 29"
        in notes
    )
    assert "finished segments: 2. To go on" in notes
    before = len(draw.drawn())
    framemill.render(draw, 30, tmp_path / "m.mp4", segment=10, scratch=tmp_path / "s")
    assert len(draw.drawn()) - before == 10
    assert len(decode(tmp_path / "m.mp4")) == 30


def test_a_property_cycle_of_arrays_is_supported(tmp_path):
    with mpl.rc_context({"axes.prop_cycle": mpl.cycler(color=mpl.colormaps["viridis"](np.linspace(0, 1, 10)))}):
        assert made(tmp_path / "a.mp4", noise, 3)


class Lazy(collections.abc.Sequence):
    """A sequence that cannot be sliced."""

    def __len__(self):
        return 6

    def __getitem__(self, index):
        if not 0 <= index < 6:
            raise IndexError(index)
        return index


class Slicing(Lazy):
    """A sequence that makes something else of a slice."""

    def __getitem__(self, index):
        return ["not", "six", "items", index] if isinstance(index, slice) else super().__getitem__(index)


class Labeled(Lazy):
    """A sequence that fails when it is sliced, by another error than TypeError."""

    def __getitem__(self, index):
        return {number: number for number in range(6)}[index]


class DataSet:
    """Has a length and items, as data sets of PyTorch, but no base class."""

    def __len__(self):
        return 6

    def __getitem__(self, index):
        return index


SEQUENCES = [collections.deque(range(6)), Lazy(), Slicing(), Labeled(), DataSet()]


@pytest.mark.parametrize("items", SEQUENCES, ids=lambda items: type(items).__name__)
def test_sequences_that_cannot_be_sliced_are_drawn(tmp_path, items):
    expected = made(tmp_path / "a.mp4", noise, 6, segment=4)
    assert made(tmp_path / "b.mp4", noise, items, segment=4) == expected


class LazyFrames(collections.abc.Sequence):
    """Makes each item when it is asked for, and counts those that exist at once."""

    class Item:
        existing = most = 0

        def __init__(self, number):
            self.number = number
            cls = type(self)
            cls.existing += 1
            cls.most = max(cls.most, cls.existing)

        def __del__(self):
            type(self).existing -= 1

    def __len__(self):
        return 100

    def __getitem__(self, number):
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        if number >= len(self):
            raise IndexError(number)
        return self.Item(number)


def test_items_exist_for_one_segment_at_a_time(tmp_path):
    for scratch in (None, tmp_path / "scratch"):
        LazyFrames.Item.most = LazyFrames.Item.existing
        framemill.render(lambda item: noise(item.number), LazyFrames(), tmp_path / "m.mkv", segment=10, scratch=scratch)
        assert LazyFrames.Item.most <= 25


@pytest.mark.parametrize("workers", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_lazy_items_are_made_by_the_calling_thread(tmp_path, workers):
    threads = set()

    class Noticing(Lazy):
        def __getitem__(self, index):
            threads.add(threading.current_thread())
            return super().__getitem__(index)

    with workers(2) as executor:
        movie = made(tmp_path / "b.mp4", noise, Noticing(), segment=2, executor=executor)
    assert movie == made(tmp_path / "a.mp4", noise, 6, segment=2)
    assert threads == {threading.current_thread()}


class OneBuffer(Lazy):
    """A sequence that gives the same array again, with other values."""

    buffer = np.zeros((64, 64), np.uint8)
    calls = 0

    def __getitem__(self, index):
        type(self).calls += 1
        if index == 4 and self.calls > 100:
            raise OSError("the file is gone")
        self.buffer[:] = super().__getitem__(index)
        return self.buffer


@pytest.mark.parametrize("executor", [None, 2, "threads"])
@pytest.mark.parametrize("has_scratch", [False, True])
def test_a_sequence_may_reuse_its_array(tmp_path, executor, has_scratch):
    scratch = tmp_path / "scratch" if has_scratch else None
    OneBuffer.calls = 0
    with ThreadPoolExecutor(2) as threads:
        executor = threads if executor == "threads" else executor
        options = {"codec": "ffv1", "pixel_format": "gray", "segment": 2, "executor": executor, "scratch": scratch}
        framemill.render(np.array, OneBuffer(), tmp_path / "m.mkv", **options)
    assert [frame.flat[0] for frame in decode(tmp_path / "m.mkv", "gray")] == list(range(6))
    # The first segment has the frame after it, too.
    assert OneBuffer.calls <= (6 + 1) * ((3 if has_scratch else 1) + (executor is None))


class OneBufferInside(OneBuffer):
    """The same, in a tuple."""

    def __getitem__(self, index):
        return index, super().__getitem__(index)


def test_a_sequence_may_reuse_an_array_in_a_tuple(tmp_path):
    OneBuffer.calls = 0

    def draw(item):
        assert item[1].flat[0] == item[0]
        return np.array(item[1])

    with ThreadPoolExecutor(2) as threads:
        for executor in (None, threads):
            framemill.render(draw, OneBufferInside(), tmp_path / "m.mkv", segment=2, executor=executor)


@pytest.mark.parametrize("executor", [None, 1])
def test_an_error_of_a_sequence_names_the_index(tmp_path, executor):
    OneBuffer.calls = 101
    with pytest.raises(OSError, match="the file is gone") as caught:
        framemill.render(np.array, OneBuffer(), tmp_path / "m.mkv", executor=executor)
    assert "framemill: raised by frames[4]" in caught.value.__notes__


class Exhausted(Lazy):
    def __getitem__(self, index):
        return next(iter(()))


@pytest.mark.parametrize("has_scratch", [False, True])
def test_an_item_that_raises_stop_iteration_is_an_error(tmp_path, has_scratch):
    options = {"scratch": tmp_path / "s"} if has_scratch else {}
    with pytest.raises(RuntimeError, match=r"frames\[0\] raised StopIteration"):
        framemill.render(noise, Exhausted(), tmp_path / "m.mkv", **options)


LOADABLE_ONCE = """
import os, pathlib
if pathlib.Path("process").exists() and pathlib.Path("process").read_text() != str(os.getpid()):
    raise ImportError("the license is\\nin use")
def draw(i): return i
"""


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("def draw(i): return i", "ModuleNotFoundError: No module named 'gone_of_a_user'"),
        (LOADABLE_ONCE, "ImportError: the license is in use"),
    ],
)
def test_a_module_that_workers_cannot_import_is_named(tmp_path, monkeypatch, source, problem):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "gone_of_a_user.py").write_text(source)
    (tmp_path / "process").write_text(str(os.getpid()))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "folder" if source is LOADABLE_ONCE else "folder")
    module = importlib.import_module("gone_of_a_user")
    if source is not LOADABLE_ONCE:
        monkeypatch.chdir("/")
    with pytest.raises(BrokenExecutor) as caught:
        framemill.render(module.draw, 10, tmp_path / "m.mkv", executor=1)
    del sys.modules["gone_of_a_user"]
    assert any(
        note.startswith(f"framemill: a worker could not load what it has to draw: {problem}. Workers need the same")
        for note in caught.value.__notes__
    )


def test_a_change_in_a_module_that_an_item_names_is_detected(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "scenes_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("from .circles import circle")

    def folders(shade):
        (package / "circles.py").write_text(
            f"import numpy as np\ndef circle(): return np.full((16, 16), {shade}, np.uint8)"
        )
        for name in [name for name in sys.modules if name.startswith("scenes_of_a_test")]:
            del sys.modules[name]
        scenes = importlib.import_module("scenes_of_a_test")
        framemill.render(
            lambda item: getattr(scenes, item)(),
            ["circle"] * 3,
            tmp_path / "m.mp4",
            scratch=tmp_path / "s",
            share=(0, 1),
        )
        return len(list((tmp_path / "s").iterdir()))

    assert [folders(50), folders(50), folders(180)] == [1, 1, 2]


def _segments_left(tmp_path, draw, **kwargs):
    """Render to a movie that cannot be published, so that its segments stay."""

    def join(*args):
        raise framemill.OutputError("the disk is full")

    with pytest.MonkeyPatch.context() as patch, pytest.raises(framemill.OutputError):
        patch.setattr("framemill._native.join", join)
        framemill.render(draw, 30, tmp_path / "m.mp4", segment=10, scratch=tmp_path / "s", **kwargs)


def test_only_segments_of_the_same_movie_are_reused(tmp_path):
    (tmp_path / "drawn").mkdir()
    counted = CountedNoise(tmp_path / "drawn")
    shade = [1]

    def draw(frame):
        return counted(frame) * np.uint8(shade[0])

    def drawn_again(function, count=30, **kwargs):
        before = len(counted.drawn())
        framemill.render(function, count, tmp_path / "m.mp4", scratch=tmp_path / "s", **{"segment": 10, **kwargs})
        return len(counted.drawn()) - before

    _segments_left(tmp_path, draw)
    assert drawn_again(draw, crf=30) == 31, "another quality"
    assert drawn_again(draw, segment=15) == 31, "other segments"
    assert drawn_again(lambda frame: draw(frame)) == 31, "another function"
    shade[0] = 2
    assert drawn_again(draw) == 31, "a function that reads something else"
    shade[0] = 1
    assert drawn_again(draw, [*range(20), *range(40, 50)]) == 10, "other frames in the last segment"
    _segments_left(tmp_path, draw)
    assert drawn_again(draw, 50) == 20, "more frames"
    _segments_left(tmp_path, draw)
    assert drawn_again(draw, executor=2) == 0


def test_damaged_segments_are_made_again(tmp_path):
    (tmp_path / "drawn").mkdir()
    counted = CountedNoise(tmp_path / "drawn")
    _segments_left(tmp_path, counted)
    first, second, third = sorted((tmp_path / "s").glob("*/*.mp4"))
    first.write_bytes(first.read_bytes()[:-1])
    second.unlink()
    record = sorted((tmp_path / "s").glob("*/*.json"))[2]
    record.write_text(record.read_text()[:-10])
    before = len(counted.drawn())
    framemill.render(counted, 30, tmp_path / "m.mp4", segment=10, scratch=tmp_path / "s")
    assert len(counted.drawn()) - before == 31
    assert third.parent.exists() is False
    assert len(decode(tmp_path / "m.mp4")) == 30


@pytest.mark.parametrize("field", ["packets", "run", "movie", "picture"])
def test_a_changed_record_is_made_again(tmp_path, field):
    (tmp_path / "drawn").mkdir()
    counted = CountedNoise(tmp_path / "drawn")
    _segments_left(tmp_path, counted)
    path = sorted((tmp_path / "s").glob("*/*.json"))[1]
    text = path.read_text()
    start = text.index(f'"{field}"') + len(field) + 6
    path.write_text(text[:start] + chr(ord(text[start]) ^ 1) + text[start + 1 :])
    before = len(counted.drawn())
    framemill.render(counted, 30, tmp_path / "m.mp4", segment=10, scratch=tmp_path / "s")
    assert len(counted.drawn()) - before == 10
    assert len(decode(tmp_path / "m.mp4")) == 30


def test_errors_of_frames_have_their_numbers_in_the_movie(tmp_path):
    def draw(item):
        return np.zeros((32, 32 if item < 31 else 30), np.uint8)

    with pytest.raises(framemill.FrameError, match=r"^frame 31 has 30x32 pixels"):
        framemill.render(draw, 70, tmp_path / "m.mp4", segment=20)
    with pytest.raises(framemill.FrameTypeError, match=r"^frame 20 "):
        framemill.render(lambda item: draw(0) if item < 20 else iter([]), 70, tmp_path / "n.mp4", segment=20)
    with pytest.raises(framemill.FrameTypeError, match=r"^frame 45 "):
        framemill.render(
            lambda item: iter([]) if item == 45 else draw(0), 70, tmp_path / "n.mp4", executor=2, segment=20
        )


def test_tasks_of_a_job_array_make_their_shares(tmp_path):
    expected = made(tmp_path / "whole.mp4", noise, 95, segment=10)
    (tmp_path / "drawn").mkdir()
    count = CountedNoise(tmp_path / "drawn")
    options = {"segment": 10, "scratch": tmp_path / "s", "preset": "ultrafast"}
    for task in (3, 0, 2):
        assert framemill.render(count, 95, tmp_path / "m.mp4", share=(task, 4), **options) is None
    assert not (tmp_path / "m.mp4").exists()
    # The tasks draw segments 3 and 7; 0, 4 and 8; 2 and 6; and the first frame of segment 1 for the joint.
    assert sorted(set(range(95)) - set(count.drawn())) == [*range(11, 20), *range(50, 60), *range(90, 95)]
    # Test a share without segments, and one that is already made.
    framemill.render(count, 95, tmp_path / "m.mp4", share=(30, 40), **options)
    before = len(count.drawn())
    framemill.render(count, 95, tmp_path / "m.mp4", share=(0, 4), **options)
    assert len(count.drawn()) == before
    framemill.render(count, 95, tmp_path / "m.mp4", **options)
    assert (tmp_path / "m.mp4").read_bytes() == expected
    assert list((tmp_path / "s").iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"share": (0, 2)}, "share needs scratch"),
        ({"share": (2, 2), "scratch": "s"}, r"share must be .* not \(2, 2\)"),
        ({"share": (-1, 2), "scratch": "s"}, r"share must be"),
        ({"share": 3, "scratch": "s"}, r"share must be .* not 3"),
    ],
)
def test_an_invalid_share_is_refused(tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(framemill.SettingsError, match=message):
        framemill.render(noise, 20, "m.mp4", segment=10, **options)
    assert list(tmp_path.iterdir()) == []


def nothing():
    yield from ()


class Incomparable:
    """An item that cannot be compared between runs."""

    def __init__(self, number):
        self.number, self.rest = number, nothing()


def shade_of(item):
    return np.full((48, 64), item.number, np.uint8)


@pytest.mark.parametrize("hold", [lambda item: item, lambda item: {item}])
def test_items_that_cannot_be_compared_are_reported(tmp_path, hold):
    def draw(held):
        (item,) = held if isinstance(held, set) else [held]
        return shade_of(item)

    items = [hold(Incomparable(number)) for number in range(20)]
    where = {"segment": 10, "scratch": tmp_path / "s"}
    refused = r"frames contain an object that cannot be compared between runs \(builtins.generator\)"
    with pytest.raises(framemill.SettingsError, match=refused):
        framemill.render(draw, items, tmp_path / "m.mp4", share=(0, 2), **where)
    assert not (tmp_path / "s").exists()
    with pytest.warns(UserWarning, match=refused):
        framemill.render(draw, items, tmp_path / "m.mp4", **where)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        framemill.render(draw, items, tmp_path / "m.mp4", segment=10)


def test_other_items_after_a_segment_cause_no_warning(tmp_path):
    for last in (range(10, 20), range(100, 110)):
        items = [*range(10), *last]

        def join(*args):
            raise framemill.OutputError("the disk is full")

        with pytest.MonkeyPatch.context() as patch, pytest.raises(framemill.OutputError), warnings.catch_warnings():
            warnings.simplefilter("error")
            patch.setattr("framemill._native.join", join)
            framemill.render(noise, items, tmp_path / "m.mp4", segment=10, scratch=tmp_path / "s")


def test_a_scratch_folder_without_locks_stays(tmp_path, monkeypatch):
    def flock(file, how):
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr("framemill._rendering._folder.fcntl.flock", flock)
    framemill.render(noise, 20, tmp_path / "m.mp4", segment=10, scratch=tmp_path / "s")
    assert len(list((tmp_path / "s").glob("*/*.mp4"))) == 2


def test_a_pool_that_breaks_before_it_gets_work_is_reported(tmp_path):
    class Broken(ThreadPoolExecutor):
        def submit(self, *args):
            raise BrokenExecutor("a worker died")

    with pytest.raises(BrokenExecutor) as caught:
        framemill.render(noise, 20, tmp_path / "m.mp4", segment=10, executor=Broken(2))
    assert "The segments that were running or queued are frames 0 to 9" in str(caught.value.__notes__)


def test_an_executor_that_refuses_a_segment_keeps_the_finished_ones(tmp_path):
    class Refusing(ThreadPoolExecutor):
        left = 2

        def submit(self, *args):
            self.left -= 1
            if self.left < 0:
                raise RuntimeError("no more work")
            future = super().submit(*args)
            future.result()
            return future

    with pytest.raises(RuntimeError, match="no more work") as caught:
        framemill.render(noise, 50, tmp_path / "m.mp4", segment=10, executor=Refusing(2))
    assert "framemill: finished segments: 2." in caught.value.__notes__[0]


def test_an_executor_that_is_shut_down_does_not_hang_the_run(tmp_path):
    pool = ThreadPoolExecutor(1)

    def draw(frame):
        if frame == 5:
            pool.shutdown(wait=False, cancel_futures=True)
        return noise(frame)

    with pytest.raises(CancelledError) as caught:
        framemill.render(draw, 60, tmp_path / "m.mp4", segment=10, executor=pool)
    assert "the executor was shut down before it made frames 10 to 19" in str(caught.value.__notes__)


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "submit of executor must return a concurrent.futures.Future, not None"),
        ("text", "executor returned 'text' instead of the result of the submitted function"),
    ],
)
def test_an_executor_that_returns_something_else_is_an_error(tmp_path, result, message):
    class Other:
        def submit(self, _work, _task):
            if result is None:
                return None
            future = Future()
            future.set_result(result)
            return future

    with pytest.raises(framemill.SettingsTypeError, match=message):
        framemill.render(noise, 20, tmp_path / "m.mp4", segment=10, executor=Other())


def test_drawing_may_change_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "below").mkdir()
    with wave.open("tone.wav", "wb") as tone:
        tone.setparams((1, 2, 8_000, 0, "NONE", ""))
        tone.writeframes(bytes(16_000))

    def draw(frame):
        os.chdir(tmp_path / "below")
        return noise(frame)

    framemill.render(draw, 20, "m.mkv", fps=20, segment=10, audio="tone.wav", audio_codec="flac")
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"tone.wav", "m.mkv"}
    os.chdir(tmp_path)
    with framemill.VideoWriter("n.mp4") as video:
        video.write(draw(0))
    assert (tmp_path / "n.mp4").exists() and list((tmp_path / "below").iterdir()) == []


def test_two_runs_share_a_scratch_folder(tmp_path):
    expected = made(tmp_path / "whole.mp4", noise, 60, segment=10)
    with ThreadPoolExecutor(2) as both:
        runs = [
            both.submit(made, tmp_path / f"{run}.mp4", noise, 60, segment=10, scratch=tmp_path / "s", crf=crf)
            for run, crf in enumerate((23, 23.0, 30))
        ]
        movies = [run.result() for run in runs]
    assert movies[2] != expected
    assert movies[:2] == [expected, expected]


def test_large_segments_need_a_scratch_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("framemill._rendering._worker.MAX_BYTES", 1_000)
    with pytest.raises(framemill.OutputError, match="but at most 1000 are returned through the executor: set scratch"):
        framemill.render(noise, 20, tmp_path / "m.mp4", segment=10, executor=Elsewhere())
    framemill.render(noise, 20, tmp_path / "m.mp4", segment=10, executor=Elsewhere(), scratch=tmp_path / "s")
    assert len(decode(tmp_path / "m.mp4")) == 20


def test_frames_of_another_size_are_named(tmp_path):
    def draw(frame):
        return np.zeros((32, 32 if frame < 10 else 48), np.uint8)

    with pytest.raises(framemill.FrameError, match="frames 10 to 19 have 48x32 pixels, and frames 0 to 9 have 32x32"):
        framemill.render(draw, 30, tmp_path / "m.mp4", segment=10)
    framemill.render(draw, 30, tmp_path / "m.mp4", segment=10, scale=(64, 64))
    assert probe(tmp_path / "m.mp4")["width"] == 64


def test_frames_that_depend_on_others_are_found(tmp_path):
    seen = []

    def draw(frame):
        seen.append(frame)
        return np.full((16, 16), len(seen), np.uint8)

    with pytest.warns(UserWarning, match="frame 5 looks different when it is drawn after frame 4") as caught:
        framemill.render(draw, 12, tmp_path / "m.mp4", segment=5)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"jobs": 2}, "jobs cannot be combined with render: each worker has one encoder"),
        ({"max_size": "1M"}, "max_size cannot be combined with render"),
        ({"bitrate": "1M"}, "bitrate cannot be combined with render"),
        ({"maxrate": "1M", "bufsize": "1M"}, "maxrate cannot be combined with render"),
        ({"segment_frames": 10}, "segment_frames cannot be combined with render: set segment"),
        ({"segment": 0}, "segment must be a number of frames from 1 to 100000, not 0"),
        ({"segment": 2.5}, "segment must be a number of frames"),
        ({"retries": -1}, "retries must be a whole number, 0 or more, not -1"),
        ({"executor": 0}, "executor must be a number of processes from 1 to 1024, not 0"),
        ({"executor": "four"}, "executor must be None, a number of processes, an executor"),
        ({"executor": True}, "executor must be None"),
        ({"preset": "fastt"}, "fastt"),
        ({"presett": "fast"}, "did you mean 'preset'"),
        ({"frames": 0}, "frames is 0, so there is no movie"),
        ({"frames": []}, r"frames is \[\], so there is no movie"),
        (
            {"frames": iter(range(3))},
            "frames must be a number of frames, a range, a list or an array, not range_iterator: give a list with the",
        ),
        ({"frames": pd.Series(range(9), index=range(5, 14))}, "not Series: give a list with the item of each frame$"),
        ({"frames": pd.DataFrame({"a": range(9)})}, "not DataFrame: give a list with the item of each frame$"),
        ({"size": (10, 10)}, "size cannot be combined with render: the frames determine it"),
        ({"executor": ThreadPoolExecutor}, "executor must be None"),
        ({"scratch": __file__}, "the folder for segments cannot be made in .*test_render.py"),
        ({"frames": "10"}, "frames must be a number of frames, a range, a list or an array, not '10'$"),
        (
            {"frames": np.array(3)},
            r"frames must be a number of frames, a range, a list or an array, not ndarray: give a",
        ),
        ({"frames": True}, "frames must be a number of frames, a range, a list or an array, not True$"),
        ({"scratch": 5}, "scratch must be the path of a folder, as in 'segments', not 5"),
        ({"scratch": ""}, "scratch must be the path of a folder, as in 'segments', not ''"),
        ({"scratch": "./m.mp4"}, "scratch must be the path of a folder, .*m.mp4': the movie gets this name$"),
        ({"draw": None}, "draw and setup must be functions"),
        ({"setup": 3}, "draw and setup must be functions"),
        ({"output": io.BytesIO()}, "the output must be a path"),
        ({"output": "m.txt"}, "m.txt"),
        ({"output": "missing/m.mp4"}, "cannot create .*missing/m.mp4.part: No such file"),
        ({"output": ".", "container": "mp4"}, "it is a directory"),
        ({"draw": lambda frame: None}, "draw returned None: return a figure"),
        ({"draw": lambda frame: "text"}, "which is no picture"),
    ],
)
def test_wrong_arguments_are_refused(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    arguments = {"draw": noise, "frames": 12, "output": "m.mp4", **arguments}
    with pytest.raises(framemill.Error, match=message):
        framemill.render(arguments.pop("draw"), arguments.pop("frames"), arguments.pop("output"), **arguments)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_movie_is_kept_on_request(tmp_path):
    (tmp_path / "m.mp4").write_bytes(b"precious")
    with pytest.raises(framemill.OutputExistsError):
        framemill.render(noise, 12, tmp_path / "m.mp4", clobber=False)
    assert (tmp_path / "m.mp4").read_bytes() == b"precious"


@pytest.mark.parametrize("blit", [True, False])
def test_an_animation_is_drawn_by_many_workers(tmp_path, blit):
    from matplotlib import pyplot as plt

    make_animation = functools.partial(line_animation, blit=blit)
    options = {"codec": "h264-rgb", "lossless": True}
    stats = framemill.matplotlib.render(make_animation, tmp_path / "a.mp4", executor=2, segment=20, **options)
    assert (stats.frames, stats.movie["frame_rate"]) == (60, "25")
    assert stats.drawing.layered > 40
    framemill.matplotlib.render(make_animation, tmp_path / "b.mp4", segment=20, **options)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    animation = make_animation()
    writer = framemill.matplotlib.FrameMillWriter(fps=25, layers=False, **options)
    animation.save(tmp_path / "c.mp4", writer=writer)
    frames, expected = decode(tmp_path / "a.mp4"), decode(tmp_path / "c.mp4")
    assert len(frames) == len(expected) == 60
    assert max(np.abs(one.astype(int) - other).max() for one, other in zip(frames, expected, strict=True)) <= 2
    plt.close("all")


def test_an_animation_is_drawn_by_the_tasks_of_a_job_array(tmp_path):
    options = {"segment": 20, "preset": "ultrafast"}
    framemill.matplotlib.render(line_animation, tmp_path / "whole.mp4", **options)
    for task in range(2):
        made = framemill.matplotlib.render(
            line_animation, tmp_path / "m.mp4", scratch=tmp_path / "s", share=(task, 2), **options
        )
        assert made is None
        assert not (tmp_path / "m.mp4").exists()
    framemill.matplotlib.render(line_animation, tmp_path / "m.mp4", scratch=tmp_path / "s", **options)
    assert (tmp_path / "m.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


def test_an_animation_that_keeps_state_is_refused(tmp_path):
    from matplotlib import pyplot as plt

    with pytest.raises(
        framemill.FrameError, match="frame 20 looks different when it is drawn after frame 19 than when"
    ):
        framemill.matplotlib.render(remembering_animation, tmp_path / "a.mp4", executor=2, segment=20)
    assert not (tmp_path / "a.mp4").exists()
    plt.close("all")


def test_animations_that_cannot_be_rendered_are_named(tmp_path):
    from matplotlib import pyplot as plt
    from matplotlib.animation import FuncAnimation

    with pytest.raises(framemill.SettingsTypeError, match="make_animation must return an animation, not an object"):
        framemill.matplotlib.render(line_figure, tmp_path / "a.mp4")
    with pytest.raises(framemill.NoFramesError, match="the animation has no frames"):
        framemill.matplotlib.render(functools.partial(line_animation, blit=False, frames=0), tmp_path / "a.mp4")

    def endless():
        return FuncAnimation(plt.figure(), lambda frame: None, iter(int, 1), cache_frame_data=False)

    with pytest.raises(framemill.SettingsError, match="set its save_count"):
        framemill.matplotlib.render(endless, tmp_path / "a.mp4")
    plt.close("all")


def test_ctrl_c_ends_the_workers_and_keeps_finished_segments(tmp_path):
    script = f"""
import os, sys, threading, time, signal
sys.path.insert(0, {str(Path(__file__).parent)!r})
import framemill
from scenes import noise
def draw(frame):
    time.sleep(0.02)
    return noise(frame)
if __name__ == "__main__":
    threading.Timer(3, os.kill, (os.getpid(), signal.SIGINT)).start()
    framemill.render(draw, 10_000, "m.mp4", segment=10, executor=2, scratch="s")
"""
    (tmp_path / "script.py").write_text(script)
    run = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert "KeyboardInterrupt" in run.stderr
    assert "To go on from there, render again with scratch=" in run.stderr
    records = list((tmp_path / "s").glob("*/*.json"))
    assert len(records) >= 2
    assert all(json.loads(record.read_text())["frames"] == 10 for record in records)
    assert not (tmp_path / "m.mp4").exists()


def test_figures_of_pyplot_are_closed(tmp_path):
    from matplotlib import pyplot as plt

    own = plt.figure()

    def draw(frame):
        figure, axes = plt.subplots(figsize=(0.64, 0.64))
        axes.set_title(str(frame))
        return figure

    framemill.render(draw, 40, tmp_path / "m.mp4", segment=2)
    framemill.render(lambda figure, item: None, 40, tmp_path / "m.mp4", setup=plt.figure, segment=20)
    framemill.matplotlib.render(line_animation, tmp_path / "m.mp4", segment=20)
    assert plt.get_fignums() == [own.number]
    plt.close("all")


def test_workers_have_the_styles_of_the_script(tmp_path):
    from matplotlib import pyplot as plt

    def draw(frame):
        figure, axes = plt.subplots(figsize=(0.64, 0.64))
        axes.plot([0, frame])
        return figure

    with plt.style.context("dark_background"):
        dark = made(tmp_path / "m.mp4", draw, 12, segment=4)
        assert made(tmp_path / "m.mp4", draw, 12, segment=4, executor=2) == dark
    assert made(tmp_path / "m.mp4", draw, 12, segment=4, executor=2) != dark


class TwoArgumentsError(Exception):
    def __init__(self, one, other):
        super().__init__(f"{one} and {other}")


class LockedError(Exception):
    def __init__(self):
        super().__init__("with a lock")
        self.lock = threading.Lock()


@pytest.mark.parametrize("executor", [2, "spawn"])
@pytest.mark.parametrize(
    ("error", "text"), [(lambda: TwoArgumentsError(1, 2), "1 and 2"), (LockedError, "with a lock")]
)
def test_exceptions_that_cannot_be_sent_are_still_reported(tmp_path, executor, error, text, request):
    pool = request.getfixturevalue("standard_pool") if executor == "spawn" else executor

    def draw(frame):
        if frame == 5:
            raise error()
        return noise(frame)

    with pytest.raises(Exception, match=text) as caught:
        framemill.render(draw, 12, tmp_path / "m.mp4", segment=4, executor=pool)
    notes = "\n".join(caught.value.__notes__)
    assert "while drawing frame 5 (item 5)" in notes
    assert "raised in a worker" in notes


def test_the_container_option_works_without_an_extension(tmp_path):
    framemill.render(noise, 12, tmp_path / "movie", segment=4, container="mkv")
    framemill.write_video(tmp_path / "other.mkv", map(noise, range(12)), jobs=1, segment_frames=4)
    assert (tmp_path / "movie").read_bytes() == (tmp_path / "other.mkv").read_bytes()


def test_segments_with_another_pixel_format_are_named(tmp_path):
    def draw(frame):
        return noise(frame)[..., 0] if frame < 4 else noise(frame)

    with pytest.raises(
        framemill.FrameError, match="frames 4 to 7 have the pixel format bgr0, and frames 0 to 3 have gray"
    ):
        framemill.render(draw, 12, tmp_path / "m.mkv", segment=4, codec="ffv1")


def test_workers_end_with_their_parent(tmp_path):
    script = f"""
import os, signal, sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
import framemill
from pathlib import Path
def draw(frame):
    Path(str(os.getpid())).touch()
    if len(list(Path(".").glob("[0-9]*"))) == 2 and frame > 10:
        os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(0.05)
    import numpy as np
    return np.full((16, 16), frame, np.uint8)
if __name__ == "__main__":
    framemill.render(draw, 10_000, "m.mp4", segment=10, executor=2, scratch="s")
"""
    (tmp_path / "script.py").write_text(script)
    subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    workers = [int(path.name) for path in tmp_path.glob("[0-9]*")]
    assert len(workers) == 2
    until = time.monotonic() + 20
    while time.monotonic() < until and any(Path(f"/proc/{worker}").exists() for worker in workers):
        time.sleep(0.1)
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
