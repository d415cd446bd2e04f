"""Tests arrays of random shapes, strides and types: ffmpeg decodes exactly the levels that NumPy computes."""

import framemill
import numpy as np
import pytest
from reader import decode

DTYPES = ["u1", "?", "f2", "f4", "f8", "g", ">f4", ">f8", "<f4"]
DEEP = ["u2", ">u2", "f2", "f4", "f8", "g", ">f8"]
CASES = 60


def levels_of(array, deep=False):
    """Convert an array to levels with NumPy: multiply floats, add one half, and truncate."""
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind != "f":
        return array
    array = array.astype(np.float32) if array.dtype.itemsize == 2 else array.astype(array.dtype.newbyteorder("="))
    kind = array.dtype.type
    return (array * kind(65_535 if deep else 255) + kind(0.5)).astype(np.uint16 if deep else np.uint8)


def samples(random, shape, dtype):
    """Return random values, many of them next to a rounding boundary or to the ends of the range."""
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        return random.integers(0, 2 if dtype.kind == "b" else 2 ** (8 * dtype.itemsize), shape).astype(dtype)
    # Compute the boundaries of half floats in float32, because half floats would overflow.
    native = np.dtype("f4") if dtype.itemsize == 2 else dtype.newbyteorder("=")
    white = random.choice([255, 65_535])
    edges = ((random.integers(0, white, shape) + np.longdouble(0.5)) / white).astype(native)
    beside = np.nextafter(edges, random.integers(0, 2, shape).astype(native))
    ends = random.choice(np.array([0.0, -0.0, 1.0, np.nextafter(native.type(1), native.type(0)), 5e-324]), shape)
    which = random.integers(0, 4, shape)
    return np.choose(which, [random.random(shape), edges, beside, ends]).astype(dtype)


def view(random, dtype, size=None):
    """Return a random view into a larger array: axes in any order, perhaps reversed or with gaps."""
    height, width = size or random.integers(1, 40, 2)
    channels = random.choice([1, 3, 4])
    places = max(channels, random.integers(1, 5))
    skip, order = random.integers(1, 3, 2), random.permutation(3)
    whole = (height * skip[0] + 2, width * skip[1] + 2, places)
    array = samples(random, [whole[axis] for axis in order], dtype).transpose(np.argsort(order))
    top, left, first = random.integers(0, [3, 3, places - channels + 1])
    array = array[top:, left:, first:][: height * skip[0] : skip[0], : width * skip[1] : skip[1], :channels]
    backward = [slice(None, None, -1) if flip else slice(None) for flip in random.integers(0, 2, 3)]
    array = array[tuple(backward)]
    if channels == 4:
        # Make the pixels opaque, so that the samples do not change.
        white = 1 if np.dtype(dtype).kind in "fb" else np.iinfo(dtype).max
        array[..., 3] = white
    return array[..., 0] if channels == 1 and random.integers(0, 2) else array


def in_rgb(levels):
    levels = levels if levels.ndim == 3 else levels[..., None]
    return np.repeat(levels, 3, axis=2) if levels.shape[2] == 1 else levels[..., :3]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_movie_has_the_levels_that_numpy_computes(tmp_path, dtype):
    random = np.random.default_rng(7)
    size = (33, 50)
    frames = [view(random, dtype, size) for _ in range(CASES)]
    with framemill.VideoWriter(tmp_path / "m.mkv", codec="h264-rgb", lossless=True, preset="ultrafast") as video:
        for frame in frames:
            video.write(frame)
    for index, (frame, seen) in enumerate(zip(frames, decode(tmp_path / "m.mkv"), strict=True)):
        expected = in_rgb(levels_of(frame))
        assert np.array_equal(seen, expected), (index, frame.shape, frame.strides)


@pytest.mark.parametrize("dtype", DEEP)
def test_a_movie_of_16_bits_has_the_levels_that_numpy_computes(tmp_path, dtype):
    random = np.random.default_rng(8)
    frames = [view(random, dtype, (33, 50)) for _ in range(CASES)]
    with framemill.VideoWriter(tmp_path / "m.mkv", codec="ffv1", pixel_format="rgb48le") as video:
        for frame in frames:
            video.write(frame)
    for index, (frame, seen) in enumerate(zip(frames, decode(tmp_path / "m.mkv", "rgb48le"), strict=True)):
        expected = in_rgb(levels_of(frame, deep=True))
        assert np.array_equal(seen, expected), (index, frame.shape, frame.strides)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g"])
def test_floats_make_the_same_movie_as_the_levels_that_numpy_computes(tmp_path, dtype):
    random = np.random.default_rng(9)
    frames = [view(random, dtype, (30, 44)) for _ in range(CASES)]
    for frame in frames:
        if frame.ndim == 3 and frame.shape[2] == 4:
            frame[..., 3] = samples(random, frame.shape[:2], dtype)
    movies = []
    for name, of_frame in [("floats", lambda frame: frame), ("levels", levels_of)]:
        with framemill.VideoWriter(tmp_path / f"{name}.mkv", lossless=True, preset="ultrafast", threads=1) as video:
            for frame in frames:
                video.write(of_frame(frame))
        movies.append(decode(tmp_path / f"{name}.mkv"))
    assert len(movies[0]) == CASES
    assert np.array_equal(*movies)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1), (2, 3), (35, 70)])
@pytest.mark.parametrize("dtype", ["u1", "?", "f4", "f8"])
def test_small_and_odd_sizes_are_encoded_exactly(tmp_path, dtype, size):
    random = np.random.default_rng(10)
    frames = [view(random, dtype, size) for _ in range(CASES)]
    with framemill.VideoWriter(tmp_path / "m.mkv", codec="ffv1", pixel_format="bgr0") as video:
        for frame in frames:
            video.write(frame)
    for index, (frame, seen) in enumerate(zip(frames, decode(tmp_path / "m.mkv"), strict=True)):
        assert np.array_equal(seen, in_rgb(levels_of(frame))), (index, frame.shape, frame.strides)


BEYOND = {
    "nan": (np.nan, "nan"),
    "infinite": (np.inf, "inf"),
    "negative infinite": (-np.inf, "-inf"),
    "just above": ("above", "1.0"),
    "just below": ("below", "-"),
}


@pytest.mark.parametrize("kind", BEYOND)
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", "g"])
def test_an_invalid_float_is_named_with_its_position(movie, dtype, kind):
    value, shown = BEYOND[kind]
    native = np.dtype(dtype).newbyteorder("=").type
    value = {"above": np.nextafter(native(1), native(2)), "below": np.nextafter(native(0), native(-1))}.get(
        value, value
    )
    frames = np.full((2, 20, 30, 3), 0.25, dtype)
    frames[1, 13, 28, 2] = value
    with framemill.VideoWriter(movie) as video:
        video.write(frames[0])
        # Test the frame as it is, mirrored, and rotated by 180 degrees.
        for array, row, column in [
            (frames[1], 13, 28), (frames[1][:, ::-1], 13, 1), (frames[1][::-1, ::-1], 6, 1),
        ]:  # fmt: skip
            place = f"at row {row}, column {column} is not between"
            with pytest.raises(framemill.FrameError, match=f"(?i)^frame 1: {shown}.* {place}"):
                video.write(array)
        video.write(frames[0])
    assert video.stats.frames == 2


def test_a_refused_first_frame_does_not_open_the_movie(movie):
    with framemill.VideoWriter(movie) as video:
        with pytest.raises(framemill.FrameError, match="frame 0: 2 at row 0, column 0"):
            video.write(np.full((20, 30), 2.0))
        video.write(np.zeros((8, 10)))
    assert decode(movie).shape == (1, 8, 10, 3)


def test_views_of_a_memory_mapped_file_are_encoded(tmp_path):
    frames = np.memmap(tmp_path / "frames", np.uint8, "w+", shape=(3, 18, 26, 4))
    frames[:] = np.random.default_rng(2).integers(0, 256, frames.shape)
    with framemill.VideoWriter(tmp_path / "m.mkv", codec="h264-rgb", lossless=True) as video:
        for frame in frames:
            video.write(frame[..., :3])
        video.write(frames[2, ::-1, :, 2::-1])
    seen = decode(tmp_path / "m.mkv")
    assert np.array_equal(seen[:3], frames[..., :3])
    assert np.array_equal(seen[3], frames[2, ::-1, :, 2::-1])
