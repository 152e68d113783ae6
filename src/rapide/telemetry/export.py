"""Exporters from environment variables. Importing this module imports OpenTelemetry's SDK and exporters.

The variables are those of https://opentelemetry.io/docs/specs/otel/protocol/exporter/; the transport is HTTP
with protobuf.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from anyio import CancelScope, to_thread
from opentelemetry import _logs, metrics, trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from rapide._dataclass import dataclass
from rapide.telemetry.config import Settings
from rapide.telemetry.signals import is_real

__all__ = ["Exports", "configure"]

_PROTOCOL = "http/protobuf"


class _Flushed(Protocol):
    """What collects and exports one signal."""

    def force_flush(self) -> Any:
        """Send what has been collected; blocks."""


class ExportError(Exception):
    """The environment asks for what cannot be done automatically."""


@dataclass(frozen=True, slots=True)
class _Signal:
    """One of the three signals.

    `name` stands in the variables. `attach` adds an exporter to a provider of `provider_class`, the SDK's,
    which `find` finds and `install` makes the global one.
    """

    name: str
    provider_class: type[Any]
    find: Callable[[], Any]
    install: Callable[[Any], None]
    attach: Callable[[Any, str], _Flushed]

    def endpoint(self) -> str | None:
        """Return where the signal goes; None when the environment does not say."""
        own = os.environ.get(f"OTEL_EXPORTER_OTLP_{self.name}_ENDPOINT")
        if own:
            return own
        base = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
        return f"{base.rstrip('/')}/v1/{self.name.lower()}" if base else None

    def wanted_endpoint(self) -> str | None:
        """Return where the signal goes; None when it is not to be exported.

        Raises:
            ExportError: Another exporter or protocol is asked for.
        """
        endpoint = self.endpoint()
        variable = f"OTEL_{self.name}_EXPORTER"
        exporter = os.environ.get(variable, "").strip() or "otlp"
        if endpoint is None or exporter == "none":
            return None
        if exporter != "otlp":
            raise ExportError(f"{variable} is {exporter}, neither otlp nor none: configure it yourself")
        protocol = (
            os.environ.get(f"OTEL_EXPORTER_OTLP_{self.name}_PROTOCOL")
            or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
            or _PROTOCOL
        )
        if protocol != _PROTOCOL:
            raise ExportError(f"The OTLP protocol is {protocol}, not {_PROTOCOL}: configure it yourself")
        return endpoint


def _export_spans(provider: Any, endpoint: str) -> _Flushed:
    processor = BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint))
    provider.add_span_processor(processor)
    return processor


def _export_metrics(provider: Any, endpoint: str) -> _Flushed:
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=endpoint))
    # The provider itself flushes only the readers that it was made with.
    provider.add_metric_reader(reader)
    return reader


def _export_logs(provider: Any, endpoint: str) -> _Flushed:
    processor = BatchLogRecordProcessor(OTLPLogExporter(endpoint=endpoint))
    provider.add_log_record_processor(processor)
    return processor


_TRACES = _Signal(
    "TRACES", TracerProvider, trace.get_tracer_provider, trace.set_tracer_provider, _export_spans
)
_METRICS = _Signal(
    "METRICS", MeterProvider, metrics.get_meter_provider, metrics.set_meter_provider, _export_metrics
)
_LOGS = _Signal("LOGS", LoggerProvider, _logs.get_logger_provider, _logs.set_logger_provider, _export_logs)


class Exports:
    """The exports of an application."""

    def __init__(self, exports: list[_Flushed]) -> None:
        self._exports = exports

    def send_all(self) -> None:
        """Send what has been collected; blocks."""
        for export in self._exports:
            export.force_flush()

    async def flush(self) -> None:
        """Send what has been collected, on a thread, even while the application is being cancelled."""
        with CancelScope(shield=True):
            await to_thread.run_sync(self.send_all)


# Exporting twice to one provider would send everything twice. In a forked child the SDK starts the threads of
# its exporters again, so that those of the parent's providers hold there too.
_exports: WeakKeyDictionary[Any, _Flushed] = WeakKeyDictionary()
_lock = threading.Lock()


def _forget_lock() -> None:
    global _lock  # noqa: PLW0603 -- the one of the parent may be held by a thread that is not here
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_forget_lock)


async def configure(settings: Settings) -> Exports | None:
    """Export what the environment asks for; None when that is nothing.

    Existing providers of the SDK, the application's own before the global ones, get exporters; where there
    is none, one becomes the global one. It runs on a thread, for making exporters reads certificates.

    Raises:
        ExportError: The environment asks for something else than OTLP over HTTP with protobuf, or a provider
            is not the SDK's.
    """
    return await to_thread.run_sync(_configure, settings)


def _configure(settings: Settings) -> Exports | None:
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    candidates = (
        (_TRACES, settings.tracing, settings.tracer_provider),
        (_METRICS, settings.metrics, settings.meter_provider),
        (_LOGS, settings.logs, settings.logger_provider),
    )
    wanted = [
        (signal, own, signal.wanted_endpoint())
        for signal, is_on, own in candidates
        if is_on and (own is None or is_real(own))
    ]
    with _lock:
        exports = [_exported(signal, own, where) for signal, own, where in wanted if where is not None]
    return Exports(exports) if exports else None


def _exported(signal: _Signal, own: Any, endpoint: str) -> _Flushed:
    """Return the export of a signal, after making it if there is none."""
    provider = own or signal.find()
    is_new = not is_real(provider)
    if is_new:
        provider = signal.provider_class()
    elif not isinstance(provider, signal.provider_class):
        raise ExportError(f"{type(provider).__qualname__} is not a provider of OpenTelemetry's SDK")
    export = _exports.get(provider)
    if export is None:
        export = _exports[provider] = signal.attach(provider, endpoint)
        # The SDK's own hook may be off, and providers of the application may have none.
        atexit.register(export.force_flush)
    if is_new:
        signal.install(provider)
    return export
