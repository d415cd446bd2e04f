"""Saves animations of the test figures with framemill and with Matplotlib's FFMpegWriter, and compares the frames."""

import io
import types

import numpy as np
from framemill.matplotlib import FrameMillWriter
from matplotlib.animation import FFMpegWriter, FuncAnimation
from reader import difference

import av

FRAMES = 10
EXACT = {"codec": "h264-rgb", "lossless": True}


class Arrays(FFMpegWriter):
    """Matplotlib's writer with a list of frames instead of the ffmpeg program. Frames are composited over white.

    Setup, grabbing and saving are Matplotlib's code.
    """

    def __init__(self, fps=5, **options):
        # With h264, the writer would change the figure's size to even numbers of pixels.
        super().__init__(fps=fps, codec="mpeg4", **options)

    def setup(self, fig, outfile, dpi=None):
        self.frames = []
        super().setup(fig, outfile, dpi)

    def _run(self):
        self._proc = types.SimpleNamespace(
            stdin=self, communicate=lambda: (b"", b""), returncode=0, kill=lambda: None, poll=lambda: 0
        )

    def write(self, pixels):
        width, height = self.fig.canvas.get_width_height()
        rgba = np.frombuffer(pixels, np.uint8).reshape(height, width, 4).astype(np.float32)
        self.frames.append(np.rint(rgba[..., :3] * rgba[..., 3:] / 255 + 255 - rgba[..., 3:]).astype(np.uint8))
        return pixels.nbytes

    def seek(self, *_place):
        """Make this object a file for `savefig`, which never calls this method."""


def animation(make, blit=True, frames=FRAMES, **keywords):
    figure, update = make()
    return FuncAnimation(figure, update, frames=frames, blit=blit, init_func=lambda: update(0), **keywords)


def frames_of(animation, **options):
    """Save an animation with framemill. Return the frames that PyAV decodes, and the record of how they were drawn."""
    movie = io.BytesIO()
    save = {"dpi": options.pop("dpi", None)}
    writer = FrameMillWriter(fps=5, container="mp4", preset="ultrafast", **EXACT, **options)
    animation.save(movie, writer=writer, **save)
    return read(movie), writer.drawing


def read(movie):
    """Decode the frames of a movie in memory."""
    movie.seek(0)
    with av.open(movie) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def compare(make, blit=True, frames=FRAMES, dpi=None, **options):
    """Save an animation with both writers, each with a new figure, and compare the frames. Return the record."""
    expected = Arrays()
    animation(make, blit, frames).save("unused.mp4", writer=expected, dpi=dpi)
    seen, drawing = frames_of(animation(make, blit, frames), dpi=dpi, **options)
    assert len(seen) == len(expected.frames) == frames
    for number, (frame, wanted) in enumerate(zip(seen, expected.frames, strict=True)):
        height, width = wanted.shape[:2]
        assert difference(frame[:height, :width], wanted) <= 2, f"frame {number}"
    return drawing
