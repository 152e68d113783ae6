"""Providers of OpenTelemetry's SDK that keep what an application reports, and short views of it."""

from typing import Any

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


class Records:
    """What applications with `config` as their telemetry report."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self._logs = InMemoryLogRecordExporter()
        self._reader = InMemoryMetricReader()
        self.tracers = TracerProvider(shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.loggers = LoggerProvider(shutdown_on_exit=False)
        self.loggers.add_log_record_processor(SimpleLogRecordProcessor(self._logs))
        self.meters = MeterProvider([self._reader], shutdown_on_exit=False)

    @property
    def config(self) -> dict[str, Any]:
        """The providers, as an application takes them."""
        return {
            "tracer_provider": self.tracers,
            "meter_provider": self.meters,
            "logger_provider": self.loggers,
        }

    def close(self) -> None:
        """Give the providers up."""
        self.tracers.shutdown()
        self.loggers.shutdown()
        self.meters.shutdown()

    @property
    def spans(self) -> list[Any]:
        """The spans that have ended, in the order of their ends."""
        return list(self._spans.get_finished_spans())

    @property
    def names(self) -> list[str]:
        """The names of the spans that have ended."""
        return [span.name for span in self.spans]

    @property
    def server(self) -> Any:
        """The only span of a request or connection."""
        (found,) = [span for span in self.spans if span.kind.name == "SERVER"]
        return found

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes of the only span of a request or connection."""
        return dict(self.server.attributes)

    def operation(self, name: str) -> Any:
        """Return the only span of an operation: its name without the prefix."""
        (found,) = [span for span in self.spans if span.name.endswith(f".{name}")]
        return found

    @property
    def logs(self) -> list[Any]:
        """The log records."""
        return [item.log_record for item in self._logs.get_finished_logs()]

    def points(self, metric: str) -> list[Any]:
        """Return the data points of a metric."""
        return [point for item in self._metrics() if item.name == metric for point in item.data.data_points]

    def metric(self, name: str) -> Any:
        """Return a metric."""
        (found,) = [item for item in self._metrics() if item.name == name]
        return found

    def _metrics(self) -> list[Any]:
        data = self._reader.get_metrics_data()
        if data is None:
            return []
        scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics]
        return [metric for scope in scopes for metric in scope.metrics]

    def clear(self) -> None:
        """Forget spans and logs."""
        self._spans.clear()
        self._logs.clear()
