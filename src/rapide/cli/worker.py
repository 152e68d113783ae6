"""What a process does that serves.

It loads the application, refuses what is unsafe, compiles all routes and says where it is.
Worker processes import this module instead of the application. They find their instructions in one
environment variable, because that is the only thing that every server and every way to start a process hands
on.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import logging
import multiprocessing
import os
import sys
from dataclasses import dataclass, field
from typing import Any

from rapide.cli.discover import LoadedApplication, Target, load_target
from rapide.cli.ending import report_failed_ends
from rapide.cli.failures import CommandError, ImportFailedError, StartupError
from rapide.cli.logs import LogSettings, configure_logging
from rapide.lifecycle.application import DEFAULT_GRACE, set_default_grace, set_shutdown_delay
from rapide.lifecycle.watchdog import set_threshold

__all__ = [
    "PLAN_VARIABLE",
    "HeadLimits",
    "ServePlan",
    "announce",
    "application",
    "failure_page",
    "hand_on_plan",
    "is_loopback",
    "load_for_serving",
    "received_plan",
]

PLAN_VARIABLE = "RAPIDE_SERVE_PLAN"

log = logging.getLogger("rapide.cli")


@dataclass(frozen=True, slots=True)
class HeadLimits:
    """How much of a request a client may send, and how slowly, before its headers are complete.

    Attributes:
        size: bytes of the request target and all headers.
        count: headers.
        seconds: time from the first byte (of a new connection: from connecting); 0 for no limit.
    """

    size: int
    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class ServePlan:
    """What every process of one `rapide run` or `rapide dev` must know.

    Attributes:
        target: which application.
        development: it is `rapide dev`.
        host: the address it listens on; `unix:` and a path for a Unix domain socket.
        port: the port it listens on.
        scheme: http or https.
        public_url: where clients find the server, when that is not where it listens.
        allow_debug: serve an application with debug=True to other machines.
        pinned: the user named the entry point; no hint is needed.
        verbose: whole tracebacks.
        trusted_proxies: addresses whose X-Forwarded headers count, when the server does not read them itself.
        logs: what log lines look like.
        head: limits on the headers of a request.
        grace: seconds that requests get to finish when the server ends.
        delay: seconds for which everything is served after the signal that ends the server.
        report_blocking: milliseconds after which a blocked event loop is reported; None for never.
    """

    target: Target
    development: bool
    host: str
    port: int
    scheme: str = "http"
    public_url: str | None = None
    allow_debug: bool = False
    pinned: bool = False
    verbose: bool = False
    trusted_proxies: str | None = None
    logs: LogSettings = field(default_factory=LogSettings)
    head: HeadLimits = field(default_factory=lambda: HeadLimits(65_536, 100, 10))
    grace: float = DEFAULT_GRACE
    delay: float = 0.0
    report_blocking: int | None = None

    @property
    def base_url(self) -> str:
        """Where clients find the server, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        if self.host.startswith("unix:"):
            return self.host
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def hand_on_plan(plan: ServePlan) -> None:
    """Leave the plan where worker processes find it."""
    os.environ[PLAN_VARIABLE] = json.dumps(dataclasses.asdict(plan))


def received_plan() -> ServePlan:
    """Return the plan that the starting process left."""
    content = json.loads(os.environ[PLAN_VARIABLE])
    parts = {"target": Target, "logs": LogSettings, "head": HeadLimits}
    return ServePlan(**{**content, **{name: kind(**content[name]) for name, kind in parts.items()}})


def load_for_serving(plan: ServePlan) -> LoadedApplication:
    """Import the application and make it ready for its first request.

    Args:
        plan: what to load, and under which conditions.

    Returns:
        The application, all of its routes compiled.

    Raises:
        ImportFailedError: its module or the preparation raised.
        StartupError: it is in debug mode and other machines could reach it.
        CommandError: the module holds no application.
    """
    from rapide.app import Rapide
    from rapide.routing.admission import allow_hosts

    set_default_grace(plan.grace)
    set_shutdown_delay(plan.delay)
    report_failed_ends()
    set_threshold(None if plan.report_blocking is None else plan.report_blocking / 1000)
    loaded = load_target(plan.target, any_asgi=True)
    _guard_debug(loaded, plan)
    if plan.development and is_loopback(plan.host) and isinstance(loaded.app, Rapide):
        # Any page in a browser may have a name of its own lead to this machine (DNS rebinding).
        allow_hosts(loaded.app, "localhost", "*.localhost", "127.0.0.1", "[::1]")
    prepare = getattr(loaded.app, "prepare", None)
    if callable(prepare):
        try:
            prepare()
        except Exception as error:
            raise ImportFailedError(loaded.import_string, error) from error
    return loaded


def _guard_debug(loaded: LoadedApplication, plan: ServePlan) -> None:
    if not getattr(loaded.app, "debug", False) or is_loopback(plan.host):
        return
    message = f"{loaded.import_string} has debug=True and would show its source to all who reach {plan.host}."
    if not plan.development and not plan.allow_debug:
        raise StartupError(
            message, remedy="Set debug=False, listen on --host 127.0.0.1, or say --allow-debug."
        )
    log.warning(message, extra={"bullet": "⚠️ "})


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address: a loopback address or a Unix socket."""
    if host == "localhost" or host.startswith("unix:"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def announce(loaded: LoadedApplication, plan: ServePlan, *, hint: bool = True) -> None:
    """Log where the application and its documentation are, and with `hint` how to pin the entry point."""
    log.info("Serving %s at %s", loaded.import_string, plan.base_url, extra={"bullet": "🌐"})
    docs_url = getattr(loaded.app, "docs_url", None)
    if docs_url and getattr(loaded.app, "openapi_url", None):
        log.info("Documentation at %s%s", plan.base_url, docs_url, extra={"bullet": "📖"})
    for remark in loaded.remarks:
        log.warning(remark, extra={"bullet": "⚠️ "})
    if hint and not plan.pinned and not plan.target.factory:
        log.info(
            'To pin the entry point, write entrypoint = "%s" under [tool.rapide] in pyproject.toml',
            loaded.import_string,
            extra={"bullet": "💡"},
        )


def application() -> Any:
    """Load the application in a worker process and return it.

    The first worker announces it. A failure is logged and ends the process with exit code 3, which tells
    supervisors that starting it again would not help.
    """
    plan = received_plan()
    configure_logging(
        plan.logs
    )  # a spawned process starts without any; not every server does it before it imports
    try:
        loaded = load_for_serving(plan)
    except CommandError as error:
        log.error(error.text(verbose=plan.verbose))  # noqa: TRY400 - the text holds the user's part of the traceback
        sys.exit(StartupError.exit_code)
    except Exception:  # a fault of ours: supervisors would start a crashed worker again and again
        log.exception("The worker could not start.")
        sys.exit(StartupError.exit_code)
    if is_first_worker():
        announce(loaded, plan)
    return loaded.app if plan.trusted_proxies is None else _trusting_proxies(loaded.app, plan.trusted_proxies)


def is_first_worker() -> bool:
    """Return whether this process is the first one its parent started, or was not started by another at all.

    multiprocessing numbers the children of a process; names are no help, because Granian gives all workers
    one.
    """
    identity: tuple[int, ...] = getattr(multiprocessing.current_process(), "_identity", ())
    return identity in {(), (1,)}


def _trusting_proxies(app: Any, trusted: str) -> Any:
    """Read X-Forwarded headers where the server does not; the middleware tests the peer's address first."""
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    return ProxyHeadersMiddleware(app, trusted_hosts=trusted)


def __getattr__(name: str) -> Any:
    """Give `rapide.cli.worker:app` to servers that import a name."""
    if name == "app":
        return application()
    raise AttributeError(name)


async def failure_page(scope: Any, receive: Any, send: Any) -> None:
    """Answer in place of an application that could not be loaded, so that a browser need not wait.

    The reason is in the terminal only, for it may hold what no client should read.
    """
    from starlette.responses import PlainTextResponse

    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "http":
        text = "The application could not be loaded. The reason is in the terminal of rapide dev.\n"
        await PlainTextResponse(text, status_code=500)(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1011})
