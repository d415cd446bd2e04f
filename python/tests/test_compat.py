"""Compares the interfaces like OpenCV's and imageio-ffmpeg's with the originals."""

import re
import subprocess
import sys

import cv2
import framemill
import imageio_ffmpeg
import numpy as np
import pytest
from framemill.compat import cv2 as ours
from framemill.compat.imageio_ffmpeg import FORMATS, write_frames
from movies import CODECS, skipping_missing_encoders
from reader import decode, difference, frame_count, probe, run

FRAMES = np.random.default_rng(8).integers(0, 256, (6, 48, 64, 3), np.uint8)
BGR = np.ascontiguousarray(FRAMES[..., ::-1])
SIZE = (64, 48)
EXACT = {"codec": "h264-rgb", "lossless": True}
# A fourcc, a file name, and the codec and the tag that ffprobe reports.
FOURCCS = [
    ("mp4v", "m.mp4", "mpeg4", "mp4v"),
    ("MP4V", "m.mp4", "mpeg4", "mp4v"),
    ("avc1", "m.mp4", "h264", "avc1"),
    ("H264", "m.mp4", "h264", "avc1"),
    ("X264", "m.mkv", "h264", None),
    ("DIVX", "m.avi", "mpeg4", "DIVX"),
    ("XVID", "m.avi", "mpeg4", "XVID"),
    ("xvid", "m.avi", "mpeg4", "xvid"),
    ("mp4v", "m.avi", "mpeg4", "mp4v"),
    ("divx", "m.avi", "mpeg4", "divx"),
    ("Xvid", "m.avi", "mpeg4", "Xvid"),
    ("MJPG", "m.avi", "mjpeg", "MJPG"),
    ("FFV1", "m.avi", "ffv1", "FFV1"),
    ("hvc1", "m.mp4", "hevc", "hvc1"),
    ("hev1", "m.mp4", "hevc", "hvc1"),
    ("HEVC", "m.mp4", "hevc", "hvc1"),
    ("H265", "m.mp4", "hevc", "hvc1"),
    ("av01", "m.mp4", "av1", "av01"),
    ("AV01", "m.webm", "av1", None),
    ("vp09", "m.mp4", "vp9", "vp09"),
    ("VP90", "m.webm", "vp9", None),
    ("apch", "m.mov", "prores", "apch"),
    ("png ", "m.mov", "png", "png "),
    ("rle ", "m.mov", "qtrle", "rle "),
]
TALL = np.random.default_rng(8).integers(0, 256, (6, 64, 80, 3), np.uint8)


@pytest.mark.parametrize(("characters", "name", "codec", "tag"), FOURCCS)
def test_four_characters_name_a_codec(tmp_path, characters, name, codec, tag):
    with skipping_missing_encoders():
        out = ours.VideoWriter(str(tmp_path / name), ours.VideoWriter_fourcc(*characters), 25.0, (80, 64))
    assert out.isOpened()
    assert all(out.write(frame) for frame in TALL)
    out.release()
    seen = probe(tmp_path / name)
    assert (seen["codec_name"], seen["nb_read_frames"], seen["avg_frame_rate"]) == (codec, "6", "25/1")
    assert tag is None or seen["codec_tag_string"] == tag


def test_fourcc_numbers_equal_those_of_opencv():
    for characters, *_ in FOURCCS:
        assert ours.VideoWriter_fourcc(*characters) == cv2.VideoWriter_fourcc(*characters)
        assert ours.VideoWriter.fourcc(*characters) == cv2.VideoWriter.fourcc(*characters)
    assert ours.VIDEOWRITER_PROP_IS_COLOR == cv2.VIDEOWRITER_PROP_IS_COLOR
    assert set(dir(cv2.VideoWriter)) <= set(dir(ours.VideoWriter))


def test_colors_are_those_that_opencv_reads_back(movie):
    out = ours.VideoWriter(movie, 0x21, 30, SIZE, **EXACT)
    for frame in BGR:
        out.write(frame)
    out.release()
    assert difference(decode(movie), FRAMES) == 0
    capture = cv2.VideoCapture(str(movie))
    seen = [capture.read()[1] for _ in BGR]
    assert capture.get(cv2.CAP_PROP_FPS) == 30 and not capture.read()[0]
    assert difference(seen, BGR) <= 1


@pytest.mark.parametrize("frame", [FRAMES[0, ..., 0], FRAMES[0, ..., :1]], ids=["two axes", "three axes"])
def test_gray_frames(movie, frame):
    with ours.VideoWriter(movie, ours.VideoWriter_fourcc(*"avc1"), 30, SIZE, False, **EXACT) as out:
        out.write(frame)
        assert out.get(ours.VIDEOWRITER_PROP_IS_COLOR) == 0
    assert difference(decode(movie)[0], FRAMES[0, ..., :1]) == 0


def test_a_writer_opens_one_movie_after_the_other(tmp_path):
    out = ours.VideoWriter()
    assert not out.isOpened()
    out.release()
    with pytest.raises(framemill.ClosedError, match="no movie is open: give a filename, or call open"):
        out.write(BGR[0])
    for number in range(2):
        assert out.open(tmp_path / f"{number}.mp4", cv2.VideoWriter_fourcc(*"mp4v"), 30, SIZE)
        assert out.getBackendName() == "FRAMEMILL" and out.get(1) == 0 and not out.set(1, 50)
        for frame in BGR[: number + 1]:
            out.write(frame)
    out.release()
    out.release()
    assert not out.isOpened() and out.stats.frames == 2
    assert [frame_count(tmp_path / f"{number}.mp4") for number in range(2)] == [1, 2]
    with pytest.raises(framemill.ClosedError, match="the movie has ended"):
        out.write(BGR[0])


FRAMES_OPENCV_DROPS = [
    (BGR[0, :-2], "frame 1 has 64x46 pixels, and the movie 64x48"),
    (BGR[0].transpose(1, 0, 2), "frame 1 has 48x64 pixels, and the movie 64x48"),
    (BGR[0, ..., 0], r"frame 1 has the shape \(48, 64\): give \(height, width, 3\), in BGR"),
    (np.dstack([BGR[0], BGR[0, ..., :1]]), r"frame 1 has the shape \(48, 64, 4\)"),
    (BGR[0] / 255, r"frame 1 is of float64: give uint8, as in frame.astype\(np.uint8\)"),
    (BGR[0].tolist(), "frame 1 is of the type list: give a NumPy array"),
    (None, "frame 1 is of the type NoneType"),
]


@pytest.mark.parametrize(("frame", "message"), FRAMES_OPENCV_DROPS)
def test_frames_that_opencv_drops_are_an_error(movie, frame, message):
    with ours.VideoWriter(movie, cv2.VideoWriter_fourcc(*"mp4v"), 30, SIZE) as out:
        out.write(BGR[0])
        with pytest.raises((framemill.FrameError, framemill.FrameTypeError), match=message):
            out.write(frame)
    assert frame_count(movie) == 1


WRONG = [
    (
        (ours.VideoWriter_fourcc(*"VP80"), 30, SIZE),
        "unknown fourcc 'VP80': use one of 'mp4v', 'DIVX', 'XVID', 'MJPG', .*, 'png ', 'rle '$",
    ),
    ((-1, 30, SIZE), "unknown fourcc -1"),
    ((0, 30, SIZE), "unknown fourcc 0:"),
    (("mp4v", 30, SIZE), r"fourcc must be a number, as VideoWriter_fourcc\(\*'mp4v'\) returns, not 'mp4v'"),
    ((0x21, 30, (64, 48, 3)), r"frameSize must be \(width, height\) in pixels, .* not \(64, 48, 3\)"),
    ((0x21, 30, (64.5, 48)), "frameSize must be"),
    ((cv2.CAP_FFMPEG, 0x21, 30, SIZE), "leave apiPreference out"),
    ((0x21, 30, SIZE, [cv2.VIDEOWRITER_PROP_IS_COLOR, 0]), "params are not supported: give isColor"),
    ((cv2.CAP_FFMPEG, 0x21, 30, SIZE, [1, 50]), "params are not supported: give isColor"),
    ((cv2.CAP_FFMPEG, 0x21, 30, SIZE, True), "leave apiPreference out"),
    ((0x21, 0, SIZE), "0"),
    ((0x21,), "give filename, fourcc, fps and frameSize"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=str)
def test_movies_that_opencv_cannot_open_are_an_error(movie, arguments, message):
    with pytest.raises((framemill.SettingsError, framemill.SettingsTypeError), match=message):
        ours.VideoWriter(movie, *arguments)
    assert list(movie.parent.iterdir()) == []


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        ours.VideoWriter(tmp_path / "missing" / "m.mp4", 0x21, 30, SIZE)


def test_a_movie_of_no_frames_is_an_error(movie):
    out = ours.VideoWriter(movie, 0x21, 30, SIZE)
    with pytest.raises(framemill.NoFramesError):
        out.release()
    assert list(movie.parent.iterdir()) == []


FORGETFUL = """
import numpy
from framemill.compat.cv2 import VideoWriter
out = VideoWriter("m.mp4", 0x21, 30, (64, 48))
out.write(numpy.zeros((48, 64, 3), "u1"))
"""


def test_a_script_that_does_not_release_gets_a_warning(tmp_path):
    done = subprocess.run([sys.executable, "-c", FORGETFUL], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "RuntimeWarning: <framemill.VideoWriter 'm.mp4', 1 frames, open> was not closed" in done.stderr
    assert not (tmp_path / "m.mp4").exists()
    assert framemill.recover(tmp_path / "m.mp4.part") == (tmp_path / "m.mp4", 1)


def sent(path, function, frames, size=SIZE, **options):
    writer = function(str(path), size, **options)
    writer.send(None)
    for frame in frames:
        writer.send(frame)
    writer.close()
    return path


@pytest.mark.parametrize("as_bytes", [True, False], ids=["bytes", "arrays"])
def test_sent_frames_are_the_movie(movie, as_bytes):
    frames = [frame.tobytes() for frame in FRAMES] if as_bytes else FRAMES
    sent(movie, write_frames, frames, pix_fmt_out=None, quality=None, fps=29.97, **EXACT)
    assert difference(decode(movie), FRAMES) == 0
    assert probe(movie)["avg_frame_rate"] == "30000/1001"


@pytest.mark.parametrize("pix_fmt", FORMATS)
def test_each_format_is_read_as_the_ffmpeg_program_reads_it(tmp_path, pix_fmt):
    kind = FORMATS[pix_fmt]
    shape = (3, 48, 64, kind.channels)
    frames = np.random.default_rng(2).integers(0, 256, shape).astype(kind.dtype) * (257 if kind.dtype == "<u2" else 1)
    if kind.channels in (2, 4):
        # ffmpeg drops alpha; framemill composites over the background.
        frames[..., 0 if pix_fmt in ("argb", "abgr") else -1] = 65535 if kind.dtype == "<u2" else 255
    ffv1 = {"codec": "ffv1", "pix_fmt_in": pix_fmt, "pix_fmt_out": "bgr0"}
    mine = sent(tmp_path / "mine.mkv", write_frames, frames, **ffv1)
    theirs = sent(
        tmp_path / "theirs.mkv",
        imageio_ffmpeg.write_frames,
        frames,
        output_params=["-sws_flags", "accurate_rnd"],
        **ffv1,
    )
    assert difference(decode(mine), decode(theirs)) <= 1


@pytest.mark.parametrize("quality", [1, 5, 8])
def test_a_default_movie_has_the_rate_of_imageio_ffmpeg(tmp_path, quality):
    mine = sent(tmp_path / "mine.mp4", write_frames, FRAMES, quality=quality)
    theirs = sent(tmp_path / "theirs.mp4", imageio_ffmpeg.write_frames, FRAMES, quality=quality)
    rates = [re.search(rb"crf=([\d.]+)", path.read_bytes()).group(1) for path in (mine, theirs)]
    assert float(rates[0]) == float(rates[1])
    for name in ("pix_fmt", "avg_frame_rate", "nb_read_frames", "width", "height"):
        assert probe(mine)[name] == probe(theirs)[name]


@pytest.mark.parametrize("codec", CODECS)
def test_each_codec_takes_the_defaults(tmp_path, codec):
    container, name, pixel_format = CODECS[codec]
    with skipping_missing_encoders():
        path = sent(tmp_path / f"m.{container}", write_frames, TALL, (80, 64), codec=codec)
    seen = probe(path)
    assert (seen["codec_name"], seen["pix_fmt"], seen["nb_read_frames"]) == (name, pixel_format, "6")
    assert np.abs(decode(path).astype(int) - TALL).mean() < 60


LOSSLESS = ("ffv1", "png", "qtrle")


@pytest.mark.parametrize("codec", CODECS)
def test_each_codec_follows_a_quality_if_it_has_one(tmp_path, codec):
    container = CODECS[codec][0]
    errors = {}
    for quality in (0, 3, 10):
        with skipping_missing_encoders():
            options = {"codec": codec, "quality": quality, "fps": 25}
            path = sent(tmp_path / f"{quality}.{container}", write_frames, TALL, (80, 64), **options)
        errors[quality] = np.abs(decode(path).astype(int) - TALL).mean()
    if codec in LOSSLESS:
        assert errors == {0: 0, 3: 0, 10: 0}
    elif codec == "prores":
        assert errors[0] == errors[3] == errors[10]
    else:
        assert errors[0] > errors[3] > errors[10]


def test_a_pixel_format_that_the_codec_lacks_is_refused(movie):
    with pytest.raises(framemill.SettingsError, match="prores cannot encode yuv420p"):
        write_frames(movie.with_suffix(".mov"), SIZE, codec="prores", pix_fmt_out="yuv420p")


@pytest.mark.parametrize(("codec", "name"), [(None, "aac"), ("aac", "aac"), ("libopus", "opus"), ("libmp3lame", "mp3")])
def test_a_movie_has_the_sound_of_audio_path(tmp_path, codec, name):
    tone = np.sin(np.arange(12_000) / 20).astype(np.float32)
    sound, movie = tmp_path / "tone.flac", tmp_path / "m.mp4"
    run("ffmpeg", "-v", "error", "-f", "f32le", "-ar", "48000", "-i", "-", sound, data=tone.tobytes())
    with skipping_missing_encoders():
        sent(movie, write_frames, FRAMES, fps=24, audio_path=sound, audio_codec=codec)
    shown = run("ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", movie)
    assert shown.decode().split() == ["h264", name]


def test_an_odd_size_is_padded_and_not_scaled(movie):
    sent(movie, write_frames, FRAMES[:, :-1, :-3], (61, 47), quality=10)
    assert decode(movie).shape == (6, 48, 62, 3)


SENT_WRONG = [
    (FRAMES[0].tobytes()[:-3], "frame 1 has 9213 bytes, but pix_fmt_in and size require 9216 for 64x48 pixels"),
    (
        FRAMES[0].transpose(1, 0, 2),
        r"frame 1 is an array \(64, 48, 3\) of uint8, but .* require \(48, 64, 3\) of uint8",
    ),
    (FRAMES[0] / 255, "frame 1 is an array .* of float64"),
    (FRAMES[0, ..., 0], r"frame 1 is an array \(48, 64\)"),
    ([FRAMES[0]], "frame 1 is of the type list: send bytes, or an array, as in"),
    (None, "frame 1 is of the type NoneType: None is only sent first"),
]


@pytest.mark.parametrize(("frame", "message"), SENT_WRONG)
def test_a_frame_that_does_not_match_the_options_is_refused(movie, frame, message):
    writer = write_frames(movie, SIZE)
    next(writer)
    writer.send(FRAMES[0])
    with pytest.raises((framemill.FrameError, framemill.FrameTypeError), match=message):
        writer.send(frame)
    writer.close()
    assert frame_count(movie) == writer.stats.frames == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pix_fmt_in": "yuv420p"}, "pix_fmt_in must be one of gray, .*, not 'yuv420p'"),
        ({"codec": "vp8"}, "vp8"),
        ({"audio_codec": "aac"}, "audio_codec needs audio"),
        ({"audio_path": "a.wav", "audio_codec": "libvorbis"}, "libvorbis"),
        ({"audio_path": "a.wav", "audio": "b.wav"}, "audio_path and another argument both set audio"),
        ({"output_params": ["-vf", "hflip"]}, "output_params: framemill does not support '-vf'"),
        ({"size": (64,)}, "size must be"),
        ({"cfr": 18}, "no option 'cfr'"),
    ],
)
def test_wrong_arguments_are_refused_at_once(movie, options, message):
    with pytest.raises((framemill.SettingsError, framemill.SettingsTypeError), match=message):
        write_frames(movie, **{"size": SIZE, **options})
    assert list(movie.parent.iterdir()) == []


def test_an_exception_thrown_in_publishes_nothing(movie):
    writer = write_frames(movie, SIZE)
    writer.send(None)
    writer.send(FRAMES[0])
    with pytest.raises(ZeroDivisionError, match="a reason") as caught:
        writer.throw(ZeroDivisionError("a reason"))
    assert not movie.exists()
    assert framemill.recover(f"{movie}.part") == (movie, 1)
    assert "the frames that were written before (1)" in caught.value.__notes__[0]


@pytest.mark.parametrize("value", ["a reason", ("a reason",), ZeroDivisionError("a reason")], ids=repr)
def test_a_type_thrown_in_is_raised_with_its_value(movie, value):
    writer = write_frames(movie, SIZE)
    with pytest.raises(ZeroDivisionError, match=r"^a reason$"):
        writer.throw(ZeroDivisionError, value)
    assert list(movie.parent.iterdir()) == []


def test_frames_may_be_any_buffer(movie):
    writer = write_frames(movie, SIZE, pix_fmt_out=None, quality=None, **EXACT)
    writer.send(None)
    spread = np.repeat(np.frombuffer(FRAMES[0].tobytes(), np.uint8), 2)
    for frame in (bytearray(FRAMES[0].tobytes()), memoryview(FRAMES[0]), memoryview(spread)[::2]):
        writer.send(frame)
    writer.close()
    assert difference(decode(movie), np.stack([FRAMES[0]] * 3)) == 0


def test_frames_closed_without_a_frame_are_an_error(movie):
    writer = write_frames(movie, SIZE)
    writer.send(None)
    with pytest.raises(framemill.NoFramesError):
        writer.close()
    assert list(movie.parent.iterdir()) == []


def test_frames_that_are_never_closed_publish_nothing(movie):
    writer = write_frames(movie, SIZE)
    writer.send(None)
    writer.send(FRAMES[0])
    with pytest.warns(RuntimeWarning, match="was not closed"):
        del writer
    assert not movie.exists()
