"""Four turning circles draw a square wave."""

import matplotlib.pyplot as plt
import numpy as np
from framemill.matplotlib import FrameMillWriter
from matplotlib.animation import FuncAnimation

FRAMES, TURNS = 180, 2
ORDERS = np.array([1, 3, 5, 7])
COLORS = ("#5b8ff9", "#36cfc9", "#ffd666", "#ff7a59")

plt.rcParams.update({"axes.edgecolor": "#30405c", "text.color": "#dbe4f5", "xtick.color": "#8fa3c4"})
figure, axes = plt.subplots(figsize=(8, 3.6), facecolor="#0f1626")
axes.set(xlim=(-1.9, 6.6), ylim=(-1.65, 1.65), aspect="equal")
axes.axis("off")
figure.subplots_adjust(0, 0, 1, 1)
axes.text(2.2, 1.38, "A square wave of four sines", fontsize=13, weight="bold")
axes.axhline(0, 0.48, 0.98, color="#30405c", lw=1)

around = np.linspace(0, 2 * np.pi, 100)
circles = [axes.plot([], [], color=color, lw=1.3, alpha=0.65)[0] for color in COLORS]
arms = [axes.plot([], [], color=color, lw=2.4)[0] for color in COLORS]
(bridge,) = axes.plot([], [], color="#8fa3c4", lw=1, ls=":")
(glow,) = axes.plot([], [], color="#ffffff", lw=7, alpha=0.12)
(wave,) = axes.plot([], [], color="#ffffff", lw=2.2)
(pen,) = axes.plot([], [], "o", color="#ffffff", ms=6)


def square_wave(t):
    return sum(4 / np.pi / order * np.sin(order * t) for order in ORDERS)


def update(frame):
    t = 2 * np.pi * TURNS * frame / FRAMES
    steps = 4 / np.pi / ORDERS * np.exp(1j * ORDERS * t) * 0.8
    joints = np.concatenate([[0], np.cumsum(steps)])
    for circle, arm, start, end in zip(circles, arms, joints, joints[1:], strict=False):
        rim = start + abs(end - start) * np.exp(1j * around)
        circle.set_data(rim.real, rim.imag)
        arm.set_data([start.real, end.real], [start.imag, end.imag])
    x = np.linspace(0, 4.2, 700)
    y = 0.8 * square_wave(t - 2.4 * x)
    bridge.set_data([joints[-1].real, 2.2], [joints[-1].imag, y[0]])
    for line in (glow, wave):
        line.set_data(2.2 + x, y)
    pen.set_data([2.2], [y[0]])
    return (*circles, *arms, bridge, glow, wave, pen)


animation = FuncAnimation(figure, update, frames=FRAMES, blit=True)
animation.save("line.mp4", writer=FrameMillWriter(fps=30, crf=22))
