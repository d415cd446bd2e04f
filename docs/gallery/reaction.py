"""Two substances react and spread, and corals grow: the model of Gray and Scott."""

import framemill
import matplotlib as mpl
import numpy as np

FRAMES, STEPS_A_FRAME = 150, 28
FEED, KILL = np.float32(0.0545), np.float32(0.062)
# A color for each of 256 amounts.
COLORS = (mpl.colormaps["twilight_shifted"](np.linspace(0.08, 0.92, 256))[:, :3] * 255).astype(np.uint8)


def spread(u):
    """How much flows in from the neighbors; what leaves on one side comes back on the other."""
    return np.roll(u, 1, 0) + np.roll(u, -1, 0) + np.roll(u, 1, 1) + np.roll(u, -1, 1) - 4 * u


random = np.random.default_rng(3)
food, eater = np.ones((120, 192), np.float32), np.zeros((120, 192), np.float32)
rows, columns = np.mgrid[:120, :192]
for row, column in random.integers(8, (112, 184), (14, 2)):
    eater[np.hypot(rows - row, columns - column) < 4.5] = 1

with framemill.VideoWriter("reaction.mp4", fps=30, crf=27, preset="slow", scale=(768, 480)) as video:
    for _ in range(FRAMES):
        for _ in range(STEPS_A_FRAME):
            eaten = food * eater * eater
            food += np.float32(0.2) * spread(food) - eaten + FEED * (1 - food)
            eater += np.float32(0.1) * spread(eater) + eaten - (FEED + KILL) * eater
        amount = (eater * 600).clip(0, 255).astype(np.uint8)
        video.write(COLORS[amount])
