"""Makes an AVI with one frame per second from PNG pictures.

    python s2_png_pictures.py    makes test.avi
"""

import io

import framemill
import matplotlib as mpl
import numpy as np
from PIL import Image

mpl.use("Agg")
import matplotlib.pyplot as plt


def png_pictures(count):
    random = np.random.default_rng(1)
    for _ in range(count):
        figure = plt.figure()
        plt.imshow(random.standard_normal((100, 100)))
        png = io.BytesIO()
        figure.savefig(png, format="png")
        plt.close(figure)
        yield png


def main() -> None:
    with framemill.VideoWriter("test.avi", fps=1, codec="mpeg4") as video:
        for png in png_pictures(10):
            # If you still have the figure, use video.write(figure), and you need no PNG.
            video.write(Image.open(png))
    print(video.stats)


main()
