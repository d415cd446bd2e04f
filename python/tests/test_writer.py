"""Tests `VideoWriter` and `write_video`: times, outputs, and how movies end."""

import copy
import gzip
import io
import lzma
import os
import pickle
import sys
from fractions import Fraction

import framemill
import numpy as np
import pytest
from reader import decode, difference, frame_count, packets, probe

import av

FRAME = np.random.default_rng(5).integers(0, 256, (48, 64, 3), np.uint8)
EXACT = {"codec": "h264-rgb", "lossless": True}


def shades(count=10):
    return [np.full((48, 64), level, np.uint8) for level in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 60])
@pytest.mark.parametrize(
    ("name", "codec"), [("m.mp4", "h264"), ("m.mkv", "ffv1"), ("m.avi", "xvid"), ("m.mov", "mpeg4"), ("m.avi", "mjpeg")]
)
def test_all_frames_are_in_the_movie(tmp_path, name, codec, count):
    with framemill.VideoWriter(tmp_path / name, fps=25, codec=codec) as video:
        for frame in shades(count):
            video.write(frame)
    probed = probe(tmp_path / name)
    assert int(probed["nb_read_frames"]) == count
    assert float(probed["duration"]) == pytest.approx(count / 25, abs=0.0015)


@pytest.mark.parametrize(
    ("fps", "seen"),
    [
        (24, "24/1"), (29.97, "30000/1001"), (Fraction(24000, 1001), "24000/1001"), ("30000/1001", "30000/1001"),
        (12.5, "25/2"), (np.float32(30), "30/1"), (np.int64(50), "50/1"), (1000 / 33, "1000/33"), (0.5, "1/2"),
    ],
)  # fmt: skip
def test_rates_are_exact(movie, fps, seen):
    framemill.write_video(movie, shades(), fps=fps)
    assert probe(movie)["avg_frame_rate"] == seen


def test_frames_have_their_times_and_holds_their_durations(movie):
    with framemill.VideoWriter(movie, fps=10) as video:
        video.write(FRAME)
        video.write(FRAME[::-1], t=0.25)
        video.hold(0.5)
        video.write(FRAME)
        video.write(FRAME[::-1], t=Fraction(3, 2))
        video.hold(1)
    seen = sorted(packets(movie))
    assert [row[0] for row in seen] == pytest.approx([0, 0.25, 0.85, 1.5])
    assert float(probe(movie)["duration"]) == pytest.approx(2.6, abs=0.001)


WRONG_TIMES = {
    "before": (0.01, "frame 2: the frame at 10ms does not come after the previous frame, at 100ms"),
    "negative": (-1, "t of frame 2 must be a number of seconds, 0 or more, not -1"),
    "nan": (float("nan"), "not nan"),
    "text": ("1", "not '1'"),
    "endless": (float("inf"), "not inf"),
}


@pytest.mark.parametrize("kind", WRONG_TIMES)
def test_a_wrong_time_is_refused_and_the_movie_continues(movie, kind):
    time, message = WRONG_TIMES[kind]
    with framemill.VideoWriter(movie, fps=10) as video:
        video.write(FRAME)
        video.write(FRAME)
        with pytest.raises(framemill.TimeError, match=message) as caught:
            video.write(FRAME, t=time)
        assert isinstance(caught.value, ValueError)
        with pytest.raises(framemill.TimeError, match="duration must be"):
            video.hold(-0.5)
        video.write(FRAME)
    assert frame_count(movie) == 3


def test_avi_refuses_varying_times(tmp_path):
    with framemill.VideoWriter(tmp_path / "m.avi", fps=10) as video:
        video.write(FRAME)
        with pytest.raises(framemill.TimeError, match=r"(?i)avi"):
            video.write(FRAME, t=0.123)


def test_an_exception_publishes_nothing(movie):
    with pytest.raises(ZeroDivisionError), framemill.VideoWriter(movie) as video:
        video.write(FRAME)
        raise ZeroDivisionError
    assert video.closed
    assert os.listdir(movie.parent) == ["movie.mp4.part"]


def test_a_generators_exception_publishes_nothing_and_loses_nothing(movie):
    def frames():
        yield FRAME
        raise LookupError("the simulation diverged")

    movie.write_bytes(b"old")
    with pytest.raises(LookupError, match="diverged") as caught:
        framemill.write_video(movie, frames())
    (note,) = caught.value.__notes__
    assert note.startswith("framemill: the frames that were written before (1) are in ")
    assert movie.read_bytes() == b"old"
    assert framemill.recover(f"{movie}.part", movie) == (movie, 1)
    assert frame_count(movie) == 1


def test_without_frames_there_is_no_movie(movie):
    for options in ({}, {"size": (64, 48)}):
        with pytest.raises(framemill.NoFramesError, match="no frame was written") as caught:
            framemill.write_video(movie, [], **options)
        assert isinstance(caught.value, ValueError)
    video = framemill.VideoWriter(movie)
    with pytest.raises(framemill.NoFramesError, match="write one first"):
        video.hold(1)
    with pytest.raises(framemill.NoFramesError, match="no statistics"):
        _ = video.stats
    video.abort()
    assert os.listdir(movie.parent) == []


def test_a_finished_movie_refuses_frames(movie):
    video = framemill.VideoWriter(movie)
    assert repr(video) == f"<framemill.VideoWriter '{movie}', 0 frames, open>"
    video.write(FRAME)
    video.close()
    video.close()
    assert repr(video) == f"<framemill.VideoWriter '{movie}', 1 frames, closed>"
    for call in (lambda: video.write(FRAME), lambda: video.hold(1)):
        with pytest.raises(framemill.ClosedError, match="the movie has ended") as caught:
            call()
        assert isinstance(caught.value, ValueError)
    assert video.stats.frames == 1
    video.abort()
    assert frame_count(movie) == 1


def test_a_forgotten_writer_publishes_nothing_and_names_its_part_file(movie):
    video = framemill.VideoWriter(movie)
    video.write(FRAME)
    assert os.listdir(movie.parent) == ["movie.mp4.part"]
    with pytest.warns(ResourceWarning, match=r"1 frames, open> was not closed.*movie\.mp4\.part"):
        del video
    assert framemill.recover(f"{movie}.part") == (movie, 1)


def test_ten_failed_runs_leave_two_part_files_and_a_finished_run_removes_them(movie):
    for frames in (3, 9, 5, 2, 4, 1, 1, 1, 1, 1):
        with pytest.raises(LookupError), framemill.VideoWriter(movie) as video:
            for _ in range(frames):
                video.write(FRAME)
            raise LookupError
    parts = movie.parent.glob("*.part")
    left = sorted(framemill.recover(path, movie.parent / f"{path.name}.mp4").frames for path in parts)
    assert left == [1, 9]
    framemill.write_video(movie, [FRAME] * 9)
    assert list(movie.parent.glob("*.part")) == []


def test_a_writer_is_neither_copied_nor_pickled(movie):
    with framemill.VideoWriter(movie) as video:
        video.write(FRAME)
        for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="cannot be copied or pickled"):
                attempt(video)


def test_write_video_takes_arrays_lists_and_generators(tmp_path):
    colors = np.random.default_rng(2).integers(0, 256, (7, 30, 40, 3), np.uint8)
    for name, frames in {"array": colors, "list": list(colors), "generator": (frame for frame in colors)}.items():
        stats = framemill.write_video(tmp_path / f"{name}.mkv", frames, fps=12, **EXACT)
        assert stats.frames == 7
        assert difference(decode(tmp_path / f"{name}.mkv"), colors) == 0
    gray = framemill.write_video(tmp_path / "gray.mkv", colors[..., 0], **EXACT)
    assert gray.movie["width"] == 40


@pytest.mark.parametrize("shape", [(48, 64), (48, 64, 3), (48, 64, 4)])
def test_write_video_refuses_one_picture_for_many(movie, shape):
    with pytest.raises(framemill.FrameError, match="which is one picture: give an array of"):
        framemill.write_video(movie, np.zeros(shape, np.uint8))
    assert os.listdir(movie.parent) == []


def test_progress_is_a_tqdm_bar(movie, capsys):
    framemill.write_video(movie, shades(), progress=True)
    assert "10/10" in capsys.readouterr().err
    with framemill.VideoWriter(movie, progress=True) as video:
        video.write(FRAME)
    assert "1 frames" in capsys.readouterr().err
    framemill.write_video(movie, shades())
    assert capsys.readouterr().err == ""


def test_progress_without_tqdm_names_the_missing_package(movie, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match="pip install tqdm"):
        framemill.VideoWriter(movie, progress=True)
    assert os.listdir(movie.parent) == []


def test_a_size_may_be_given_before_the_first_frame(movie):
    with framemill.VideoWriter(movie, size=(64, 48)) as video:
        assert os.listdir(movie.parent) == ["movie.mp4.part"]
        with pytest.raises(framemill.FrameError, match="frame 0 has 60x48 pixels, and the movie 64x48"):
            video.write(FRAME[:, :60])
        video.write(FRAME)
    assert frame_count(movie) == 1


def test_recover_makes_a_movie_of_a_part_file(movie):
    code = f"""
import framemill, numpy, os
video = framemill.VideoWriter({str(movie)!r}, preset="ultrafast", tune="zerolatency", gop=10)
for shade in range(200):
    video.write(numpy.random.default_rng(shade).integers(0, 256, (240, 320), "u1"))
os.kill(os.getpid(), 9)
"""
    import subprocess

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    path, frames = framemill.recover(f"{movie}.part")
    assert path == movie
    assert frames == frame_count(movie) > 100
    with pytest.raises(framemill.Error):
        framemill.recover(movie.parent / "nothing.mp4.part")


def test_outputs_that_cannot_seek_get_a_playable_movie(tmp_path):
    (tmp_path / "appended.mp4").write_bytes(b"")
    for name, opened in (
        ("appended.mp4", lambda path: path.open("ab")),
        ("zipped.mp4", lambda path: gzip.GzipFile(path, "wb")),
        ("packed.mp4", lambda path: lzma.LZMAFile(path, "wb")),  # noqa: SIM115
    ):
        path = tmp_path / name
        with opened(path) as file, framemill.VideoWriter(file, container="mp4") as video:
            for frame in shades():
                video.write(frame)
        data = path.read_bytes()
        unpacked = gzip.decompress(data) if name[0] == "z" else lzma.decompress(data) if name[0] == "p" else data
        path.write_bytes(unpacked)
        assert frame_count(path) == 10, name


def test_an_empty_path_is_refused_at_once():
    for empty in ("", b""):
        with pytest.raises(framemill.SettingsError, match="the output is an empty path"):
            framemill.VideoWriter(os.fsdecode(empty))


class Tensor:
    """An object that looks like an array, but is not one."""

    def __init__(self, values):
        self._values = values
        self.shape = values.shape

    def __iter__(self):
        return iter(self._values)

    def __len__(self):
        return len(self._values)


@pytest.mark.parametrize("picture", [np.zeros((4, 48), int), np.zeros((4, 48, 3), int)], ids=["gray", "color"])
@pytest.mark.parametrize("made", [np.ndarray.tolist, Tensor], ids=["lists", "tensor"])
def test_one_picture_in_lists_or_a_tensor_is_refused(movie, made, picture):
    with pytest.raises(framemill.FrameError, match="which is one picture: give an array of"):
        framemill.write_video(movie, made(picture))
    assert os.listdir(movie.parent) == []


@pytest.mark.parametrize("shape", [(40, 30), (40, 30, 3)])
def test_a_lossless_movie_keeps_16_bits(tmp_path, shape):
    frames = np.random.default_rng(4).integers(0, 65536, (3, *shape), np.uint16)
    framemill.write_video(tmp_path / "deep.mkv", frames, codec="ffv1")
    expected = "gray16le" if len(shape) == 2 else "gbrp16le"
    assert probe(tmp_path / "deep.mkv")["pix_fmt"] == expected
    with av.open(tmp_path / "deep.mkv") as container:
        kinds = "gray16le" if len(shape) == 2 else "rgb48le"
        seen = [frame.to_ndarray(format=kinds) for frame in container.decode(video=0)]
    assert np.array_equal(np.stack(seen), frames)


def test_a_lossless_movie_refuses_samples_that_it_cannot_keep(movie):
    with framemill.VideoWriter(movie.with_suffix(".mkv"), codec="ffv1") as video:
        video.write(FRAME)
        with pytest.raises(framemill.FrameError, match="frame 1 is rgb48le, with 16 bits per sample"):
            video.write(FRAME.astype(np.uint16))


def test_reading_the_totals_copies_no_packets(movie):
    with framemill.VideoWriter(movie) as video:
        video.write(FRAME)
        stats = video.stats
        for frame in shades(9):
            video.write(np.dstack([frame] * 3))
    assert "packets" not in vars(stats)
    assert len(stats.packets) == stats.to_dict()["packets"]
    assert len(pickle.loads(pickle.dumps(video.stats)).packets) == 10


def test_ctrl_c_in_a_file_object_is_raised_unchanged():
    class Interrupting(io.BytesIO):
        def write(self, data):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        framemill.write_video(Interrupting(), shades(), container="mkv")


def test_a_failed_movie_names_its_part_file(tmp_path):
    path = tmp_path / "a.mp4"
    with pytest.raises(framemill.TooLargeError) as caught:
        framemill.write_video(path, np.random.default_rng(1).integers(0, 256, (20, 48, 64), np.uint8), max_size=900)
    assert caught.value.part_file == tmp_path / "a.mp4.part"
    assert framemill.recover(caught.value.part_file) == (path, 20)
