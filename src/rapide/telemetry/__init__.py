"""Traces, metrics and logs of requests, through OpenTelemetry.

In: the `telemetry` settings of an application, the scope and messages of each request, and what observed
handlers report. Out: spans, measurements and log records of the providers that are configured; nothing of
headers, bodies or submitted values is recorded. Must not know: routes, plans, the application.

OpenTelemetry is imported only where something is configured. Every module says in its first lines whether
importing it imports OpenTelemetry; this one does not.
"""

from rapide.telemetry.config import TelemetryConfig
from rapide.telemetry.data import TelemetryData, get_telemetry_data

__all__ = ["TelemetryConfig", "TelemetryData", "get_telemetry_data"]
