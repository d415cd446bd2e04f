"""Makes an MPEG-4 and an H.264 movie from the raw ARGB bytes of a Matplotlib canvas.

    python s4_argb_canvas.py    makes mpeg4.mp4 and h264.mp4
"""

import framemill
import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt


def main() -> None:
    # The plot alone, 400 by 500 pixels, without axes.
    figure = plt.figure(frameon=False, figsize=(4, 5), dpi=100)
    width, height = figure.canvas.get_width_height()
    axes = figure.add_axes([0, 0, 1, 1])
    axes.axis("off")
    x = np.linspace(0, 2 * np.pi, 200)
    (line,) = axes.plot(x, np.sin(x), linewidth=6)

    with (
        framemill.VideoWriter("mpeg4.mp4", fps=30, codec="mpeg4") as mpeg4,
        framemill.VideoWriter("h264.mp4", fps=30, background="#fff8e0") as h264,
    ):
        for frame in range(90):
            line.set_ydata(np.sin(x + frame / 10))
            figure.canvas.draw()
            argb = np.frombuffer(figure.canvas.tostring_argb(), np.uint8).reshape(height, width, 4)
            # Transparent pixels get the movie's background color. video.write(figure) does all of this for you.
            rgba = argb[..., [1, 2, 3, 0]]
            mpeg4.write(rgba)
            h264.write(rgba)
    print(h264.stats)


main()
