"""The statistics of the encoder: numbers, arrays, tables, plots."""

from __future__ import annotations

import copy
import functools
import html
import json
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ._figures import Drawing


class RunStatistics(Protocol):
    """The statistics of a run: from the native part, or of a joined movie."""

    def stats(self) -> tuple[str, str, str]:
        """The movie and the run as JSON, and the run as a table."""

    def packets(self) -> bytes:
        """A row of `PACKET_DTYPE` for each packet."""


# A row of the native module's packets.
PACKET_DTYPE = np.dtype(
    [
        ("index", "<i8"),
        ("pts", "<i8"),
        ("dts", "<i8"),
        ("duration", "<i8"),
        ("bytes", "<i8"),
        ("second_bytes", "<i8"),
        ("seconds", "<f8"),
        ("picture_type", "<U1"),
        ("keyframe", "?"),
        ("qp", "<f8"),
        ("converting_ns", "<i8"),
        ("waiting_ns", "<i8"),
        ("encoding_ns", "<i8"),
        ("muxing_ns", "<i8"),
        ("psnr", "<f8"),
        ("psnr_1", "<f8"),
        ("psnr_2", "<f8"),
        ("psnr_3", "<f8"),
        ("ssim", "<f8"),
    ]
)


class Stats:
    """The statistics of a movie, complete or so far.

    Each key of the totals is an attribute: `stats.frames`, `stats.bits_per_second`, `stats.types["I"]`; see
    `docs/statistics.md` for all of them with their units. It is a snapshot: frames that are written later do not
    change it. It needs 141 bytes per packet.

    Attributes
    ----------
    movie : dict
        The properties of the movie: size, codec, settings, colors, versions.
    drawing : Drawing or None
        How figures were drawn, if frames are Matplotlib figures.
    packets : numpy.ndarray
        A structured array with a row for each packet, in decoding order: index, pts, dts, duration (ticks of
        `movie["time_base"]`), bytes, second_bytes (of the second that ends with it), seconds, picture_type, keyframe,
        qp, and four durations in nanoseconds (converting_ns, waiting_ns, encoding_ns, muxing_ns). With `quality=True`
        also psnr, psnr_1 to psnr_3 (of each plane, in dB) and ssim. Missing values are NaN.
        `pandas.DataFrame(stats.packets)` makes a table of it.

    Examples
    --------
    >>> import numpy as np, framemill
    >>> noise = np.random.default_rng(1).integers(0, 256, (25, 48, 64), np.uint8)
    >>> stats = framemill.write_video("noise.mp4", noise, fps=25)
    >>> stats.frames, stats.packets["bytes"].sum() == stats.stream_bytes
    (25, np.True_)
    >>> stats.to_dict()["seconds"]
    1.0
    """

    def __init__(self, watch: RunStatistics, drawing: Drawing | None = None) -> None:
        movie, run, self._table = watch.stats()
        self.drawing = drawing
        if drawing is not None:
            self._table += f"\ndrawing   {drawing}"
        self.movie: dict[str, Any] = json.loads(movie)
        self._run: dict[str, Any] = json.loads(run)
        # Packets are copied only on demand, because a loop may read the totals after each frame.
        self._watch, self._count = watch, self._run["packets"]

    @functools.cached_property
    def packets(self) -> NDArray[np.void]:
        """A row for each packet; see the class."""
        rows: NDArray[np.void] = np.frombuffer(self._watch.packets(), PACKET_DTYPE)[: self._count]
        return rows

    def __getstate__(self) -> dict[str, Any]:
        packets = self.packets
        return {**{name: value for name, value in self.__dict__.items() if name != "_watch"}, "packets": packets}

    def __getattr__(self, name: str) -> Any:
        run = self.__dict__.get("_run", {})
        if name in run:
            return run[name]
        raise AttributeError(f"Stats has no {name!r}: it has {', '.join(run)}, movie and packets")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._run]

    def to_dict(self) -> dict[str, Any]:
        """The totals as a dictionary: the `run` of `docs/statistics.md`."""
        return copy.deepcopy(self._run)

    def plot(self) -> Figure:
        """Draw bytes, quantizer and, where it was measured, PSNR over time.

        Returns
        -------
        matplotlib.figure.Figure
            A figure that pyplot does not manage: save it, or display it in a notebook.
        """
        from matplotlib.figure import Figure

        measured = bool(np.isfinite(self.packets["psnr"]).any())
        kinds = ["bytes", "qp", *(["psnr"] if measured else [])]
        figure = Figure(figsize=(8, 2.2 * len(kinds)), layout="constrained")
        axes = np.atleast_1d(figure.subplots(len(kinds), sharex=True))
        labels = {"bytes": "bytes per frame", "qp": "QP", "psnr": "PSNR (dB)"}
        for panel, kind in zip(axes, kinds, strict=True):
            for picture_type, color in (("B", "tab:green"), ("P", "tab:blue"), ("I", "tab:orange"), ("", "tab:gray")):
                rows = np.sort(self.packets[self.packets["picture_type"] == picture_type], order="seconds")
                if len(rows):
                    style = {"marker": ".", "linestyle": "none", "markersize": 4}
                    panel.plot(rows["seconds"], rows[kind], color=color, label=picture_type or "frames", **style)
            panel.set_ylabel(labels[kind])
        axes[0].legend(loc="upper right", ncols=4)
        axes[-1].set_xlabel("time (s)")
        return figure

    def __repr__(self) -> str:
        return self._table

    def _repr_html_(self) -> str:
        rows = []
        for line in self._table.splitlines():
            name, rest = line[:10].strip(), line[10:].strip()
            rows.append(f"<tr><th style='text-align:left'>{html.escape(name)}</th><td>{html.escape(rest)}</td></tr>")
        return f"<table>{''.join(rows)}</table>"
