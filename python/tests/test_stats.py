"""Tests statistics in all their forms, and compares them with ffprobe."""

import json

import framemill
import numpy as np
import pytest
from reader import packets, run

FRAMES = np.random.default_rng(8).integers(0, 256, (40, 48, 64, 3), np.uint8)


@pytest.fixture
def written(movie):
    return movie, framemill.write_video(movie, FRAMES, fps=25, gop=15, quality=True)


def test_packets_equal_those_of_the_file(written):
    movie, stats = written
    seen = packets(movie)
    assert stats.packets["bytes"].tolist() == [row[2] for row in seen]
    assert stats.packets["seconds"] == pytest.approx([row[0] for row in seen])
    assert stats.packets["pts"] / 60_000 == pytest.approx([row[0] for row in seen])
    assert sorted(stats.packets["index"]) == list(range(40))
    kinds = json.loads(
        run("ffprobe", "-v", "error", "-show_entries", "frame=pict_type,key_frame", "-of", "json", movie)
    )
    shown = np.sort(stats.packets, order="seconds")
    assert shown["picture_type"].tolist() == [frame["pict_type"] for frame in kinds["frames"]]
    assert shown["keyframe"].tolist() == [bool(frame["key_frame"]) for frame in kinds["frames"]]


def test_packets_have_the_measured_values(written):
    _, stats = written
    assert (stats.packets["qp"] > 0).all()
    assert ((stats.packets["psnr"] > 15) & (stats.packets["psnr"] < 80)).all()
    assert ((stats.packets["ssim"] > 0.3) & (stats.packets["ssim"] <= 1)).all()
    assert (stats.packets["encoding_ns"] > 0).all()
    assert stats.packets["bytes"].sum() == stats.stream_bytes


def test_values_that_were_not_measured_are_nan(movie):
    stats = framemill.write_video(movie, FRAMES)
    assert np.isnan(stats.packets["psnr"]).all()
    assert stats.quality is None


def test_totals_are_attributes_and_a_dictionary(written):
    movie, stats = written
    assert (stats.frames, stats.seconds, stats.file_bytes) == (40, 1.6, movie.stat().st_size)
    assert stats.complete
    record = stats.to_dict()
    assert record["frames"] == 40
    assert sum(kind["packets"] for kind in record["types"].values()) == 40
    json.dumps(record)
    record["types"].clear()
    assert stats.types
    assert {"frames", "bits_per_second", "packets", "movie"} <= set(dir(stats))
    with pytest.raises(AttributeError, match="Stats has no 'frame': it has complete, frames"):
        _ = stats.frame


def test_statistics_describe_the_movie(written):
    movie, stats = written
    record = stats.movie
    assert (record["width"], record["height"], record["frame_rate"], record["codec"]) == (64, 48, "25", "h264")
    assert (record["output"], record["color_matrix"], record["color_range"]) == (str(movie), "bt709", "tv")


def test_statistics_are_available_during_encoding(movie):
    with framemill.VideoWriter(movie, preset="ultrafast", tune="zerolatency") as video:
        for count, frame in enumerate(FRAMES, 1):
            video.write(frame)
            assert video.stats.frames == count
            assert not video.stats.complete
            assert len(video.stats.packets) <= count
    assert len(video.stats.packets) == 40
    assert video.stats.complete


def test_the_table_is_readable(written):
    _, stats = written
    assert repr(stats).startswith("frames    40 in 1.600 s of movie")
    page = stats._repr_html_()
    assert page.startswith("<table><tr><th")
    assert "40 in 1.600 s of movie" in page
    assert page.count("<tr>") == len(repr(stats).splitlines())


def test_pandas_takes_packets(written):
    pandas = pytest.importorskip("pandas")
    _, stats = written
    table = pandas.DataFrame(stats.packets)
    assert table["bytes"].sum() == stats.stream_bytes
    assert table.groupby("picture_type")["bytes"].count().sum() == 40


@pytest.mark.parametrize("quality", [False, True])
def test_plots_return_figures(movie, quality):
    import matplotlib.pyplot as plt

    stats = framemill.write_video(movie, FRAMES, quality=quality)
    figure = stats.plot()
    labels = ["bytes per frame", "QP", "PSNR (dB)"][: 3 if quality else 2]
    assert [axes.get_ylabel() for axes in figure.axes] == labels
    points = sum(len(line.get_xdata()) for line in figure.axes[0].lines)
    assert points == 40
    assert plt.get_fignums() == []
    figure.savefig(movie.parent / "plot.png")


def test_plots_of_codecs_without_picture_types(tmp_path):
    for name, codec in (("m.mkv", "ffv1"), ("m.avi", "mjpeg")):
        figure = framemill.write_video(tmp_path / name, FRAMES, codec=codec).plot()
        assert sum(len(line.get_xdata()) for line in figure.axes[0].lines) == 40


def test_the_build_describes_itself():
    record = framemill.build_info()
    assert record["ffmpeg"][0].isdigit()
    assert {"libavcodec", "libavformat"} <= record["libraries"].keys()
    assert "GPL" in record["license"]
    assert framemill.__version__.count(".") == 2
