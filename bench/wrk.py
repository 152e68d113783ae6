"""Puts load on a server with wrk and reads what it reports."""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.cases import Case

__all__ = ["Load", "LoadError", "parse_report", "put_load"]


class LoadError(RuntimeError):
    """Requests failed, or were answered with other statuses than they should be."""


@dataclass(frozen=True)
class Load:
    """What wrk says that it did."""

    requests: int
    seconds: float
    errors: int
    failures: int

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def parse_report(report: str) -> Load:
    """Read wrk's report: requests, seconds, socket errors, answers that are neither 2xx nor 3xx.

    Raises LoadError if it is none.
    """
    done = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m|h)\b", report)
    if done is None:
        raise LoadError(f"wrk reported nothing: {report[-300:]!r}")
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", report)
    failures = re.search(r"Non-2xx or 3xx responses: (\d+)", report)
    return Load(
        requests=int(done[1]),
        seconds=float(done[2]) * _UNITS[done[3]],
        errors=sum(map(int, errors.groups())) if errors else 0,
        failures=int(failures[1]) if failures else 0,
    )


def put_load(
    case: Case, port: int, *, seconds: float, connections: int, core: int = 1, strict: bool = True
) -> Load:
    """Make the requests of a case for some seconds over some connections, from one core.

    Raises LoadError when a request failed; with `strict` off, socket errors are only counted.
    """
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "case.lua"
        script.write_bytes(_script(case))
        command = [
            "taskset", "-c", str(core), "wrk", "--threads", "1", "--connections", str(connections),
            "--duration", f"{max(1, round(seconds))}s", "--timeout", "20s", "--script", str(script),
            f"http://127.0.0.1:{port}{case.target}",
        ]  # fmt: skip
        report = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=seconds + 60
        ).stdout
    load = parse_report(report)
    expected_failures = 0 if 200 in case.statuses else load.requests
    closes = 500 in case.statuses  # a server may close the connection after such an answer
    if load.failures != expected_failures or (strict and load.errors and not closes):
        raise LoadError(
            f"{case.name}: {load.failures} wrong answers and {load.errors} errors in {load.requests} requests"
        )
    return load


def _script(case: Case) -> bytes:
    """A script for wrk that sets method, headers and body; wrk adds Host and Content-Length."""
    lines = [b'wrk.method = "%s"' % case.method.encode()]
    for name, value in case.headers:
        lines.append(b'wrk.headers["%s"] = "%s"' % (name, value))
    if len(case.body) > 64 * 1024:
        # A body of megabytes is one byte repeated between a head and a tail: said so, not written out.
        lines.append(_repeated(case.body))
    elif case.body:
        lines.append(b"wrk.body = [==[" + case.body + b"]==]")
    return b"\n".join(lines) + b"\n"


def _repeated(body: bytes) -> bytes:
    middle = body[len(body) // 2 : len(body) // 2 + 1]
    start = body.index(middle * 64)
    count = len(body) - start - len(body[start:].lstrip(middle))
    head, tail = body[:start], body[start + count :]
    return b"wrk.body = %s .. string.rep(string.char(%d), %d) .. %s" % (
        _quoted(head),
        middle[0],
        count,
        _quoted(tail),
    )


def _quoted(text: bytes) -> bytes:
    return (
        b'"'
        + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\r", b"\\r").replace(b"\n", b"\\n")
        + b'"'
    )
