"""A headless Chromium, driven over its debugging pipe: no driver, no package, only the standard library."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


class Browser:
    def __init__(self, program="chromium-headless-shell"):
        self.profile = tempfile.mkdtemp(prefix="page-check-")
        to_read, self.to_write = os.pipe()
        self.from_read, from_write = os.pipe()

        def connect():  # the browser reads commands from descriptor 3 and writes to 4
            os.dup2(to_read, 13), os.dup2(from_write, 14)
            os.dup2(13, 3), os.dup2(14, 4)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             f"--user-data-dir={self.profile}", "--hide-scrollbars", "about:blank"],
            preexec_fn=connect, close_fds=False, stderr=subprocess.DEVNULL)
        os.close(to_read), os.close(from_write)
        self.pending, self.number, self.events = b"", 0, []

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        os.close(self.to_write), os.close(self.from_read)
        shutil.rmtree(self.profile, ignore_errors=True)

    def receive(self, seconds):
        """The next message, or None when none comes in time."""
        until = time.monotonic() + seconds
        while b"\0" not in self.pending:
            if not select.select([self.from_read], [], [], max(0, until - time.monotonic()))[0]:
                return None
            self.pending += os.read(self.from_read, 1 << 20)
        message, self.pending = self.pending.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.to_write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive(20)
            if answer is None:
                raise TimeoutError(method)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)


class Page:
    def __init__(self, browser, width, height, scheme="light"):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def open(self, url):
        self.call("Page.navigate", url=url)

    def eval(self, script):
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def wait_for(self, script, seconds=10):
        until = time.monotonic() + seconds
        while not self.eval(script):
            if time.monotonic() > until:
                raise AssertionError(f"did not become true within {seconds} s: {script}")
            time.sleep(0.1)

    def screenshot(self, path, whole=False):
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def complaints(self):
        """What the console, the log and uncaught exceptions said, and each request that went elsewhere."""
        self.eval("1")
        mine = [e for e in self.browser.events if e.get("sessionId") == self.session]
        said = []
        for event in mine:
            method, p = event["method"], event["params"]
            if method == "Runtime.exceptionThrown":
                said.append(p["exceptionDetails"].get("exception", {}).get("description", str(p)))
            elif method == "Runtime.consoleAPICalled" and p["type"] in ("error", "warning", "assert"):
                said.append(str(p["args"]))
            elif method == "Log.entryAdded" and p["entry"]["level"] in ("error", "warning"):
                said.append(p["entry"]["text"] + " " + p["entry"].get("url", ""))
            elif method == "Page.javascriptDialogOpening":
                said.append("a dialog opened: " + p["message"])
        return said

    def requests(self):
        return [e["params"]["request"]["url"] for e in self.browser.events
                if e.get("sessionId") == self.session and e["method"] == "Network.requestWillBeSent"]
