"""Debian's Chromium without a window, driven over its DevTools protocol by a pipe: no port, no driver, no package.

What a page does is waited for in the page itself.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

LIMIT = 60  # seconds that anything may take


class PageError(AssertionError):
    pass


class Browser:
    """`with Browser() as page: page.open(url)`. One page; it and its files are gone afterwards."""

    def __init__(self, width=1200, height=900):
        self.size = (width, height)
        self.profile = tempfile.mkdtemp(prefix="kn-browser-", dir="/tmp")
        self.number = 0
        self.buffer = b""
        self.events = []  # what the page said was wrong
        self.process = self.session = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
            os.close(self.writes)
            os.close(self.reads)
        shutil.rmtree(self.profile, ignore_errors=True)

    def start(self):
        # The browser reads calls from its descriptor 3, and writes answers and events to 4.
        theirs, self.writes = os.pipe()
        self.reads, answers = os.pipe()
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in (theirs, answers)]

        def place():
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        arguments = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
                     "--hide-scrollbars", "--force-color-profile=srgb", "--lang=en-US", f"--user-data-dir={self.profile}",
                     "--remote-debugging-pipe"]
        self.process = subprocess.Popen(arguments, pass_fds=(3, 4), preexec_fn=place, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for fd in (theirs, answers, *high):
            os.close(fd)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(domain + ".enable")
        self.resize(*self.size)

    # --- the protocol ---

    def receive(self, end):
        while b"\0" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.reads], [], [], left)[0]:
                raise PageError("the browser does not answer")
            data = os.read(self.reads, 1 << 20)
            if not data:
                raise PageError("the browser has ended")
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        message = dict(id=self.number, method=method, params=params)
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.writes, data):]
        end = time.monotonic() + LIMIT + 10
        while True:
            answer = self.receive(end)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise PageError(f"{method}: {answer['error']}")
                return answer["result"]
            self.note(answer)

    def note(self, event):
        params = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.events.append(details.get("exception", {}).get("description") or details["text"])
        elif event.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.events.append(f"{params['entry']['source']}: {params['entry']['text']}")

    # --- the page ---

    def open(self, url):
        self.call("Page.navigate", url=url)

    def resize(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def dark(self, is_dark=True):
        feature = dict(name="prefers-color-scheme", value="dark" if is_dark else "light")
        self.call("Emulation.setEmulatedMedia", features=[feature])

    def run(self, script):
        """The value of an expression, or of the promise that it is."""
        done = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in done:
            raise PageError(done["exceptionDetails"].get("exception", {}).get("description", str(done)))
        return done["result"].get("value")

    def until(self, condition, limit=LIMIT):
        """Until the expression is true; what the page shows is in the error where it does not become so."""
        script = """new Promise((resolve) => {
          const end = performance.now() + %d;
          const look = () => {
            let is = false;
            try { is = %s; } catch { /* it is not there yet */ }
            if (is || performance.now() > end) resolve(Boolean(is));
            else setTimeout(look, 10);
          };
          look();
        })""" % (limit * 1000, condition)
        end = time.monotonic() + limit
        while time.monotonic() < end:
            try:
                if self.run(script):
                    return
                break
            except PageError as error:
                # A page that is just being left takes what runs in it along.
                if "context was destroyed" not in str(error) and "navigated or closed" not in str(error):
                    raise
        raise PageError(f"not so after {limit} s: {condition}\n{self.text()}\n{self.events}")

    def text(self):
        return self.run("document.body.innerText")

    def until_text(self, text, limit=LIMIT):
        self.until(f"document.body.innerText.includes({json.dumps(text)})", limit)

    def click(self, selector, text=""):
        """The first such element whose text has this in it, once it is there."""
        find = (f"[...document.querySelectorAll({json.dumps(selector)})]"
                f".find((one) => one.innerText.includes({json.dumps(text)}) && !one.disabled)")
        self.until(find)
        self.run(find + ".click()")

    def fill(self, selector, text):
        """As if it were typed."""
        self.until(f"document.querySelector({json.dumps(selector)})")
        self.run(f"(() => {{ const one = document.querySelector({json.dumps(selector)}); one.focus(); one.select?.(); }})()")
        self.call("Input.insertText", text=text)

    def choose(self, selector, value):
        self.until(f"document.querySelector({json.dumps(selector)})")
        self.run(f"(() => {{ const one = document.querySelector({json.dumps(selector)}); one.value = {json.dumps(value)};"
                 "one.dispatchEvent(new Event('change', { bubbles: true })); })()")

    def key(self, key, code=0, text=""):
        pressed = dict(key=key, code=key, windowsVirtualKeyCode=code, text=text)
        self.call("Input.dispatchKeyEvent", type="keyDown", **pressed)
        self.call("Input.dispatchKeyEvent", type="keyUp", **pressed)

    def tab(self):
        self.key("Tab", 9)

    def enter(self):
        self.key("Enter", 13, "\r")

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def nameless(self):
        """Roles of what can be operated and has no name that a screen reader could say."""
        roles = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "spinbutton", "image", "table", "region"}
        found = []
        for node in self.call("Accessibility.getFullAXTree")["nodes"]:
            role = node.get("role", {}).get("value")
            if not node.get("ignored") and role in roles and not node.get("name", {}).get("value", "").strip():
                found.append(role)
        return found
