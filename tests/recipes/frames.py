"""Makes the frames of the recipes that people use today.

    frames.py RECIPE TRUTH    write the recipe's bytes to standard output, and the same pictures as raw RGB to TRUTH
"""

import io
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

RANDOM = np.random.default_rng(7)


def png_pictures():
    """Answer 2: figures saved as PNG into a pipe."""
    plt.figure()
    for _ in range(10):
        plt.imshow(RANDOM.standard_normal((100, 100)))
        png = io.BytesIO()
        plt.savefig(png, format="png")
        yield png.getvalue(), np.asarray(Image.open(png).convert("RGB"))


def bgra_arrays():
    """Answer 3: raw BGRA arrays."""
    rows, columns = np.mgrid[:120, :160]
    for frame in range(25):
        bgra = np.zeros((120, 160, 4), np.uint8)
        bgra[..., 0] = columns
        bgra[..., 1] = rows + frame * 4
        bgra[..., 2] = 255 - columns
        bgra[..., 3] = 255
        yield bgra.tobytes(), bgra[..., 2::-1]


def argb_canvas():
    """Answer 4: the raw ARGB bytes of a figure's canvas, 400 by 500 pixels, without axes."""
    figure = plt.figure(frameon=False, figsize=(4, 5), dpi=100)
    axes = figure.add_axes([0, 0, 1, 1])
    axes.axis("off")
    (line,) = axes.plot(np.linspace(0, 1, 50), np.zeros(50), linewidth=6)
    axes.set_ylim(-1.2, 1.2)
    for frame in range(30):
        line.set_ydata(np.sin(np.linspace(0, 6, 50) + frame / 5))
        figure.canvas.draw()
        rgba = np.asarray(figure.canvas.buffer_rgba())
        alpha = rgba[..., 3:] / 255
        over_white = np.rint(rgba[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
        yield rgba[..., [3, 0, 1, 2]].tobytes(), over_white


def gray_jpegs():
    """Answer 5: gray JPEG pictures from PIL."""
    rows, columns = np.mgrid[:100, :100]
    for frame in range(10):
        gray = np.uint8(127 + 120 * np.sin((rows + frame * 3) / 9) * np.cos(columns / 11))
        jpeg = io.BytesIO()
        Image.fromarray(gray).save(jpeg, "jpeg")
        yield jpeg.getvalue(), np.asarray(Image.open(jpeg).convert("RGB"))


def rgba_figures():
    """Answer 1: RGBA frames of an animation of noise, on a tight figure."""
    figure = plt.figure(figsize=(5, 5), dpi=100)
    axes = figure.add_subplot(111)
    image = axes.imshow(RANDOM.random((300, 300)), cmap="gray", interpolation="nearest")
    image.set_clim(0, 1)
    figure.tight_layout()
    for _ in range(12):
        image.set_data(RANDOM.random((300, 300)))
        figure.canvas.draw()
        rgba = np.asarray(figure.canvas.buffer_rgba())
        yield rgba.tobytes(), rgba[..., :3]


def main():
    recipes = [png_pictures, bgra_arrays, argb_canvas, gray_jpegs, rgba_figures]
    recipe = next(recipe for recipe in recipes if recipe.__name__ == sys.argv[1])
    with open(sys.argv[2], "wb") as truth:
        for frame, rgb in recipe():
            sys.stdout.buffer.write(frame)
            truth.write(np.ascontiguousarray(rgb).tobytes())


main()
