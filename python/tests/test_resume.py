"""Tests resuming interrupted runs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import framemill
import numpy as np
import pytest
from reader import decode, frame_count, packets
from scenes import noise

COUNT = 60
OPTIONS = {"preset": "ultrafast", "jobs": 2, "segment_frames": 8}


def write(path, **options):
    with framemill.VideoWriter(path, resume=True, **options) as video:
        kept = video.frames
        for number in range(video.frames, COUNT):
            video.write(noise(number))
    assert video.frames == COUNT
    return kept, video


def interrupted(path, count, **options):
    with pytest.raises(ZeroDivisionError), framemill.VideoWriter(path, resume=True, **options) as video:
        for number in range(video.frames, count):
            video.write(noise(number))
        raise ZeroDivisionError


@pytest.mark.parametrize("name", ["m.mp4", "m.mkv", "m.avi"])
def test_a_resumed_movie_has_the_bytes_of_an_uninterrupted_one(tmp_path, name):
    framemill.write_video(tmp_path / f"whole-{name}", map(noise, range(COUNT)), **OPTIONS)
    for count in (3, 21, 40):
        interrupted(tmp_path / name, count, **OPTIONS)
    kept, video = write(tmp_path / name, **OPTIONS)
    assert kept == 40
    assert (tmp_path / name).read_bytes() == (tmp_path / f"whole-{name}").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [name, f"whole-{name}"]
    # The statistics include the packets of earlier runs.
    assert (video.stats.frames, len(video.stats.packets), video.stats.keyframes) == (COUNT, COUNT, 8)
    assert sorted(video.stats.packets["index"]) == list(range(COUNT))


def test_frames_of_other_runs_are_decoded_in_order(tmp_path):
    interrupted(tmp_path / "m.mp4", 33, crf=5)
    kept, _ = write(tmp_path / "m.mp4", crf=5)
    assert kept == 33
    frames = decode(tmp_path / "m.mp4")
    assert len(frames) == COUNT
    for number, frame in enumerate(frames):
        assert np.argmin([np.abs(frame.astype(int) - noise(other)).mean() for other in range(COUNT)]) == number
    assert sorted(round(time * 30) for time, _, _ in packets(tmp_path / "m.mp4")) == list(range(COUNT))


def test_a_run_with_all_frames_is_resumed(tmp_path):
    interrupted(tmp_path / "m.mp4", COUNT)
    with framemill.VideoWriter(tmp_path / "m.mp4", resume=True) as video:
        assert video.frames == COUNT
    assert frame_count(tmp_path / "m.mp4") == COUNT


def test_without_a_part_file_a_new_movie_starts(tmp_path):
    assert write(tmp_path / "m.mp4")[0] == 0
    assert write(tmp_path / "m.mp4")[0] == 0
    assert frame_count(tmp_path / "m.mp4") == COUNT


def test_odd_sizes_and_figures_are_resumed(tmp_path):
    from scenes import line_figure, move_line

    path = tmp_path / "m.mp4"
    frame = np.zeros((33, 47), np.uint8)
    with pytest.raises(ZeroDivisionError), framemill.VideoWriter(path, resume=True) as video:
        for _ in range(20):
            video.write(frame)
        raise ZeroDivisionError
    with framemill.VideoWriter(path, resume=True) as video:
        for _ in range(video.frames, 30):
            video.write(frame)
    assert frame_count(path) == 30
    figure = line_figure()
    with pytest.raises(ZeroDivisionError), framemill.VideoWriter(path, resume=True) as video:
        for number in range(20):
            move_line(figure, number)
            video.write(figure)
        raise ZeroDivisionError
    with framemill.VideoWriter(path, resume=True) as video:
        for number in range(video.frames, 30):
            move_line(figure, number)
            video.write(figure)
    assert frame_count(path) == 30


def test_movies_that_cannot_be_resumed_are_refused(tmp_path):
    import io

    path = tmp_path / "m.mp4"
    interrupted(path, 20)
    part = path.with_name("m.mp4.part").read_bytes()
    with pytest.raises(framemill.InputError, match="has 32x32 pixels instead of 64x48"):
        framemill.VideoWriter(path, resume=True, size=(32, 32))
    with pytest.raises(framemill.InputError, match="was made with other settings"):
        write(path, codec="mpeg4")
    with pytest.raises(framemill.SettingsError, match="a run with a bitrate cannot be resumed"):
        framemill.VideoWriter(path, resume=True, bitrate="1M")
    with pytest.raises(framemill.SettingsError, match="a run with a size limit cannot be resumed"):
        framemill.VideoWriter(path, resume=True, max_size="1M")
    with pytest.raises(framemill.SettingsError, match="resume=True needs a path"):
        framemill.VideoWriter(io.BytesIO(), resume=True)
    with pytest.raises(framemill.SettingsError, match="needs segment_frames, or the size"):
        framemill.VideoWriter(path, resume=True, jobs=2)
    assert path.with_name("m.mp4.part").read_bytes() == part


def test_write_video_skips_the_frames_of_the_part_file(tmp_path):
    path = tmp_path / "m.mp4"
    framemill.write_video(tmp_path / "whole.mp4", map(noise, range(COUNT)), **OPTIONS)
    for frames in (map(noise, range(COUNT)), np.stack([noise(number) for number in range(COUNT)])):
        interrupted(path, 40, **OPTIONS)
        assert framemill.write_video(path, frames, resume=True, **OPTIONS).frames == COUNT
        assert path.read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    interrupted(path, 40, **OPTIONS)
    with pytest.raises(
        framemill.FrameError, match="40 frames are there from an interrupted run, and frames has only 9"
    ):
        framemill.write_video(path, map(noise, range(9)), resume=True, **OPTIONS)
    assert framemill.VideoWriter(path, resume=True, **OPTIONS).frames == 40


def test_sources_that_yield_all_frames_do_not_resume(tmp_path):
    from framemill.matplotlib import FrameMillWriter

    with pytest.raises(framemill.SettingsError, match=r"resume is not for animation\.save"):
        FrameMillWriter(fps=5, resume=True)
    with pytest.raises(framemill.SettingsError, match="resume cannot be combined with render: set scratch"):
        framemill.render(noise, 9, tmp_path / "m.mp4", resume=True)


def test_a_killed_run_is_resumed(tmp_path):
    (tmp_path / "script.py").write_text(f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import framemill
from scenes import noise
with framemill.VideoWriter("m.mp4", resume=True, fps=5, **{OPTIONS!r}) as video:
    first = video.frames
    print(first, flush=True)
    for number in range(first, 200):
        video.write(noise(number))
        if number == first + 90:
            os.kill(os.getpid(), signal.SIGKILL)
""")
    kept = []
    for _ in range(9):
        run = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        kept.append(int(run.stdout))
        if run.returncode == 0:
            break
        assert run.returncode == -signal.SIGKILL, run.stderr
    assert kept == sorted(kept)
    assert len(kept) > 1 and kept[-1] > 0
    framemill.write_video(tmp_path / "whole.mp4", map(noise, range(200)), fps=5, **OPTIONS)
    assert (tmp_path / "m.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    assert os.listdir(tmp_path).count("m.mp4") == 1
