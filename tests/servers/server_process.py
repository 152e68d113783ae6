"""Servers as processes, started by their own commands as their manuals say."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

import rapide

__all__ = ["COMMANDS", "Process", "eventually", "serving"]

#: How each server is started without the `rapide` command; {app} and {port} are filled in.
COMMANDS = {
    "uvicorn": ["-m", "uvicorn", "{app}", "--port", "{port}"],
    "hypercorn": ["-m", "hypercorn", "{app}", "--bind", "127.0.0.1:{port}"],
    "granian": ["-m", "granian", "{app}", "--interface", "asgi", "--port", "{port}"],
}


def eventually(holds: Callable[[], Any], seconds: float = 30) -> Any:
    """Wait until a condition is true and return its value; the false one when it never was.

    The wait is as long as a machine under load may need; no test says how quickly anything must happen.
    """
    deadline = time.monotonic() + seconds
    while not (value := holds()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return value


class Process:
    """A running server."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.name = name
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.websocket_url = f"ws://127.0.0.1:{port}"
        self._log = log
        self.client = httpx2.Client(base_url=self.url, timeout=30, trust_env=False)

    @property
    def log(self) -> str:
        """What the server and the application have written."""
        return self._log.read_text(encoding="utf-8")

    def notes(self) -> list[str]:
        """Return what the application has written down."""
        noted: list[str] = self.client.get("/notes").json()
        return noted

    def answers(self) -> bool:
        """Tell whether somebody accepts connections."""
        try:
            self.client.get("/notes", headers={"connection": "close"})
        except httpx2.TransportError:
            return False
        return True

    def send_signal(self, number: int = signal.SIGTERM) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def wait(self, seconds: float = 60) -> int:
        """Wait until it has ended, and return its exit status."""
        return self.process.wait(seconds)


@contextmanager
def serving(
    command: Sequence[str], app: str, folder: Path, log: Path, **environment: str
) -> Iterator[Process]:
    """Start a server and wait until it answers; end it on the way out.

    `command` follows the interpreter; `folder` is where the module of the application is found.
    """
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    paths = [str(folder), str(Path(rapide.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1", **environment}
    arguments = [part.format(app=app, port=port) for part in command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=folder, env=variables, stdout=output, stderr=output
        )
    running = Process(command[1], process, port, log)
    try:
        if (
            not eventually(lambda: process.poll() is not None or running.answers())
            or process.poll() is not None
        ):
            raise RuntimeError(f"{arguments} does not serve:\n{running.log}")
        yield running
    finally:
        running.client.close()
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()  # nothing happens to one that has ended
            process.wait()
