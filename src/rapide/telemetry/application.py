"""The telemetry of one application: off until something is configured.

Importing this module does not import OpenTelemetry.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rapide.telemetry.config import Names, Settings
from rapide.telemetry.failures import is_instrumented, observe_failures

if TYPE_CHECKING:
    from rapide.telemetry.export import Exports
    from rapide.telemetry.server import Observer

__all__ = ["ApplicationTelemetry"]

# With these set, the first use of OpenTelemetry's API makes real providers.
_PROVIDER_VARIABLES = (
    "OTEL_PYTHON_TRACER_PROVIDER",
    "OTEL_PYTHON_METER_PROVIDER",
    "OTEL_PYTHON_LOGGER_PROVIDER",
)


class Decided(Protocol):
    """Takes the decision: whether requests still have to pass here, and whether they are recorded."""

    def __call__(self, *, stays: bool, records: bool) -> None:
        """Take the decision."""


class ApplicationTelemetry:
    """Stands around an application, until it is decided that nothing is recorded.

    It is decided at the first request of each life: providers are configured by then, at import or when
    the application starts. An application passes it the connections that `decided` says, and every life.
    """

    def __init__(self, config: Mapping[str, Any] | None, names: Names, decided: Decided) -> None:
        self._names = names
        self._settings = Settings.of(config, names)
        self._decided = decided
        self._stack: ASGIApp | None = None
        self._observer: Observer | None = None

    @property
    def is_recording(self) -> bool:
        """Whether requests are recorded."""
        return self._observer is not None

    async def __call__(self, stack: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection with the layers of the application."""
        if scope["type"] == "lifespan":
            await self._live(stack, scope, receive, send)
            return
        if stack is not self._stack:
            self._decide(stack)
        if self._observer is None:
            await stack(scope, receive, send)
        else:
            await self._observer(stack, scope, receive, send)

    def _decide(self, stack: ASGIApp) -> None:
        self._observer = self._make_observer(stack)
        self._stack = stack
        if self._observer is not None:
            observe_failures(stack)
        records = self._observer is not None
        self._decided(stays=records, records=records)

    def _make_observer(self, stack: ASGIApp) -> Observer | None:
        settings = self._settings
        possible = (
            settings.names_a_provider
            or "opentelemetry" in sys.modules
            or any(os.environ.get(name) for name in _PROVIDER_VARIABLES)
        )
        if not possible or is_instrumented(stack):
            return None
        try:
            from rapide.telemetry.server import Observer  # noqa: PLC0415 -- it imports OpenTelemetry
            from rapide.telemetry.signals import signals_of  # noqa: PLC0415 -- OpenTelemetry only where it is configured
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "opentelemetry" or settings.names_a_provider:
                raise
            return None  # a package that only shares the namespace
        signals = signals_of(settings, self._names)
        return Observer(signals, settings, self._names) if signals else None

    # ------------------------------------------------------------------------------------------ the life

    async def _live(self, stack: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        exports = await self._configure()

        async def send_observed(message: Message) -> None:
            kind = message["type"]
            if kind == "lifespan.startup.complete":
                # What was decided before does not count: start-up may have configured providers.
                self._stack = None
                self._decided(stays=True, records=False)
            elif exports is not None and kind.startswith("lifespan.shutdown."):
                await self._flush(exports)
            await send(message)

        await stack(scope, receive, send_observed)

    async def _flush(self, exports: Exports) -> None:
        try:
            await exports.flush()
        except Exception as error:  # noqa: BLE001 -- nor from ending in order
            logging.getLogger(self._names.scope).warning("Sending the last telemetry failed: %s", error)

    async def _configure(self) -> Exports | None:
        if not self._settings.auto_configure:
            return None
        try:
            from rapide.telemetry.export import configure  # noqa: PLC0415 -- it imports OpenTelemetry

            return await configure(self._settings)
        except Exception as error:  # noqa: BLE001 -- telemetry never keeps an application from starting
            logging.getLogger(self._names.scope).warning(
                "Automatic configuration of telemetry failed: %s", error
            )
            return None
