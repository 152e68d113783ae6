"""The settings of an application's telemetry. Importing this module does not import OpenTelemetry."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from opentelemetry._logs import LoggerProvider
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider
else:
    # Annotations are read at run time too, with OpenTelemetry or without.
    LoggerProvider = MeterProvider = TracerProvider = Any

from rapide._dataclass import dataclass

__all__ = ["NAMES", "Names", "Settings", "TelemetryConfig"]


class TelemetryConfig(TypedDict, total=False):
    """What an application takes as `telemetry`. Every key may be missing."""

    tracer_provider: TracerProvider | None
    """Where spans go; None, the default, stands for the global provider. It is never shut down."""
    meter_provider: MeterProvider | None
    """Where measurements go; None, the default, stands for the global provider. It is never shut down."""
    logger_provider: LoggerProvider | None
    """Where log records go; None, the default, stands for the global provider. It is never shut down."""
    tracing: bool
    """Whether requests and WebSocket connections get spans. True by default."""
    metrics: bool
    """Whether requests are measured. True by default."""
    logs: bool
    """Whether failed validations and unhandled exceptions are logged. True by default."""
    operation_spans: bool
    """Whether dependencies, endpoint, serialization and background tasks get spans. True by default."""
    auto_configure: bool
    """Whether the variables `OTEL_EXPORTER_OTLP_…` set up exporters when the application starts. False by
    default, unless `RAPIDE_OTEL_AUTO_CONFIGURE=true` (`FASTAPI_OTEL_AUTO_CONFIGURE` on FastAPI's face).
    """
    exclude: Callable[[MutableMapping[str, Any]], bool] | None
    """Tells by the scope which connections are left out. None, the default, leaves out none."""


@dataclass(frozen=True, slots=True)
class Names:
    """What telemetry is called on a face: `scope` is the instrumentation scope and the prefix of names."""

    scope: str
    title: str
    version: str | None

    @property
    def switch(self) -> str:
        """The environment variable that turns automatic configuration on."""
        return f"{self.scope.upper()}_OTEL_AUTO_CONFIGURE"


# FastAPI's signals are those of a version of it; Rapide's version is asked for when telemetry starts.
NAMES: Mapping[Literal["rapide", "fastapi"], Names] = {
    "rapide": Names("rapide", "Rapide", None),
    "fastapi": Names("fastapi", "FastAPI", "0.165.0"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one application, complete."""

    tracer_provider: Any
    meter_provider: Any
    logger_provider: Any
    tracing: bool
    metrics: bool
    logs: bool
    operation_spans: bool
    auto_configure: bool
    exclude: Callable[[MutableMapping[str, Any]], bool] | None

    @classmethod
    def of(cls, config: Mapping[str, Any] | None, names: Names) -> Settings:
        """Return the settings that a configuration describes; later changes to it have no effect."""
        given = {**(config or {})}
        switched_on = os.environ.get(names.switch, "").lower() == "true"
        return cls(
            given.get("tracer_provider"),
            given.get("meter_provider"),
            given.get("logger_provider"),
            bool(given.get("tracing", True)),
            bool(given.get("metrics", True)),
            bool(given.get("logs", True)),
            bool(given.get("operation_spans", True)),
            bool(given.get("auto_configure", switched_on)),
            given.get("exclude"),
        )

    @property
    def names_a_provider(self) -> bool:
        """Whether the application brought a provider of its own."""
        providers = (self.tracer_provider, self.meter_provider, self.logger_provider)
        return any(provider is not None for provider in providers)
