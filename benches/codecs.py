"""Compares codecs at the same quality: the size of the movies, the encoding speed, and the decoding speed in a browser.

    python benches/codecs.py encode DIRECTORY [--program FILE]      makes the movies, and DIRECTORY/codecs.json
    python benches/codecs.py time DIRECTORY [--program FILE]        adds the encoding speed in frames per second
    python benches/codecs.py decode DIRECTORY                       adds Chromium's decoding speed in frames per second
    python benches/codecs.py table DIRECTORY                        prints the tables

The quality is that of h264 at its default crf and preset: the mean SSIM of its frames, as --quality reports it. For
each other codec, movies are made at several crf and its default preset. The movie with the nearest SSIM is kept. The
size at exactly the same SSIM is interpolated between two movies: log(size) is about linear in log(1 - SSIM).
Speeds are the best of three runs, without --quality and with framemill's default number of threads.

"encode" needs NumPy and Matplotlib, "decode" Chromium and PyAV.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "benches"), str(ROOT / "python/tests")]

WIDTH, HEIGHT, FRAMES, RATE = 1280, 720, 120, 30
SIZE = f"{WIDTH}x{HEIGHT}"
CONTENTS = ("plot", "render", "camera")
REFERENCE = "h264"
# By codec: the crf values to try, and the container.
CODECS = {
    "h264": ((23,), "mp4"),
    "hevc": (tuple(range(12, 40, 4)), "mp4"),
    "av1": (tuple(range(8, 62, 6)), "mp4"),
    "vp9": (tuple(range(4, 58, 6)), "webm"),
}


def render(path: Path) -> None:
    """Write frames of balls that roll over a checkered floor, shaded and lit by a lamp."""
    import numpy as np

    y, x = np.mgrid[HEIGHT / 2 : -HEIGHT / 2 : -1, -WIDTH / 2 : WIDTH / 2].astype(np.float32)
    rays = np.stack([x, y - 90, np.full_like(x, 700)], axis=-1)
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    lamp = np.array([0.5, 0.75, -0.43], np.float32)
    eye = np.array([0, 2.2, 0], np.float32)
    with path.open("wb") as file:
        for frame in range(FRAMES):
            light = 0.35 + 0.4 * np.clip(rays[..., 1:2] + 0.3, 0, 1) * np.array([0.7, 0.85, 1.0], np.float32)
            depth = np.full(x.shape, np.inf, np.float32)
            floor = np.where(rays[..., 1] < -1e-3, -eye[1] / np.minimum(rays[..., 1], -1e-3), np.inf)
            seen = floor < 40
            spot = eye + rays * np.where(seen, floor, 1)[..., None]
            check = (np.floor(spot[..., 0]) + np.floor(spot[..., 2])) % 2
            fog = np.exp(-floor / 18)[..., None]
            tile = np.where(check[..., None] > 0, 0.75, 0.3) * np.array([1, 0.95, 0.85], np.float32)
            light = np.where(seen[..., None], tile * fog + light * (1 - fog), light)
            depth[seen] = floor[seen]
            for ball in range(5):
                angle = 2 * math.pi * (ball / 5 + frame / 240)
                center = np.array([3 * math.cos(angle), 0.9, 9 + 3 * math.sin(angle)], np.float32)
                offset = eye - center
                along = rays @ offset
                inside = along**2 - (offset @ offset - 0.81)
                distance = -along - np.sqrt(np.maximum(inside, 0))
                hit = (inside > 0) & (distance > 0) & (distance < depth)
                normal = (eye + rays[hit] * distance[hit, None] - center) / 0.9
                turned = np.arctan2(normal[:, 0], normal[:, 2]) - angle * 3
                stripe = np.where(np.sin(6 * turned) > 0, 1.0, 0.55)[:, None]
                color = 0.5 + 0.45 * np.cos(ball * 1.9 + np.array([0, 2.1, 4.2], np.float32))
                lit = 0.25 + 0.75 * np.clip(normal @ lamp, 0, 1)[:, None]
                mirror = rays[hit] - 2 * np.sum(rays[hit] * normal, axis=1, keepdims=True) * normal
                light[hit] = color * stripe * lit + (np.clip(mirror @ lamp, 0, 1) ** 40)[:, None]
                depth[hit] = distance[hit]
            pixels = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
            pixels[..., :3] = np.rint(255 * np.clip(light[..., ::-1], 0, 1) ** (1 / 2.2))
            file.write(pixels.tobytes())


def draw(content: str, path: Path) -> None:
    """Write the frames of a content to a file, as raw BGRA."""
    if content == "render":
        return render(path)
    from side_by_side.contents import DRAWN_BY
    from side_by_side.plan import Case

    case = Case(content=content, width=WIDTH, height=HEIGHT, frames=FRAMES, presets=(), rounds=0)
    return DRAWN_BY[content](case, path)


@dataclass(frozen=True)
class Encoded:
    crf: int
    path: Path
    bytes: int
    ssim: float


class Encoder:
    def __init__(self, program: Path, frames: Path, folder: Path) -> None:
        self.program, self.frames, self.folder = program, frames, folder

    def command(self, codec: str, crf: int, path: Path) -> list[str]:
        raw = ["-f", "bgra", "-s", SIZE, "-r", str(RATE)]
        return [
            str(self.program),
            "encode",
            "-q",
            str(self.frames),
            *raw,
            "-c",
            codec,
            "--crf",
            str(crf),
            "-o",
            str(path),
        ]

    def encode(self, codec: str, crf: int) -> Encoded:
        path = self.folder / f"{self.frames.stem}-{codec}-{crf}.{CODECS[codec][1]}"
        stats = path.with_suffix(".json")
        subprocess.run([*self.command(codec, crf, path), "--quality", "--stats", str(stats)], check=True)
        ssim = json.loads(stats.read_text())["run"]["quality"]["mean_ssim"]
        return Encoded(crf, path, path.stat().st_size, ssim)

    def frames_per_second(self, codec: str, crf: int) -> float:
        def once() -> float:
            before = time.perf_counter()
            subprocess.run(self.command(codec, crf, self.folder / f"timed.{CODECS[codec][1]}"), check=True)
            return time.perf_counter() - before

        return FRAMES / min(once() for _ in range(3))


def bytes_at(ssim: float, tried: list[Encoded]) -> float:
    """Return the size of a movie with this SSIM, interpolated between the two movies with the nearest SSIM."""
    below = max((one for one in tried if one.ssim <= ssim), key=lambda one: one.ssim)
    above = min((one for one in tried if one.ssim >= ssim), key=lambda one: one.ssim)
    if above.ssim == below.ssim:
        return below.bytes
    place = math.log((1 - below.ssim) / (1 - ssim)) / math.log((1 - below.ssim) / (1 - above.ssim))
    return below.bytes * (above.bytes / below.bytes) ** place


def encode(folder: Path, program: Path) -> None:
    results: dict[str, Any] = {"frames": FRAMES, "size": SIZE, "contents": {}}
    for content in CONTENTS:
        frames = folder / f"{content}.bgra"
        draw(content, frames)
        encoder = Encoder(program, frames, folder)
        by_codec = {codec: [encoder.encode(codec, crf) for crf in tried] for codec, (tried, _) in CODECS.items()}
        ssim = by_codec[REFERENCE][0].ssim
        rows = results["contents"][content] = {"ssim": ssim}
        for codec, tried in by_codec.items():
            best = min(tried, key=lambda one: abs(math.log((1 - one.ssim) / (1 - ssim))))
            size = round(bytes_at(ssim, tried))
            rows[codec] = {"crf": best.crf, "ssim": best.ssim, "bytes": size, "movie": best.path.name}
            print(content, codec, rows[codec], flush=True)
            for one in tried:
                if one is not best:
                    one.path.unlink()
    save(folder, results)


def time_encoding(folder: Path, program: Path) -> None:
    results = load(folder)
    results["processors"] = len(os.sched_getaffinity(0))
    for content in CONTENTS:
        encoder = Encoder(program, folder / f"{content}.bgra", folder)
        for codec in CODECS:
            row = results["contents"][content][codec]
            row["encoded_per_second"] = round(encoder.frames_per_second(codec, row["crf"]), 1)
            print(content, codec, row["encoded_per_second"], flush=True)
    save(folder, results)


def load(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "codecs.json").read_text())


def save(folder: Path, results: dict[str, Any]) -> None:
    (folder / "codecs.json").write_text(json.dumps(results, indent=1) + "\n")


# JavaScript that decodes the chunks as fast as possible. Returns the seconds, or null if the browser lacks the decoder.
DECODE = """
async (config, chunks) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  if (config.description) config.description = bytes(config.description);
  if (!(await VideoDecoder.isConfigSupported(config)).supported) return null;
  const packets = chunks.map(([key, time, data]) =>
    new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp: time, data: bytes(data) }));
  let frames = 0;
  const decoder = new VideoDecoder({ output: (frame) => { frames += 1; frame.close(); }, error: (e) => { throw e; } });
  decoder.configure(config);
  const started = performance.now();
  packets.forEach((packet) => decoder.decode(packet));
  await decoder.flush();
  const seconds = (performance.now() - started) / 1000;
  if (frames !== chunks.length) throw new Error(`${frames} of ${chunks.length} frames came out`);
  return seconds;
}
"""


def webcodecs_name(codec: str, extradata: bytes) -> str:
    """Return the codec string for WebCodecs."""
    if codec == "h264":
        return f"avc1.{extradata[1:4].hex()}"
    return {"hevc": "hvc1.1.6.L93.90", "av1": "av01.0.05M.08", "vp9": "vp09.00.31.08"}[codec]


def decode(folder: Path) -> None:
    import base64
    import tempfile

    from browser import Browser

    import av

    results = load(folder)
    with tempfile.TemporaryDirectory() as profile, Browser(profile) as browser:
        page = Path(profile, "page.html")
        page.write_text("<!doctype html>")
        browser.open(page)
        for content in CONTENTS:
            for codec in CODECS:
                row = results["contents"][content][codec]
                with av.open(str(folder / row["movie"])) as movie:
                    stream = movie.streams.video[0]
                    extradata = bytes(stream.codec_context.extradata or b"")
                    packets = [packet for packet in movie.demux(stream) if packet.size]
                    chunks = [
                        (
                            packet.is_keyframe,
                            int(packet.pts * packet.time_base * 1_000_000),
                            base64.b64encode(bytes(packet)).decode(),
                        )
                        for packet in packets
                    ]
                config = {"codec": webcodecs_name(codec, extradata), "codedWidth": WIDTH, "codedHeight": HEIGHT}
                if codec in ("h264", "hevc"):
                    config["description"] = base64.b64encode(extradata).decode()
                call = f"({DECODE})({json.dumps(config)}, {json.dumps(chunks)})"
                seconds = [browser.evaluate(call) for _ in range(3)]
                speed = None if seconds[0] is None else round(FRAMES / min(seconds), 1)
                row["decoded_per_second"] = speed
                print(content, codec, speed, flush=True)
    save(folder, results)


def table(results: dict[str, Any]) -> str:
    """Return the results as Markdown, with a table for each content."""
    lines = []
    for content in CONTENTS:
        rows = results["contents"][content]
        lines += [f"### {content.capitalize()}", "", f"SSIM {rows['ssim']:.4f}.", ""]
        lines += [
            "| codec | crf | kB | size ÷ h264 | encoded | decoded |",
            "|---|---|---|---|---|---|",
        ]
        for codec in CODECS:
            row = rows[codec]
            ratio = row["bytes"] / rows[REFERENCE]["bytes"]
            decoded = (
                "not in Chromium here" if row["decoded_per_second"] is None else f"{row['decoded_per_second']:.0f}"
            )
            speed = row["encoded_per_second"]
            lines.append(
                f"| `{codec}` | {row['crf']} | {row['bytes'] / 1000:,.0f} | {ratio:.2f} | {speed:.0f} | {decoded} |"
            )
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("step", choices=("encode", "time", "decode", "table"))
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--program", type=Path, default=ROOT / "target/static/framemill")
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.step == "encode":
        encode(given.folder, given.program)
    elif given.step == "time":
        time_encoding(given.folder, given.program)
    elif given.step == "decode":
        decode(given.folder)
    else:
        print(table(load(given.folder)))


if __name__ == "__main__":
    main()
