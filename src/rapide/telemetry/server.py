"""Recording what passes through an application. Importing this module imports OpenTelemetry's API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import propagate
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import SpanKind, Status, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rapide.background import task_surroundings
from rapide.telemetry.attributes import (
    Attributes,
    Method,
    connection_attributes,
    known_methods,
    method_of,
    proxy_prefix,
)
from rapide.telemetry.config import Names, Settings
from rapide.telemetry.data import DATA_KEY
from rapide.telemetry.observation import SCOPE_KEY
from rapide.telemetry.recording import Recording
from rapide.telemetry.signals import Signals

__all__ = ["Observer"]

# A metric has these attributes of the span's. The query, the path and the host would make too many series.
_OF_DURATIONS = ("url.scheme", "http.request.method", "network.protocol.version")
_OF_ACTIVE = ("url.scheme", "http.request.method")


class _Headers(Getter[Mapping[str, Any]]):
    """Lets propagators read the headers of a scope."""

    def get(self, carrier: Mapping[str, Any], key: str) -> list[str] | None:
        wanted = key.lower().encode("latin-1")
        values = [value.decode("latin-1") for name, value in carrier["headers"] if name == wanted]
        # A header that stands there several times is one list (RFC 9110, section 5.2).
        return [",".join(values)] if values else None

    def keys(self, carrier: Mapping[str, Any]) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier["headers"]]


_HEADERS = _Headers()


class Observer:
    """Serves connections and records them; those that are recorded already, further out, it only serves."""

    def __init__(self, signals: Signals, settings: Settings, names: Names) -> None:
        self._signals = signals
        self._exclude = settings.exclude
        self._names = names
        self._known = known_methods()

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection with `app`."""
        if SCOPE_KEY in scope:
            await app(scope, receive, send)
        elif self._exclude is not None and self._exclude(scope):
            await _unrecorded(app, scope, receive, send)
        else:
            await self._recorded(app, scope, receive, send)

    async def _recorded(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        method = method_of(scope, self._known) if scope["type"] == "http" else None
        attributes = connection_attributes(scope, method)
        recording = self._begin(scope, method, attributes)
        exchange = _Exchange(recording, self._signals, attributes, receive, send)
        scope[SCOPE_KEY] = recording
        token = otel_context.attach(recording.context)
        surroundings = task_surroundings.set(recording.around_task)
        try:
            if method is None:
                await app(scope, receive, send)
            else:
                await app(scope, exchange.receive, exchange.send)
                exchange.check_complete()
        except BaseException as error:
            recording.failed(error)
            raise
        finally:
            exchange.finish()
            task_surroundings.reset(surroundings)
            otel_context.detach(token)

    def _begin(self, scope: Scope, method: Method | None, attributes: Attributes) -> Recording:
        spoken = method.span_name if method is not None else "WS"
        recording = Recording(self._signals, self._names, proxy_prefix(scope), spoken=spoken)
        # Not the context in which this runs: only the client says what the request is part of.
        parent = propagate.extract(scope, context=Context(), getter=_HEADERS)
        span = None
        if self._signals.tracer is not None:
            span = self._signals.tracer.start_span(
                spoken, context=parent, kind=SpanKind.SERVER, attributes=attributes
            )
        recording.begin(parent, span)
        return recording


async def _unrecorded(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a connection that is left out, by applications inside this one too."""
    scope[SCOPE_KEY] = None
    token = otel_context.attach(otel_context.set_value(DATA_KEY, None))
    try:
        await app(scope, receive, send)
    finally:
        otel_context.detach(token)


class _Exchange:
    """One request and its response: when it is complete, span and measurement end."""

    def __init__(
        self, recording: Recording, signals: Signals, attributes: Attributes, receive: Receive, send: Send
    ) -> None:
        self._recording = recording
        self._signals = signals
        self._attributes = attributes
        self._receive = receive
        self._send = send
        self._is_http = "http.request.method" in attributes
        self._status: int | None = None
        self._trailers = False
        self._client_gone = False
        self._finished = False
        self._started = perf_counter()
        self._count_active(1)

    async def receive(self) -> Message:
        """Receive a message, and see whether the client has gone."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._client_gone = True
        return message

    async def send(self, message: Message) -> None:
        """Send a message; the last one of the response ends the record, before background tasks begin."""
        kind = message["type"]
        if kind == "http.response.start":
            self._status = message["status"]
            self._trailers = bool(message.get("trailers"))
        await self._send(message)
        if self._is_last(kind, message):
            self.finish()

    def _is_last(self, kind: str, message: Message) -> bool:
        if kind == "http.response.trailers":
            return not message.get("more_trailers")
        if kind == "http.response.body":
            return not message.get("more_body") and not self._trailers
        return kind == "http.response.pathsend" and not self._trailers

    def check_complete(self) -> None:
        """Take note of a response that has no end."""
        if not self._finished and self._recording.error is None:
            self._recording.error = "ConnectionError" if self._client_gone else "RuntimeError"

    def finish(self) -> None:
        """End span and measurement, once."""
        if self._finished:
            return
        self._finished = True
        error = self._recording.error
        if error is None and self._status is not None and self._status >= 500:
            error = str(self._status)
        self._end_span(error)
        if self._is_http:
            self._count_active(-1)
            self._measure(error)

    def _end_span(self, error: str | None) -> None:
        span = self._recording.server_span
        if span is None:
            return
        if self._status is not None:
            span.set_attribute("http.response.status_code", self._status)
        if error is not None:
            span.set_attribute("error.type", error)
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    def _count_active(self, amount: int) -> None:
        if self._is_http and self._signals.active is not None:
            attributes = _only(self._attributes, _OF_ACTIVE)
            self._signals.active.add(amount, attributes, context=self._recording.context)

    def _measure(self, error: str | None) -> None:
        if self._signals.durations is None:
            return
        attributes = _only(self._attributes, _OF_DURATIONS)
        if self._recording.route is not None:
            attributes["http.route"] = self._recording.route
        if self._status is not None:
            attributes["http.response.status_code"] = self._status
        if error is not None:
            attributes["error.type"] = error
        seconds = perf_counter() - self._started
        self._signals.durations.record(seconds, attributes, context=self._recording.context)


def _only(attributes: Attributes, names: Sequence[str]) -> Attributes:
    return {name: attributes[name] for name in names if name in attributes}
