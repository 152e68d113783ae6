"""Serve with Granian, which always runs the application in worker processes of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import signal
from typing import Any

from granian import Granian, _signals
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from rapide.cli.failures import StartupError
from rapide.cli.options import ServeSettings
from rapide.cli.servers.foreign import free_port, trusted_proxies
from rapide.cli.worker import ServePlan, application, hand_on_plan

__all__ = ["run"]

# After the grace period requests are cancelled and the lifespan is left; Granian kills those that do not.
_CLEAN_UP_SECONDS = 7

_LEVELS = {"trace": LogLevels.debug}


def run(plan: ServePlan, settings: ServeSettings, log_config: dict[str, Any]) -> int:
    """Serve until a signal ends it.

    Args:
        plan: what to serve.
        settings: how; `limit_concurrency` becomes Granian's backpressure.
        log_config: for `logging.config.dictConfig`.

    Returns:
        0 after SIGTERM or SIGINT, 3 when the server or a worker could not start.
    """
    if plan.port == 0:
        plan = dataclasses.replace(plan, port=free_port(settings.host))
    hand_on_plan(dataclasses.replace(plan, trusted_proxies=trusted_proxies(settings)))
    server = Granian(
        target="rapide.cli.worker:app",
        address=settings.host,
        port=plan.port,
        uds=settings.uds,
        interface=Interfaces.ASGI,
        workers=settings.workers or 1,
        backlog=settings.backlog,
        backpressure=settings.limit_concurrency,
        http1_settings=_http1_settings(settings),
        log_level=_LEVELS.get(settings.log_level) or LogLevels(settings.log_level),
        log_dictconfig=log_config,
        log_access=settings.access_log,
        log_access_format='%(addr)s - "%(method)s %(path)s %(protocol)s" %(status)d',
        ssl_cert=settings.ssl_certfile,
        ssl_key=settings.ssl_keyfile,
        url_path_prefix=settings.root_path or None,
        workers_kill_timeout=settings.shutdown_delay + settings.timeout_graceful_shutdown + _CLEAN_UP_SECONDS,
    )
    try:
        server.serve(target_loader=load_in_worker, wrap_loader=False)
    except SystemExit as error:
        return StartupError.exit_code if error.code else 0
    return 0


def _http1_settings(settings: ServeSettings) -> HTTP1Settings:
    # Granian's timeout is in milliseconds and cannot be switched off; its buffer holds at least 8 KiB.
    limits = HTTP1Settings(max_buffer_size=max(settings.limit_header_size, 8192))
    if settings.timeout_header:
        limits.header_read_timeout = settings.timeout_header * 1000
    return limits


def load_in_worker() -> Any:
    """Return the application of a Granian worker."""
    # A forked worker has its parent's handler, which raises, and the pipe on which its parent hears signals.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    _signals.set_loop_signals = _set_signals
    return with_integer_ports(application())


def _set_signals(loop: Any) -> Any:
    """Handle signals in Python, where the application hears them first, and not in the loop.

    Granian 2.8 cuts WebSockets when it has no HTTP connection left: it must not begin before they are closed.
    """
    with contextlib.suppress(NotImplementedError):  # a loop that handles no signals
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _nothing)  # so that a signal wakes the loop
    set_sync_signals: Any = _signals.set_sync_signals  # without types
    return set_sync_signals()


def _nothing() -> None:
    """Do nothing."""


def with_integer_ports(app: Any) -> Any:
    """Give an application the integers of ASGI: Granian 2.8 writes the ports in the scope as text."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        for side in ("client", "server"):
            address = scope.get(side)
            if address is not None and isinstance(address[1], str):
                scope[side] = (address[0], int(address[1]))
        await app(scope, receive, send)

    return serve
