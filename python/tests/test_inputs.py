"""Tests every kind of frame that `write` takes. ffmpeg decodes the movies."""

import ctypes
from pathlib import Path

import framemill
import numpy as np
import pytest
from framemill._frames import pixels_of
from PIL import Image
from reader import decode, difference, frame_count

HEIGHT, WIDTH = 36, 52
RANDOM = np.random.default_rng(3)
RGB = RANDOM.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
RGBA = RANDOM.integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8)
GRAY = RANDOM.integers(0, 256, (HEIGHT, WIDTH), np.uint8)
EXACT = {"codec": "h264-rgb", "lossless": True}


def written(movie, *frames, **options):
    """Write frames losslessly, and decode them with ffmpeg to RGB."""
    with framemill.VideoWriter(movie, **{**EXACT, **options}) as video:
        for frame in frames:
            video.write(frame)
    decoded = decode(movie)
    assert len(decoded) == len(frames)
    return decoded


def in_rgb(array, background=255):
    """Convert an 8-bit array to RGB, composited over the background."""
    array = np.asarray(array)
    if array.ndim == 2 or array.shape[2] == 1:
        return np.repeat(array.reshape(*array.shape[:2], 1), 3, axis=2)
    if array.shape[2] == 3:
        return array
    alpha = array[..., 3:] / 255
    return np.rint(array[..., :3] * alpha + background * (1 - alpha)).astype(np.uint8)


@pytest.mark.parametrize("frame", [GRAY, GRAY[..., None], RGB], ids=["gray", "one channel", "rgb"])
def test_uint8_is_kept_exactly(movie, frame):
    assert difference(written(movie, frame, frame)[1], in_rgb(frame)) == 0


def test_alpha_is_composited_over_the_background(movie):
    assert difference(written(movie, RGBA)[0], in_rgb(RGBA)) <= 1
    assert difference(written(movie, RGBA, background="#000000")[0], in_rgb(RGBA, 0)) <= 1


def test_bool_is_black_and_white(movie):
    frame = GRAY > 127
    assert difference(written(movie, frame)[0], in_rgb(frame * np.uint8(255))) == 0
    colors = RGB > 127
    assert difference(written(movie, colors)[0], colors * np.uint8(255)) == 0


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", ">f4", "g"])
@pytest.mark.parametrize("shape", [GRAY.shape, (*GRAY.shape, 1), RGB.shape])
def test_floats_from_0_to_1_become_the_nearest_level(movie, kind, shape):
    frame = RANDOM.random(shape).astype(kind)
    frame.flat[:3] = [0, 1, 0.5]
    expected = np.floor(frame.astype(np.float64) * 255 + 0.5).astype(np.uint8)
    # A half float has few bits.
    assert difference(written(movie, frame)[0], in_rgb(expected)) <= (kind == "f2")


def test_float_rgba_is_composited_over_the_background(movie):
    assert difference(written(movie, RGBA / 255)[0], in_rgb(RGBA)) <= 1


@pytest.mark.parametrize("kind", ["<u2", ">u2"])
@pytest.mark.parametrize("shape", [(HEIGHT, WIDTH), (HEIGHT, WIDTH, 3), (HEIGHT, WIDTH, 4)])
def test_uint16_becomes_8_bits(movie, kind, shape):
    frame = RANDOM.integers(0, 65_536, shape, np.uint16)
    if shape[-1] == 4:
        frame[..., 3] = 65_535
    expected = np.rint(frame / 257).astype(np.uint8)
    expected = in_rgb(expected if len(shape) == 2 else expected[..., :3])
    # swscale dithers 16 bits to 8.
    assert difference(written(movie, frame.astype(kind))[0], expected) <= 2


@pytest.mark.parametrize("kind", ["u2", "f4", "f2"])
def test_ten_bits_are_kept_on_request(movie, kind):
    levels = np.linspace(0, 1, WIDTH)[None].repeat(HEIGHT, axis=0)
    frame = np.rint(levels * 65_535).astype(np.uint16) if kind == "u2" else levels.astype(kind)
    with framemill.VideoWriter(movie, pixel_format="yuv444p10le", lossless=True) as video:
        video.write(frame)
    luma = decode(movie, "yuv444p10le")[0, 0]
    exact = 64 + 876 * np.float64(frame) / (65_535 if kind == "u2" else 1)
    assert np.abs(luma - exact).max() <= 1.5
    # The levels must not be 8-bit levels in 10 bits.
    assert len(np.unique(luma % 4)) == 4


PICTURES = {
    "L": Image.fromarray(GRAY),
    "RGB": Image.fromarray(RGB),
    "RGBA": Image.fromarray(RGBA),
    "LA": Image.fromarray(RGBA).convert("LA"),
    "P": Image.fromarray(RGB).quantize(64),
    "1": Image.fromarray(GRAY).convert("1"),
    "CMYK": Image.fromarray(RGB).convert("CMYK"),
}


@pytest.mark.parametrize("mode", PICTURES)
def test_pil_images_have_the_colors_that_pil_shows(movie, mode):
    picture = PICTURES[mode]
    assert picture.mode == mode
    shown = picture.convert("RGBA" if mode in ("LA", "RGBA") else "RGB")
    assert difference(written(movie, picture)[0], in_rgb(np.asarray(shown))) <= (mode in ("LA", "RGBA"))


# In premultiplied modes, PIL rounds the colors.
@pytest.mark.parametrize("mode", ["La", "PA", "RGBa", "RGBX", "YCbCr", "HSV", "palette of RGBA"])
def test_pil_images_of_rare_modes_have_the_colors_that_pil_shows(movie, mode):
    rgba = Image.fromarray(RGBA)
    if mode == "palette of RGBA":
        picture = rgba.quantize(64, method=Image.Quantize.FASTOCTREE)
        assert picture.palette.mode == "RGBA"
    elif mode == "PA":
        picture = PICTURES["P"].convert("PA")
        picture.putalpha(Image.fromarray(GRAY))
    else:
        sources = {"La": PICTURES["LA"], "YCbCr": PICTURES["RGB"], "HSV": PICTURES["RGB"]}
        picture = sources.get(mode, rgba).convert(mode)
    shown = (picture.convert("LA") if mode == "La" else picture).convert("RGBA")
    assert difference(written(movie, picture)[0], in_rgb(np.asarray(shown))) <= 1


def test_unsupported_pil_images_are_refused_with_a_hint(movie):
    lab = Image.new("LAB", (WIDTH, HEIGHT))
    with pytest.raises(framemill.FrameError, match=r"frame 0 is in mode LAB: make RGB of it with PIL\.ImageCms"):
        written(movie, lab)
    deep = Image.fromarray(RANDOM.integers(0, 65_536, (HEIGHT, WIDTH), np.uint16))
    deep.info["transparency"] = 7
    with pytest.raises(framemill.FrameError, match="frame 0 has a transparent value in mode I;16"):
        written(movie, deep)


def test_a_memoryview_of_pictures_makes_a_movie(movie):
    framemill.write_video(movie, memoryview(np.stack([RGB, RGB[::-1]])), **EXACT)
    assert difference(decode(movie), np.stack([RGB, RGB[::-1]])) == 0


@pytest.mark.parametrize("path", ["frames.npy", Path("frames.npy")])
def test_a_path_instead_of_frames_is_refused(movie, path):
    with pytest.raises(framemill.FrameTypeError, match=r"frames is the path 'frames\.npy': give the pictures"):
        framemill.write_video(movie, path)


def test_pil_images_of_16_bits(movie):
    frame = RANDOM.integers(0, 65_536, (HEIGHT, WIDTH), np.uint16)
    picture = Image.fromarray(frame)
    assert picture.mode == "I;16"
    assert difference(written(movie, picture)[0], in_rgb(np.rint(frame / 257).astype(np.uint8))) <= 2


@pytest.mark.parametrize("mode", ["L", "P", "RGB"])
def test_a_transparent_color_of_a_pil_image_shows_the_background(movie, mode):
    picture = PICTURES[mode].copy()
    corner = picture.getpixel((0, 0))
    picture.info["transparency"] = corner
    decoded = written(movie, picture, background="#102030")[0]
    assert tuple(decoded[0, 0]) == (0x10, 0x20, 0x30)
    assert difference(decoded, in_rgb(np.asarray(picture.convert("RGBA")), np.array([0x10, 0x20, 0x30]))) == 0


@pytest.mark.parametrize("mode", ["I", "F"])
def test_pil_images_of_unknown_range_are_refused(movie, mode):
    picture = Image.fromarray((GRAY * 200.0).astype(np.int32 if mode == "I" else np.float32))
    assert picture.mode == mode
    with pytest.raises(framemill.FrameError, match=r"frame 0[ :]"):
        written(movie, picture)


def test_a_figure_is_written_as_savefig_saves_it(movie):
    import io

    from matplotlib.figure import Figure

    figure = Figure(figsize=(3, 2), dpi=80)
    axes = figure.subplots()
    axes.plot([0, 1, 0.5], animated=True)
    axes.set_title("a title")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba")
    saved = np.frombuffer(buffer.getvalue(), np.uint8).reshape(160, 240, 4)[..., :3]
    canvas = figure.canvas
    assert difference(written(movie, figure, axes.figure)[1], saved) <= 1
    assert figure.canvas is canvas


def test_a_subfigure_is_written_as_its_whole_figure(movie):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 2), dpi=50)
    parts = figure.subfigures(1, 2)
    parts[0].subplots().plot([0, 1])
    decoded = written(movie, figure, parts[1])
    assert difference(decoded[0], decoded[1]) == 0


def test_a_figure_without_a_background_shows_that_of_the_movie(movie):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1, 1), dpi=40, frameon=False)
    figure.add_axes([0.5, 0, 0.5, 1], facecolor="red").axis("off")
    assert tuple(written(movie, figure, background="#0000ff")[0, 20, 5]) == (0, 0, 255)


class Interface:
    """An object that has only `__array_interface__`."""

    def __init__(self, array):
        self._array = array
        self.__array_interface__ = array.__array_interface__


class Dlpack:
    """An object that has only DLPack."""

    def __init__(self, array):
        self._array = array

    def __dlpack__(self, **keywords):
        return self._array.__dlpack__(**keywords)

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()


class Converts:
    """An object that has only `__array__`."""

    def __array__(self, dtype=None, copy=None):
        return RGB


OTHERS = {
    "memoryview": memoryview(RGB),
    "memoryview of a bytearray": memoryview(bytearray(RGB.tobytes())).cast("B", RGB.shape),
    "array over bytes": np.frombuffer(RGB.tobytes(), np.uint8).reshape(RGB.shape),
    "array over a bytearray": np.frombuffer(bytearray(RGB.tobytes()), np.uint8).reshape(RGB.shape),
    "read-only array": RGB.copy(),
    "ctypes": (ctypes.c_uint8 * 3 * WIDTH * HEIGHT).from_buffer_copy(RGB.tobytes()),
    "__array_interface__": Interface(RGB),
    "__array__": Converts(),
    "dlpack": Dlpack(RGB.copy()),
    "record of fields": RGB.view([("r", "u1"), ("g", "u1"), ("b", "u1")])[..., 0].view(np.uint8).reshape(RGB.shape),
    "masked without a mask": np.ma.masked_array(RGB),
    "fortran": np.asfortranarray(RGB),
}
OTHERS["read-only array"].flags.writeable = False


@pytest.mark.parametrize("kind", OTHERS)
def test_all_objects_with_pixels_are_supported(movie, kind):
    assert difference(written(movie, OTHERS[kind])[0], RGB) == 0


def test_a_matrix_is_a_gray_picture(movie):
    assert difference(written(movie, GRAY.view(np.matrix))[0], in_rgb(GRAY)) == 0


REFUSED = {
    "int64": (GRAY.astype(np.int64), framemill.FrameError, "frame 1 is of int64: give uint8, bool, uint16, or floats"),
    "nan": (np.full((HEIGHT, WIDTH), np.nan), framemill.FrameError, "frame 1: NaN at row 0, column 0 is not between"),
    "too bright": (GRAY * 1.0, framemill.FrameError, r"^frame 1: \d+ at row 0, column \d+ is .* from 0 to 255: scale"),
    "negative": (np.full((HEIGHT, WIDTH), -0.25), framemill.FrameError, "-0.25 at row 0, .* range from -0.25 to -0.25"),
    "infinite": (np.full((HEIGHT, WIDTH), np.inf), framemill.FrameError, "inf at row 0, .* range from inf to inf"),
    "two channels": (RGB[..., :2], framemill.FrameError, r"the shape \(36, 52, 2\): give \(height, width\)"),
    "channels first": (
        RGB.transpose(2, 0, 1),
        framemill.FrameError,
        r"shape \(3, 36, 52\): its channels come first; give layout=\"CHW\"",
    ),
    "several pictures": (memoryview(RGB[None]), framemill.FrameError, "that is several pictures; write them"),
    "one dimension": (RGB.tobytes(), framemill.FrameError, r"frame 1 has the shape \(5616,\)"),
    "no pixels": (RGB[:0], framemill.FrameError, "it has no pixels"),
    "another size": (RGB[:-2], framemill.FrameError, "frame 1 has 52x34 pixels, and the movie 52x36"),
    "masked": (np.ma.masked_array(GRAY, GRAY > 99), framemill.FrameError, "frame 1 has masked pixels"),
    "text": ("frame.png", framemill.FrameTypeError, "frame 1 is of the type str, which is no picture"),
    "none": (None, framemill.FrameTypeError, "NoneType"),
    "number": (7, framemill.FrameTypeError, "frame 1 is of the type int"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_refused_frame_leaves_the_movie_usable(movie, kind):
    frame, error, message = REFUSED[kind]
    with framemill.VideoWriter(movie, **EXACT) as video:
        video.write(RGB)
        with pytest.raises(error, match=message) as caught:
            video.write(frame)
        assert isinstance(caught.value, framemill.Error)
        assert isinstance(caught.value, TypeError if error is framemill.FrameTypeError else ValueError)
        video.write(RGB[::-1])
    decoded = decode(movie)
    assert difference(decoded, np.stack([RGB, RGB[::-1]])) == 0


def test_an_exception_of_the_frame_is_raised_unchanged(movie):
    class Broken:
        def __array__(self, dtype=None, copy=None):
            raise ZeroDivisionError("mine")

    with framemill.VideoWriter(movie) as video:
        video.write(RGB)
        with pytest.raises(ZeroDivisionError, match="mine"):
            video.write(Broken())
    assert frame_count(movie) == 1


def test_frames_may_change_as_soon_as_write_returns(movie):
    frame = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    with framemill.VideoWriter(movie, **EXACT) as video:
        for level in range(40):
            frame[...] = level
            video.write(frame)
    assert (decode(movie) == np.arange(40)[:, None, None, None]).all()


def test_scaled_movies_take_frames_of_any_size(movie):
    with framemill.VideoWriter(movie, scale=(32, 16)) as video:
        video.write(RGB)
        video.write(RGB[:20, :10])
    assert decode(movie).shape == (2, 16, 32, 3)


def test_arrays_that_the_converter_reads_directly_are_not_copied():
    picture = np.zeros((40, 60, 4), np.uint8)
    for view in (
        picture, picture[::-1], picture[3:20, 5:30], picture[::2], picture[..., ::-1], picture[..., :3],
        picture[..., 2::-1], picture[..., :3][2:9], picture[..., 0:1].base[..., :3][::-1],
    ):  # fmt: skip
        assert np.shares_memory(pixels_of(view, 0).memory, picture), view.strides
