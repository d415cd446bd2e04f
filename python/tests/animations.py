"""Animations of the tests' figures, and what FFMpegWriter would get of them."""

import io

import numpy as np
from matplotlib.animation import FFMpegWriter, FuncAnimation

FRAMES = 10
EXACT = {"codec": "h264-rgb", "lossless": True}


class Arrays(FFMpegWriter):
    """Keeps what `savefig` gives FFMpegWriter, laid over white, instead of running a program."""

    def setup(self, fig, outfile, dpi=None):
        self.fig, self.outfile, self.dpi = fig, outfile, fig.dpi if dpi is None else dpi
        self.frames = []

    def grab_frame(self, **savefig_kwargs):
        buffer = io.BytesIO()
        self.fig.savefig(buffer, format="rgba", dpi=self.dpi, **savefig_kwargs)
        width, height = self.frame_size
        rgba = np.frombuffer(buffer.getvalue(), np.uint8).reshape(height, width, 4).astype(np.float32)
        self.frames.append(np.rint(rgba[..., :3] * rgba[..., 3:] / 255 + 255 - rgba[..., 3:]).astype(np.uint8))

    def finish(self):
        pass


def animation(make, blit=True, frames=FRAMES, **keywords):
    figure, update = make()
    return FuncAnimation(figure, update, frames=frames, blit=blit, init_func=lambda: update(0), **keywords)
