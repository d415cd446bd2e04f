"""What a figure of matplotlib's consists of."""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.figure import Figure, FigureBase
from matplotlib.image import AxesImage
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnchoredOffsetbox, AnnotationBbox
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle, Shadow
from matplotlib.quiver import QuiverKey
from matplotlib.spines import Spine
from matplotlib.table import Table
from matplotlib.text import Annotation, Text
from matplotlib.transforms import BboxBase

# They draw within their clip box, whatever they are given.
CLIPPED = (Line2D, Patch, Collection, AxesImage)
# Their place depends on other artists, or parts of them change without telling them.
UNTOLD = (AnchoredOffsetbox, Annotation, AnnotationBbox, FancyArrowPatch, QuiverKey, Shadow, Table)


class Anatomy:
    """The parts of a figure."""

    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        self.axes: list[Axes] = []
        # The artists that figures and axes draw one after the other.
        self.leaves: list[Artist] = []
        # Of these, the ones on which others depend.
        self.fixtures: set[Artist] = set()
        # Whether all axes draw so; those in space draw their walls by themselves.
        self.is_flat = True
        self._foreign_clips: set[Artist] = set()
        self._visit(figure)

    def _visit(self, container: Artist) -> None:
        patch: Any = getattr(container, "patch", None)
        for child in container.get_children():
            if isinstance(child, (Axes, FigureBase)):
                self.is_flat = self.is_flat and getattr(child, "name", "") != "3d"
                if isinstance(child, Axes):
                    self.axes.append(child)
                self._visit(child)
                continue
            self.leaves.append(child)
            if isinstance(child, (Axis, Spine)) or child is patch:
                self.fixtures.add(child)
            elif child.get_clip_path() is not None and isinstance(patch, Rectangle):
                self._foreign_clips.add(child)

    def tells(self, leaf: Artist) -> bool:
        """Whether it alone decides what it looks like, and is marked stale when that changes."""
        if isinstance(leaf, UNTOLD) or not _is_matplotlibs(leaf) or leaf in self._foreign_clips:
            return False
        if isinstance(leaf, Text) and leaf.get_bbox_patch() is not None:
            return False
        # Its own, and not what patches make of it.
        transform = Artist.get_transform(leaf)
        is_followed = transform.is_affine or (leaf.axes is not None and transform is leaf.axes.transData)
        return is_followed and leaf.get_agg_filter() is None

    def titles_of(self, leaf: Artist) -> tuple[Any, list[Text]] | None:
        """The axes that `leaf` is a title of, and all of their titles, which are lined up."""
        if isinstance(leaf, Text):
            axes: Any = leaf.axes
            titles = [getattr(axes, name, None) for name in ("title", "_left_title", "_right_title")]
            if leaf in titles:
                return axes, [title for title in titles if title is not None]
        return None

    def decides_layout(self, leaf: Artist) -> bool:
        """Whether axes may be laid out otherwise when it changes."""
        engine = self._figure.get_layout_engine()
        return engine is not None and not isinstance(engine, PlaceHolderLayoutEngine) and clip_box(leaf) is None


def clip_box(artist: Artist) -> BboxBase | None:
    """Pixels, from below, that it cannot leave; None where that is not known."""
    if not isinstance(artist, CLIPPED) or not _is_matplotlibs(artist) or not artist.get_clip_on():
        return None
    return None if artist.get_agg_filter() or artist.get_path_effects() else artist.get_clip_box()


def looks_for_its_place(artist: Artist) -> bool:
    """Whether it is a legend that looks for the best place beside what moves."""
    return isinstance(artist, Legend) and getattr(artist, "_loc_real", None) == 0


def _is_matplotlibs(artist: Artist) -> bool:
    return type(artist).__module__.startswith("matplotlib.")
