"""The lifespan of an application under test (ASGI 3, lifespan 2.0)."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from anyio import Event, fail_after, sleep_forever
from starlette.types import ASGIApp, Message

from rapide.routing.lifespan import runs_something
from rapide.testing.task import AppTask

__all__ = ["Lifespan", "LifespanNotEnteredWarning", "has_lifespan"]


class LifespanNotEnteredWarning(UserWarning):
    """A client sends requests to an application whose lifespan it was not asked to run."""


def has_lifespan(app: Any) -> bool:
    """Tell whether an application, below its middleware, does something when it starts or ends.

    False for applications that keep it to themselves.
    """
    while not hasattr(app, "lifespan_context"):
        inner = getattr(app, "router", None) or getattr(app, "app", None)
        if inner is None:
            return False
        app = inner
    return runs_something(app.lifespan_context)


class Lifespan:
    """Starts an application and ends it again; it lives in a task of its own. Its state goes into `state`."""

    def __init__(self, app: ASGIApp, state: MutableMapping[str, Any]) -> None:
        self._app = app
        self._scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": state,
        }
        self._asked = self._spoke = self._ending = False
        self._failure: str | None = None
        self._started = Event()
        self._stopping = Event()
        self._task = AppTask(self._run, "lifespan")

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._send)
        finally:
            self._started.set()

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "lifespan.startup"}
        await self._stopping.wait()
        if self._ending:
            await sleep_forever()
        self._ending = True
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: Message) -> None:
        self._spoke = True
        kind = message["type"]
        if kind.endswith(".failed"):
            self._failure = message.get("message") or kind
        elif kind == "lifespan.startup.complete":
            self._started.set()

    async def start(self, limit: float | None) -> None:
        """Wait until the application has started.

        Raises what it raises, RuntimeError when it says that it failed, TimeoutError after `limit` seconds.
        An application that does not know of lifespans and returns is left in peace.
        """
        try:
            with fail_after(limit):
                await self._started.wait()
        except TimeoutError:
            await self._task.stop(0)
            raise TimeoutError(f"The application did not start within {limit} seconds") from None
        except BaseException:
            await self._task.stop(0)
            raise
        if not self._task.ended:
            return
        if self._task.error is not None and not self._spoke:
            self._task.error.add_note("An application without a lifespan? Give the client lifespan=False.")
        self._check()

    async def stop(self, limit: float | None) -> None:
        """End the application. Raises as `start` does; not interrupted when the caller is cancelled."""
        self._stopping.set()
        if not await self._task.stop(limit):
            raise TimeoutError(f"The application did not end within {limit} seconds") from self._task.error
        self._check()

    def _check(self) -> None:
        if self._task.error is not None:
            raise self._task.error
        if self._failure is not None:
            raise RuntimeError(f"The application's lifespan failed: {self._failure}")
