"""Tests the `layout` option: PyTorch's pictures have their channels first."""

import framemill
import numpy as np
import pytest
from matplotlib.figure import Figure
from reader import decode, difference

FRAMES = np.random.default_rng(11).integers(0, 256, (5, 24, 32, 3), np.uint8)
CHANNELS_FIRST = FRAMES.transpose(0, 3, 1, 2)
EXACT = {"codec": "h264-rgb", "lossless": True}


class Tensor:
    """An array that has only DLPack, like those of many libraries."""

    def __init__(self, array):
        self._array = array
        self.shape = array.shape

    def __dlpack__(self, **options):
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()

    def __iter__(self):
        return map(Tensor, self._array)

    def __len__(self):
        return len(self._array)


class Unreadable:
    """A tensor that NumPy cannot read, such as one on a GPU or one that records gradients."""

    shape = (24, 32, 3)

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")


@pytest.mark.parametrize("kind", [np.asarray, Tensor, list, iter])
@pytest.mark.parametrize("layout", ["TCHW", "THWC"])
def test_a_batch_has_its_layout(movie, layout, kind):
    batch = FRAMES if layout == "THWC" else np.ascontiguousarray(CHANNELS_FIRST)
    stats = framemill.write_video(movie, kind(batch), layout=layout, **EXACT)
    assert stats.frames == 5
    assert difference(decode(movie), FRAMES) == 0


def test_floats_and_gray_tensors_have_a_layout_too(movie):
    framemill.write_video(movie, CHANNELS_FIRST / np.float32(255), layout="TCHW", **EXACT)
    assert difference(decode(movie), FRAMES) == 0
    framemill.write_video(movie, CHANNELS_FIRST[:, :1], layout="TCHW", **EXACT)
    assert difference(decode(movie), FRAMES[..., :1]) == 0


def test_the_layout_decides_how_a_small_picture_is_read(movie):
    # Four rows could also be four channels. Only the layout decides.
    batch = FRAMES[:, :4]
    framemill.write_video(movie, batch.transpose(0, 3, 1, 2), layout="TCHW", **EXACT)
    assert difference(decode(movie), batch) == 0


def test_single_frames_have_a_layout(movie):
    with framemill.VideoWriter(movie, **EXACT) as video:
        video.write(CHANNELS_FIRST[0], layout="CHW")
        video.write(FRAMES[1], layout="HWC")
        video.write(Tensor(CHANNELS_FIRST[2]), layout="CHW")
    assert difference(decode(movie), FRAMES[:3]) == 0


@pytest.mark.parametrize(
    ("frames", "layout", "error", "message"),
    [
        (FRAMES, "TCHW", framemill.FrameError, r"frame 0 has the shape \(24, 32, 3\), .*4 channels on the first one"),
        (CHANNELS_FIRST, "THWC", framemill.FrameError, r"frame 0 has the shape \(3, 24, 32\), .* on the last one"),
        (FRAMES[0], "THWC", framemill.FrameError, r"frames has the shape \(24, 32, 3\), and the layout THWC means"),
        (FRAMES, "NCHW", framemill.SettingsError, "layout must be 'THWC' or 'TCHW', not 'NCHW'"),
        (CHANNELS_FIRST, None, framemill.FrameError, 'layout="TCHW" in framemill.write_video'),
    ],
)
def test_a_wrong_layout_is_named(movie, frames, layout, error, message):
    with pytest.raises(error, match=message):
        framemill.write_video(movie, frames, layout=layout, **EXACT)
    assert not movie.exists()


def test_a_wrong_layout_of_a_frame_is_named(movie):
    with framemill.VideoWriter(movie, **EXACT) as video:
        video.write(FRAMES[0])
        with pytest.raises(framemill.SettingsError, match="layout must be 'HWC' or 'CHW', not 'chw'"):
            video.write(FRAMES[1], layout="chw")
        with pytest.raises(framemill.SettingsError, match="layout is for arrays; a figure has none"):
            video.write(Figure(), layout="CHW")
        video.write(FRAMES[1])
    assert difference(decode(movie), FRAMES[:2]) == 0


def test_a_tensor_that_numpy_cannot_read_is_named_with_its_reason(movie):
    with framemill.VideoWriter(movie, **EXACT) as video:
        video.write(FRAMES[0])
        with pytest.raises(framemill.FrameTypeError, match=r"frame 1 is of the type Unreadable.*tensor.detach\(\)"):
            video.write(Unreadable())
    assert difference(decode(movie), FRAMES[:1]) == 0
