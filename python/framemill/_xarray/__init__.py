"""Movies of xarray's arrays.

`_arguments` checks the arguments. `_axes` finds the role of each dimension, `_reading` reads frames, and `_limits`
finds the values that the colors span. `_frame_style` decides how frames look, and `_frame_titles` makes the title of
each frame. `_drawing` has the functions that `framemill.render` calls.
"""
