"""Counts instructions per request with callgrind; `scripts/count-instructions` runs it.

One process makes few requests, another one more of them: the difference is what the requests took, without
the start of the interpreter. Python's hashes have a fixed seed, so that two runs differ by well under one per
cent, whatever else the machine does.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from bench.cases import CASES, check_answer
from bench.client import Lifespan, answer, make_asker
from bench.contract import make_download

__all__ = ["count_instructions", "main"]

_ROOT = Path(__file__).parent.parent
_CANONICAL = ("text", "json", "params", "body", "list", "graph", "def", "form", "404", "422")
_FEWER, _MORE = 50, 150
_TIMEOUT = 600


async def _make_requests(name: str, count: int) -> None:
    """Make so many requests of a case; raise RuntimeError when the first is answered wrong."""
    app = import_module("bench.apps.rapide_app").app  # in the process that is counted only
    case, lifespan = CASES[name], Lifespan(app)
    await lifespan.start()
    wrong = check_answer(case, *await answer(app, case))
    if wrong is not None:
        raise RuntimeError(f"{name}: {wrong}")
    ask = make_asker(app, case)
    for _ in range(count):
        await ask()
    await lifespan.end()


def _instructions(name: str, count: int) -> int:
    """Return the instructions of a whole process that makes so many requests."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            "valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind.out",
            sys.executable, "-m", "bench.instructions", "--child", name, str(count),
        ]  # fmt: skip
        variables = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": f"{_ROOT}:{_ROOT / 'src'}"}
        done = subprocess.run(
            command, cwd=_ROOT, env=variables, capture_output=True, text=True, check=False, timeout=_TIMEOUT
        )
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or found is None:
        raise RuntimeError(f"{name}: {done.stderr[-1000:]}")
    return int(found[1])


def count_instructions(name: str) -> float:
    """Return the instructions of one request of a case. Raises RuntimeError when it is answered wrong."""
    return (_instructions(name, _MORE) - _instructions(name, _FEWER)) / (_MORE - _FEWER)


def main(arguments: list[str]) -> None:
    """Print a line for each case, or make requests as the process that is counted."""
    if arguments[:1] == ["--child"]:
        asyncio.run(_make_requests(arguments[1], int(arguments[2])))
        return
    make_download()
    for name in arguments or _CANONICAL:
        print(f"{name:10} {count_instructions(name):12,.0f} instructions per request", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
