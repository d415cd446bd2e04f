"""Tests outputs: paths, memory, file objects and pipes, and their errors."""

import errno
import io
import os
import sys
import tempfile
from pathlib import Path

import framemill
import numpy as np
import pytest
from reader import decode, difference, frame_count, run
from test_writer import EXACT, FRAME, shades


def test_a_movie_into_memory_is_the_one_in_a_file(movie):
    buffer = io.BytesIO()
    for output in (movie, buffer):
        framemill.write_video(output, shades(), **EXACT)
    (movie.parent / "memory.mp4").write_bytes(buffer.getvalue())
    assert difference(decode(movie), decode(movie.parent / "memory.mp4")) == 0
    assert not buffer.closed


class Writes:
    """An object that can only write."""

    def __init__(self):
        self.bytes = bytearray()

    def write(self, data):
        self.bytes += data


class Seeks(Writes):
    """An object that can also seek and overwrite."""

    def __init__(self):
        super().__init__()
        self.at = 0

    def write(self, data):
        self.bytes[self.at : self.at + len(data)] = data
        self.at += len(data)
        return len(data)

    def seek(self, offset, whence=0):
        self.at = (0, self.at, len(self.bytes))[whence] + offset
        return self.at


class Slow(Writes):
    """An object that takes a few bytes per call."""

    def write(self, data):
        self.bytes += data[:1000]
        return len(data[:1000])


@pytest.mark.parametrize(("kind", "fragmented"), [(Writes, True), (Seeks, False), (Slow, True)])
def test_objects_with_write_get_a_movie(movie, kind, fragmented):
    sink = kind()
    framemill.write_video(sink, shades(), **EXACT)
    movie.write_bytes(sink.bytes)
    assert (decode(movie)[:, 0, 0, 0] == np.arange(10)).all()
    assert (b"moof" in sink.bytes) == fragmented


def test_python_files_and_pipes_get_a_movie(movie):
    with open(movie, "wb") as file:
        framemill.write_video(file, shades())
    assert frame_count(movie) == 10
    with tempfile.TemporaryFile() as file:
        framemill.write_video(file, shades(), container="mkv")
        file.seek(0)
        assert file.read(4) == b"\x1aE\xdf\xa3"


def test_a_movie_streams_to_another_program(movie):
    code = "import framemill, numpy, sys\nframemill.write_video(sys.stdout.buffer, numpy.zeros((5, 48, 64, 3), 'u1'))"
    movie.write_bytes(run(sys.executable, "-c", code))
    assert frame_count(movie) == 5


class Fails(Writes):
    def write(self, data):
        if len(self.bytes) > 2_000:
            raise OSError(errno.ENOSPC, "the tape is full")
        return super().write(data) or len(data)


def test_an_exception_of_a_file_object_is_raised(movie):
    with pytest.raises(framemill.Error, match="the tape is full") as caught:
        framemill.write_video(Fails(), np.random.default_rng(1).integers(0, 256, (300, 48, 64), np.uint8), qp=10)
    assert isinstance(caught.value, OSError)
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.__cause__.args == (errno.ENOSPC, "the tape is full")


@pytest.mark.parametrize("answer", ["many", -1, 10**9, LookupError("mine")])
def test_a_file_object_that_returns_an_invalid_count_fails_the_movie(answer):
    class Nonsense(Writes):
        def write(self, data):
            if isinstance(answer, Exception):
                raise answer
            return answer

    with pytest.raises(framemill.Error) as caught:
        framemill.write_video(Nonsense(), shades(90))
    if isinstance(answer, Exception):
        assert caught.value.__cause__ is answer


def test_a_raw_pipe_that_does_not_block_fails_the_movie_when_it_is_full():
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    frames = np.random.default_rng(1).integers(0, 256, (60, 96, 128), np.uint8)
    message = "the file does not block, and accepts no bytes now"
    with (
        open(reading, "rb"),
        open(writing, "wb", buffering=0) as pipe,
        pytest.raises(framemill.OutputError, match=message),
    ):
        framemill.write_video(pipe, frames, fps=30, container="mkv", qp=2)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_raises_an_error_with_its_errno():
    with pytest.raises(framemill.OutputError) as caught, open("/dev/full", "wb", buffering=0) as full:
        framemill.write_video(full, shades(90))
    assert isinstance(caught.value, OSError)
    assert "No space left on device" in str(caught.value)
    assert caught.value.errno == errno.ENOSPC


def test_a_missing_directory_is_an_error(tmp_path):
    with pytest.raises(framemill.OutputError, match="No such file or directory") as caught:
        framemill.write_video(tmp_path / "nowhere" / "m.mp4", shades())
    assert caught.value.errno == errno.ENOENT


def test_the_working_directory_may_be_gone(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    framemill.write_video(tmp_path / "m.mp4", shades())
    assert (tmp_path / "m.mp4").exists()


def test_rgb_is_not_converted_where_nothing_records_how(tmp_path):
    options = {"codec": "ffv1", "pixel_format": "yuv444p"}
    message = "pixel_format cannot be combined with ffv1 in avi: choose mkv or mov"
    for size in (None, (64, 48)):
        with framemill.VideoWriter(tmp_path / "m.avi", size=size, **options) as video:
            with pytest.raises(framemill.SettingsError, match=message):
                video.write(np.zeros((48, 64, 3), np.uint8))
            video.write(np.zeros((48, 64), np.uint8))


def test_an_existing_movie_is_replaced_at_the_end_only(movie):
    movie.write_bytes(b"old")
    with framemill.VideoWriter(movie) as video:
        video.write(FRAME)
        assert movie.read_bytes() == b"old"
    assert frame_count(movie) == 1


def test_an_existing_movie_is_kept_on_request(movie):
    movie.write_bytes(b"old")
    with pytest.raises(framemill.Error, match=r"exists"):
        framemill.write_video(movie, shades(), clobber=False)
    assert movie.read_bytes() == b"old"
    assert os.listdir(movie.parent) == ["movie.mp4"]


def test_names_that_look_like_urls_are_file_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("tcp:localhost:9.mp4", "pipe:1.mp4", "caf\udce9.mp4", "a b%03d.mp4"):
        framemill.write_video(name, shades(2))
        assert Path(name).stat().st_size > 500
    assert len(os.listdir()) == 4


def test_a_file_object_may_read_the_statistics_while_it_writes():
    class Upload(io.BytesIO):
        reported = 0

        def write(self, data):
            if self.video._watch is not None:
                self.reported += self.video.stats.frames > 0
            return super().write(data)

    upload = Upload()
    upload.video = framemill.VideoWriter(upload, fps=25, preset="ultrafast")
    noise = np.random.default_rng(1).integers(0, 256, (60, 64, 64), np.uint8)
    for frame in noise:
        upload.video.write(frame)
    upload.video.close()
    assert upload.reported > 0
    assert upload.video.stats.complete
