"""Two tuning forks that are almost in tune: their sum grows and fades four times in three seconds, audibly."""

import matplotlib.pyplot as plt
import numpy as np
from framemill.matplotlib import FrameMillWriter
from matplotlib.animation import FuncAnimation

FRAMES, FPS, RATE = 90, 30, 48_000
TONES = (220, 220 + 4 / 3)
SHOWN = 0.05  # seconds
INK, MUTED, COLORS = "#1f2a44", "#7b879f", ("#5b8ff9", "#f5a623")


def tone(frequency, seconds):
    return np.sin(2 * np.pi * frequency * seconds)


def loudness(seconds):
    return np.abs(np.cos(np.pi * (TONES[1] - TONES[0]) * seconds))


plt.rcParams.update({"text.color": INK, "xtick.color": MUTED, "axes.titlecolor": MUTED})
figure, (forks, total, volume) = plt.subplots(3, figsize=(6.4, 4.8), facecolor="#f4f6fb", height_ratios=(2, 2, 1))
figure.subplots_adjust(0.06, 0.09, 0.94, 0.93, hspace=0.5)
for axes, title in ((forks, "Two tones: 220 Hz and 221.3 Hz"), (total, "Their sum"), (volume, "How loud it is")):
    axes.set_title(title, loc="left", fontsize=10)
    axes.set(xlim=(0, SHOWN), ylim=(-1.1, 1.1), xticks=[], yticks=[], facecolor="#f4f6fb")
    axes.spines[:].set_visible(False)
around = np.linspace(0, SHOWN, 800)
lines = [forks.plot(around, around, color=color, lw=1.8)[0] for color in COLORS]
(sum_line,) = total.plot(around, around, color=INK, lw=1.8)
seconds = np.linspace(0, FRAMES / FPS, 600)
volume.set(xlim=(0, FRAMES / FPS), ylim=(0, 1.15), xticks=range(4), xticklabels=[f"{second} s" for second in range(4)])
volume.fill_between(seconds, loudness(seconds), color="#c9d6f7", lw=0)
(cursor,) = volume.plot([], [], color=INK, lw=1.8)
(dot,) = volume.plot([], [], "o", color=INK, ms=6)


def update(frame):
    now = frame / FPS
    # The first tone seems to stand still: a window of waves is always cut at the same phase of it.
    waves = [tone(frequency, np.floor(now * TONES[0]) / TONES[0] + around) for frequency in TONES]
    for line, wave in zip(lines, waves, strict=True):
        line.set_ydata(wave)
    sum_line.set_ydata(sum(waves) / 2)
    cursor.set_data([now, now], [0, loudness(now)])
    dot.set_data([now], [loudness(now)])
    return (*lines, sum_line, cursor, dot)


samples = sum(tone(frequency, np.arange(RATE * FRAMES // FPS) / RATE) for frequency in TONES) / 4
animation = FuncAnimation(figure, update, frames=FRAMES, blit=True)
animation.save("beats.mp4", writer=FrameMillWriter(fps=FPS, crf=28, preset="slow", audio=(samples, RATE)))
