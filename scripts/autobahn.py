"""Autobahn's cases against an echo on Rapide: how many behave as RFC 6455 says."""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
_REPORT = _ROOT / "autobahn-report"
_AGENT = "rapide"
_GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}
_LEFT_OUT = ["9.*", "12.*", "13.*"]  # performance; compression, which the server negotiates by itself

# What a server does by itself, whatever runs on it: an echo of ten lines of bare ASGI fails there, too.
# 7.1.5: a close frame amid a fragmented message is answered with 1002 in place of 1000.
_OF_THE_SERVER = {"uvicorn": {"7.1.5"}}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise SystemExit("The server did not start.")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The server did not answer.")


def run(suite: str, server_name: str, cases: list[str]) -> dict[str, Any]:
    """Serve the echo, let the suite talk to it, and return its report by case."""
    port = _free_port()
    command = [sys.executable, "-m", "rapide", "run", "-e", "echo:app", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--server", server_name, "--log-level", "critical"]
    specification = {
        "servers": [{"agent": _AGENT, "url": f"ws://127.0.0.1:{port}/echo"}],
        "outdir": str(_REPORT),
        "cases": cases,
        "exclude-cases": _LEFT_OUT,
        "exclude-agent-cases": {},
    }
    server = subprocess.Popen(command, cwd=_ROOT / "scripts")
    try:
        _wait(port, server)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(specification, file)
            file.flush()
            client = [suite, "--mode", "fuzzingclient", "--spec", file.name]
            subprocess.run(client, stdout=subprocess.DEVNULL, check=True)
    finally:
        server.terminate()
        server.wait(60)
    report: dict[str, Any] = json.loads((_REPORT / "index.json").read_text(encoding="utf-8"))[_AGENT]
    return report


def main() -> int:
    """Print what the suite found; 1 when a case failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", default="wstest", help="the suite's command")
    parser.add_argument("--server", default="uvicorn", choices=["uvicorn", "hypercorn", "granian"])
    parser.add_argument("--cases", nargs="*", default=["*"])
    options = parser.parse_args()
    report = run(options.suite, options.server, options.cases)
    counts = Counter(case["behavior"] for case in report.values())
    closes = Counter(case["behaviorClose"] for case in report.values())
    print(f"{len(report)} cases on {options.server}: {_listed(counts)}; closing: {_listed(closes)}")
    failed = [
        name
        for name, case in sorted(report.items())
        if not {case["behavior"], case["behaviorClose"]} <= _GOOD
    ]
    known = _OF_THE_SERVER.get(options.server, set())
    for name in failed:
        word = "of the server" if name in known else "FAILED"
        print(f"  {word}: {name}: {report[name]['behavior']}, closing {report[name]['behaviorClose']}")
    return 1 if set(failed) - known else 0


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())


if __name__ == "__main__":
    sys.exit(main())
