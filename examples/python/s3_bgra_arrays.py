"""Makes an MPEG-4 movie in an AVI from raw arrays in any byte order, with a class that collects the frames.

    python s3_bgra_arrays.py    makes output.avi
"""

import framemill
import numpy as np

# By byte order: the index that selects red, green and blue, as a view.
RGB = {
    "bgra": np.s_[..., 2::-1],
    "rgba": np.s_[..., :3],
    "argb": np.s_[..., 1:],
    "abgr": np.s_[..., :0:-1],
}


class VideoSink:
    def __init__(self, size, filename="output", rate=10, byteorder="bgra"):
        height, width = size[:2]
        self._rgb = RGB[byteorder]
        self._video = framemill.VideoWriter(f"{filename}.avi", fps=rate, codec="mpeg4", size=(width, height))

    def run(self, image):
        self._video.write(image[self._rgb])

    def close(self):
        self._video.close()
        return self._video.stats


def main() -> None:
    rows, columns = np.mgrid[:120, :160]
    sink = VideoSink((120, 160))
    for frame in range(25):
        bgra = np.zeros((120, 160, 4), np.uint8)
        bgra[..., 0] = columns
        bgra[..., 1] = rows + 4 * frame
        bgra[..., 2] = 255 - columns
        sink.run(bgra)
    print(sink.close())


main()
