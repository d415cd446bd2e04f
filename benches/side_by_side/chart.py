"""Draws the chart of the comparison page: frames per second by preset and way, for the scene at 1080p."""

from pathlib import Path

import matplotlib

matplotlib.use("agg")
from matplotlib import pyplot
from matplotlib.axes import Axes

from .targets import SCENE
from .ways import Kind

# Readable on white and on GitHub's dark background.
TEXT = "#7d8590"
FACES = {
    Kind.FRAMEMILL: "#2f81f7",
    Kind.LIMIT: "none",
    Kind.PEER: "#8b949e",
    Kind.OTHER_CODEC: "#8b949e70",
}


def draw(results: dict, path: Path) -> None:
    """Write the chart to a file; the suffix of the path sets the format."""
    rows = [row for row in results["rows"] if row["case"] == SCENE] or results["rows"]
    presets = list(dict.fromkeys(row["preset"] for row in rows))
    ways = list(dict.fromkeys(row["way"] for row in rows))
    with pyplot.rc_context({"svg.fonttype": "path", "svg.hashsalt": "framemill", "font.size": 10, "text.color": TEXT}):
        size = (3.1 * len(presets) + 1.6, 0.34 * len(ways) + 1.0)
        figure, panels = pyplot.subplots(1, len(presets), figsize=size, sharey=True, squeeze=False)
        for axes, preset in zip(panels[0], presets, strict=True):
            bars(axes, preset, {row["way"]: row for row in rows if row["preset"] == preset}, ways)
        figure.supxlabel(f"frames per second, {rows[0]['case']} in BGRA, crf 23, median", fontsize=10)
        figure.tight_layout()
        # Without a date, the same results give the same file.
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, transparent=True, metadata=metadata)
        pyplot.close(figure)


def bars(axes: Axes, preset: str, rows: dict[str, dict], ways: list[str]) -> None:
    """Draw a panel with a bar for each way, the first way on top."""
    axes.set_title(preset, fontsize=11, color=TEXT)
    for place, way in enumerate(ways):
        if way not in rows:
            continue
        kind = Kind(rows[way]["kind"])
        fps = rows[way]["fps"]
        edge = TEXT if kind == Kind.LIMIT else "none"
        axes.barh(place, fps, height=0.72, color=FACES[kind], edgecolor=edge, linestyle="--")
        axes.annotate(f"{fps:.0f}", (fps, place), (4, 0), textcoords="offset points", va="center", color=TEXT)
    axes.set_yticks(range(len(ways)), ways)
    axes.set_ylim(len(ways) - 0.4, -0.6)
    axes.set_xlim(0, 1.16 * max(row["fps"] for row in rows.values()))
    axes.set_xticks([])
    axes.tick_params(axis="y", colors=TEXT, length=0)
    axes.spines[:].set_visible(False)
