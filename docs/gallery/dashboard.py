"""A day in a house with solar cells: several axes, and figures that count."""

import matplotlib.pyplot as plt
import numpy as np
from framemill.matplotlib import FrameMillWriter
from matplotlib.animation import FuncAnimation

FRAMES = 180
INK, MUTED, SUN, HOME, STORE = "#1f2a44", "#7b879f", "#f5a623", "#4a7dff", "#21b573"

hours = np.linspace(0, 24, FRAMES)
random = np.random.default_rng(6)
clouds = np.convolve(random.normal(0, 1, FRAMES), np.hanning(14) / 7, "same")
sun = np.clip(5.2 * np.sin((hours - 6) / 13 * np.pi), 0, None) * np.clip(1 - 0.35 * np.abs(clouds), 0.3, 1)
sun[(hours < 6) | (hours > 19)] = 0
home = 0.5 + 1.6 * np.exp(-(((hours - 7.5) / 1.1) ** 2)) + 2.3 * np.exp(-(((hours - 19.3) / 1.9) ** 2))
home += 0.08 * np.abs(random.normal(0, 1, FRAMES))
charge = np.empty(FRAMES)
level = 3.2
for step, surplus in enumerate((sun - home) * 24 / FRAMES):
    level = charge[step] = np.clip(level + surplus, 0, 10)

plt.rcParams.update({"font.size": 9, "text.color": INK, "xtick.color": MUTED, "ytick.color": MUTED})
figure = plt.figure(figsize=(8, 4.5), facecolor="#eef1f7")


def card(left, bottom, width, height, title):
    """White axes with a title."""
    axes = figure.add_axes((left, bottom, width, height), facecolor="white")
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    axes.set_title(title, loc="left", color=MUTED, fontsize=9, pad=7)
    axes.tick_params(length=0)
    return axes


power = card(0.07, 0.12, 0.55, 0.46, "Power, kW")
power.set(xlim=(0, 24), ylim=(0, 5.6), xticks=range(0, 25, 4), xticklabels=[f"{h:02}:00" for h in range(0, 25, 4)])
power.grid(axis="y", color="#e6eaf2")
lines = [power.plot([], [], color=color, lw=2.2, label=name)[0] for color, name in ((SUN, "sun"), (HOME, "home"))]
dots = [power.plot([], [], "o", color=color, ms=6)[0] for color in (SUN, HOME)]
power.legend(loc="upper left", frameon=False, ncols=2)

battery = card(0.69, 0.12, 0.26, 0.46, "Battery, kWh")
battery.set(xlim=(0, 1), ylim=(0, 10), xticks=[])
battery.axhspan(0, 10, 0.3, 0.7, color="#e6eaf2")
fill = battery.add_patch(plt.Rectangle((0.3, 0), 0.4, 0, color=STORE))
share = battery.text(0.5, 5, "", ha="center", va="center", fontsize=17, weight="bold")

figures = []
for left, title, color in ((0.07, "Time", INK), (0.30, "Sun", SUN), (0.53, "Home", HOME), (0.76, "From the grid", INK)):
    tile = card(left, 0.72, 0.19, 0.17, title)
    tile.set(xticks=[], yticks=[])
    figures.append(
        tile.text(0.07, 0.42, "", transform=tile.transAxes, va="center", fontsize=19, weight="bold", color=color)
    )


def update(frame):
    for line, dot, values in zip(lines, dots, (sun, home), strict=True):
        line.set_data(hours[: frame + 1], values[: frame + 1])
        dot.set_data([hours[frame]], [values[frame]])
    fill.set_height(charge[frame])
    share.set_text(f"{10 * charge[frame]:.0f} %")
    bought = max(0, home[frame] - sun[frame]) if charge[frame] == 0 else 0
    minutes = int(hours[frame] * 60)
    shown = (
        f"{minutes // 60 % 24:02}:{minutes % 60:02}",
        f"{sun[frame]:.1f} kW",
        f"{home[frame]:.1f} kW",
        f"{bought:.1f} kW",
    )
    for text, value in zip(figures, shown, strict=True):
        text.set_text(value)
    return (*lines, *dots, fill, share, *figures)


animation = FuncAnimation(figure, update, frames=FRAMES, blit=True)
animation.save("dashboard.mp4", writer=FrameMillWriter(fps=30, crf=20))
