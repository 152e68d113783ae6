"""Which signals an application sends, and where to. Importing this module imports OpenTelemetry's API."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from opentelemetry import _logs, metrics, trace

from rapide._dataclass import dataclass
from rapide.telemetry.attributes import DURATION_BUCKETS, SCHEMA_URL
from rapide.telemetry.config import Names, Settings

__all__ = ["Signals", "signals_of"]

# What the API itself provides does nothing, or waits for a real provider.
_OF_THE_API = ("opentelemetry.trace", "opentelemetry.metrics", "opentelemetry._logs")
_DOES_NOTHING = (trace.NoOpTracerProvider, metrics.NoOpMeterProvider, _logs.NoOpLoggerProvider)


@dataclass(frozen=True, slots=True)
class Signals:
    """What to report to; None where nothing is to be reported. `operations` is the tracer of operations."""

    tracer: trace.Tracer | None
    logger: _logs.Logger | None
    durations: metrics.Histogram | None
    active: metrics.UpDownCounter | None
    operations: trace.Tracer | None

    def __bool__(self) -> bool:
        return self.tracer is not None or self.logger is not None or self.durations is not None


def is_real(provider: Any) -> bool:
    """Tell whether a provider sends anything anywhere."""
    module = f"{type(provider).__module__}."
    of_the_api = any(module.startswith(f"{name}.") for name in _OF_THE_API)
    return not of_the_api and not isinstance(provider, _DOES_NOTHING)


def signals_of(settings: Settings, names: Names) -> Signals:
    """Return the signals for which there is a real provider: the application's own, else the global one."""
    scope = (names.scope, names.version or _own_version())
    tracer = logger = durations = active = None
    if settings.tracing:
        tracers = settings.tracer_provider or trace.get_tracer_provider()
        tracer = tracers.get_tracer(*scope, schema_url=SCHEMA_URL) if is_real(tracers) else None
    if settings.logs:
        loggers = settings.logger_provider or _logs.get_logger_provider()
        logger = loggers.get_logger(*scope, schema_url=SCHEMA_URL) if is_real(loggers) else None
    if settings.metrics:
        meters = settings.meter_provider or metrics.get_meter_provider()
        if is_real(meters):
            durations, active = _instruments(meters.get_meter(*scope, schema_url=SCHEMA_URL))
    return Signals(tracer, logger, durations, active, tracer if settings.operation_spans else None)


def _own_version() -> str | None:
    try:
        return version("rapide")
    except PackageNotFoundError:  # run from a source tree
        return None


def _instruments(meter: metrics.Meter) -> tuple[metrics.Histogram, metrics.UpDownCounter]:
    durations = meter.create_histogram(
        "http.server.request.duration",
        unit="s",
        description="Duration of HTTP server requests.",
        explicit_bucket_boundaries_advisory=DURATION_BUCKETS,
    )
    active = meter.create_up_down_counter(
        "http.server.active_requests", unit="{request}", description="Number of active HTTP server requests."
    )
    return durations, active
