"""Describes why a frame is drawn in full."""

from __future__ import annotations

import re

# For the beginning of the path of a changed attribute: the reason that users read. {} is the name of the axes.
REASONS_ON_AXES = {
    "._viewLim": "limits of {} changed",
    "._realViewLim": "limits of {} changed",
    ".xy_viewLim": "limits of {} changed",
    ".zz_viewLim": "limits of {} changed",
    "._children": "artists were added to or removed from {}",
    ".child_axes": "axes were added to or removed from {}",
    ".legend_": "the legend of {} was added, removed or replaced",
    ".title": "the title of {} was replaced",
    ".axison": "the axis of {} was switched on or off",
    "._frameon": "the frame of {} was switched on or off",
    "._position": "{} moved",
    "._originalPosition": "{} moved",
    "._axes_locator": "{} moved",
    "._aspect": "the aspect of {} changed",
    ".patch": "the background of {} changed",
    ".spines": "a spine of {} changed",
    ".xaxis.label": "the x label of {} changed",
    ".yaxis.label": "the y label of {} changed",
    ".xaxis": "x ticks of {} changed",
    ".yaxis": "y ticks of {} changed",
    "._axis_map": "ticks of {} changed",
    ".transScale": "a scale of {} changed",
    ".cla": "the color bar of {} changed",
}
REASONS_ON_FIGURES = {
    "._localaxes": "axes were added or removed",
    ".subfigs": "subfigures were added or removed",
    "._dpi": "the figure's resolution changed",
    ".dpi_scale_trans": "the figure's resolution changed",
    ".bbox": "the figure's size changed",
    ".subplotpars": "the figure's layout changed",
    "._layout_engine": "the figure's layout engine changed",
}
LISTS = re.compile(r"\.(artists|lines|patches|texts|images|legends)$")


def reason_of(place: str) -> str:
    """Describe a change from its location, as in `axes 0._viewLim._points`."""
    name, dot, rest = place.partition(".")
    attribute = dot + rest
    axes, colon, _ = name.partition(": ")
    if colon:
        return f"something in {axes} changed, which is always drawn as a whole"
    if name.startswith("axes "):
        for begin, words in REASONS_ON_AXES.items():
            if attribute.startswith(begin):
                return words.format(name)
    if name in ("the figure", "a subfigure"):
        if LISTS.match(attribute):
            return "artists were added to or removed from the figure"
        for begin, words in REASONS_ON_FIGURES.items():
            if attribute.startswith(begin):
                return words
    # Names that begin with _ mean nothing to users.
    return f"{place.partition('._')[0]} changed"
