"""Makes an AVI from gray JPEG pictures with the Xvid encoder.

    python s5_jpeg_pictures.py    makes test.avi
"""

import io

import framemill
import numpy as np
from PIL import Image


def jpeg_pictures(count):
    rows, columns = np.mgrid[:100, :100]
    for frame in range(count):
        gray = np.uint8(127 + 120 * np.sin((rows + 3 * frame) / 9) * np.cos(columns / 11))
        jpeg = io.BytesIO()
        Image.fromarray(gray).save(jpeg, "jpeg", quality=95)
        yield jpeg


def main() -> None:
    with framemill.VideoWriter("test.avi", fps=1, codec="xvid", qp=3) as video:
        for jpeg in jpeg_pictures(10):
            # If you still have the array, use video.write(gray), and you need no JPEG.
            video.write(Image.open(jpeg))
    print(video.stats)


main()
