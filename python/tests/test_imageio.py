"""Tests the imageio plugin as users and other libraries call it, and compares it with imageio's ffmpeg plugin."""

import io
import re
import subprocess
import sys
import zipfile

import framemill
import framemill.imageio
import imageio.v2
import imageio.v3
import numpy as np
import pytest
from framemill._imageio_keywords import movie_keywords
from imageio.config import known_extensions
from imageio.core.request import InitializationError
from movies import CODECS, skipping_missing_encoders
from reader import decode, difference, frame_count, probe

FRAMES = np.random.default_rng(5).integers(0, 256, (12, 48, 64, 3), np.uint8)
EXACT = {"codec": "h264-rgb", "lossless": True}


@pytest.fixture
def preferred():
    """Call `prefer`, and undo it when the test ends."""
    framemill.imageio.prefer()
    yield
    for kinds in known_extensions.values():
        for kind in kinds:
            kind.reset()


def crf_of(movie):
    """Return the rate factor that x264 stores in the stream."""
    return float(re.search(rb"crf=([\d.]+)", movie.read_bytes()).group(1))


def test_imwrite_makes_a_movie_of_a_batch(movie):
    assert imageio.v3.imwrite(movie, FRAMES, plugin="framemill", fps=29.97, **EXACT) is None
    assert difference(decode(movie), FRAMES) == 0
    assert probe(movie)["avg_frame_rate"] == "30000/1001"


@pytest.mark.parametrize("kind", [list, iter, tuple], ids=lambda kind: kind.__name__)
def test_imwrite_takes_any_iterable_of_frames(movie, kind):
    imageio.v3.imwrite(movie, kind(FRAMES), plugin="framemill", **EXACT)
    assert difference(decode(movie), FRAMES) == 0
    assert probe(movie)["avg_frame_rate"] == "10/1"


@pytest.mark.parametrize(
    ("image", "options", "count"),
    [
        (FRAMES[0], {}, 1),
        (FRAMES[0, ..., 0], {}, 1),
        (FRAMES[..., 0], {}, 12),
        (FRAMES[:, :, :3, 0], {"is_batch": True}, 12),
    ],
    ids=["color", "gray", "gray frames", "narrow gray frames"],
)
def test_the_shape_decides_between_a_picture_and_a_batch(movie, image, options, count):
    imageio.v3.imwrite(movie, image, plugin="framemill", **options)
    assert frame_count(movie) == count


def test_an_open_movie_grows(movie):
    with imageio.v3.imopen(movie, "w", plugin="framemill", fps=25, **EXACT) as opened:
        opened.write(FRAMES[0])
        opened.write(FRAMES[1:4])
        assert not movie.exists()
        with pytest.raises(
            framemill.SettingsError, match=r"started with the options \{\}, and cannot continue with \{'fps': 30\}"
        ):
            opened.write(FRAMES[4], fps=30)
        opened.write(list(FRAMES[4:]))
    assert difference(decode(movie), FRAMES) == 0
    assert probe(movie)["avg_frame_rate"] == "25/1"


def test_the_older_writer_appends(movie):
    writer = imageio.v2.get_writer(movie, format="framemill", fps=30, quality=8)
    for frame in FRAMES:
        writer.append_data(frame)
    assert not movie.exists() and not writer.closed
    writer.close()
    assert writer.closed and writer.stats.frames == frame_count(movie) == 12
    assert crf_of(movie) == 10


@pytest.mark.parametrize("quality", [None, 1, 5, 7.3, 10])
def test_a_quality_means_the_same_as_in_imageio(tmp_path, quality):
    ours, theirs = tmp_path / "ours.mp4", tmp_path / "theirs.mp4"
    for path, plugin in ((ours, "framemill"), (theirs, "FFMPEG")):
        imageio.v2.mimwrite(path, FRAMES, format=plugin, fps=30, quality=quality)
    # At quality 10, x264 stores that the stream is lossless instead of a rate factor.
    if quality != 10:
        assert crf_of(ours) == crf_of(theirs)
    assert probe(ours)["nb_read_frames"] == probe(theirs)["nb_read_frames"] == "12"


@pytest.mark.parametrize("codec", CODECS)
def test_each_codec_takes_a_quality(tmp_path, codec):
    container, name, pixel_format = CODECS[codec]
    movie, frames = tmp_path / f"m.{container}", np.tile(FRAMES, (1, 2, 1, 1))
    with skipping_missing_encoders():
        imageio.v2.mimwrite(movie, frames, format="framemill", codec=codec, quality=5, macro_block_size=1)
    seen = probe(movie)
    assert (seen["codec_name"], seen["pix_fmt"], seen["nb_read_frames"]) == (name, pixel_format, "12")


KEYWORDS = [
    ({"quality": 0}, {"crf": 51}),
    ({"quality": 10, "codec": "libx264"}, {"codec": "h264", "crf": 0}),
    ({"quality": 5, "codec": "mpeg4"}, {"codec": "mpeg4", "qp": 16}),
    ({"quality": 10, "codec": "libxvid"}, {"codec": "xvid", "qp": 1}),
    ({"quality": 5, "bitrate": 800_000}, {"bitrate": 800_000}),
    ({"quality": 5, "crf": 0}, {"crf": 0}),
    ({"quality": 5, "output_params": ["-crf", "18"]}, {"crf": 18}),
    ({"quality": 5, "lossless": False}, {"crf": 25, "lossless": False}),
    ({"quality": 5, "codec": "h264-rgb"}, {"codec": "h264-rgb", "crf": 25}),
    ({"quality": 5, "codec": "libx265"}, {"codec": "hevc", "crf": 25}),
    ({"quality": 0, "codec": "hevc"}, {"codec": "hevc", "crf": 51}),
    ({"quality": 5, "codec": "libsvtav1"}, {"codec": "av1", "crf": 31}),
    ({"quality": 0, "codec": "av1"}, {"codec": "av1", "crf": 63}),
    ({"quality": 8, "codec": "libvpx-vp9"}, {"codec": "vp9", "crf": 12}),
    ({"quality": 5, "codec": "mjpeg"}, {"codec": "mjpeg", "qp": 16}),
    ({"quality": 5, "codec": "prores_ks"}, {"codec": "prores"}),
    ({"quality": 5, "codec": "ffv1"}, {"codec": "ffv1"}),
    ({"quality": 5, "codec": "png"}, {"codec": "png"}),
    ({"quality": 5, "codec": "qtrle"}, {"codec": "qtrle"}),
    ({"quality": 5, "codec": "encoder:libtheora"}, {"codec": "encoder:libtheora"}),
    ({"audio_path": "a.wav", "audio_codec": "libopus"}, {"audio": "a.wav", "audio_codec": "opus"}),
    ({"audio_path": "a.wav", "audio_codec": "pcm_s16le"}, {"audio": "a.wav", "audio_codec": "pcm"}),
    ({"audio_path": "a.wav", "audio_codec": "copy"}, {"audio": "a.wav", "audio_codec": "copy"}),
    ({"quality": True}, {"quality": True}),
    ({"pixelformat": "yuv444p", "macro_block_size": None}, {"pixel_format": "yuv444p"}),
    ({"out_pixel_format": "gray", "macro_block_size": 1}, {"pixel_format": "gray"}),
    ({"output_params": ["-crf", "20", "-preset", "slow"], "ffmpeg_log_level": "info"}, {"crf": 20, "preset": "slow"}),
    ({"input_params": None, "audio_path": None, "crf": 18, "gop": 5}, {"crf": 18, "gop": 5}),
]


@pytest.mark.parametrize(("given", "expected"), KEYWORDS, ids=str)
def test_keywords_of_imageio_are_supported(given, expected):
    assert movie_keywords(given) == expected


REFUSED = [
    ({"macro_block_size": 16}, "macro_block_size must be 1 or None, not 16: framemill never scales"),
    ({"quality": 11}, r"quality must be a number from 0 to 10 \(the best\), not 11"),
    ({"quality": "high"}, "quality must be a number from 0 to 10 .*, not 'high'"),
    ({"ffmpeg_params": ["-vf", "scale=64:64"]}, "ffmpeg_params: framemill does not support '-vf'; it takes -crf"),
    ({"output_params": ["-crf", "20"], "crf": 18}, "output_params and another argument both set crf"),
    ({"input_params": ["-r", "5"]}, "input_params cannot be used: no ffmpeg program reads the frames"),
    ({"audio_path": "sound.wav", "audio_codec": "libvorbis"}, "libvorbis"),
    ({"audio_codec": "aac"}, "audio_codec needs audio"),
    ({"codec": "vp8"}, "vp8"),
    ({"pixelformat": "yuv9"}, "yuv9"),
    ({"qualty": 5}, "there is no option 'qualty'; did you mean 'quality'"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED, ids=str)
def test_impossible_options_are_refused_when_the_writer_is_made(movie, options, message):
    with pytest.raises((framemill.SettingsError, framemill.SettingsTypeError), match=message):
        imageio.v2.get_writer(movie, format="framemill", **options)
    assert list(movie.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"), [({"crf": 999}, "crf"), ({"foo": 3}, "there is no option 'foo'"), ({"size": 3}, "size")]
)
@pytest.mark.parametrize("is_file", [False, True], ids=["path", "file"])
def test_impossible_options_are_refused_when_a_movie_is_opened(movie, options, message, is_file):
    where = {"uri": io.BytesIO(), "extension": ".mp4"} if is_file else {"uri": movie}
    with pytest.raises(OSError, match="initializing plugin `framemill`") as caught:
        imageio.v3.imopen(**where, io_mode="w", plugin="framemill", **options)
    assert isinstance(caught.value.__cause__, (framemill.SettingsError, framemill.SettingsTypeError))
    assert re.search(message, str(caught.value.__cause__))
    assert list(movie.parent.iterdir()) == []


def test_a_checked_file_object_gets_only_the_movie(tmp_path):
    file = io.BytesIO()
    with imageio.v3.imopen(file, "w", plugin="framemill", extension=".mp4", size=(64, 48), **EXACT) as opened:
        opened.write(FRAMES)
    (tmp_path / "m.mp4").write_bytes(file.getvalue())
    assert difference(decode(tmp_path / "m.mp4"), FRAMES) == 0


def test_an_open_movie_without_frames_is_an_error(movie):
    for options in ({}, {"crf": 18}):
        opened = imageio.v3.imopen(movie, "w", plugin="framemill", **options)
        with pytest.raises(framemill.NoFramesError, match="no frame was written, so there is no movie"):
            opened.close()
        opened.close()
        with pytest.raises(framemill.ClosedError, match="the movie has ended"):
            opened.write(FRAMES[0])
    with pytest.raises(framemill.NoFramesError), imageio.v3.imopen(movie, "w", plugin="framemill"):
        pass
    with pytest.raises(ZeroDivisionError), imageio.v3.imopen(movie, "w", plugin="framemill"):
        raise ZeroDivisionError
    assert list(movie.parent.iterdir()) == []


def test_a_plugin_that_handed_out_its_writer_closes_quietly(movie):
    opened = imageio.v3.imopen(movie, "w", legacy_mode=True, plugin="framemill")
    with opened, opened.legacy_get_writer() as writer:
        writer.append_data(FRAMES[0])
    assert frame_count(movie) == 1


def test_a_writer_names_its_format(movie):
    with imageio.v2.get_writer(movie, format="framemill") as writer:
        assert writer.format.name == "FRAMEMILL" and ".webm" in writer.format.extensions
        writer.append_data(FRAMES[0])


@pytest.mark.parametrize("call", ["read", "iter", "metadata", "properties", "get_meta"])
def test_an_opened_movie_cannot_be_read(movie, call):
    with imageio.v3.imopen(movie, "w", plugin="framemill") as opened:
        opened.write(FRAMES[0])
        with pytest.raises(InitializationError, match="framemill cannot read movies: use another plugin, such as pyav"):
            list(getattr(opened, call)())


def test_metadata_of_frames_is_refused(movie):
    with imageio.v2.get_writer(movie, format="framemill", metadata={"title": "Noise"}) as writer:
        writer.append_data(FRAMES[0], {})
        with pytest.raises(framemill.SettingsError, match="the frames of a movie have no metadata"):
            writer.append_data(FRAMES[0], {"time": 3})
        with pytest.raises(framemill.SettingsError, match="a movie gets its metadata when it is started"):
            writer.set_meta_data({"title": "x"})
    assert probe(movie)["tags"]["title"] == "Noise"
    assert frame_count(movie) == 1


def opened_writers(movie):
    yield imageio.v2.get_writer(movie, format="framemill")
    yield imageio.v3.imopen(movie, "w", plugin="framemill")


@pytest.mark.parametrize("number", [0, 1], ids=["get_writer", "imopen"])
def test_an_exception_publishes_nothing(movie, number):
    opened = list(opened_writers(movie))[number]
    add = opened.append_data if number == 0 else opened.write
    with pytest.raises(ZeroDivisionError) as caught, opened:
        for frame in FRAMES:
            add(frame)
        raise ZeroDivisionError
    assert not movie.exists()
    assert "framemill: the frames that were written before (12)" in caught.value.__notes__[0]
    assert framemill.recover(f"{movie}.part") == (movie, 12)


def test_ctrl_c_keeps_the_movie(movie):
    with pytest.raises(KeyboardInterrupt), imageio.v2.get_writer(movie, format="framemill") as writer:
        writer.append_data(FRAMES[0])
        raise KeyboardInterrupt
    assert frame_count(movie) == 1


def test_a_forgotten_writer_publishes_nothing(movie):
    writer = imageio.v2.get_writer(movie, format="framemill")
    writer.append_data(FRAMES[0])
    with pytest.warns(RuntimeWarning, match="was not closed"):
        del writer
    assert not movie.exists()


def test_a_movie_becomes_bytes():
    made = imageio.v3.imwrite("<bytes>", FRAMES, plugin="framemill", extension=".mkv", **EXACT)
    assert made[:4] == b"\x1a\x45\xdf\xa3"
    plain = imageio.v3.imwrite("<bytes>", FRAMES, plugin="framemill")
    assert plain[4:8] == b"ftyp"


def test_a_movie_goes_to_file_objects_and_archives(tmp_path):
    file = io.BytesIO()
    imageio.v3.imwrite(file, FRAMES, plugin="framemill", extension=".mp4", **EXACT)
    (tmp_path / "m.mp4").write_bytes(file.getvalue())
    assert difference(decode(tmp_path / "m.mp4"), FRAMES) == 0
    imageio.v3.imwrite(f"{tmp_path}/a.zip/inner.mp4", FRAMES, plugin="framemill", **EXACT)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        (tmp_path / "inner.mp4").write_bytes(archive.read("inner.mp4"))
    assert difference(decode(tmp_path / "inner.mp4"), FRAMES) == 0


def test_the_plugin_does_not_read_movies(movie):
    framemill.write_video(movie, FRAMES)
    with pytest.raises(OSError, match="`framemill` can not handle the given uri"):
        imageio.v3.imread(movie, plugin="framemill")


@pytest.mark.usefixtures("preferred")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # imageio leaves its pipes open.
def test_a_preferred_plugin_writes_and_other_plugins_read(movie):
    writer = imageio.v2.get_writer(movie, fps=20, quality=5)
    assert isinstance(writer, framemill.imageio.Writer)
    for frame in FRAMES:
        writer.append_data(frame)
    writer.close()
    assert imageio.v3.imread(movie, plugin="pyav").shape == imageio.v3.imread(movie).shape == FRAMES.shape
    framemill.imageio.prefer()
    assert [kind.priority.count("framemill") for kind in known_extensions[".mp4"]] == [1]
    with pytest.raises(framemill.SettingsError, match="webm cannot hold h264"):
        imageio.v2.get_writer(movie.with_suffix(".webm"))
    imageio.v3.imwrite(movie.with_suffix(".png"), FRAMES[0])
    assert movie.with_suffix(".png").read_bytes()[:4] == b"\x89PNG"


def test_an_odd_size_is_padded_and_not_scaled(movie):
    odd = FRAMES[:, :-1, :-1]
    imageio.v3.imwrite(movie, odd, plugin="framemill", quality=10)
    assert decode(movie).shape == FRAMES.shape
    assert np.abs(decode(movie)[:, :-1, :-1].astype(int).mean((1, 2)) - odd.mean((1, 2))).max() < 2


def test_napari_animation_writes_with_the_plugin(movie):
    # napari's `animate` does this with format="framemill". Its screenshots are RGBA.
    writer = imageio.get_writer(movie, fps=20, quality=5, format="framemill")
    for frame in FRAMES:
        writer.append_data(np.dstack([frame, np.full(frame.shape[:2], 255, np.uint8)]))
    writer.close()
    assert probe(movie)["nb_read_frames"] == "12" and crf_of(movie) == 25


def test_pyvista_writes_with_the_plugin(movie):
    pyvista = pytest.importorskip("pyvista", reason="VTK needs half a gigabyte, which is too much for one test")
    plotter = pyvista.Plotter(off_screen=True, window_size=(160, 121))
    plotter.add_mesh(pyvista.Sphere(), color="red")
    plotter.open_movie(movie, framerate=25, format="framemill", quality=9)
    pictures = []
    for _ in range(5):
        plotter.camera.azimuth += 10
        plotter.write_frame()
        pictures.append(plotter.image)
    plotter.close()
    seen = decode(movie)
    assert seen.shape == (5, 122, 160, 3) and probe(movie)["avg_frame_rate"] == "25/1" and crf_of(movie) == 5
    assert np.abs(seen[:, :121].astype(int) - np.stack(pictures)).mean() < 3


LATER = """
import sys
import framemill
assert not {"imageio", "xarray", "gymnasium", "cv2", "torch", "matplotlib"} & sys.modules.keys()
import imageio.v2, numpy
import framemill.imageio
imageio.v2.mimwrite("later.mp4", numpy.zeros((3, 48, 64, 3), "u1"), format="framemill")
"""
BEFORE = """
import imageio.v2, numpy
import framemill
imageio.v2.mimwrite("before.mp4", numpy.zeros((3, 48, 64, 3), "u1"), format="framemill")
"""


@pytest.mark.parametrize(("script", "name"), [(LATER, "later.mp4"), (BEFORE, "before.mp4")])
def test_the_plugin_is_registered_on_import(tmp_path, script, name):
    subprocess.run([sys.executable, "-W", "error", "-c", script], cwd=tmp_path, check=True)
    assert frame_count(tmp_path / name) == 3
