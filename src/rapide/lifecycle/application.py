"""The life of one application under a server, from the first signal to the end of its lifespan."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

from anyio import CancelScope, Event, create_task_group, current_time, move_on_after, sleep
from anyio.abc import TaskGroup
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rapide.lifecycle.drain import begin_drain, current_drain
from rapide.lifecycle.signals import heard_from_parent, listening
from rapide.lifecycle.watchdog import watching

__all__ = [
    "DEFAULT_GRACE",
    "ApplicationLife",
    "set_default_grace",
    "set_failure_listener",
    "set_shutdown_delay",
]

# Seconds; Kubernetes kills after 30, Docker after 10.
DEFAULT_GRACE = 10.0

# What clean-up gets when requests have used up the grace period.
_LEAST_CLEAN_UP_SECONDS = 5.0

# What cancelled connections get for their clean-up before the lifespan is left.
_CANCELLED_SECONDS = 1.0

# From so many routes on, looking for garbage takes longer than an event loop should be blocked.
_MANY = 100

_LIFESPAN = {"type": "lifespan"}

_log = logging.getLogger("rapide")


def _nothing() -> None:
    """Do nothing."""


class _Defaults:
    def __init__(self) -> None:
        self.grace = DEFAULT_GRACE
        self.delay = 0.0
        self.on_failure: Callable[[], object] = _nothing


_defaults = _Defaults()


def set_default_grace(seconds: float) -> None:
    """Set the grace period of applications that say nothing: `rapide run` does, for its own option."""
    _defaults.grace = seconds


def set_shutdown_delay(seconds: float) -> None:
    """Let servers go on for so long after the signal, as if nothing had happened, but with `/readyz` at 503.

    Load balancers need a while until they send nothing more; `rapide run` sets it for its own option.
    """
    _defaults.delay = seconds


def set_failure_listener(listener: Callable[[], None]) -> None:
    """Have a function called when a lifespan fails at its end: most servers keep it to themselves."""
    _defaults.on_failure = listener


class ApplicationLife:
    """One life of an application, from its start under a server to its end.

    The application is asked for its `shutdown_grace`, in seconds or None, and for `active_connections`, which
    it counts itself because that costs no call; it calls `when_idle` when none is left. It is told to
    `get_ready` when its own start-up is over.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._deadline = 0.0
        self._scope = CancelScope()
        self._pass_on: Callable[[], None] = _nothing
        self._server_ends = Event()  # whether it wants to or not: there is nothing to delay

    @property
    def grace(self) -> float:
        """Seconds from the signal until what still runs is cancelled."""
        own: float | None = self._app.shutdown_grace
        return _defaults.grace if own is None else own

    async def run(self, lifespan: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the lifespan, and end what is being served when the server ends."""
        told = Event()
        ending: Message | None = None
        listeners = ExitStack()

        async def receive_ending() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                self._server_ends.set()
                told.set()
                await self._end()
            return message

        async def send_noted(message: Message) -> None:
            nonlocal ending
            if message["type"] == "lifespan.startup.complete":
                self._app.get_ready()
                if len(self._app.routes) >= _MANY:
                    # After so many new objects Python looks at all there are, and all waits: better now.
                    gc.collect()
                self._pass_on = listeners.enter_context(listening(told.set))
                listeners.enter_context(watching())
            if message["type"].startswith("lifespan.shutdown."):
                ending = message
            else:
                await send(message)

        try:
            with listeners, self._scope:
                async with _alone() as group:
                    group.start_soon(self._drain, told)
                    group.start_soon(self._hear, told)
                    await lifespan(scope, receive_ending, send_noted)
                    group.cancel_scope.cancel()
        finally:
            if self._scope.cancelled_caught:
                text = "The lifespan did not end in time and was cancelled."
                _log.error(text)
                ending = ending or {"type": "lifespan.shutdown.failed", "message": text}
            # Last of all: servers end their loop when they hear it, and complain of a lifespan that goes on.
            if ending is not None:
                if ending["type"] == "lifespan.shutdown.failed":
                    _defaults.on_failure()
                await send(ending)

    async def _hear(self, told: Event) -> None:
        await heard_from_parent()
        self._server_ends.set()
        told.set()

    async def _drain(self, told: Event) -> None:
        """Begin to end when a signal came, or the server says that it is over; cancel what is left then."""
        await told.wait()
        current_drain().announced = True
        with move_on_after(_defaults.delay):
            await self._server_ends.wait()
        self._set_deadline()
        await begin_drain()
        self._pass_on()
        await sleep(max(0.0, self._deadline - current_time()))
        tasks = list(_tasks_inside(self._app))
        if tasks:
            text = "%d connections did not end within %g seconds and are cancelled."
            _log.warning(text, len(tasks), self.grace)
        for task in tasks:
            task.cancel()

    def _set_deadline(self) -> None:
        self._deadline = self._deadline or current_time() + self.grace

    async def _end(self) -> None:
        """Wait for what is still active, which some servers do not do, and give clean-up its time."""
        self._set_deadline()
        with move_on_after(max(0.0, self._deadline - current_time()) + _CANCELLED_SECONDS):
            await self._wait_for_last()
        self._scope.deadline = max(self._deadline, current_time() + _LEAST_CLEAN_UP_SECONDS)

    async def _wait_for_last(self) -> None:
        if not self._app.active_connections:
            return
        idle = Event()
        self._app.when_idle = idle.set
        try:
            await idle.wait()
        finally:
            self._app.when_idle = None


@asynccontextmanager
async def _alone() -> AsyncIterator[TaskGroup]:
    """Open a task group that raises what its block raised, and no group of it."""
    try:
        async with create_task_group() as group:
            yield group
    except BaseExceptionGroup as raised:
        only, *others = raised.exceptions
        if others:
            raise
        raise only from None


def _tasks_inside(app: Any) -> Iterator[asyncio.Task[Any]]:
    """Find the tasks that serve a connection, by what they wait in: so no request has to leave word.

    Servers await the application through a few functions of their own. On trio, servers cancel themselves.
    """
    loop = asyncio.events._get_running_loop()  # noqa: SLF001 -- documented; None on trio
    for task in () if loop is None else asyncio.all_tasks(loop):
        waiting: Any = task.get_coro()
        while (frame := getattr(waiting, "cr_frame", None)) is not None:
            values = frame.f_locals
            if values.get("self") is app and values.get("scope", _LIFESPAN)["type"] != "lifespan":
                yield task
                break
            waiting = waiting.cr_await
