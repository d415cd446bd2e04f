"""A made-up planet turns in the sun: a map in the orthographic projection, pixel by pixel."""

import framemill
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

WIDTH, HEIGHT, FRAMES = 640, 400, 120
TERRAIN = [
    (0.00, "#0b2a4a"), (0.45, "#1f6f9f"), (0.535, "#5cb8c4"), (0.54, "#e6d8a3"),
    (0.58, "#7fae5b"), (0.72, "#3f7a45"), (0.86, "#8a7a63"), (1.00, "#ffffff"),
]  # fmt: skip
colors = LinearSegmentedColormap.from_list("terrain", TERRAIN)


def world(rows=512, columns=1024):
    """Heights from 0 to 1: waves in random directions through the sphere, so that no seam shows."""
    latitude, longitude = np.mgrid[np.pi / 2 : -np.pi / 2 : rows * 1j, 0 : 2 * np.pi : columns * 1j]
    place = np.stack([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)])
    random, height = np.random.default_rng(8), np.zeros_like(latitude)
    for size in 1.7 ** np.arange(2, 9):
        for direction in random.normal(0, 1, (9, 3)):
            wave = np.tensordot(direction * size, place, axes=1) + random.uniform(0, 2 * np.pi)
            height += np.sin(wave) / size**1.15
    return (height - height.min()) / np.ptp(height)


height = world()
slope = np.clip(1 + 8 * (np.roll(height, 2, 1) - height) + 8 * (np.roll(height, 2, 0) - height), 0.6, 1.4)
relief = np.where(height > 0.538, slope, 1)[..., None]
surface = (colors(height)[..., :3] * relief).clip(0, 1)
sky = np.full((HEIGHT, WIDTH, 3), (0.02, 0.03, 0.07))
random = np.random.default_rng(1)
sky[random.integers(0, HEIGHT, 260), random.integers(0, WIDTH, 260)] += random.uniform(0.1, 0.8, (260, 1))

# Each pixel's place on the sphere, seen from far away; its axis is tilted.
y, x = (np.mgrid[:HEIGHT, :WIDTH] - np.array([HEIGHT / 2, WIDTH / 2])[:, None, None]) / (0.44 * HEIGHT)
distance = np.hypot(x, y)
z = np.sqrt(np.clip(1 - distance**2, 0, None))
north, east = -y * np.cos(0.4) + z * np.sin(0.4), x
latitude = np.arcsin(north.clip(-1, 1))
longitude = np.arctan2(east, z * np.cos(0.4) + y * np.sin(0.4))
light = (0.12 + 1.05 * np.clip(-0.62 * x - 0.35 * y + 0.7 * z, 0, None))[..., None]
edge = np.clip((1 - distance) * 0.44 * HEIGHT, 0, 1)[..., None]
air = (np.exp(-np.abs(distance - 1) * 22) * np.clip(0.5 - 0.6 * x - 0.4 * y, 0, 1))[..., None] * (0.35, 0.6, 1)
grid = 15 * np.pi / 180


def line(angle):
    """How much of a pixel lies on a line of the grid."""
    return np.exp(-((((angle / grid + 0.5) % 1 - 0.5) * 34) ** 2))


parallels = line(latitude)
rows = ((0.5 - latitude / np.pi) * 511).round().astype(int)
with framemill.VideoWriter("globe.mp4", fps=24, crf=25, preset="slow") as video:
    for frame in range(FRAMES):
        turned = (longitude + 2 * np.pi * frame / FRAMES) % (2 * np.pi)
        ground = surface[rows, (turned / (2 * np.pi) * 1023).round().astype(int)]
        graticule = 0.16 * np.maximum(parallels, line(turned) * np.cos(latitude))[..., None]
        globe = (ground + graticule) * light
        video.write((sky * (1 - edge) + globe * edge + air * 0.55).clip(0, 1))
