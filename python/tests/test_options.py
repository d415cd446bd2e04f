"""Tests the effect of options on the movie, and the errors for wrong ones."""

import copy
import inspect
import pickle
from decimal import Decimal
from fractions import Fraction

import framemill
import numpy as np
import pytest
from framemill._options import OPTIONS, CommonOptions, Options
from reader import decode, packets, probe

FRAMES = np.random.default_rng(6).integers(0, 256, (12, 48, 64, 3), np.uint8)

TAKEN = [
    ("m.mp4", {}, {"codec_name": "h264", "profile": "High", "pix_fmt": "yuv420p", "color_space": "bt709"}),
    ("m.mp4", {"profile": "baseline"}, {"profile": "Constrained Baseline", "has_b_frames": 0}),
    ("m.mp4", {"pixel_format": "yuv444p"}, {"pix_fmt": "yuv444p"}),
    ("m.mov", {"codec": "h264", "gop": 1}, {"codec_name": "h264"}),
    ("m.avi", {"codec": "xvid", "qp": 4}, {"codec_name": "mpeg4", "codec_tag_string": "XVID"}),
    ("m.avi", {"codec": "mpeg4", "fourcc": "DIVX"}, {"codec_tag_string": "DIVX"}),
    ("m.mp4", {"codec": "mpeg4", "bitrate": "800k"}, {"codec_name": "mpeg4"}),
    ("m.avi", {"codec": "mjpeg", "qp": 2}, {"codec_name": "mjpeg"}),
    ("m.mkv", {"codec": "ffv1"}, {"codec_name": "ffv1", "pix_fmt": "bgr0"}),
    ("m.mkv", {"codec": "ffv1", "pixel_format": "rgb48le"}, {"pix_fmt": "gbrp16le"}),
    ("movie", {"container": "mp4"}, {"codec_name": "h264"}),
    ("m.mp4", {"scale": (32, 24)}, {"width": 32, "height": 24}),
    ("m.mp4", {"preset": "ultrafast", "tune": "zerolatency", "threads": 1}, {"has_b_frames": 0}),
    ("m.mp4", {"x264_params": {"bframes": 0, "ref": 1}}, {"has_b_frames": 0}),
    ("m.mp4", {"bitrate": 500_000, "maxrate": "1M", "bufsize": "1M"}, {"codec_name": "h264"}),
]


@pytest.mark.parametrize(("name", "options", "seen"), TAKEN, ids=lambda value: str(value)[:40])
def test_options_change_the_movie(tmp_path, name, options, seen):
    framemill.write_video(tmp_path / name, FRAMES, **options)
    probed = probe(tmp_path / name)
    assert {key: probed[key] for key in seen} == seen


def test_metadata_is_in_the_movie(movie):
    framemill.write_video(movie, FRAMES, metadata={"title": "Noise", "artist": "Ada", "comment": "größer"})
    tags = probe(movie)["tags"]
    assert (tags["title"], tags["artist"], tags["comment"]) == ("Noise", "Ada", "größer")


@pytest.mark.parametrize(("odd", "size"), [("pad", (64, 48)), ("crop", (62, 46))])
def test_odd_sizes_are_padded_or_cropped(movie, odd, size):
    framemill.write_video(movie, FRAMES[:, :47, :63], odd=odd)
    probed = probe(movie)
    assert (probed["width"], probed["height"]) == size


def test_odd_sizes_are_refused_on_request(movie):
    with pytest.raises(framemill.SettingsError, match="odd"):
        framemill.write_video(movie, FRAMES[:, :47, :63], odd="error")


def test_a_better_quality_makes_a_larger_movie(tmp_path):
    sizes = []
    for crf in (10, 23.5, 40):
        framemill.write_video(tmp_path / "m.mp4", FRAMES, crf=crf)
        sizes.append((tmp_path / "m.mp4").stat().st_size)
    assert sizes == sorted(sizes, reverse=True)


def test_max_size_is_kept(movie):
    frames = np.random.default_rng(6).integers(0, 256, (60, 96, 128), np.uint8)
    framemill.write_video(movie, frames, max_size="200kB")
    assert 150_000 < movie.stat().st_size <= 200_000


def test_lossless_yuv_keeps_the_converted_frames(movie):
    gray = FRAMES[..., 0]
    framemill.write_video(movie, gray, lossless=True)
    exact = np.rint(16 + gray * (219 / 255))
    luma = decode(movie, "gray")[..., 0] * (219 / 255) + 16
    assert np.abs(luma - exact).max() <= 1.5


UNKNOWN = {
    "prest": "there is no option 'prest'; did you mean 'preset'?",
    "CRF": "there is no option 'CRF'; did you mean 'crf'?",
    "bit_rate": "did you mean 'bitrate'?",
    "pix_fmt": "did you mean 'pixel_format'?",
    "quailty": "did you mean 'quality'?",
    "framerate": "did you mean 'fps'?",
    "color": "; the options are codec, crf, qp",
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_options_are_refused(movie, name):
    with pytest.raises(framemill.SettingsTypeError) as caught:
        framemill.VideoWriter(movie, **{name: 1})
    assert UNKNOWN[name] in str(caught.value)
    assert isinstance(caught.value, framemill.Error)
    assert isinstance(caught.value, TypeError)


VALUE, TYPE = framemill.SettingsError, framemill.SettingsTypeError
WRONG = [
    ({"crf": 60}, VALUE, "crf=60 is out of range: h264 takes 0 to 51"),
    ({"crf": "18"}, VALUE, "crf must be a number, not '18'"),
    ({"crf": True}, VALUE, "crf must be a number, not True"),
    ({"qp": 1.5}, VALUE, "qp must be a whole number, not 1.5"),
    ({"qp": -1}, VALUE, "qp must not be negative, but is -1"),
    ({"crf": 18, "qp": 20}, VALUE, "crf and qp cannot be combined"),
    ({"lossless": True, "bitrate": "1M"}, VALUE, "bitrate and lossless cannot be combined"),
    ({"bitrate": "fast"}, VALUE, 'bitrate="fast" is not valid: write bits per second as 4M, 800k or 4000000'),
    ({"bitrate": 0}, VALUE, "bitrate must be a number of bits per second"),
    ({"bitrate": float("nan")}, VALUE, "bitrate must be"),
    ({"max_size": -1}, VALUE, "max_size must be a number of bytes"),
    ({"maxrate": "1M"}, VALUE, "maxrate needs bufsize: give both, or neither"),
    ({"preset": "quick"}, VALUE, "preset"),
    ({"preset": "ultrafst"}, VALUE, "ultrafast"),
    ({"preset": 3.5}, TYPE, "preset must be a string, as in preset='fast', not 3.5"),
    ({"tune": "cartoon"}, VALUE, "tune"),
    ({"profile": "hihg"}, VALUE, "high"),
    ({"codec": "h265"}, VALUE, "codec"),
    ({"codec": None}, TYPE, "codec must be a string"),
    (
        {"codec": "mpeg4", "crf": 20},
        VALUE,
        "mpeg4 has no option crf: leave it out; its options are qp, bitrate, max_size",
    ),
    ({"codec": "ffv1"}, VALUE, "mkv"),
    ({"pixel_format": "yuv420"}, VALUE, "yuv420p"),
    ({"gop": 0}, VALUE, "gop=0 is out of range: h264 takes 1 to 100000"),
    ({"gop": 2.5}, VALUE, "gop must be a whole number of frames, not 2.5"),
    ({"threads": 100_000}, VALUE, "threads"),
    ({"threads": "all"}, VALUE, "threads must be a whole number of threads, not 'all'"),
    ({"background": "red"}, VALUE, "background"),
    ({"background": 7}, TYPE, "background must be a string, as in background='#ff8000', not 7"),
    ({"odd": "stretch"}, VALUE, "odd"),
    ({"odd": None}, TYPE, "odd must be a string"),
    ({"scale": 0.5}, VALUE, "scale must be (width, height) in pixels, as in (1920, 1080), not 0.5"),
    ({"scale": (0, 10)}, VALUE, "scale must be (width, height)"),
    ({"size": (640,)}, VALUE, "size must be (width, height) in pixels"),
    ({"size": "640x480"}, VALUE, "size must be (width, height) in pixels, as in (1920, 1080), not '640x480'"),
    ({"metadata": ["title"]}, TYPE, "metadata must be a dictionary, not ['title']"),
    ({"metadata": {"titel": "x"}}, VALUE, "title"),
    ({"x264_params": "bframes=0"}, TYPE, "x264_params must be a dictionary"),
    ({"container": "wmv"}, VALUE, "container"),
    ({"codec": "encoder:libnone"}, VALUE, "this build's FFmpeg has no encoder libnone: "),
    ({"fourcc": "toolong", "codec": "mpeg4", "container": "avi"}, VALUE, "fourcc"),
    ({"fps": 0}, VALUE, "0"),
    ({"fps": -5}, VALUE, "-5"),
    ({"fps": "fast"}, VALUE, "fast"),
    ({"fps": None}, TYPE, "fps must be a number, a Fraction, or a string such as '30000/1001', not None"),
    ({"fps": float("nan")}, TYPE, "fps must be"),
    ({"fps": True}, TYPE, "fps must be"),
    ({"lossless": "no"}, TYPE, "lossless must be True or False, not 'no'"),
    ({"quality": 30}, TYPE, "quality must be True or False, not 30"),
]


@pytest.mark.parametrize(("options", "error", "message"), WRONG, ids=lambda value: str(value)[:50])
def test_wrong_values_are_refused_before_the_first_frame(movie, options, error, message):
    with pytest.raises(error) as caught:
        framemill.VideoWriter(movie, **options)
    assert message in str(caught.value)
    assert isinstance(caught.value, framemill.Error)
    assert list(movie.parent.iterdir()) == []


@pytest.mark.parametrize(("output", "message"), [(7, "not int"), (None, "not NoneType"), (b"m.mp4", "not bytes")])
def test_an_output_is_a_path_or_has_a_write_method(output, message):
    with pytest.raises(framemill.SettingsTypeError, match=f"the output must be a path .*{message}"):
        framemill.VideoWriter(output)


def test_an_unknown_ending_is_refused(tmp_path):
    with pytest.raises(framemill.SettingsError, match="gif"):
        framemill.VideoWriter(tmp_path / "m.gif")


def test_wrong_settings_of_x264_are_refused_at_the_first_frame(movie):
    with pytest.raises(framemill.SettingsError, match=r'bfraems=0 .*did you mean "bframes"\?'):
        framemill.write_video(movie, FRAMES, x264_params={"bfraems": 0})
    with pytest.raises(framemill.SettingsError, match="bframes=lots"):
        framemill.write_video(movie, FRAMES, x264_params={"bframes": "lots"})
    assert list(movie.parent.iterdir()) == []


def test_every_option_is_documented_and_typed():
    for name in OPTIONS:
        assert f"\n{name} : " in inspect.getdoc(framemill.VideoWriter), name
    assert set(Options.__annotations__) | set(CommonOptions.__annotations__) == set(OPTIONS)


def test_an_error_names_its_option(movie):
    for options, option in [({"crf": 60}, "crf"), ({"max_size": "big"}, "max_size"), ({"preset": "fsat"}, "preset")]:
        with pytest.raises(framemill.SettingsError) as caught:
            framemill.VideoWriter(movie, **options)
        assert caught.value.option == option


def test_full_range_is_in_the_stream_and_in_the_pixels(movie):
    gray = np.repeat(np.arange(64, dtype=np.uint8)[None] * 4, 48, 0)
    framemill.write_video(movie, [gray] * 3, color_range="full", qp=0)
    assert probe(movie)["color_range"] == "pc"
    assert np.abs(decode(movie, "gray")[0, ..., 0].astype(int) - gray).max() <= 1


@pytest.mark.parametrize(
    ("fps", "expected"),
    [
        (Decimal("29.97"), "30000/1001"),
        (Decimal("12.5"), "25/2"),
        (Decimal(24), "24/1"),
        (np.array(30), "30/1"),
        (np.array(29.97), "30000/1001"),
        (np.float32(29.97), "30000/1001"),
        (np.array(29.97, "f4"), "30000/1001"),
        (np.int16(25), "25/1"),
        (Fraction(30_000, 1_001), "30000/1001"),
        ("24000/1001", "24000/1001"),
    ],
)
def test_frame_rates_are_exact(movie, fps, expected):
    framemill.write_video(movie, FRAMES[:2], fps=fps)
    assert probe(movie)["avg_frame_rate"] == expected


def test_times_may_be_decimals_and_arrays(movie):
    with framemill.VideoWriter(movie) as video:
        video.write(FRAMES[0], t=Decimal("0.5"))
        video.write(FRAMES[1], t=np.array(1.25))
        video.hold(Decimal(1))
    assert [time for time, _, _ in packets(movie)] == [0.5, 1.25]


def test_a_picture_beyond_ffmpegs_limit_is_refused_before_it_is_opened(movie):
    with pytest.raises(framemill.SettingsError, match=r"16384x16384 pixels is too large for FFmpeg: .* at most 16128"):
        framemill.VideoWriter(movie, size=(16_384, 16_384))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_writer_is_not_copied(movie, copied):
    with framemill.VideoWriter(movie) as video:
        video.write(FRAMES[0])
        with pytest.raises(TypeError, match="a VideoWriter cannot be copied or pickled"):
            copied(video)
