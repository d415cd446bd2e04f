"""Tests movies of xarray arrays, and compares them with xarray's plots and Matplotlib's colors."""

import io
from concurrent.futures import ThreadPoolExecutor

import dask.array
import framemill
import framemill.xarray
import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from framemill._xarray import _reading
from framemill._xarray._frame_style import style_of_values
from framemill._xarray._frame_titles import titles
from framemill._xarray._limits import limits
from framemill._xarray._reading import ArrayFrames
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from PIL import Image
from reader import decode, difference, probe

EXACT = {"codec": "h264-rgb", "lossless": True}
DAYS = np.arange("2020-02-27", "2020-03-08", dtype="M8[D]")
VALUES = np.random.default_rng(4).normal(280, 10, (10, 12, 16))


@pytest.fixture(autouse=True)
def _small(_figures):
    mpl.rcParams["figure.dpi"] = 40


def temperature(values=VALUES, **coordinates):
    """Return ten days on a grid from south to north and from west to east."""
    return xr.DataArray(
        values,
        dims=("time", "lat", "lon"),
        coords={"time": DAYS, "lat": np.linspace(-55, 55, 12), "lon": np.linspace(0, 30, 16), **coordinates},
        attrs={"long_name": "Temperature", "units": "K"},
    )


def colors(seed=1, kind=np.uint8):
    return np.random.default_rng(seed).integers(0, 256, (10, 12, 16, 3)).astype(kind)


def plotted(array, number, title, **options):
    """Plot a frame with xarray and save it with Matplotlib."""
    figure = Figure()
    panel = figure.subplots()
    kind = options.pop("kind", "imshow")
    getattr(array[number].plot, kind)(ax=panel, **options)
    panel.set_title(title)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=figure.dpi)
    return np.asarray(Image.open(file).convert("RGB"))


def mapped(values, low, high, cmap="viridis"):
    """Color values with Matplotlib."""
    return mpl.colormaps[cmap](mpl.colors.Normalize(low, high)(values), bytes=True)[..., :3]


def test_frames_equal_the_plots_of_xarray(movie):
    array = temperature()
    stats = array.framemill.movie(movie, dim="time", fps=25, cmap="magma", vmin=260, vmax=300, segment=5, **EXACT)
    assert stats.frames == 10 and probe(movie)["avg_frame_rate"] == "25/1"
    seen = decode(movie)
    assert seen.shape == (10, 192, 256, 3)
    for number in (0, 3, 7):
        title = f"time = {DAYS[number]}"
        expected = plotted(array, number, title, cmap="magma", vmin=260, vmax=300, extend="both")
        assert difference(seen[number], expected) <= 2
    assert (stats.drawing.layered, stats.drawing.full) == (6, 4)


UNEVEN = {"lat": np.linspace(-1, 1, 12) ** 3}
CURVED = {"xc": (("lat", "lon"), np.add.outer(np.arange(12) / 4, np.arange(16.0)))}
CURVED["yc"] = (("lat", "lon"), np.add.outer(np.arange(12.0), np.arange(16) / 4))


@pytest.mark.parametrize(
    ("coordinates", "names"),
    [(UNEVEN, {}), (CURVED, {"x": "xc", "y": "yc"}), ({}, {"x": "lat", "y": "lon"})],
    ids=["uneven", "curved", "transposed"],
)
def test_grids_of_all_kinds_equal_the_plots_of_xarray(movie, coordinates, names):
    array = temperature(**coordinates)
    array.framemill.movie(movie, vmin=260, vmax=300, title="", **names, **EXACT)
    kind = "imshow" if names == {"x": "lat", "y": "lon"} else "pcolormesh"
    expected = plotted(array, 6, "", kind=kind, vmin=260, vmax=300, extend="both", **names)
    assert difference(decode(movie)[6], expected) <= 2


def test_limits_are_quantiles_and_the_color_bar_has_arrows(movie):
    array = temperature()
    array.framemill.movie(movie, **EXACT)
    low, high = np.quantile(VALUES, (0.02, 0.98))
    expected = plotted(array, 2, "time = 2020-02-29", vmin=low, vmax=high, extend="both", cmap="viridis")
    assert difference(decode(movie)[2], expected) <= 2


LOW, HIGH = float(VALUES.min()), float(VALUES.max())
TRIANGLES = [
    ({"vmin": LOW, "vmax": HIGH}, "neither", "neither"),
    ({"vmin": LOW + 1, "vmax": HIGH}, "min", "neither"),
    ({"vmin": LOW, "vmax": HIGH - 1}, "max", "neither"),
    ({"norm": LogNorm(260, 300)}, "both", "neither"),
    ({"vmin": LOW + 1, "quantiles": (0, 1)}, "min", "min"),
    ({"vmax": HIGH}, "min", "min"),
    ({"norm": LogNorm(vmax=HIGH - 1), "quantiles": (0, 0.5)}, "max", "max"),
]


@pytest.mark.parametrize(("options", "in_memory", "lazy"), TRIANGLES)
def test_the_color_bar_has_triangles_where_values_lie_beyond_the_limits(options, in_memory, lazy):
    given = {"cmap": None, "norm": None, "vmin": None, "vmax": None, "quantiles": (0.02, 0.98), **options}
    assert style_of_values(temperature(), **given).extend == in_memory
    computed = []
    blocks = dask.array.from_array(VALUES).map_blocks(
        lambda block: computed.append(1) or block, dtype=float, meta=np.empty((0, 0, 0))
    )
    assert style_of_values(temperature(blocks), **given).extend == lazy
    # With both limits, nothing is computed in advance.
    assert bool(computed) == (lazy != "neither")


def test_a_value_becomes_a_pixel(movie):
    array = temperature()
    array.framemill.movie(movie, labels=False, cmap="magma", vmin=260, vmax=300, **EXACT)
    # North is on top, as in a plot.
    assert difference(decode(movie), mapped(VALUES[:, ::-1], 260, 300, "magma")) == 0
    array[:, ::-1, ::-1].framemill.movie(movie, labels=False, cmap="magma", vmin=260, vmax=300, **EXACT)
    assert difference(decode(movie), mapped(VALUES[:, ::-1], 260, 300, "magma")) == 0


def test_rows_without_a_coordinate_start_at_the_top(movie):
    bare = xr.DataArray(VALUES, dims=("step", "row", "column"))
    bare.framemill.movie(movie, dim="step", labels=False, quantiles=(0, 1), **EXACT)
    assert difference(decode(movie), mapped(VALUES, VALUES.min(), VALUES.max())) == 0
    bare.framemill.movie(movie, dim="step", vmin=260, vmax=300, title="", **EXACT)
    expected = plotted(bare, 4, "", vmin=260, vmax=300, extend="both", yincrease=False)
    assert difference(decode(movie)[4], expected) <= 2


def test_pixels_are_squares_or_scaled(movie):
    array = temperature()
    array.framemill.movie(movie, labels=False, vmin=260, vmax=300, scale=np.int64(3), **EXACT)
    expected = mapped(VALUES[:, ::-1], 260, 300).repeat(3, 1).repeat(3, 2)
    assert difference(decode(movie), expected) == 0
    array.framemill.movie(movie, labels=False, scale=(64, 48))
    assert decode(movie).shape == (10, 48, 64, 3)


def test_missing_values_show_the_background(movie):
    values = VALUES.copy()
    values[:, 0, 0] = np.nan
    temperature(values).framemill.movie(movie, labels=False, background="#102030", **EXACT)
    assert difference(decode(movie)[:, -1, 0], [[0x10, 0x20, 0x30]]) == 0
    array = temperature(values)
    array.framemill.movie(movie, vmin=260, vmax=300, title="", **EXACT)
    assert difference(decode(movie)[5], plotted(array, 5, "", vmin=260, vmax=300, extend="both")) <= 2


def test_integers_and_bools_are_supported(movie):
    for kind in (np.int16, np.uint8, bool):
        values = (VALUES - 250).astype(kind)
        temperature(values).framemill.movie(movie, labels=False, vmin=0, vmax=60, **EXACT)
        assert difference(decode(movie), mapped(values[:, ::-1].astype(float), 0, 60)) == 0


def test_a_norm_decides_how_values_become_colors(movie):
    norm = LogNorm(vmin=250)
    temperature().framemill.movie(movie, labels=False, norm=norm, **EXACT)
    theirs = LogNorm(250, np.quantile(VALUES, 0.98))
    expected = [mpl.colormaps["viridis"](theirs(values[::-1]), bytes=True)[..., :3] for values in VALUES]
    assert difference(decode(movie), expected) == 0
    assert norm.vmax is None


@pytest.mark.parametrize("order", [("time", "y", "x", "band"), ("band", "time", "y", "x"), ("y", "band", "x", "time")])
@pytest.mark.parametrize("lazy", [False, True], ids=["memory", "dask"])
def test_arrays_of_colors(movie, order, lazy):
    array = xr.DataArray(colors(), dims=("time", "y", "x", "band")).transpose(*order)
    (array.chunk({"time": 4}) if lazy else array).framemill.movie(movie, labels=False, **EXACT)
    assert difference(decode(movie), colors()) == 0


COLORS = [
    (colors(kind=np.uint16) * 257, {}, colors()),
    ((colors() / 255).astype("f4"), {}, colors()),
    (colors(kind=float) * 10, {"vmin": 0, "vmax": 2550}, colors()),
    (colors(kind=np.int32) - 100, {"vmin": -100, "vmax": 155}, colors()),
    (colors() > 127, {}, (colors() > 127) * np.uint8(255)),
]


@pytest.mark.parametrize(("values", "options", "expected"), COLORS, ids=["uint16", "float", "span", "integers", "bool"])
def test_colors_of_other_types(movie, values, options, expected):
    array = xr.DataArray(values, dims=("time", "y", "x", "band"))
    array.framemill.movie(movie, labels=False, **options, **EXACT)
    assert difference(decode(movie), expected) <= (0 if "bool" in str(values.dtype) else 1)


def test_colors_with_labels_equal_the_plots_of_xarray(movie):
    array = xr.DataArray(colors() / 255, dims=("time", "y", "x", "band"), coords={"y": np.arange(12.0)})
    array[:, 2, 3] = np.nan
    array.framemill.movie(movie, title="", **EXACT)
    assert difference(decode(movie)[5], plotted(array, 5, "", x="x", y="y", rgb="band")) <= 2


def test_colors_out_of_their_range_are_named(movie):
    array = xr.DataArray(colors(kind=float), dims=("time", "y", "x", "band"))
    with pytest.raises(
        framemill.FrameError, match=r"frame 0: colors are of float64 and go from 1.0 to 255.0: give uint8"
    ):
        array.framemill.movie(movie)
    assert not movie.exists()


@pytest.mark.parametrize(("vmin", "vmax"), [(np.nan, 1.0), (0.0, np.inf), (2.0, 1.0)])
def test_impossible_limits_are_named(movie, vmin, vmax):
    message = f"vmin must not be above vmax, .* not vmin={vmin} and vmax={vmax}"
    with pytest.raises(framemill.SettingsError, match=message):
        temperature().framemill.movie(movie, vmin=vmin, vmax=vmax)
    assert not movie.exists()


class Counter:
    """Counts how often chunks are computed."""

    def __init__(self):
        self.chunks = {}

    def __call__(self, block, block_info=None):
        place = block_info[0]["chunk-location"]
        self.chunks[place] = self.chunks.get(place, 0) + 1
        return block


def test_chunks_are_computed_once_for_all_their_frames(movie):
    counter = Counter()
    lazy = dask.array.from_array(VALUES, chunks=(5, 6, 16)).map_blocks(counter, dtype=float, meta=np.empty((0, 0, 0)))
    array = temperature(lazy)
    array.framemill.movie(movie, labels=False, vmin=260, vmax=300, **EXACT)
    assert counter.chunks == {(0, 0, 0): 1, (0, 1, 0): 1, (1, 0, 0): 1, (1, 1, 0): 1}
    assert difference(decode(movie), mapped(VALUES[:, ::-1], 260, 300)) == 0


def test_large_chunks_are_computed_in_parts(monkeypatch):
    monkeypatch.setattr(_reading, "MAX_BYTES", 3 * VALUES[0].nbytes)
    frames = ArrayFrames(temperature(dask.array.from_array(VALUES, chunks=(8, 12, 16))))
    sizes = []
    for number in (0, 1, 2, 5, 6, 7, 8, 9, 0):
        assert (frames.read(number) == VALUES[number]).all()
        sizes.append((frames._first, len(frames._kept)))
    assert sizes == [(0, 3), (0, 3), (0, 3), (3, 3), (6, 2), (6, 2), (8, 2), (8, 2), (0, 3)]


class InAFile(xr.backends.BackendArray):
    """An array in a file that records which parts are read."""

    def __init__(self, values):
        self.shape, self.dtype, self.values, self.read = values.shape, values.dtype, values, []

    def __getitem__(self, key):
        part = self.values[key.tuple]
        self.read.append(part.shape)
        return part


@pytest.mark.parametrize("labels", [True, False])
def test_an_array_in_a_file_is_read_frame_by_frame(movie, labels):
    file = InAFile(VALUES)
    lazy = xr.Variable(("time", "lat", "lon"), xr.core.indexing.LazilyIndexedArray(file))
    array = xr.DataArray(lazy, coords=temperature().coords)
    array.framemill.movie(movie, labels=labels, **EXACT)
    assert len(decode(movie)) == 10
    assert {shape[-2:] for shape in file.read} == {(12, 16)}
    assert max(np.prod(shape) for shape in file.read) == 12 * 16


def test_chunks_of_a_file_are_read_once(movie):
    file = InAFile(VALUES)
    lazy = xr.Variable(("time", "lat", "lon"), xr.core.indexing.LazilyIndexedArray(file))
    array = xr.DataArray(lazy, coords=temperature().coords)
    # `open_dataset` sets this encoding.
    array.encoding = {"preferred_chunks": {"time": 4, "lat": 12, "lon": 16}}
    array.framemill.movie(movie, labels=False, vmin=260, vmax=300, **EXACT)
    assert file.read == [(4, 12, 16), (4, 12, 16), (2, 12, 16)]
    assert difference(decode(movie), mapped(VALUES[:, ::-1], 260, 300)) == 0


def test_limits_of_a_large_array_come_from_sampled_frames():
    values = dask.array.random.default_rng(1).normal(0, 1, (300, 128, 192), chunks=(10, 128, 192))
    read = []
    noted = values.map_blocks(lambda block: read.append(block.shape) or block, dtype=float, meta=np.empty((0, 0, 0)))
    low, high = limits(xr.DataArray(noted, dims=("time", "y", "x")), (0.02, 0.98))
    assert (low, high) == pytest.approx((-2.054, 2.054), abs=0.01)
    assert len(read) == 64
    # A trend over time needs the first and last frames. A trend over columns needs all columns.
    ramp = np.broadcast_to(np.arange(300.0)[:, None, None], (300, 128, 192)) + np.arange(192) / 192
    assert limits(xr.DataArray(ramp, dims=("time", "y", "x")), (0, 1)) == pytest.approx((0, 300), abs=0.01)


def test_limits_are_exact_for_a_small_array_and_ignore_missing_values():
    values = VALUES.copy()
    values[3] = np.nan
    values[4, 2] = np.inf
    finite = values[np.isfinite(values)]
    assert limits(temperature(values), (0.1, 0.7)) == tuple(np.quantile(finite, (0.1, 0.7)))


def test_another_process_draws_the_same_movie(tmp_path):
    array = temperature(dask.array.from_array(VALUES, chunks=(3, 12, 16)))
    for name, executor in (("here.mp4", None), ("there.mp4", 1)):
        array.framemill.movie(tmp_path / name, segment=4, executor=executor, progress=False)
    assert (tmp_path / "here.mp4").read_bytes() == (tmp_path / "there.mp4").read_bytes()


def test_threads_color_the_same_movie(tmp_path):
    with ThreadPoolExecutor(2) as threads:
        for name, executor in (("here.mp4", None), ("there.mp4", threads)):
            temperature().framemill.movie(tmp_path / name, labels=False, segment=2, executor=executor)
    assert (tmp_path / "here.mp4").read_bytes() == (tmp_path / "there.mp4").read_bytes()


@pytest.mark.parametrize("lazy", [False, True], ids=["memory", "dask"])
def test_segments_of_other_values_are_not_reused(tmp_path, lazy):
    def made(values):
        array = temperature(dask.array.from_array(values, chunks=(3, 12, 16)) if lazy else values)
        array.framemill.movie(
            tmp_path / "m.mp4", labels=False, vmin=260, vmax=300, segment=5, scratch=tmp_path / "scratch", **EXACT
        )
        return decode(tmp_path / "m.mp4")

    assert difference(made(VALUES), mapped(VALUES[:, ::-1], 260, 300)) == 0
    assert difference(made(VALUES + 1), mapped(VALUES[:, ::-1] + 1, 260, 300)) == 0


HOURS = np.arange("2020-01-01", "2020-01-02", 6, dtype="M8[h]").astype("M8[ns]")
COORDINATES = [
    (DAYS[:2], {}, ["2020-02-27", "2020-02-28"]),
    (HOURS[:2], {}, ["2020-01-01 00:00", "2020-01-01 06:00"]),
    (HOURS[:2] + np.timedelta64(1, "s"), {}, ["2020-01-01 00:00:01", "2020-01-01 06:00:01"]),
    (np.array([0, 36], "m8[h]").astype("m8[ns]"), {}, ["0 days 00:00:00", "1 days 12:00:00"]),
    ([0.1, 2 / 3], {"units": "s"}, ["0.1 s", "0.666667 s"]),
    ([3, 40], {}, ["3", "40"]),
    (["low", "high"], {"units": "none"}, ["low", "high"]),
]


@pytest.mark.parametrize(("values", "attributes", "expected"), COORDINATES, ids=lambda value: str(value)[:20])
def test_titles_contain_the_coordinate(values, attributes, expected):
    array = xr.DataArray(VALUES[:2], dims=("time", "y", "x"), coords={"time": ("time", values, attributes)})
    assert titles(array, "time", "{value}") == expected
    assert titles(array, "time", "{number}: {dim} {{a}}") == ["0: time {a}", "1: time {a}"]


DIFFERENT = [
    (DAYS[:3].astype("M8[us]") + np.arange(3), ["2020-02-27 00:00:00.000", "2020-02-28 00:00:00.000"]),
    (DAYS[0].astype("M8[ns]") + np.arange(3) * 1_000, ["2020-02-27 00:00:00.000000", "2020-02-27 00:00:00.000001"]),
    (DAYS[0].astype("M8[ns]") + np.arange(3) * 33_333_333, ["2020-02-27 00:00:00.000", "2020-02-27 00:00:00.033"]),
    (2460000.5 + np.arange(3), ["2460000.5", "2460001.5"]),
    (100000.1 + np.arange(3), ["100000.1", "100001.1"]),
    (1e-9 * np.arange(3), ["0", "1e-09"]),
    (1 + 2.0**-52 * np.arange(3), ["1", "1.0000000000000002"]),
]


@pytest.mark.parametrize(("values", "expected"), DIFFERENT, ids=lambda value: str(value)[:30])
def test_different_frames_have_different_titles(values, expected):
    array = xr.DataArray(VALUES[:3], dims=("time", "y", "x"), coords={"time": values})
    found = titles(array, "time", "{value}")
    assert found[:2] == expected and len(set(found)) == 3


FORMATS = [
    ([0.26, 2.0], "{value:.1f}", ["0.3", "2.0"]),
    (DAYS[:2], "{value:%d.%m.}", ["27.02.", "28.02."]),
    (DAYS[:2], "{value:.7}", ["2020-02", "2020-02"]),
    ([DAYS[0], np.datetime64("NaT")], "{value:%Y}", ["2020", "NaT"]),
    (DAYS[:2], "{value!r}", ["2020-02-27", "2020-02-28"]),
    ([3, 40], "{value:03d} {number:02d}", ["003 00", "040 01"]),
    (["low", "high"], "{value:>4}", [" low", "high"]),
]


@pytest.mark.parametrize(("values", "title", "expected"), FORMATS, ids=lambda value: str(value)[:20])
def test_formats_in_titles_apply_to_the_values(values, title, expected):
    array = xr.DataArray(VALUES[:2], dims=("time", "y", "x"), coords={"time": values})
    assert titles(array, "time", title) == expected


def test_titles_without_a_coordinate_contain_numbers():
    assert titles(xr.DataArray(VALUES[:2], dims=("t", "y", "x")), "t", "{dim} = {value}") == ["t = 0", "t = 1"]


DEEP = temperature().expand_dims(level=3)
REFUSED = [
    (
        temperature(),
        {"dim": "step"},
        r"no dimension 'step': give dim, one of 'time' \(10\), 'lat' \(12\), 'lon' \(16\)",
    ),
    (
        temperature()[0],
        {"dim": "lat"},
        r"without 'lat' the array has the dimension 'lon' \(16\), and a picture needs two: give an array with more",
    ),
    (
        temperature().expand_dims(level=5, run=2),
        {},
        r"dimensions 'level' \(5\), 'run' \(2\), 'lat' \(12\), 'lon' \(16\), .* as in array.isel\(level=0\)",
    ),
    (
        temperature().expand_dims(level=5),
        {},
        r"left for each frame, and 0 of them have 3 or 4 colors: give rgb, or select",
    ),
    (temperature()[:, :4].expand_dims(level=3), {}, "and 2 of them have 3 or 4 colors"),
    (DEEP, {"rgb": "lat"}, "rgb must be a dimension of 3 or 4 colors, not 'lat'"),
    (DEEP, {"cmap": "magma"}, "cmap and norm apply to values, but this array has colors"),
    (
        DEEP,
        {"vmin": 1},
        "an array of colors needs both vmin and vmax, with vmin < vmax, or neither of them, not vmin=1 and vmax=None",
    ),
    (temperature(), {"x": "longitude"}, "x must be a dimension or a coordinate, not 'longitude'"),
    (temperature()[:, 0, 0], {}, "without 'time' the array has no dimension, and a picture needs two"),
    (temperature()[:, :0], {}, r"a frame has no values, as its dimensions are 'lat' \(0\), 'lon' \(16\)"),
    (temperature(), {"x": "lat", "y": "lat"}, r"x and y are both 'lat': give two of 'lat' \(12\), 'lon' \(16\)"),
    (temperature(), {"x": "time"}, "x must be over 'lat' .*, and 'time' is not"),
    (temperature(VALUES + 1j), {}, "the array is of complex128: give bools, integers or floats"),
    (temperature(VALUES * np.nan), {}, "the array has no finite values, .*: give vmin and vmax"),
    (temperature(), {"quantiles": (0.9, 0.1)}, r"quantiles must be two shares from 0 to 1, .* not \(0.9, 0.1\)"),
    (temperature(), {"quantiles": 0.02}, "not 0.02"),
    (temperature(), {"cmap": "vridis"}, "cmap: 'vridis' is not"),
    (temperature(), {"norm": LogNorm(), "vmin": 1}, "give vmin and vmax to norm"),
    (temperature(), {"norm": "log"}, r"norm must be a norm of Matplotlib, .*LogNorm\(\), not 'log'"),
    (temperature(), {"vmin": "a"}, "vmin must be a number, not 'a'"),
    (DEEP, {"vmin": 0, "vmax": "b"}, "vmax must be a number, not 'b'"),
    (temperature(), {"figsize": 3}, r"figsize must be \(width, height\) in inches, as in \(8, 6\), not 3"),
    (temperature(), {"dpi": 0}, "dpi must be a number above 0, as in 150, not 0"),
    (temperature(), {"labels": "no"}, "labels must be True or False, not 'no'"),
    (
        temperature(),
        {"labels": False, "figsize": (8, 6), "dpi": 50, "title": "{value}"},
        "figsize and dpi and title cannot be combined with labels=False: each value is a pixel; set scale",
    ),
    (temperature(), {"title": "{value[x]}"}, "title may have"),
    (temperature(), {"title": "{value:.1f}"}, "title has the format '.1f', which does not fit '2020-02-27'"),
    (temperature(), {"title": "{number:%d}"}, "title has the format '%d', which does not fit '0'"),
    (
        temperature(),
        {"title": "{day}"},
        r"title may have \{dim\}, \{value\} and \{number\} in it, .* but it is '\{day\}'",
    ),
    (temperature(), {"scale": 2}, "scale=2 is for labels=False, from 1 on: with labels, set figsize and dpi"),
    (temperature(), {"scale": 0, "labels": False}, "scale=0 is for labels=False, from 1 on"),
    (temperature(), {"scale": "2", "labels": False}, r"scale must be a whole number, .*, or \(width, .*, not '2'"),
    (temperature(), {"scale": 2.5}, r"scale must be \(width, height\) of the movie in pixels, not 2.5"),
    (temperature()[:0], {}, "the dimension 'time' has the length 0"),
    (temperature(), {"bitrate": "1M"}, "bitrate cannot be combined with movie: a segment does not know"),
    (temperature(), {"robust": True}, "there is no option 'robust'; did you mean 'quantiles'"),
    (temperature(), {"cbar": True}, "there is no option 'cbar'; the options are dim, fps, cmap, vmin, .*, crf"),
    (temperature(), {"colormap": "magma", "vmix": 3}, "there is no option 'colormap'"),
    (temperature(), {"prest": "fast"}, "no option 'prest'; did you mean 'preset'"),
]


@pytest.mark.parametrize(
    ("array", "arguments", "message"), REFUSED, ids=lambda value: str(value)[:40].replace("\n", " ")
)
def test_errors_are_raised_before_anything_is_drawn(movie, array, arguments, message):
    with pytest.raises(framemill.Error, match=message):
        array.framemill.movie(movie, **arguments)
    assert list(movie.parent.iterdir()) == []


def test_a_file_object_is_refused():
    with pytest.raises(framemill.SettingsTypeError, match="the output must be a path: a movie is joined from segments"):
        temperature().framemill.movie(io.BytesIO())
