"""Cells under a microscope, as a camera of 12 bits sees them: a TIFF stack, cells.tif."""

import numpy as np
from PIL import Image

FRAMES, SIDE, CELLS = 90, 400, 34

random = np.random.default_rng(5)
place = random.uniform(0, SIDE, (CELLS, 2))
speed = random.normal(0, 0.4, (CELLS, 2))
radius = random.uniform(14, 25, CELLS)
light = random.uniform(500, 1300, CELLS)
divides = random.uniform(0, 150, CELLS)
rows, columns = np.mgrid[-40:41, -40:41]


def add_cell(image, row, column, size, brightness):
    """Draw a soft disk with a rim and a bright nucleus, as far as it lies in the image, which has a margin."""
    top, left = int(row), int(column)
    if 0 <= top <= SIDE and 0 <= left <= SIDE:
        distance = np.hypot(rows - row % 1, columns - column % 1) / size
        body = 0.6 / (1 + np.exp(8 * (distance - 1))) + 0.3 * np.exp(-(((distance - 0.92) / 0.14) ** 2))
        nucleus = 1.1 * np.exp(-((distance / 0.36) ** 4))
        image[top : top + 81, left : left + 81] += brightness * (body + nucleus)


pages = []
for frame in range(FRAMES):
    image = np.full((SIDE + 81, SIDE + 81), 170.0)
    for at, moves, size, brightness, time in zip(place, speed, radius, light, divides, strict=True):
        # A cell that divides becomes two smaller ones, which move apart.
        age = np.clip((frame - time) / 30, 0, 1)
        apart = 0.85 * size * age * np.array([np.sin(time), np.cos(time)])
        for side in (-1, 1):
            share = brightness * (0.5 + 0.4 * age)
            add_cell(image, *(at + moves * frame + side * apart), size * (1 - 0.24 * age), share)
    seen = image[40:-41, 40:-41]
    counted = seen + random.normal(0, 0.8, seen.shape) * np.sqrt(seen)
    pages.append(Image.fromarray(counted.clip(0, 4095).astype(np.uint16)))

pages[0].save("cells.tif", save_all=True, append_images=pages[1:])
