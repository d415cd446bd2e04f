"""Tests that a last frame keeps its duration in every program, and when the movie is joined or recovered."""

import contextlib
import shutil

import framemill
import numpy as np
import pytest
from reader import packets, run

FRAMES = [np.full((64, 64), 4 * level, np.uint8) for level in range(60)]
# x264 encodes the last frame before the B-frames that are shown before it.
MOVIES = {
    "b-frames.mp4": {},
    "more-b-frames.mov": {"preset": "slow", "x264_params": {"bframes": 8}},
    "b-frames.mkv": {},
    "no-b-frames.mp4": {"tune": "zerolatency"},
    "jobs.mp4": {"jobs": 2, "segment_frames": 25},
    "mpeg4.mp4": {"codec": "mpeg4"},
}


def written(path, **options):
    """Write frames of 0.1 s, of which the last one is shown for 3.1 s, and return the open writer."""
    video = framemill.VideoWriter(path, fps=10, **options)
    for frame in FRAMES:
        video.write(frame)
    video.hold(3)
    return video


def duration(path):
    """Return the duration of a movie. ffprobe adds up the times between the packets of an MP4."""
    entry = "format=duration" if path.suffix == ".mkv" else "stream=duration"
    return float(run("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", entry, "-of", "csv=p=0", path))


@pytest.mark.parametrize("name", MOVIES)
def test_the_stream_is_as_long_as_the_movie(tmp_path, name):
    path = tmp_path / name
    video = written(path, **MOVIES[name])
    video.close()
    assert video.stats.seconds == pytest.approx(9.0)
    assert duration(path) == pytest.approx(9.0, abs=0.001)


@pytest.mark.parametrize("name", MOVIES)
def test_a_joined_movie_keeps_the_durations_of_last_frames(tmp_path, name):
    parts = [tmp_path / f"{number}-{name}" for number in range(2)]
    for part in parts:
        written(part, **MOVIES[name]).close()
    joined = framemill.join(parts, tmp_path / name)
    assert joined.duration == pytest.approx(18.0, abs=0.002)
    times = sorted(pts for pts, _, _ in packets(tmp_path / name))
    expected = [start + index / 10 for start in (0, 9.0) for index in range(60)]
    assert times == pytest.approx(expected, abs=0.002)
    assert duration(tmp_path / name) == pytest.approx(18.0, abs=0.002)


def test_movies_of_varying_times_are_joined_at_their_ends(tmp_path):
    parts = [tmp_path / "0.mp4", tmp_path / "1.mp4"]
    for part in parts:
        with framemill.VideoWriter(part, fps=30) as video:
            for frame, time in zip(FRAMES, [0, 1, 3, 7], strict=False):
                video.write(frame, t=time)
    framemill.join(parts, tmp_path / "joined.mp4")
    times = sorted(pts for pts, _, _ in packets(tmp_path / "joined.mp4"))
    end = 7 + 1 / 30
    assert times == pytest.approx([0, 1, 3, 7, end, end + 1, end + 3, end + 7], abs=0.000_02)


@pytest.mark.parametrize("options", [{}, {"jobs": 2}, {"tune": "zerolatency"}, {"codec": "mpeg4"}])
def test_a_recovered_movie_keeps_the_duration_of_its_last_frame(tmp_path, options):
    part = written(tmp_path / "movie.mp4", **options).leave()
    assert duration(part) == pytest.approx(9.0, abs=0.001)
    assert framemill.recover(part).frames == len(FRAMES)
    assert duration(tmp_path / "movie.mp4") == pytest.approx(9.0, abs=0.001)


@pytest.mark.parametrize("options", [{}, {"tune": "zerolatency"}, {"audio": (np.zeros(9 * 8000, np.int16), 8000)}])
def test_a_stream_keeps_the_duration_of_its_last_frame(tmp_path, options):
    path = tmp_path / "stream.mp4"
    with path.open("wb") as file:
        written(file, container="mp4", **options).close()
    assert duration(path) == pytest.approx(9.0, abs=0.001)
    framemill.join([path], tmp_path / "joined.mp4", audio=options.get("audio"))
    assert duration(tmp_path / "joined.mp4") == pytest.approx(9.0, abs=0.001)


def varying(path, **options):
    """Write nine frames at 30 fps and one at 2 s that is shown until 3.7 s, and return the open writer."""
    video = framemill.VideoWriter(path, fps=30, **options)
    for index, time in enumerate([number / 30 for number in range(9)] + [2]):
        video.write(FRAMES[index], t=time)
    video.hold(1.7 - 1 / 30)
    return video


@pytest.mark.parametrize("options", [{}, {"audio": (np.zeros(29_600, np.int16), 8000)}, {"tune": "zerolatency"}])
def test_movies_of_varying_times_keep_their_ends(tmp_path, options):
    parts = [tmp_path / "0.mp4", tmp_path / "1.mp4"]
    for part in parts:
        varying(part, **options).close()
        assert duration(part) == pytest.approx(3.7, abs=0.001)
    sound = (np.zeros(59_200, np.int16), 8000) if "audio" in options else None
    joined = framemill.join(parts, tmp_path / "joined.mp4", audio=sound)
    assert joined.duration == pytest.approx(7.4, abs=0.000_1)
    assert duration(tmp_path / "joined.mp4") == pytest.approx(7.4, abs=0.001)
    framemill.recover(parts[0], tmp_path / "recovered.mp4")
    assert duration(tmp_path / "recovered.mp4") == pytest.approx(3.7, abs=0.001)


@pytest.mark.parametrize("container", ["mp4", "mov"])
@pytest.mark.parametrize("seed", range(8))
def test_random_times_end_where_the_statistics_say(tmp_path, container, seed):
    random = np.random.default_rng(seed)
    path = tmp_path / f"movie.{container}"
    times = np.cumsum(random.choice([1, 2, 30, 200], random.integers(1, 40))).tolist()
    options = {"x264_params": {"bframes": int(random.integers(0, 9))}, "jobs": int(random.integers(1, 3))}
    with framemill.VideoWriter(path, fps=10, **options) as video:
        for frame, time in zip(FRAMES, times, strict=False):
            video.write(frame, t=time / 10)
        if seed % 2:
            video.hold(int(random.integers(1, 500)) / 10)
    rows = video.stats.packets
    assert duration(path) == pytest.approx(video.stats.seconds - times[0] / 10, abs=0.001)
    decoded = run("ffprobe", "-v", "error", "-show_entries", "packet=dts", "-of", "csv=p=0", path).split()
    assert [int(dts) for dts in decoded] == rows["dts"].tolist()


def test_movies_that_start_late_are_joined_without_gaps(tmp_path):
    parts = [tmp_path / "0.mp4", tmp_path / "1.mp4"]
    for part in parts:
        with framemill.VideoWriter(part, fps=30) as video:
            for index in range(30):
                video.write(FRAMES[index], t=2 + index / 30)
    framemill.join(parts, tmp_path / "joined.mp4")
    times = sorted(pts for pts, _, _ in packets(tmp_path / "joined.mp4"))
    assert times == pytest.approx([2 + index / 30 for index in range(60)], abs=0.000_02)


def test_a_killed_run_of_varying_times_does_not_end_late(tmp_path):
    video = framemill.VideoWriter(tmp_path / "movie.mp4", fps=1)
    for index, frame in enumerate(FRAMES):
        video.write(frame, t=index / 10)
    killed, recovered = tmp_path / "killed.mp4.part", None
    while recovered is None:
        shutil.copy(tmp_path / "movie.mp4.part", killed)
        # At first, there are no frames on the disk yet.
        with contextlib.suppress(framemill.InputError):
            recovered = framemill.recover(killed)
    video.leave()
    # The last frame lasts at most as long as a frame at the rate of the movie.
    assert duration(tmp_path / "killed.mp4") <= (recovered.frames - 1) / 10 + 1.001


@pytest.mark.parametrize("flags", ["frag_keyframe+empty_moov", "faststart"])
def test_movies_of_other_programs_with_varying_times_are_joined(tmp_path, flags):
    varying(tmp_path / "movie.mp4").close()
    part = tmp_path / "part.mp4"
    run("ffmpeg", "-v", "error", "-i", tmp_path / "movie.mp4", "-c", "copy", "-movflags", flags, part)
    joined = framemill.join([part, part], tmp_path / "joined.mp4")
    assert joined.frames == 20
