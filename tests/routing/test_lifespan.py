"""Lifespans of an application, its routers and what is mounted: nested, and unwound on failure."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from rapide import APIRouter, Rapide
from rapide.testclient import TestClient

# What is mounted opens before the routers: a mounted application is part of the application itself.
_NAMES = ["app", "mounted", "deep", "last", "router", "inner"]


def _application(log: list[str], fails: dict[str, str]) -> Rapide:
    """An application with a router in a router, and a mounted application with one mounted in it."""

    def life(name: str) -> Callable[[Any], Any]:
        @asynccontextmanager
        async def lifespan(app: Any) -> AsyncIterator[dict[str, str]]:
            if fails.get(name) == "start":
                raise ValueError(name)
            log.append(f"{name} opened")
            try:
                yield {name: name}
            finally:
                log.append(f"{name} closed")
            if fails.get(name) == "end":
                raise ValueError(name)

        return lifespan

    inner, router = APIRouter(lifespan=life("inner")), APIRouter(lifespan=life("router"))
    router.include_router(inner, prefix="/inner")
    deep, mounted = Rapide(lifespan=life("deep")), Rapide(lifespan=life("mounted"))
    mounted.mount("/deep", deep)
    app = Rapide(lifespan=life("app"))
    app.include_router(router, prefix="/router")
    app.mount("/mounted", mounted)
    app.mount("/last", Rapide(lifespan=life("last")))
    return app


def test_all_open_in_order_and_close_in_reverse():
    """What was opened first may be needed by all the others, so it is closed last."""
    log: list[str] = []
    with TestClient(_application(log, {})):
        assert log == [f"{name} opened" for name in _NAMES]
        log.clear()
    assert log == [f"{name} closed" for name in reversed(_NAMES)]


@pytest.mark.parametrize("name", _NAMES)
def test_start_that_fails_closes_what_was_open(name):
    """LIF-01: nothing after it is opened, all before it is closed, and the failure is what is raised."""
    log: list[str] = []
    client = TestClient(_application(log, {name: "start"}))
    with pytest.raises(ValueError, match=f"^{name}$"):
        client.__enter__()
    before = _NAMES[: _NAMES.index(name)]
    assert log == [f"{each} opened" for each in before] + [f"{each} closed" for each in reversed(before)]


@pytest.mark.parametrize("name", _NAMES)
def test_end_that_fails_keeps_no_other_open(name):
    """LIF-02: all others are closed all the same, and the failure is raised after them."""
    log: list[str] = []
    client = TestClient(_application(log, {name: "end"}))
    client.__enter__()
    log.clear()
    with pytest.raises(ValueError, match=f"^{name}$"):
        client.__exit__(None, None, None)
    assert log == [f"{each} closed" for each in reversed(_NAMES)]
