"""Measures how much faster two workers draw frames than one: for two slow figures and a fast one.

    .venv-tests/bin/python benches/render.py [ROUNDS]

Needs loky, and distributed for the Dask column. Each round makes every movie once with each executor. The table has the
median frames per second without an executor, and the speed of each executor as a multiple of it, as the median over the
rounds. "bound" compares two processes that each draw half of the frames with one that draws all; they encode nothing.
"""

import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import framemill
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

FRAMES = 120
SEGMENT = 15


def surface() -> Figure:
    figure = Figure(figsize=(6.4, 4.8))
    axes = figure.add_subplot(projection="3d")
    y, x = np.mgrid[-3:3:60j, -3:3:60j]
    axes.plot_surface(x, y, np.sin(x * x + y * y), cmap="viridis")
    return figure


def turn(figure: Figure, frame: int) -> None:
    figure.axes[0].view_init(30, 3 * frame)


def scrolling() -> Figure:
    figure = Figure(figsize=(6.4, 4.8))
    axes = figure.subplots()
    axes.plot(np.arange(2_000), np.sin(np.arange(2_000) / 9))
    axes.grid()
    return figure


def scroll(figure: Figure, frame: int) -> None:
    figure.axes[0].set_xlim(10 * frame, 10 * frame + 400)


def line() -> Figure:
    figure = Figure(figsize=(6.4, 4.8))
    axes = figure.subplots()
    axes.plot(np.arange(400), np.zeros(400))
    axes.set(ylim=(-1, 1), title="one line")
    return figure


def wave(figure: Figure, frame: int) -> None:
    figure.axes[0].lines[0].set_ydata(np.sin(np.arange(400) / 20 + frame / 10))


# By figure: its functions and the number of frames. The line is drawn from layers, at hundreds of frames per second.
FIGURES = {
    "3-D surface": (surface, turn, FRAMES),
    "scrolling": (scrolling, scroll, FRAMES),
    "line": (line, wave, 3_000),
}


def draw_only(name: str, part: int, parts: int) -> None:
    """Draw every `parts`-th frame of a figure, without encoding. Runs in a separate process."""
    setup, move, frames = FIGURES[name]
    figure = setup()
    canvas = FigureCanvasAgg(figure)
    print("ready", flush=True)
    sys.stdin.readline()
    for frame in range(part, frames, parts):
        move(figure, frame)
        canvas.draw()


def bound(name: str, parts: int) -> float:
    """Return the seconds that this many processes take to draw all frames."""
    command = [sys.executable, __file__, "draw", name]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen([*command, str(part), str(parts)], **pipes) for part in range(parts)]
    for process in processes:
        process.stdout.readline()
    before = time.perf_counter()
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        process.wait()
    return time.perf_counter() - before


def seconds(name: str, folder: str, executor: object) -> float:
    setup, move, frames = FIGURES[name]
    segment = SEGMENT if frames == FRAMES else 250
    before = time.perf_counter()
    framemill.render(move, frames, Path(folder, "m.mp4"), setup=setup, segment=segment, executor=executor)
    return time.perf_counter() - before


def main(rounds: int = 3) -> None:
    import loky

    executors = {"none": None, "loky, 1": loky.ProcessPoolExecutor(1), "loky, 2": loky.ProcessPoolExecutor(2)}
    try:
        from distributed import Client, LocalCluster

        executors["Dask, 2"] = Client(LocalCluster(2, threads_per_worker=1, dashboard_address=None))
    except ImportError:
        print("Dask is left out: distributed is not installed")
    print(f"{'figure':14}{'frames/s':>16}", *(f"{name:>9}" for name in [*list(executors)[1:], "2", "bound"]))
    with tempfile.TemporaryDirectory() as folder:
        for figure in FIGURES:
            speeds, parts = [], []
            for executor in executors.values():
                # Warm up: each worker imports Matplotlib in its first movie.
                seconds(figure, folder, executor)
            for _ in range(rounds):
                times = {name: seconds(figure, folder, executor) for name, executor in executors.items()}
                times["2"] = seconds(figure, folder, 2)
                speeds.append(FIGURES[figure][2] / times["none"])
                ratios = {name: times["none"] / taken for name, taken in times.items()}
                ratios["bound"] = bound(figure, 1) / bound(figure, 2)
                parts.append(ratios)
            medians = {name: statistics.median(part[name] for part in parts) for name in parts[0]}
            shown = (f"{medians[name]:9.2f}" for name in medians if name != "none")
            print(f"{figure:14}{statistics.median(speeds):16.1f}", *shown, flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["draw"]:
        draw_only(sys.argv[2], *map(int, sys.argv[3:]))
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            main(*map(int, sys.argv[1:]))
