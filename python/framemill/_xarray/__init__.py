"""Movies of xarray's arrays.

`_axes` finds out which dimension is what, `_reading` reads frames, and `_limits` finds the values that the colors span.
`_frame_style` decides how frames look, and `_frame_titles` makes what stands above each frame. `_drawing` has the
functions that `framemill.render` calls.
"""
