"""The observation of a request that is recorded. Importing this module imports OpenTelemetry's API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from traceback import format_tb
from types import TracebackType
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry._logs import SeverityNumber
from opentelemetry.context import Context
from opentelemetry.trace import Span, Status, StatusCode
from starlette.exceptions import HTTPException, WebSocketException
from starlette.requests import Request
from starlette.websockets import WebSocketDisconnect

from rapide.exceptions import RequestValidationError, ValidationException, WebSocketRequestValidationError
from rapide.telemetry.attributes import error_type
from rapide.telemetry.config import Names
from rapide.telemetry.data import DATA_KEY, TelemetryData
from rapide.telemetry.observation import E, Observation, Operation
from rapide.telemetry.signals import Signals

__all__ = ["Recording"]

# Answers, not failures.
_EXPECTED = (HTTPException, WebSocketException, RequestValidationError, WebSocketRequestValidationError)
# RFC 6455, section 7.4.1: the purpose is fulfilled; the peer goes away.
_NORMAL_CLOSES = frozenset({1000, 1001})


def _is_expected(error: BaseException) -> bool:
    return isinstance(error, _EXPECTED) or _is_normal_close(error)


def _is_normal_close(error: BaseException | None) -> bool:
    """Tell whether an exception says only that the client has closed its WebSocket."""
    return isinstance(error, WebSocketDisconnect) and error.code in _NORMAL_CLOSES


class Recording(Observation):
    """Records one request or connection.

    `context` is the OpenTelemetry context in which it is served, `server_span` its span; None without
    tracing.
    """

    __slots__ = (
        "_errors",
        "_names",
        "_prefix",
        "_signals",
        "_socket",
        "_spoken",
        "context",
        "data",
        "error",
        "route",
        "server_span",
    )

    def __init__(self, signals: Signals, names: Names, prefix: str, *, spoken: str) -> None:
        self._signals = signals
        self._names = names
        self._prefix = prefix
        self._spoken = spoken
        self._socket = spoken == "WS"
        self._errors: list[BaseException] = []
        self.data = TelemetryData()
        self.error: str | None = None
        self.route: str | None = None
        self.server_span: Span | None = None
        self.context = Context()

    def begin(self, parent: Context, span: Span | None) -> None:
        """Make the context of the request out of that of its caller."""
        self.server_span = span
        self.context = otel_context.set_value(DATA_KEY, self.data, parent)
        if span is not None:
            self.context = trace.set_span_in_context(span, self.context)

    # ------------------------------------------------------------------------------------------ the route

    def route_matched(self, template: str) -> None:
        """Name the request after its route."""
        self._name(self._prefix + template)

    def mount_entered(self, template: str) -> None:
        """Name the request after the mount, for as long as nothing below it matches."""
        self._prefix += template
        self._name(f"{self._prefix}/{{path}}")

    def _name(self, route: str) -> None:
        self.route = route
        if self.server_span is not None:
            self.server_span.update_name(f"{self._spoken} {route}")
            self.server_span.set_attribute("http.route", route)

    # ------------------------------------------------------------------------------------------ the handler

    def connected(self, connection: Any) -> None:
        """Keep what the handler works with."""
        if isinstance(connection, Request):
            self.data.request = connection
        else:
            self.data.websocket = connection

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Report a body that cannot be parsed."""
        try:
            yield
        except RequestValidationError as error:
            self.data.body = error.body
            self.data.errors = error.errors()
            self.refused(error)
            raise

    def body_read(self, body: Any) -> None:
        """Keep the body."""
        self.data.body = body

    def solved(self, values: dict[str, Any], errors: Sequence[Any]) -> None:
        """Keep the arguments and errors."""
        self.data.values = values
        self.data.errors = errors

    def refused(self, error: E) -> E:
        """Log that the request did not fit: how many errors, not which."""
        if self._signals.logger is not None:
            count = len(error.errors()) if isinstance(error, ValidationException) else 1
            self._log(
                f"{self._names.scope}.validation.failed",
                SeverityNumber.WARN,
                "Request validation failed",
                {f"{self._names.scope}.validation.error_count": count},
            )
        return error

    def span(self, operation: Operation, function: str) -> AbstractContextManager[Any]:
        """Return a span for an operation."""
        tracer = self._signals.operations
        if tracer is None:
            return super().span(operation, function)
        return _OperationSpan(tracer, self._names, operation, function)

    def around_task(self, function: Callable[..., Any]) -> AbstractContextManager[Any]:
        """Return a span for a background task."""
        name = getattr(function, "__qualname__", None) or type(function).__qualname__
        return self.span("background_task", f"{getattr(function, '__module__', '?')}.{name}")

    # ------------------------------------------------------------------------------------------ failures

    def failed(self, error: BaseException) -> None:
        """Note and log an exception, once. A client that closes its WebSocket is no failure."""
        if _is_normal_close(error) or any(known is error for known in self._errors):
            return
        self._errors.append(error)
        self.error = self.error or error_type(error, self._names.scope)
        # Cancellation ends a request, but nothing is wrong with the application.
        if not isinstance(error, Exception) or self._signals.logger is None:
            return
        name = f"{self._names.scope}.websocket.exception" if self._socket else "http.server.request.exception"
        subject = "WebSocket connection" if self._socket else "request"
        text = f"Unhandled exception in {self._names.title} {subject}"
        self._log(name, SeverityNumber.ERROR, text, {}, error)

    def _log(
        self,
        event: str,
        severity: SeverityNumber,
        text: str,
        attributes: dict[str, str | int],
        error: BaseException | None = None,
    ) -> None:
        assert self._signals.logger is not None  # noqa: S101 -- asked before
        if self.route is not None:
            attributes["http.route"] = self.route
        if error is not None:
            attributes |= self._description(error)
        self._signals.logger.emit(
            event_name=event,
            severity_number=severity,
            severity_text=severity.name,
            body=text,
            attributes=attributes,
            context=self.context,
            exception=error,
        )

    def _description(self, error: BaseException) -> dict[str, str]:
        """Return what a log says of an exception, where the SDK would say it otherwise."""
        attributes = {"exception.type": error_type(error, self._names.scope)}
        if isinstance(error, ValidationException):
            # Its own text quotes values.
            count = len(error.errors())
            message = f"{count} validation error{'' if count == 1 else 's'}: {error.endpoint_path}"
            frames = "".join(format_tb(error.__traceback__))
            attributes["exception.message"] = message
            attributes["exception.stacktrace"] = f"{frames}{attributes['exception.type']}: {message}\n"
        return attributes


class _OperationSpan:
    """A span around an operation, current while it lasts; left in the context in which it was entered."""

    __slots__ = ("_attributes", "_name", "_names", "_span", "_strict", "_token", "_tracer")

    def __init__(self, tracer: trace.Tracer, names: Names, operation: Operation, function: str) -> None:
        self._tracer = tracer
        self._names = names
        # Nobody answers for a background task: whatever it raises is a failure.
        self._strict = operation == "background_task"
        self._name = f"{names.scope}.{operation}"
        self._attributes = {"code.function.name": function}

    def __enter__(self) -> None:
        self._span = self._tracer.start_span(self._name, attributes=self._attributes)
        self._token = otel_context.attach(trace.set_span_in_context(self._span))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        otel_context.detach(self._token)
        if isinstance(error, Exception) and (self._strict or not _is_expected(error)):
            self._span.set_attribute("error.type", error_type(error, self._names.scope))
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()
