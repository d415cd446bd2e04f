"""Reads movies with independent programs: ffmpeg and ffprobe."""

import json
import subprocess

import numpy as np

# The channels and the sample type of ffmpeg's raw output.
LAYOUTS = {
    "rgb24": (3, "u1"),
    "rgba": (4, "u1"),
    "gray": (1, "u1"),
    "rgb48le": (3, "<u2"),
    "yuv444p10le": (None, "<u2"),
}
EXACT = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"


def run(*command, data=None):
    done = subprocess.run([str(word) for word in command], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def probe(movie):
    """Return ffprobe's report about the movie's stream and container, with the number of decoded frames."""
    shown = run("ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", movie)
    answer = json.loads(shown)
    return {**answer["streams"][0], **answer["format"]}


def packets(movie):
    """Return each packet's pts and duration in seconds and its size, in file order."""
    shown = run("ffprobe", "-v", "error", "-show_packets", "-of", "json", movie)
    rows = json.loads(shown)["packets"]
    return [(float(row["pts_time"]), float(row["duration_time"]), int(row["size"])) for row in rows]


def decode(movie, pixel_format="rgb24"):
    """Decode all frames to (frames, height, width, channels), or (frames, planes, height, width) for planar formats."""
    answer = probe(movie)
    channels, kind = LAYOUTS[pixel_format]
    raw = run(
        "ffmpeg", "-v", "error", "-i", movie, "-fps_mode", "passthrough", "-sws_flags", EXACT,
        "-f", "rawvideo", "-pix_fmt", pixel_format, "-",
    )  # fmt: skip
    samples = np.frombuffer(raw, kind)
    if channels is None:
        return samples.reshape(-1, 3, answer["height"], answer["width"])
    return samples.reshape(-1, answer["height"], answer["width"], channels)


def frame_count(movie):
    return int(probe(movie)["nb_read_frames"])


def difference(a, b):
    """Return the largest difference between two pictures, in levels."""
    return int(np.abs(np.asarray(a).astype(np.int64) - np.asarray(b).astype(np.int64)).max())
