"""Starts a framework's server on 127.0.0.1, pinned to one core.

What it costs is read from the operating system.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.frameworks import ROOT, Environment

__all__ = ["Server", "ServerError", "start_server"]

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0


class ServerError(RuntimeError):
    """A server did not start, or went away."""


class Server:
    """A running server and the processes that belong to it."""

    def __init__(self, environment: Environment, process: subprocess.Popen[bytes], port: int) -> None:
        self.framework = environment.framework
        self.port = port
        self._process = process

    def cpu_seconds(self) -> float:
        """CPU time that the server's processes have used so far, in user and system mode, all threads."""
        return sum(_cpu_ticks(pid) for pid in self._pids()) / _TICKS

    def resident_bytes(self) -> int:
        """Memory that the server holds, all of its processes together."""
        return sum(_resident_pages(pid) for pid in self._pids()) * _PAGE

    def check_alive(self) -> None:
        """Raise ServerError when the server has gone."""
        if self._process.poll() is not None:
            raise ServerError(
                f"the server of {self.framework.name} is gone (exit status {self._process.returncode})"
            )

    def _pids(self) -> list[int]:
        self.check_alive()
        return _with_children(self._process.pid)


@contextmanager
def start_server(environment: Environment, *, core: int = 0, workers: int = 1) -> Iterator[Server]:
    """Start a server, wait until it takes connections, end it after use.

    Raises ServerError when it does not start.

    `workers` above one asks uvicorn for so many processes, which then may use all cores.
    """
    port = _free_port()
    command = environment.command(port)
    command += ["--workers", str(workers)] if workers > 1 else []
    pinned = command if workers > 1 else ["taskset", "-c", str(core), *command]
    process = subprocess.Popen(
        pinned,
        cwd=ROOT,
        env=environment.variables(port),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so that its processes can be ended together, and no others
    )
    server = Server(environment, process, port)
    try:
        _wait_until_open(server)
        yield server
    finally:
        _stop(process)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait_until_open(server: Server) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        server.check_alive()
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise ServerError(f"the server of {server.framework.name} takes no connections")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server's own process group: politely, then not."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            break
        os.killpg(process.pid, sign)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _with_children(pid: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(one := waiting.pop())
        waiting += parents.get(one, [])
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on, none when it is gone; the name may hold spaces."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def _cpu_ticks(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0  # utime and stime


def _resident_pages(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[21]) if fields else 0
