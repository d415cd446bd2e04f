"""Movies of xarray's arrays.

`_axes` finds out which dimension is what, `_reading` reads frames, `_limits` finds the values that the colors span, for
`_look`, and `_titles` makes what stands above each frame. `_drawing` has the functions that `framemill.render` calls.
"""
