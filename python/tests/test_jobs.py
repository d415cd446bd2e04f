"""Tests several parallel encoders, and joining movies."""

import io
import os
import signal
import threading

import framemill
import numpy as np
import pytest
from reader import decode, packets, probe

# x264 is deterministic at this width (vendor-notes/x264.md).
FRAMES = np.random.default_rng(3).integers(0, 256, (45, 48, 64, 3), np.uint8)


@pytest.mark.parametrize("name", ["m.mp4", "m.mkv", "m.avi"])
def test_the_movie_is_the_same_whatever_the_number_of_jobs(tmp_path, name):
    made = []
    for jobs in (1, 3, "auto"):
        stats = framemill.write_video(tmp_path / name, FRAMES, jobs=jobs, segment_frames=10)
        assert (stats.frames, stats.packets["keyframe"].sum()) == (45, 5)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1] == made[2]
    assert len(decode(tmp_path / name)) == 45


def test_segments_are_joined_to_the_movie_that_jobs_make(tmp_path):
    for segment in range(5):
        part = FRAMES[10 * segment : 10 * segment + 10]
        framemill.write_video(tmp_path / f"{segment}.mp4", part, jobs=1, segment_frames=10)
    parts = [tmp_path / f"{segment}.mp4" for segment in range(5)]
    joined = framemill.join(parts, tmp_path / "joined.mp4")
    assert joined == (tmp_path / "joined.mp4", 5, 45, pytest.approx(1.5), (tmp_path / "joined.mp4").stat().st_size)
    framemill.write_video(tmp_path / "whole.mp4", FRAMES, jobs=2, segment_frames=10)
    assert (tmp_path / "joined.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    assert sorted(round(time * 30) for time, _, _ in packets(tmp_path / "joined.mp4")) == list(range(45))
    with pytest.raises(framemill.OutputExistsError):
        framemill.join(parts, tmp_path / "whole.mp4", clobber=False)


def test_segments_come_in_any_order_and_missing_ones_are_listed(tmp_path):
    parts = []
    for segment in (2, 0, 1):
        part = tmp_path / f"{segment}.mp4"
        # `framemill encode --segment` writes this comment into a segment.
        mark = f"framemill segment {segment} of 10 frames, 30 in all, plan 0123abcd-4567cdef"
        movie = FRAMES[10 * segment : 10 * segment + 10]
        framemill.write_video(part, movie, jobs=1, segment_frames=10, metadata={"comment": mark})
        parts.append(part)
    joined = framemill.join(parts, tmp_path / "joined.mp4")
    framemill.write_video(tmp_path / "whole.mp4", FRAMES[:30], jobs=1, segment_frames=10)
    assert joined.path.read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    with pytest.raises(framemill.InputError, match="of the segments 0 to 2, these are missing: 1"):
        framemill.join(parts[:2], tmp_path / "partial.mp4")
    assert framemill.join(parts[:2], tmp_path / "partial.mp4", partial=True).frames == 20


def test_bytes_are_joined_like_files_and_file_objects_get_the_movie(tmp_path):
    parts = []
    for segment in range(3):
        path = tmp_path / f"{segment}.mp4"
        framemill.write_video(path, FRAMES[10 * segment : 10 * segment + 10], jobs=1, segment_frames=10)
        parts.append(path.read_bytes())
    framemill.join([tmp_path / f"{segment}.mp4" for segment in range(3)], tmp_path / "whole.mp4")
    whole = (tmp_path / "whole.mp4").read_bytes()
    mixed = [parts[0], tmp_path / "1.mp4", memoryview(bytearray(parts[2]))]
    joined = framemill.join(mixed, tmp_path / "joined.mp4")
    assert joined == (tmp_path / "joined.mp4", 3, 30, pytest.approx(1.0), len(whole))
    assert (tmp_path / "joined.mp4").read_bytes() == whole
    file = io.BytesIO()
    joined = framemill.join(parts, file)
    assert (joined.path, joined.frames, joined.bytes, file.getvalue()) == (None, 30, len(whole), whole)

    class Pipe(io.RawIOBase):
        written = b""

        def writable(self):
            return True

        def write(self, content):
            self.written += bytes(content)
            return len(content)

    pipe = Pipe()
    assert framemill.join(parts, pipe, container="mp4").frames == 30
    (tmp_path / "streamed.mp4").write_bytes(pipe.written)
    assert b"moof" in pipe.written
    assert packets(tmp_path / "streamed.mp4") == packets(tmp_path / "whole.mp4")


def test_segments_that_are_not_movies_are_named_by_their_position(tmp_path):
    framemill.write_video(tmp_path / "a.mp4", FRAMES[:10])
    whole = (tmp_path / "a.mp4").read_bytes()
    with pytest.raises(framemill.InputError, match=r"^segments\[1\]: it cannot be joined: it is not a movie$"):
        framemill.join([whole, b"nothing"], tmp_path / "m.mp4")
    with pytest.raises(framemill.InputError, match=r"^segments\[1\]: it cannot be joined: it is damaged"):
        framemill.join([whole, whole[:-100]], io.BytesIO())
    with pytest.raises(framemill.SettingsTypeError, match=r"segments\[0\] must be a path or the bytes.* int"):
        framemill.join([7], tmp_path / "m.mp4")
    with pytest.raises(framemill.SettingsTypeError, match=r"must be a list, .* not bytes"):
        framemill.join(whole, tmp_path / "m.mp4")
    with pytest.raises(framemill.SettingsTypeError, match=r"must be a path or have a write\(\) method"):
        framemill.join([whole], 7)
    with pytest.raises(framemill.SettingsError, match="avi"):
        framemill.join([whole], io.BytesIO(), container="avi8")
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_ctrl_c_stops_a_join_and_leaves_nothing(tmp_path):
    framemill.write_video(tmp_path / "one.mp4", FRAMES[:1])
    interrupt = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()
    # Joining these segments would take a minute.
    with pytest.raises(KeyboardInterrupt):
        framemill.join([tmp_path / "one.mp4"] * 200_000, tmp_path / "m.mp4")
    interrupt.join()
    assert [path.name for path in tmp_path.iterdir()] == ["one.mp4"]


def test_errors_name_the_segment_that_cannot_be_joined(tmp_path):
    framemill.write_video(tmp_path / "a.mp4", FRAMES)
    framemill.write_video(tmp_path / "b.mp4", FRAMES[:, :32])
    with pytest.raises(framemill.InputError, match=r"b\.mp4: .*it has 64x32 pixels instead of 64x48"):
        framemill.join([tmp_path / "a.mp4", str(tmp_path / "b.mp4")], tmp_path / "m.mp4")
    with pytest.raises(framemill.SettingsTypeError, match="segments must be a list"):
        framemill.join("a.mp4", tmp_path / "m.mp4")
    with pytest.raises(framemill.NoFramesError, match="there are no segments to join, so there is no movie; give"):
        framemill.join([], tmp_path / "m.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"jobs": "many"}, 'jobs="many" is not valid: give a whole number, or auto'),
        ({"jobs": 0}, "jobs=0 is out of range: framemill takes 1 to 64"),
        ({"jobs": 2**40}, "out of range: framemill takes 1 to 64"),
        ({"jobs": 1.5}, "jobs must be a whole number of encoders, not 1.5"),
        ({"jobs": 2, "bitrate": "1M"}, "jobs cannot be combined with a bitrate"),
        ({"segment_frames": 10}, "segment_frames needs jobs: give both, or neither"),
    ],
)
def test_wrong_jobs_are_refused(movie, options, message):
    with pytest.raises(framemill.SettingsError, match=message):
        framemill.VideoWriter(movie, **options)


def test_jobs_work_for_figures_and_file_objects(tmp_path):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib.animation import FuncAnimation
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1.28, 0.96))
    (line,) = figure.subplots().plot(range(10), range(10))
    animation = FuncAnimation(figure, lambda frame: line.set_ydata([frame] * 10), 25, cache_frame_data=False)
    from framemill.matplotlib import FrameMillWriter

    animation.save(tmp_path / "a.mp4", writer=FrameMillWriter(fps=10, jobs=2, segment_frames=8))
    assert probe(tmp_path / "a.mp4")["nb_frames"] == "25"
    with open(tmp_path / "b.mp4", "wb") as file:
        framemill.write_video(file, FRAMES, jobs=2, segment_frames=8)
    assert len(decode(tmp_path / "b.mp4")) == 45
