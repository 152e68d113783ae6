"""A headless Chromium, driven over the DevTools protocol: it opens pages, clicks and types, and takes notes.

Everything a page asked the network for (`Page.requests`), what it said (`Page.console`) and what its Content
Security Policy refused (`Page.violations`) is recorded from before its first byte, in popups too. Chromium is
told that no host name exists, so a page that wants another host fails here as on a machine without a network.

The protocol: https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

__all__ = ["Browser", "BrowserError", "Page", "find_chromium"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",  # CI runs as root in a container, where the sandbox cannot start
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--window-size=1280,1600",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
)
_SECONDS = 30.0  # the longest wait for anything: a page, a command, a condition

# Runs in every document before its own scripts. Most of what a policy blocks also reaches the console, but
# not all.
_WATCH_POLICY = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.__violations.push(
    `${event.effectiveDirective}: ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`
));
"""


_AUTO_ATTACH = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}


class BrowserError(Exception):
    """Chromium could not start, refused a command, or a condition did not come true in time."""


def find_chromium() -> str | None:
    """Return the Chromium to drive: `RAPIDE_CHROMIUM`, else the first known name on PATH, else None."""
    named = os.environ.get("RAPIDE_CHROMIUM")
    if named:
        return named
    return next(filter(None, map(shutil.which, _NAMES)), None)


class _Connection:
    """One DevTools socket: commands with their answers, and events handed to the page they belong to."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, dict[str, Any]] = {}
        self._changed = threading.Condition()
        self._closed = False
        self.on_event: Callable[[str, str, dict[str, Any]], None] = lambda session, method, params: None
        self._reader = threading.Thread(target=self._read, name="devtools", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with suppress(ConnectionClosed):  # when the browser goes away, whoever waits is told so below
            for text in self._socket:
                self._take(json.loads(text))
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        if "id" not in message:
            self.on_event(message.get("sessionId", ""), message["method"], message["params"])
            return
        with self._changed:
            self._answers[message["id"]] = message
            self._changed.notify_all()

    def post(self, method: str, params: dict[str, Any], session: str = "") -> int:
        """Send a command without waiting for its answer; return its number."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        self._socket.send(json.dumps(message | ({"sessionId": session} if session else {})))
        return number

    def call(self, method: str, params: dict[str, Any], session: str = "") -> dict[str, Any]:
        """Send a command and return its result."""
        number = self.post(method, params, session)
        with self._changed:
            answered = self._changed.wait_for(lambda: number in self._answers or self._closed, _SECONDS)
            if not answered or number not in self._answers:
                raise BrowserError(f"no answer to {method}")
            answer = self._answers.pop(number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def close(self) -> None:
        self._socket.close()
        self._reader.join(_SECONDS)


class Page:
    """One tab or popup."""

    def __init__(self, connection: _Connection, session: str) -> None:
        self._connection = connection
        self._session = session
        #: The URL of every request, in order. `data:` and `blob:` URLs never leave the page and are left out.
        self.requests: list[str] = []
        #: Every console line and browser message as "level: text", uncaught exceptions as "exception: text".
        self.console: list[str] = []
        #: Whether the tab is gone, by itself or through `close`.
        self.closed = False
        self._policy_reports: list[str] = []

    def start(self) -> None:
        """Begin to record. Only posts: it runs on the reader's thread, which must not wait for answers."""
        for domain in ("Network", "Page", "Runtime", "Log", "Audits"):
            self._post(f"{domain}.enable")
        self._post("Target.setAutoAttach", **_AUTO_ATTACH)  # its workers and frames
        self._post("Page.addScriptToEvaluateOnNewDocument", source=_WATCH_POLICY)
        self._post("Runtime.runIfWaitingForDebugger")

    def record(self, method: str, params: dict[str, Any]) -> None:
        """Take note of one event."""
        match method:
            case "Network.requestWillBeSent":
                url = params["request"]["url"]
                if not url.startswith(("data:", "blob:")):
                    self.requests.append(url)
            case "Runtime.consoleAPICalled":
                texts = (str(part.get("value", part.get("description", ""))) for part in params["args"])
                self.console.append(f"{params['type']}: {' '.join(texts)}")
            case "Runtime.exceptionThrown":
                thrown = params["exceptionDetails"]
                text = thrown.get("exception", {}).get("description", thrown["text"])
                self.console.append(f"exception: {text}")
            case "Log.entryAdded":
                entry = params["entry"]
                self.console.append(f"{entry['level']}: {entry['text']} {entry.get('url', '')}".rstrip())
            case "Audits.issueAdded" if "contentSecurityPolicyIssueDetails" in params["issue"]["details"]:
                self._policy_reports.append(
                    json.dumps(params["issue"]["details"]["contentSecurityPolicyIssueDetails"])
                )

    @property
    def violations(self) -> list[str]:
        """What the Content Security Policy refused, by the document's events and by the browser's reports."""
        return [*self.evaluate("window.__violations ?? []"), *self._policy_reports]

    @property
    def hosts(self) -> set[str]:
        """The `host:port` of every request."""
        return {url.split("/")[2] for url in self.requests}

    def goto(self, url: str) -> None:
        """Open a URL and wait until its document and everything it names are loaded."""
        answer = self._call("Page.navigate", url=url)
        if "errorText" in answer:
            raise BrowserError(f"{url}: {answer['errorText']}")
        self.wait_for("document.readyState === 'complete'")

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, promises awaited; it counts as a user's action."""
        answer = self._call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True
        )
        if "exceptionDetails" in answer:
            thrown = answer["exceptionDetails"]
            raise BrowserError(thrown.get("exception", {}).get("description", thrown["text"]))
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """Wait until a JavaScript expression is truthy and return its value."""
        deadline = time.monotonic() + _SECONDS
        while True:
            value = self.evaluate(expression)
            if value:
                return value
            if time.monotonic() > deadline:
                console = "\n  ".join(self.console)
                raise BrowserError(f"never true: {expression}\n  {console}")
            time.sleep(0.05)

    def wait_for_text(self, text: str, *, within: str = "body") -> None:
        """Wait until the visible text of an element contains `text`."""
        self.wait_for(f"document.querySelector({json.dumps(within)})?.innerText.includes({json.dumps(text)})")

    def text(self, selector: str = "body") -> str:
        """Return the visible text of the first element that the selector finds, waiting for it to exist."""
        quoted = json.dumps(selector)
        self.wait_for(f"document.querySelector({quoted}) !== null")
        return str(self.evaluate(f"document.querySelector({quoted}).innerText"))

    def click(self, selector: str) -> None:
        """Click the middle of the first element that the selector finds, waiting for it to exist."""
        x, y = self.wait_for(f"""(() => {{
            const element = document.querySelector({json.dumps(selector)});
            if (!element) return null;
            element.scrollIntoView({{block: "center", behavior: "instant"}});
            const box = element.getBoundingClientRect();
            return box.width && [box.x + box.width / 2, box.y + box.height / 2];
        }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def fill(self, selector: str, text: str) -> None:
        """Replace the content of a text field by typing into it."""
        self.click(selector)
        self.evaluate(f"document.querySelector({json.dumps(selector)}).select()")
        self._call("Input.insertText", text=text)

    def screenshot(self, path: Path) -> None:
        """Write what the window shows as a PNG file."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))

    def close(self) -> None:
        """Close the tab, unless it closed itself. What was recorded stays."""
        if not self.closed:
            self._call("Page.close")

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        return self._connection.call(method, params, self._session)

    def _post(self, method: str, **params: Any) -> None:
        self._connection.post(method, params, self._session)


class Browser:
    """A running Chromium with a profile of its own. Made by `Browser.launch()`."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._pages: dict[str, Page] = {}
        self._targets: dict[str, str] = {}  # target id -> session id
        self._attached = threading.Condition()
        connection.on_event = self._on_event
        connection.call("Target.setAutoAttach", _AUTO_ATTACH)

    @classmethod
    @contextmanager
    def launch(cls) -> Iterator["Browser"]:
        """Start Chromium, and end it and delete its profile on the way out.

        Raises:
            BrowserError: there is no Chromium (see `find_chromium`), or it did not start.
        """
        program = find_chromium()
        if program is None:
            raise BrowserError("no Chromium on this machine")
        profile = tempfile.mkdtemp(prefix="rapide-chromium-")
        process = subprocess.Popen(
            [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            url = _devtools_url(process, Path(profile))
            # Chromium answers no pings, and a screenshot is larger than the default limit of a message.
            with connect(url, max_size=None, ping_interval=None, proxy=None) as socket:
                connection = _Connection(socket)
                yield cls(connection)
                connection.close()
        finally:
            _end(process)
            shutil.rmtree(profile, ignore_errors=True)  # its children may still be writing for a moment

    def open_page(self) -> Page:
        """Open an empty tab."""
        # A window of its own: Chromium draws only the tab in front.
        answer = self._connection.call("Target.createTarget", {"url": "about:blank", "newWindow": True})
        page = self._page_of(answer["targetId"])
        page.evaluate(
            "0"
        )  # answered after all that `start` posted: a navigation before would not be watched in full
        return page

    @property
    def pages(self) -> list[Page]:
        """Every tab and popup there has been, in the order in which they were opened."""
        return [self._pages[session] for session in self._targets.values()]

    def _page_of(self, target: str) -> Page:
        with self._attached:
            if not self._attached.wait_for(lambda: target in self._targets, _SECONDS):
                raise BrowserError("the new tab did not open")
            return self._pages[self._targets[target]]

    def _on_event(self, session: str, method: str, params: dict[str, Any]) -> None:
        if method == "Target.attachedToTarget":
            self._attach(session, params["sessionId"], params["targetInfo"])
        elif method == "Target.detachedFromTarget" and params["sessionId"] in self._targets.values():
            self._pages[params["sessionId"]].closed = True
        elif session in self._pages:
            self._pages[session].record(method, params)

    def _attach(self, parent: str, session: str, target: dict[str, Any]) -> None:
        if target["type"] != "page":  # a worker or a frame: what it does counts as its page's
            if parent in self._pages:
                self._pages[session] = self._pages[parent]
            for method in ("Network.enable", "Runtime.enable", "Runtime.runIfWaitingForDebugger"):
                self._connection.post(method, {}, session)
            return
        page = self._pages[session] = Page(self._connection, session)
        page.start()
        with self._attached:  # only now: whoever waits for the page may send it elsewhere at once
            self._targets[target["targetId"]] = session
            self._attached.notify_all()


def _devtools_url(process: subprocess.Popen[bytes], profile: Path) -> str:
    """Wait for the file in which Chromium says where it listens."""
    port_file = profile / "DevToolsActivePort"
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise BrowserError(f"Chromium ended at once with status {process.returncode}")
        lines = port_file.read_text(encoding="ascii").split() if port_file.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise BrowserError("Chromium does not listen")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End Chromium and its children: they are the one process group that `launch` made."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break  # nobody is left
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
