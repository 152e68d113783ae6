"""`rapide dev` and `rapide run`: from settings to a running server."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import importlib.metadata
import importlib.util
import os
import re
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import rapide
from rapide.cli.discover import Target
from rapide.cli.ending import ENDED_BADLY, killing_workers, noting_failures
from rapide.cli.failures import CommandError, StartupError, UsageError
from rapide.cli.logs import LogSettings, configure_logging
from rapide.cli.options import CommandName, ServeSettings
from rapide.cli.worker import HeadLimits, ServePlan, log

__all__ = ["serve"]

_ENVIRONMENT_NAMES = ("RAPIDE_ENV", "FASTAPI_ENV")
_PUBLIC_URL_NAMES = ("RAPIDE_PUBLIC_URL", "FASTAPI_PUBLIC_URL")
_INSTALL = {
    "uvicorn": 'pip install -U "rapide[standard]"',
    "granian": "pip install granian",
    "hypercorn": "pip install hypercorn",
}
_OLDEST = {"uvicorn": (0, 51)}  # the first whose supervisor of workers has today's signature

# A limit that is not applied must not look as if it were.
_NOT_SUPPORTED = {
    "granian": (
        "timeout_keep_alive",
        "limit_max_requests",
        "limit_max_requests_jitter",
        "server_header",
        "limit_header_count",
    ),
    "hypercorn": ("limit_concurrency", "limit_header_count", "timeout_header"),
}


def serve(
    command: CommandName, target: Target, settings: ServeSettings, *, origins: Mapping[str, str], pinned: bool
) -> int:
    """Serve an application until a signal ends it.

    Args:
        command: "dev" or "run".
        target: which application.
        settings: how.
        origins: for settings that are not defaults, where they were written.
        pinned: the user named the entry point.

    Returns:
        The exit code: 0 after SIGTERM or SIGINT, 3 when application or server could not start, 4 when the
        lifespan failed at its end.

    Raises:
        UsageError: options contradict each other.
        CommandError: the server is not installed, or a file that was named is not there.
        StartupError: the port is taken.
    """
    settings = _agree(settings, origins)
    _require_server(settings)
    plan = make_plan(command, target, settings, pinned=pinned)
    log_config = configure_logging(plan.logs)
    if command == "dev":
        for name in _ENVIRONMENT_NAMES:
            os.environ.setdefault(name, "development")
    mode = "development" if command == "dev" else "production"
    log.info("Starting Rapide %s in %s mode", rapide.__version__, mode, extra={"bullet": "⚡️"})
    if settings.verbose:
        _explain_choice(target, origins)
    _require_free_port(settings)
    try:
        with _sigterm_like_ctrl_c(), noting_failures() as has_failed, killing_workers(_processes(settings)):
            return _run(plan, settings, log_config) or (ENDED_BADLY if has_failed() else 0)
    except CommandError as error:
        # Logged, not printed: whoever reads the lines as JSON must be able to read this one too.
        log.error(error.text(verbose=settings.verbose))
        return error.exit_code
    except KeyboardInterrupt:
        return 0


def _run(plan: ServePlan, settings: ServeSettings, log_config: dict[str, Any]) -> int:
    """Run the server; return its exit code."""
    run = importlib.import_module(f"rapide.cli.servers.{settings.server}_server").run
    try:
        return int(run(plan, settings, log_config))
    except KeyboardInterrupt:  # how Uvicorn ends after a signal
        return 0


@contextlib.contextmanager
def _sigterm_like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM raise KeyboardInterrupt.

    Before a server runs it must end the process with 0; and Uvicorn, after it has shut down, raises the
    signal again for the handler that was there before. The default one would end the process with status 143,
    which service managers count as a failure.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _processes(settings: ServeSettings) -> int:
    """Return how many processes this one has others for."""
    workers = settings.workers or 1
    alone = workers == 1 and not settings.reload and settings.server != "granian"
    return 0 if alone else workers


def make_plan(command: CommandName, target: Target, settings: ServeSettings, *, pinned: bool) -> ServePlan:
    """Return what every serving process must know."""
    level = "debug" if settings.verbose and settings.log_level == "info" else settings.log_level
    log_file = None if settings.log_config is None else str(settings.log_config)
    return ServePlan(
        target=target,
        development=command == "dev",
        host=f"unix:{settings.uds}" if settings.uds else settings.host,
        port=settings.port,
        scheme="https" if settings.ssl_certfile else "http",
        public_url=next((os.environ[name] for name in _PUBLIC_URL_NAMES if os.environ.get(name)), None),
        allow_debug=settings.allow_debug,
        pinned=pinned,
        verbose=settings.verbose,
        logs=LogSettings(settings.log_format, level, settings.access_log, log_file),
        head=HeadLimits(settings.limit_header_size, settings.limit_header_count, settings.timeout_header),
        grace=settings.timeout_graceful_shutdown,
        delay=settings.shutdown_delay,
        report_blocking=settings.report_blocking,
    )


def _agree(settings: ServeSettings, origins: Mapping[str, str]) -> ServeSettings:
    """Settle what excludes each other: two flags are a mistake, a flag outweighs the environment."""
    workers_origin = origins.get("workers", "")
    if settings.reload and (settings.workers or 1) > 1:
        if workers_origin.startswith("--") and origins.get("reload", "").startswith("--"):
            raise UsageError("--reload and --workers exclude each other.", remedy="Leave one of them out.")
        if workers_origin.startswith("--"):
            settings = dataclasses.replace(settings, reload=False)
        else:
            settings = dataclasses.replace(settings, workers=None)
    if settings.reload and settings.server != "uvicorn":
        raise UsageError(
            f"--reload works with uvicorn, not with {settings.server}.", remedy="Leave one of them out."
        )
    _refuse_what_the_server_has_not(settings, origins)
    if settings.ssl_keyfile and not settings.ssl_certfile:
        raise UsageError("--ssl-keyfile needs --ssl-certfile.")
    for file in (settings.ssl_certfile, settings.ssl_keyfile):
        if file is not None and not file.is_file():
            raise CommandError(f"The file {file} does not exist.")
    return settings


def _refuse_what_the_server_has_not(settings: ServeSettings, origins: Mapping[str, str]) -> None:
    for name in _NOT_SUPPORTED.get(settings.server, ()):
        if name in origins:
            raise UsageError(
                f"{origins[name]}: {settings.server} has no such setting.", remedy="Leave it out."
            )
    if settings.shutdown_delay and settings.server == "hypercorn" and (settings.workers or 1) > 1:
        raise UsageError(
            "--shutdown-delay: hypercorn ends several workers at once, and asks none of them.",
            remedy="Leave --workers out, or use another server.",
        )


def _require_server(settings: ServeSettings) -> None:
    remedy = f"Install it: {_INSTALL[settings.server]}"
    if importlib.util.find_spec(settings.server) is None:
        raise CommandError(f"The server {settings.server} is not installed.", remedy=remedy)
    oldest = _OLDEST.get(settings.server)
    installed = importlib.metadata.version(settings.server)
    if oldest and tuple(int(number) for number in re.findall(r"\d+", installed)[:2]) < oldest:
        needed = ".".join(str(number) for number in oldest)
        raise CommandError(f"{settings.server} {installed} is too old: {needed} is needed.", remedy=remedy)


def _explain_choice(target: Target, origins: Mapping[str, str]) -> None:
    named = f"{target.module}:{target.attribute or '(looked for)'}"
    log.info("Application %s from %s (%s)", named, target.search_path, target.origin, extra={"bullet": "🔎"})
    for name, origin in origins.items():
        log.info("%s set by %s", name.replace("_", "-"), origin, extra={"bullet": "🔧"})


def _require_free_port(settings: ServeSettings) -> None:
    """Fail before the application is imported, and for every server in the same way.

    Granian shares a port silently with another Granian; Uvicorn notices only after the application's start-up
    ran.
    """
    if settings.uds or settings.port == 0:
        return
    try:
        addresses = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except socket.gaierror as error:
        raise StartupError(
            f'"{settings.host}" is not an address of this machine: {error.strerror}'
        ) from error
    family, kind, protocol, _, address = addresses[0]
    with socket.socket(family, kind, protocol) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise StartupError(
                f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}",
                remedy="Choose another one with --port, or stop the process that uses it.",
            ) from error
