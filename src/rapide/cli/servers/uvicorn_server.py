"""Serve with Uvicorn: one process, several, or one that restarts on changes."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import pathlib
import socket
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.basereload import BaseReload

from rapide.cli.discover import LoadedApplication
from rapide.cli.failures import CommandError, StartupError
from rapide.cli.logs import configure_logging
from rapide.cli.options import ServeSettings
from rapide.cli.worker import (
    ServePlan,
    announce,
    failure_page,
    hand_on_plan,
    is_first_worker,
    load_for_serving,
    log,
    received_plan,
)

__all__ = ["run"]

_WORKER_APPLICATION = "rapide.cli.worker:app"
_GUARDED_HTTP = "rapide.cli.servers.guarded_http:GuardedHttpToolsProtocol"


def run(plan: ServePlan, settings: ServeSettings, log_config: dict[str, Any]) -> int:
    """Serve until a signal ends it.

    Args:
        plan: what to serve.
        settings: how.
        log_config: for `logging.config.dictConfig`.

    Returns:
        0 after SIGTERM or SIGINT, 3 when the server or a worker could not start.
    """
    options = _options(settings, log_config)
    hand_on_plan(plan)
    if settings.reload:
        return _run_reloading(plan, settings, options)
    if (settings.workers or 1) > 1:
        return _run_workers(plan, settings, options)
    return _run_here(plan, options)


def _options(settings: ServeSettings, log_config: dict[str, Any]) -> dict[str, Any]:
    return {
        "host": settings.host,
        "port": settings.port,
        "uds": None if settings.uds is None else str(settings.uds),
        "workers": 1,  # never None, for then Uvicorn would read WEB_CONCURRENCY itself
        "root_path": settings.root_path,
        "proxy_headers": settings.proxy_headers,
        "forwarded_allow_ips": settings.forwarded_allow_ips,
        "server_header": settings.server_header,
        "ssl_certfile": settings.ssl_certfile,
        "ssl_keyfile": settings.ssl_keyfile,
        "timeout_keep_alive": settings.timeout_keep_alive,
        "timeout_graceful_shutdown": settings.timeout_graceful_shutdown,
        "limit_concurrency": settings.limit_concurrency,
        "limit_max_requests": settings.limit_max_requests,
        "limit_max_requests_jitter": settings.limit_max_requests_jitter,
        "backlog": settings.backlog,
        "http": "h11" if importlib.util.find_spec("httptools") is None else _GUARDED_HTTP,
        "h11_max_incomplete_event_size": settings.limit_header_size,
        "log_config": log_config,
        "access_log": settings.access_log,
    }


def _run_here(plan: ServePlan, options: dict[str, Any]) -> int:
    """Serve in this process."""
    try:
        # Outside the event loop: a module may call asyncio.run() while it is imported.
        loaded = load_for_serving(plan)
        server = _AnnouncingServer(uvicorn.Config(loaded.app, **options), loaded, plan)
        server.run()
    finally:
        _remove_socket_file(options)
    return 0 if server.started else StartupError.exit_code


def _remove_socket_file(options: dict[str, Any]) -> None:
    if options["uds"]:
        with contextlib.suppress(FileNotFoundError):
            pathlib.Path(options["uds"]).unlink()


class _AnnouncingServer(uvicorn.Server):
    """Says where it serves once it does: with port 0, the port is known only then."""

    def __init__(self, config: uvicorn.Config, loaded: LoadedApplication, plan: ServePlan) -> None:
        super().__init__(config)
        self._loaded = loaded
        self._plan = plan

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        plan = self._plan
        if plan.port == 0 and not self.config.uds:
            plan = dataclasses.replace(plan, port=self.servers[0].sockets[0].getsockname()[1])
        announce(self._loaded, plan)


def _run_workers(plan: ServePlan, settings: ServeSettings, options: dict[str, Any]) -> int:
    """Supervise several processes that share one socket."""
    config = uvicorn.Config(_WORKER_APPLICATION, **{**options, "workers": settings.workers})
    supervisor = Multiprocess(config, sockets=[_bind_and_hand_on(config, plan)])
    try:
        supervisor.run()
    finally:
        _remove_socket_file(options)
    failed = any(process.exitcode == StartupError.exit_code for process in supervisor.processes)
    return StartupError.exit_code if failed else 0


def _run_reloading(plan: ServePlan, settings: ServeSettings, options: dict[str, Any]) -> int:
    """Supervise one process that is replaced when a file changes; the socket stays open meanwhile."""
    folders = [str(folder) for folder in settings.reload_dir or (Path.cwd(),)]
    config = uvicorn.Config(_WORKER_APPLICATION, reload=True, reload_dirs=folders, **options)
    sock = _bind_and_hand_on(config, plan)
    try:
        _make_reloader(config, settings, sock).run()
    finally:
        _remove_socket_file(options)
    return 0


def _make_reloader(config: uvicorn.Config, settings: ServeSettings, sock: socket.socket) -> BaseReload:
    serve = partial(_serve_in_child, config)
    try:
        from rapide.cli.reload import Reloader
    except ModuleNotFoundError:
        from uvicorn.supervisors.statreload import StatReload

        log.warning(
            'Any Python file restarts, because watchfiles is not installed: pip install "rapide[standard]"'
        )
        return StatReload(config, target=serve, sockets=[sock])
    return Reloader(config, serve, [sock], settings.reload_include)


def _bind_and_hand_on(config: uvicorn.Config, plan: ServePlan) -> socket.socket:
    sock = config.bind_socket()
    if not config.uds:
        plan = dataclasses.replace(plan, port=sock.getsockname()[1])
    hand_on_plan(plan)
    return sock


def _serve_in_child(config: uvicorn.Config, sockets: Sequence[socket.socket] | None = None) -> None:
    """Load and serve in the process that the reloader started; on failure, wait for the next change."""
    from rapide.cli.imports import report_imports

    plan = received_plan()
    configure_logging(plan.logs)
    try:
        loaded = load_for_serving(plan)
    except CommandError as error:
        log.error(error.text(verbose=plan.verbose))
        config.app = failure_page
        report_imports(failed=True)
    else:
        announce(loaded, plan, hint=is_first_worker())
        config.app = loaded.app
        report_imports(failed=False)
    uvicorn.Server(config).run(sockets=None if sockets is None else list(sockets))
