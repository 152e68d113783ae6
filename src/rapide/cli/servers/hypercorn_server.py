"""Serve with Hypercorn: HTTP/2, and HTTP/3 where aioquic is installed."""

from __future__ import annotations

import dataclasses
import importlib.util
import multiprocessing
import os
import signal
import tempfile
import threading
from pathlib import Path
from typing import Any

from hypercorn.asyncio.run import asyncio_worker, uvloop_worker
from hypercorn.config import Config
from hypercorn.run import run as run_hypercorn
from hypercorn.utils import LifespanFailureError

from rapide.cli.ending import ENDED_BADLY
from rapide.cli.failures import StartupError
from rapide.cli.options import ServeSettings
from rapide.cli.servers.foreign import free_port, trusted_proxies
from rapide.cli.worker import ServePlan, application, hand_on_plan, log

__all__ = ["load_in_worker", "run"]

_MARKER_VARIABLE = "RAPIDE_FAILURE_MARKER"


def run(plan: ServePlan, settings: ServeSettings, log_config: dict[str, Any]) -> int:
    """Serve until a signal ends it.

    Args:
        plan: what to serve.
        settings: how.
        log_config: for `logging.config.dictConfig`.

    Returns:
        0 after SIGTERM or SIGINT, 3 when the server or a worker could not start, 4 when the lifespan failed
        at its end.
    """
    if plan.port == 0:
        plan = dataclasses.replace(plan, port=free_port(settings.host))
    hand_on_plan(dataclasses.replace(plan, trusted_proxies=trusted_proxies(settings)))
    with tempfile.TemporaryDirectory(prefix="rapide-") as folder:
        marker = Path(folder) / "failed"
        os.environ[_MARKER_VARIABLE] = str(marker)
        try:
            code = _run(_configure(plan, settings, log_config))
        except SystemExit:  # of the only worker, which is this process
            return StartupError.exit_code
        except LifespanFailureError as error:
            if not marker.exists():  # it did start
                log.error(str(error))  # it holds the traceback of the lifespan
                return ENDED_BADLY
            raise StartupError(str(error)) from error
        return StartupError.exit_code if code or marker.exists() else 0


def _run(config: Config) -> int:
    """Serve in worker processes, or in this one.

    Here Hypercorn would handle signals in its loop; in Python, the application hears them first.
    """
    if config.workers:
        code = run_hypercorn(config)
        for worker in multiprocessing.active_children():
            worker.join()  # Hypercorn 0.18 waits for the first only
        return code
    ending = threading.Event()

    def end(number: int, frame: object) -> None:
        ending.set()

    is_main = threading.current_thread() is threading.main_thread()  # no other may handle signals
    numbers = (signal.SIGINT, signal.SIGTERM) if is_main else ()
    previous = {number: signal.signal(number, end) for number in numbers}
    try:
        serve: Any = uvloop_worker if config.worker_class == "uvloop" else asyncio_worker
        serve(config, config.create_sockets(), shutdown_event=ending)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return 0


def load_in_worker() -> Any:
    """Return the application of a worker; leave a marker when it cannot be loaded or started.

    Hypercorn 0.18 forgets the exit code of a failed worker when it ends the others. When the first of several
    has ended, it ends the others with a signal that none of them handles, whatever they still serve; all
    know by then from an event.
    """
    if multiprocessing.parent_process() is not None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        app = application()
    except SystemExit:
        _leave_marker()
        raise
    return _MarkingFailures(app)


def _leave_marker() -> None:
    Path(os.environ[_MARKER_VARIABLE]).touch()


class _MarkingFailures:
    """Passes everything on, and leaves a marker when the lifespan does not start."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return

        async def observe(message: Any) -> None:
            if message["type"] == "lifespan.startup.failed":
                _leave_marker()
            await send(message)

        await self.app(scope, receive, observe)


def _configure(plan: ServePlan, settings: ServeSettings, log_config: dict[str, Any]) -> Config:
    config = Config()
    # Hypercorn evaluates what stands behind the colon.
    config.application_path = "rapide.cli.servers.hypercorn_server:load_in_worker()"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    config.bind = [plan.host if settings.uds else f"{host}:{plan.port}"]
    config.workers = settings.workers if (settings.workers or 1) > 1 else 0  # type: ignore[assignment]  # zero is this process
    config.worker_class = "asyncio" if importlib.util.find_spec("uvloop") is None else "uvloop"
    config.root_path = settings.root_path
    config.backlog = settings.backlog
    config.keep_alive_timeout = settings.timeout_keep_alive
    config.graceful_timeout = settings.timeout_graceful_shutdown
    config.h11_max_incomplete_size = config.h2_max_header_list_size = settings.limit_header_size
    config.max_requests = settings.limit_max_requests
    config.max_requests_jitter = settings.limit_max_requests_jitter
    config.include_server_header = settings.server_header
    config.certfile = None if settings.ssl_certfile is None else str(settings.ssl_certfile)
    config.keyfile = None if settings.ssl_keyfile is None else str(settings.ssl_keyfile)
    config.loglevel = "DEBUG" if settings.log_level == "trace" else settings.log_level.upper()
    config.logconfig_dict = log_config
    config.accesslog = "-" if settings.access_log else None
    config.access_log_format = '%(h)s - "%(m)s %(Uq)s HTTP/%(H)s" %(s)s'
    return config
