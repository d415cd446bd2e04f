"""Movies for the browser tests, by codec and container. The installed wheel may lack some encoders."""

import os
from contextlib import contextmanager
from pathlib import Path

import framemill
import numpy as np
import pytest
from reader import run

# The tests of the library build this program. It links the system's FFmpeg, which has all encoders.
PROGRAM = Path(__file__).resolve().parents[2] / "target" / os.environ.get("BUILT", "release") / "framemill"

# For each codec: a container, FFmpeg's name of the codec, and the default pixel format.
CODECS = {
    "h264": ("mp4", "h264", "yuv420p"),
    "h264-rgb": ("mp4", "h264", "gbrp"),
    "hevc": ("mp4", "hevc", "yuv420p"),
    "av1": ("webm", "av1", "yuv420p"),
    "vp9": ("webm", "vp9", "yuv420p"),
    "mpeg4": ("avi", "mpeg4", "yuv420p"),
    "xvid": ("avi", "mpeg4", "yuv420p"),
    "mjpeg": ("avi", "mjpeg", "yuvj420p"),
    "prores": ("mov", "prores", "yuv422p10le"),
    "ffv1": ("mkv", "ffv1", "bgr0"),
    "png": ("mov", "png", "rgb24"),
    "qtrle": ("mov", "qtrle", "rgb24"),
}
# Movies that `framemill.show` shows, because browsers play them: name and options.
PLAYED = {
    "h264 in mp4": ("m.mp4", {"codec": "h264"}),
    "h264 in mov": ("m.mov", {"codec": "h264"}),
    "vp9 in webm": ("m.webm", {"codec": "vp9"}),
    "vp9 with alpha in webm": ("m.webm", {"codec": "vp9", "alpha": "keep"}),
    "vp9 of 10 bits in webm": ("m.webm", {"codec": "vp9", "pixel_format": "yuv420p10le"}),
    "vp9 in mp4": ("m.mp4", {"codec": "vp9"}),
    "av1 in webm": ("m.webm", {"codec": "av1"}),
    "av1 of 10 bits in webm": ("m.webm", {"codec": "av1", "pixel_format": "yuv420p10le"}),
    "av1 in mp4": ("m.mp4", {"codec": "av1"}),
    "av1 of 10 bits in mp4": ("m.mp4", {"codec": "av1", "pixel_format": "yuv420p10le"}),
}
# Movies that only Chromium plays: name, options, and the description by `framemill.show`.
PLAYED_BY_CHROMIUM = {
    "h264 in mkv": ("m.mkv", {"codec": "h264"}, "mkv"),
    "h264 in yuv444p": ("m.mp4", {"codec": "h264", "pixel_format": "yuv444p"}, "h264 in yuv444p"),
    "h264-rgb": ("m.mp4", {"codec": "h264-rgb"}, "h264 in gbrp"),
    "vp9 in yuv444p": ("m.webm", {"codec": "vp9", "pixel_format": "yuv444p"}, "vp9 in yuv444p"),
}
# Movies that Debian's Chromium does not play. Other browsers play hevc if the graphics card decodes it.
NOT_PLAYED = {
    "hevc": ("m.mp4", {"codec": "hevc"}, "hevc in mp4"),
    "mpeg4": ("m.mp4", {"codec": "mpeg4"}, "mpeg4 in mp4"),
    "xvid in avi": ("m.avi", {"codec": "xvid"}, "avi"),
    "mjpeg": ("m.mov", {"codec": "mjpeg"}, "mjpeg in mov"),
    "prores": ("m.mov", {"codec": "prores", "alpha": "keep"}, "prores in mov"),
    "png": ("m.mov", {"codec": "png", "alpha": "keep"}, "png in mov"),
    "qtrle": ("m.mov", {"codec": "qtrle", "alpha": "keep"}, "qtrle in mov"),
    "ffv1": ("m.mkv", {"codec": "ffv1", "alpha": "keep"}, "mkv"),
    "ffv1 in mov": ("m.mov", {"codec": "ffv1"}, "ffv1 in mov"),
}


@contextmanager
def skipping_missing_encoders():
    """Skip the test if the installed wheel lacks an encoder, as a wheel of FLAVOR=small does."""
    try:
        yield
    except framemill.SettingsError as error:
        if "has no encoder" not in str(error):
            raise
        pytest.skip(str(error))


def encode(path, frames, fps="30", **options):
    """Encode uint8 RGBA or RGB frames with the wheel, or with the program if the wheel lacks the encoder."""
    try:
        framemill.write_video(path, frames, fps=fps, progress=False, **options)
    except framemill.SettingsError as error:
        if "has no encoder" not in str(error):
            raise
        if not PROGRAM.exists():
            pytest.skip(f"{error}, and {PROGRAM} is not built")
        encode_by_program(path, np.stack(frames), fps, options)


def encode_by_program(path, frames, fps, options):
    _, height, width, channels = frames.shape
    pixel_format = {3: "rgb24", 4: "rgba"}[channels]
    words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    run(
        PROGRAM, "encode", "-q", "-f", pixel_format, "-s", f"{width}x{height}", "-r", fps, *words, "-o", path,
        data=frames.tobytes(),
    )  # fmt: skip
