"""Limits of bodies at run time: that of a route, and that of everything below an application or a mount.

What stands further inside may raise or lower a limit. So the outermost limit counts, the others tell it how
far.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import update_wrapper
from typing import Any, TypeVar

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rapide._run.body import ContentTooLargeError, announced_size, limited
from rapide._run.forms import FORM_LIMITS
from rapide._run.respond import STARTED
from rapide.plan.nodes import Limits

__all__ = ["BodyLimit", "excess_in", "limit_route", "limits_of", "refuse_plainly", "under_limits"]

# A request in HTTP/1.1 without one of these has no body (RFC 9112, section 6.3), and nothing to refuse or to
# tell. Where a server lets one through, its bytes are counted nevertheless.
_OF_BODIES = frozenset({b"content-length", b"transfer-encoding"})

R = TypeVar("R")

Handler = Callable[[Scope, Receive, Send], Any]
Refuse = Callable[[Scope, Receive, Send, Exception], Awaitable[Any]]

# Starlette's own key and attribute names: its routes and applications with limits work with ours.
_METER = "starlette._body_limit_responder"


async def refuse_plainly(scope: Scope, receive: Receive, send: Send, exc: Exception | None = None) -> None:
    """Answer 413 in plain text, past all exception handlers, as Starlette does."""
    scope[STARTED] = True
    await PlainTextResponse("Content Too Large", 413)(scope, receive, send)


def excess_in(exc: BaseException) -> ContentTooLargeError | None:
    """Return the excess that an exception stands for: itself, or all that a group of task groups holds."""
    if isinstance(exc, ContentTooLargeError):
        return exc
    if not isinstance(exc, BaseExceptionGroup):
        return None
    found = [excess_in(inner) for inner in exc.exceptions]
    return found[0] if all(found) else None


def limit_route(handler: Handler, limit: int, *, plainly: bool) -> Handler:
    """Return a handler that is not called for a body announced as too large, and receives none that is.

    Refusals are ContentTooLargeError; with `plainly` announced ones are answered in plain text.
    """

    async def limited_handler(scope: Scope, receive: Receive, send: Send) -> None:
        for name, _ in scope["headers"]:
            if name in _OF_BODIES:
                break
        else:
            if scope.get("http_version", "2") < "2":
                await handler(scope, limited(receive, limit), send)
                return
        if announced_size(scope) > limit:
            if not plainly:
                raise ContentTooLargeError
            await refuse_plainly(scope, receive, send)
            return
        _tell(scope.get(_METER), limit)
        await handler(scope, limited(receive, limit), send)

    return update_wrapper(limited_handler, handler)


def _tell(meter: Any, limit: int) -> None:
    """Tell the outermost limit, if there is one, that another holds here."""
    if meter is not None:
        meter.max_body_size = limit
        if meter.total_size > limit:
            raise ContentTooLargeError


class _Meter:
    """Counts the body of one request."""

    def __init__(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        self.max_body_size = limit
        self.total_size = 0
        self.started = False
        self.refused = False
        self._announced = announced_size(scope)
        self._scope = scope
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        """Return the next message, unless the body is, or will be, too large."""
        if self._announced > self.max_body_size:
            return self._refused()
        message = await self._receive()
        if message["type"] == "http.request":
            self.total_size += len(message.get("body", b""))
            if self.total_size > self.max_body_size:
                return self._refused()
        return message

    def _refused(self) -> Message:
        if not self.started:
            raise ContentTooLargeError
        # Too late to say so. Whoever listens for the end of the connection has it.
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Pass on a message of the response."""
        self.started = True
        await self._send(message)


class _PlainMeter(_Meter):
    """Puts a refusal in the place of any response to a body that was announced as too large."""

    async def send(self, message: Message) -> None:
        """Pass on a message of the response, or refuse."""
        if not self.started and self._announced > self.max_body_size:
            self.refused = True
            await refuse_plainly(self._scope, self._receive, self._send)
        self.started = True
        if not self.refused:
            await self._send(message)


class BodyLimit:
    """ASGI middleware: all inside receives at most `max_body_size` bytes of a body, unless it says otherwise.

    `refuse` answers an excess that leaves the application as an exception; without it the exception passes.
    With `plainly` a body that is announced as too large gets a refusal even when nobody reads it.
    """

    def __init__(
        self, app: ASGIApp, max_body_size: int, *, plainly: bool = False, refuse: Refuse | None = None
    ) -> None:
        self.app = app
        self.max_body_size = max_body_size
        self._make_meter = _PlainMeter if plainly else _Meter
        self._refuse = refuse_plainly if plainly and refuse is None else refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection; only HTTP requests have a body."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        outer = scope.get(_METER)
        if outer is not None:
            _tell(outer, self.max_body_size)
            await self.app(scope, receive, send)
            return
        for name, _ in scope["headers"]:
            if name in _OF_BODIES:
                break
        else:
            if scope.get("http_version", "2") < "2":
                await self.app(scope, limited(receive, self.max_body_size), send)
                return
        meter = scope[_METER] = self._make_meter(self.max_body_size, scope, receive, send)
        try:
            await self.app(scope, meter.receive, meter.send)
        except Exception as exc:
            excess = excess_in(exc)
            if excess is None or self._refuse is None or (meter.started and not meter.refused):
                raise
            if not meter.refused:
                await self._refuse(scope, receive, send, excess)
        finally:
            del scope[_METER]


def limits_of(route: Any) -> Limits:
    """Return the limits that `under_limits` gave a route."""
    limits: Limits = route.__dict__.get("rapide_limits") or Limits()
    return limits


def under_limits(route: R, limits: Limits, *, plainly: bool) -> R:
    """Return a route that is not ours, a mount or a raw endpoint; it is now handled under these limits."""
    attributes: dict[str, Any] = route.__dict__
    attributes.pop("handle", None)  # that of the place where it was copied from
    handle: Handler = route.handle  # type: ignore[attr-defined]  # mounts and routes have one
    size, form = limits.max_body_size, limits.form
    if size is not None:
        handle = BodyLimit(handle, size, plainly=plainly)
    if form:
        handle = _with_form_limits(handle, form)
    if size is not None or form:
        attributes.update(rapide_limits=limits, handle=handle)
    return route


def _with_form_limits(handle: Handler, limits: Mapping[str, int]) -> Handler:
    async def handle_with_limits(scope: Scope, receive: Receive, send: Send) -> None:
        scope[FORM_LIMITS] = {**scope.get(FORM_LIMITS, {}), **limits}
        await handle(scope, receive, send)

    return handle_with_limits
