"""Tests in a browser that flashes and clicks stay in sync for ten minutes."""

import json
import wave

import numpy as np
import pytest
from movies import encode

RATE, FPS, SECONDS = 48_000, 10, 600
FLASHES = (2, SECONDS * FPS // 2, SECONDS * FPS - 5)

# For each flash: time and brightness of the frame before it, time and brightness of its frame, and the click's time.
SEEN_AND_HEARD = """
(async () => {
  const video = document.createElement("video");
  video.muted = true;
  video.src = SOURCE;
  document.body.append(video);
  await new Promise((resolve, reject) => {
    video.onloadeddata = resolve;
    video.onerror = () => reject(new Error(video.error.message));
  });
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const frameAt = async (seconds) => {
    const shown = new Promise((resolve) => video.requestVideoFrameCallback((now, frame) => resolve(frame)));
    video.currentTime = seconds;
    const { mediaTime } = await shown;
    context.drawImage(video, 0, 0, 1, 1);
    return { time: mediaTime, light: context.getImageData(0, 0, 1, 1).data[0] };
  };
  const file = await new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.responseType = "arraybuffer";
    request.onload = () => resolve(request.response);
    request.onerror = () => reject(new Error("the movie cannot be read"));
    request.open("GET", SOURCE);
    request.send();
  });
  const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(file);
  const samples = sound.getChannelData(0);
  const loudest = (first, last) => {
    let found = first;
    for (let place = first; place < last; place += 1) {
      if (Math.abs(samples[place]) > Math.abs(samples[found])) found = place;
    }
    return found / RATE;
  };
  const seen = [];
  for (const flash of FLASHES) {
    const before = await frameAt((flash - 0.5) / FPS);
    const frame = await frameAt((flash + 0.5) / FPS);
    const middle = Math.round(flash * RATE / FPS);
    const click = loudest(Math.max(0, middle - RATE / 8), Math.min(samples.length, middle + RATE / 8));
    seen.push({ before, frame, click });
  }
  return { seen, seconds: sound.duration, width: video.videoWidth };
})()
"""


def clicks(path):
    samples = np.zeros(SECONDS * RATE, "<i2")
    for flash in FLASHES:
        samples[flash * RATE // FPS] = 32_000
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", None))
        file.writeframes(samples.tobytes())
    return path


@pytest.mark.parametrize(
    ("name", "options"),
    [("movie.mp4", {"preset": "ultrafast"}), ("movie.webm", {"codec": "vp9", "cpu_used": 5, "crf": 40})],
    ids=["mp4 with aac", "webm with opus"],
)
def test_a_flash_and_a_click_stay_together_for_ten_minutes(browser, tmp_path, name, options):
    bright, dark = np.full((48, 64, 3), 255, np.uint8), np.zeros((48, 64, 3), np.uint8)
    frames = [bright if frame in FLASHES else dark for frame in range(SECONDS * FPS)]
    encode(tmp_path / name, frames, fps=str(FPS), audio=clicks(tmp_path / "clicks.wav"), **options)
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><title>sound</title><body></body>")
    browser.open(page)
    script = SEEN_AND_HEARD
    for word, value in {"SOURCE": name, "FLASHES": FLASHES, "RATE": RATE, "FPS": FPS}.items():
        script = script.replace(word, json.dumps(value))
    answer = browser.evaluate(script)
    assert answer["width"] == 64
    assert abs(answer["seconds"] - SECONDS) < 0.05
    for flash, seen in zip(FLASHES, answer["seen"], strict=True):
        assert seen["before"]["light"] < 60 and seen["frame"]["light"] > 200, (flash, seen)
        assert abs(seen["frame"]["time"] - flash / FPS) < 1e-3, (flash, seen)
        assert abs(seen["click"] - seen["frame"]["time"]) < 1e-3, (flash, seen)
