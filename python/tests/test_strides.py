"""Tests views with all kinds of strides and types. ffmpeg decodes the movies."""

import framemill
import numpy as np
import pytest
from reader import decode, difference
from test_inputs import EXACT, in_rgb

SIDE = 40
VIEWS = {
    "as it lies": lambda a: a,
    "upside down": lambda a: a[::-1],
    "mirrored": lambda a: a[:, ::-1],
    "turned by 180 degrees": lambda a: a[::-1, ::-1],
    "cropped": lambda a: a[3:29, 5:31],
    "cropped to the last pixel": lambda a: a[6:, 8:],
    "cropped upside down": lambda a: a[30:3:-1, 5:31],
    "every second row": lambda a: a[::2],
    "every second row upside down": lambda a: a[::-2],
    "every second pixel": lambda a: a[:, ::2],
    "every third of both": lambda a: a[::3, ::3],
    "transposed": lambda a: a.swapaxes(0, 1),
    "turned": np.rot90,
    "fortran": np.asfortranarray,
    "one row everywhere": lambda a: np.broadcast_to(a[:1], a.shape),
    "one column everywhere": lambda a: np.broadcast_to(a[:, :1], a.shape),
    "one pixel everywhere": lambda a: np.broadcast_to(a[:1, :1], a.shape),
    "one row": lambda a: a[7:8],
    "one column": lambda a: a[:, 7:8],
    "a column upside down": lambda a: a[::-1, 7:8],
    "one pixel": lambda a: a[5:6, 9:10],
    "rolling windows": lambda a: np.lib.stride_tricks.sliding_window_view(a, 30, axis=0)[:, :, ..., 0],
    "from the middle of a stack": lambda a: np.stack([a, a[::-1], a])[1],
    "at an odd address": lambda a: np.frombuffer(b"\0" + a.tobytes(), np.uint8)[1:].view(a.dtype).reshape(a.shape),
}
CHANNELS = {
    "gray": (None, lambda a: a),
    "one of three": (3, lambda a: a[..., 1]),
    "one of three, kept": (3, lambda a: a[..., 1:2]),
    "rgb": (3, lambda a: a),
    "bgr": (3, lambda a: a[..., ::-1]),
    "rgb of rgba": (4, lambda a: a[..., :3]),
    "bgr of rgba": (4, lambda a: a[..., 2::-1]),
    "rgb of argb": (4, lambda a: a[..., 1:]),
    "bgr of abgr": (4, lambda a: a[..., :0:-1]),
    "rgba": (4, lambda a: a),
    "abgr": (4, lambda a: a[..., ::-1]),
    "chosen": (4, lambda a: a[..., [2, 1, 0]]),
    "one gray as three": (None, lambda a: np.broadcast_to(a[..., None], (*a.shape, 3))),
    "planes": (3, lambda a: np.ascontiguousarray(a.transpose(2, 0, 1)).transpose(1, 2, 0)),
}
KINDS = {
    "uint8": lambda levels: levels.astype(np.uint8),
    "bool": lambda levels: levels > 127,
    "uint16": lambda levels: levels.astype(np.uint16) * 257,
    "big-endian uint16": lambda levels: (levels.astype(np.uint16) * 257).astype(">u2"),
    "float32": lambda levels: (levels / 255).astype(np.float32),
    "float64": lambda levels: levels / 255,
}


def eight_bits(array):
    if array.dtype == np.bool_:
        return array * np.uint8(255)
    if array.dtype.kind == "f":
        return np.rint(array * 255).astype(np.uint8)
    return array if array.dtype == np.uint8 else (array // 257).astype(np.uint8)


@pytest.mark.parametrize("name", VIEWS)
def test_views_are_encoded_correctly(tmp_path, name):
    movie, shown = tmp_path / "movie.mkv", []
    with framemill.VideoWriter(movie, preset="ultrafast", **EXACT) as video:
        for kind, of_levels in KINDS.items():
            for channels, (count, choose) in CHANNELS.items():
                shape = (SIDE, SIDE) if count is None else (SIDE, SIDE, count)
                whole = of_levels(np.random.default_rng(11).integers(0, 256, shape))
                array = choose(VIEWS[name](whole))
                video.write(array)
                # Compositing rounds once more, and swscale dithers 16-bit samples.
                limit = 2 if "16" in kind else int(channels in ("rgba", "abgr"))
                shown.append((f"{channels} of {kind}", in_rgb(eight_bits(np.array(array))), limit))
    for (what, expected, limit), seen in zip(shown, decode(movie), strict=True):
        assert difference(seen, expected) <= limit, what
