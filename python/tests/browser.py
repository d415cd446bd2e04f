"""A headless Chromium, spoken to through a pipe in its DevTools protocol."""

import json
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome")


class Browser:
    """A page in a browser of its own; `with` ends it."""

    def __init__(self, profile):
        name = next(name for name in NAMES if shutil.which(name))
        # The protocol is on file descriptors 3 and 4, which the shell makes of standard input and output.
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
        """What an expression gives in the page, once it is settled."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

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
