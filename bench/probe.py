"""Measures once, in a fresh process of a framework's environment, and prints one line of JSON.

python -m bench.probe build rapide Rapide 1000     what a large application costs before its first request
python -m bench.probe blocked rapide Rapide 1000   for how long its first document keeps the event loop busy
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.cases import Case, check_answer
from bench.client import Lifespan, answer

__all__ = ["main"]

_PAGE = os.sysconf("SC_PAGE_SIZE")


def _resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE


def _timed(function: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = function()
    return time.process_time() - start, result


def _large(package: str, class_name: str, routes: int, **options: Any) -> tuple[float, float, int, Any]:
    """Declare a large application; return seconds for models and for it, memory before it, and it."""
    large = importlib.import_module("bench.apps.large")
    importlib.import_module(package)
    resources = routes // large.ROUTES_OF_A_RESOURCE
    of_models, models = _timed(lambda: large.make_models(resources))
    before = _resident()
    of_app, app = _timed(lambda: large.declare(package, class_name, models, **options))
    return of_models, of_app, before, app


def build(package: str, class_name: str, routes: int) -> dict[str, float]:
    """Measure seconds and bytes until all is ready, and what the first document adds.

    Frameworks put off work until a route is asked for the first time. Ready is an application whose routes
    have all answered once; what the same requests cost the second time is left out.
    """
    of_models, declared, before, app = _large(package, class_name, routes, openapi_url=None)
    prepare = getattr(app, "prepare", None)  # Rapide's way of doing all of it before serving
    prepared, _ = _timed(prepare) if prepare else (0.0, None)
    with asyncio.Runner() as runner:
        lifespan = Lifespan(app)
        started, _ = _timed(lambda: runner.run(lifespan.start()))
        first, _ = _timed(lambda: runner.run(_ask_all(app, routes)))
        second, _ = _timed(lambda: runner.run(_ask_all(app, routes)))
        runner.run(lifespan.end())
    after = _resident()
    openapi, _ = _timed(app.openapi)
    again, _ = _timed(app.openapi)
    return {
        "models": of_models,
        "declared": declared,
        "ready": declared + prepared + started + max(0.0, first - second),
        "bytes": (after - before) / routes,
        "openapi": openapi,
        "openapi_again": again,
        "bytes_with_openapi": (_resident() - before) / routes,
    }


async def _ask_all(app: Any, routes: int) -> None:
    large = importlib.import_module("bench.apps.large")
    for case in large.requests(routes // large.ROUTES_OF_A_RESOURCE):
        wrong = check_answer(case, *await answer(app, case))
        if wrong is not None:
            raise RuntimeError(f"{case.name}: {wrong}")


def blocked(package: str, class_name: str, routes: int) -> dict[str, float]:
    """Measure for how long other tasks wait while the first document is made, and how long that takes."""
    app = _large(package, class_name, routes)[-1]
    with asyncio.Runner() as runner:
        return runner.run(_watch_loop(app))


async def _watch_loop(app: Any) -> dict[str, float]:
    lifespan = Lifespan(app)
    await lifespan.start()
    gaps: list[float] = []
    watch = asyncio.ensure_future(_beat(gaps))
    await asyncio.sleep(0.2)
    quiet = max(gaps)
    gaps.clear()
    start = time.perf_counter()
    status, body = await answer(app, Case("", "", "/openapi.json", judge=lambda _: None))
    taken = time.perf_counter() - start
    await asyncio.sleep(0.02)
    watch.cancel()
    await lifespan.end()
    if status != 200:
        raise RuntimeError(f"the document was answered with {status}: {body[:200]!r}")
    return {"blocked": max(gaps), "quiet": quiet, "seconds": taken, "size": len(body)}


async def _beat(gaps: list[float]) -> None:
    """Note how late the event loop is each time."""
    while True:
        start = time.perf_counter()
        await asyncio.sleep(0.001)
        gaps.append(time.perf_counter() - start - 0.001)


def main() -> None:
    """Do what the arguments say."""
    what, package, class_name, routes = sys.argv[1:]
    print(json.dumps({"build": build, "blocked": blocked}[what](package, class_name, int(routes))))


if __name__ == "__main__":
    main()
