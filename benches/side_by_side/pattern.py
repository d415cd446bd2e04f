"""Writes raw BGRA frames of a moving pattern to standard output, with little work: `python pattern.py FRAMES`."""

import sys

WIDTH, HEIGHT = 320, 240
KINDS = 64


def frame(number: int) -> bytes:
    """Return one of the `KINDS` different frames: a gray gradient, with a white bar at a different position in each."""
    row = bytearray(b"".join(bytes([column * 3 // 4 % 256] * 3 + [255]) for column in range(WIDTH)))
    left = number * (WIDTH - 16) // KINDS * 4
    row[left : left + 64] = bytes([255]) * 64
    return bytes(row) * HEIGHT


def main(frames: int) -> None:
    kinds = [frame(number) for number in range(KINDS)]
    for number in range(frames):
        sys.stdout.buffer.write(kinds[number % KINDS])


if __name__ == "__main__":
    main(int(sys.argv[1]))
