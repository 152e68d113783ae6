"""Projects in temporary directories, the command in this process, and the command as a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import rapide
from rapide.cli import main

# An application with the methods that the commands ask for, without the engine behind them.
API = """
import json
import os

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Host, Mount, Route, WebSocketRoute


class Problem:
    def __init__(self, code, severity, message, location, remedy):
        self.code, self.severity, self.message = code, severity, message
        self.location, self.remedy = location, remedy


class Api(Starlette):
    docs_url = "/docs"
    openapi_url = "/openapi.json"
    problems = ()
    prepared = False

    def prepare(self):
        self.prepared = True

    def openapi(self):
        info = {"title": "Bücher", "version": "1"}
        return {"openapi": "3.1.0", "info": info, "paths": {}}

    def explain(self, method, path):
        if (method, path) != ("GET", "/items"):
            raise LookupError(path)
        return "plan of GET /items\\ndef handler(): ...\\n"

    def check(self):
        return list(self.problems)


async def items(request):
    return JSONResponse({"pid": os.getpid(), "prepared": request.app.prepared})


async def listen(socket):
    await socket.accept()
    await socket.close()
"""

_USUAL_ROUTES = 'app = Api(routes=[Route("/items", items)])\n'


@dataclass(frozen=True)
class Outcome:
    """What a finished command left."""

    code: int
    out: str
    err: str


@dataclass
class Project:
    """The current directory of a test."""

    folder: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def write_api(self, name: str = "main.py", text: str = _USUAL_ROUTES) -> Path:
        """Write a module with `Api` and endpoints, and `text` behind them."""
        return self.write(name, API + "\n\n" + textwrap.dedent(text))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """An empty project as the current directory; what its modules leave in this process is taken back."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in list(os.environ):
        if name.startswith(("RAPIDE_", "UVICORN_", "FASTAPI_")) or name in {
            "PORT", "WEB_CONCURRENCY", "LOG_LEVEL", "FORWARDED_ALLOW_IPS", "NO_COLOR", "FORCE_COLOR",
        }:  # fmt: skip
            monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = dict(os.environ)
    yield Project(folder)
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]
    for name in os.environ.keys() - before.keys():  # environment files
        del os.environ[name]


@pytest.fixture
def rapide_command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run the command in this process."""

    def run(*arguments: str) -> Outcome:
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        captured = capsys.readouterr()
        return Outcome(int(stopped.value.code or 0), captured.out, captured.err)

    return run


def child_environment(**extra: str) -> dict[str, str]:
    """Return the environment of a child process that must find this very package."""
    source = str(Path(rapide.__file__).parents[1])
    paths = [source, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1", **extra}


@dataclass
class Server:
    """A `rapide` process that serves."""

    arguments: tuple[str, ...]
    folder: Path
    logs: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    terminal: int | None = None

    def start(self) -> None:
        """Start it, without waiting."""
        self.logs.mkdir()
        with Path(self.logs / "out").open("wb") as out, Path(self.logs / "err").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rapide", *self.arguments],
                cwd=self.folder,
                env=child_environment(**self.environment),
                stdout=out,
                stderr=err if self.terminal is None else self.terminal,
            )

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        """Wait until a condition holds; a machine under load may take its time, so the limit is far off."""
        give_up = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < give_up, f"waited in vain for {what}:\n{self.out}\n{self.err}"
            time.sleep(0.05)

    @property
    def out(self) -> str:
        """What it has written to stdout."""
        return (self.logs / "out").read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        """What it has written to stderr."""
        return (self.logs / "err").read_text(encoding="utf-8")

    def get(self, path: str = "/items", **headers: str) -> tuple[int, str]:
        """Request a path; return status and body, or (0, reason) when nobody answers."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except (OSError, urllib.error.URLError) as error:
            return 0, str(error)

    def wait_until_serving(self, path: str = "/items") -> tuple[int, str]:
        """Wait for the first answer, and return it."""
        self.wait_for(lambda: self.process.poll() is not None or self.get(path)[0], "the server")
        assert self.process.poll() is None, self.err
        return self.get(path)

    def wait_for_exit(self) -> int:
        """Wait until it has ended by itself, and return the exit code."""
        return self.process.wait(timeout=60)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.wait_for_exit()


def free_port() -> int:
    """Return a port nobody uses at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def start_server(project: Project, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers; those still running at the end of the test are stopped."""
    started: list[Server] = []

    def start(
        *arguments: str,
        environment: dict[str, str] | None = None,
        listen: bool = True,
        stderr: int | None = None,
    ) -> Server:
        port = free_port()
        where = ("--host", "127.0.0.1", "--port", str(port)) if listen else ()
        logs = tmp_path / f"logs{len(started)}"
        server = Server((*arguments, *where), project.folder, logs, environment or {}, port, stderr)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.process.wait(timeout=10)
            server.process.kill()
            server.process.wait(timeout=10)


@pytest.fixture
def python_environment() -> Callable[..., dict[str, str]]:
    """Make the environment of a child process that must find this very package."""
    return child_environment
