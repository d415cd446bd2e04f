"""Controls a headless Chromium through a pipe with the DevTools protocol."""

import base64
import io
import json
import shutil
import subprocess

import numpy as np
from PIL import Image

# JavaScript functions that read the frames of a video.
FRAMES = """
const seek = (video, time) => new Promise((resolve) => {
  video.addEventListener("seeked", resolve, { once: true });
  video.currentTime = time;
});
const moment = () => new Promise((resolve) => setTimeout(resolve, 5));
// Returns a canvas with the current frame. Chromium may end a seek before it has a frame to draw. So this waits, up to
// 5 seconds, until the lower left corner is drawn. That corner must not be transparent in the movie.
const drawn = async (video) => {
  const [width, height] = [video.videoWidth, video.videoHeight];
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  const isDrawn = () => context.getImageData(0, height - 1, 1, 1).data[3] > 0;
  for (let look = 0; look < 1000 && !isDrawn(); look += 1) {
    await moment();
    context.drawImage(video, 0, 0);
  }
  return context;
};
"""
NAMES = ("chromium", "chromium-browser", "google-chrome")


class Browser:
    """A page in a new browser process, which ends with the `with` block."""

    def __init__(self, profile):
        name = next(name for name in NAMES if shutil.which(name))
        # The protocol uses file descriptors 3 and 4. The shell redirects standard input and output to them.
        command = ["sh", "-c", 'exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>&2', name, "--headless", "--no-sandbox"]
        command += ["--disable-gpu", "--remote-debugging-pipe", "--no-first-run", "--allow-file-access-from-files"]
        command += ["--force-color-profile=srgb", f"--user-data-dir={profile}"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        self._last_id, self._session = 0, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def open(self, file):
        """Show a file and wait until it is loaded."""
        self.call("Page.navigate", url=f"file://{file}")
        while self._receive().get("method") != "Page.loadEventFired":
            pass

    def evaluate(self, expression):
        """Evaluate a JavaScript expression in the page, and wait for its promise."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def screenshot(self, width, height):
        """Return the pixels of the page's upper left corner, of shape (height, width, 3)."""
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        picture = self.call("Page.captureScreenshot", format="png", clip=clip)["data"]
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB"))

    def call(self, method, **parameters):
        self._last_id += 1
        message = {"id": self._last_id, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        self._process.stdin.write(json.dumps(message).encode() + b"\0")
        self._process.stdin.flush()
        while (answer := self._receive()).get("id") != self._last_id:
            pass
        assert "error" not in answer, (method, answer)
        return answer["result"]

    def _receive(self):
        message = bytearray()
        while (byte := self._process.stdout.read(1)) != b"\0":
            assert byte, "Chromium has ended"
            message += byte
        return json.loads(message)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.write(b'{"id":0,"method":"Browser.close"}\0')
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
