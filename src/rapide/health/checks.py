"""Running checks: each one alone, with its own dependencies, all at the same time."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from anyio import create_task_group, fail_after
from starlette.types import Message, Scope

from rapide.declare.depends import Depends
from rapide.errors import RouteError
from rapide.routing.overrides import active_overrides
from rapide.routing.route import APIRoute

__all__ = ["Checks", "named"]

_log = logging.getLogger("rapide")

# Of the request that asks, what a check's dependencies may read; the body is nobody's.
_EMPTY_BODY: Message = {"type": "http.request", "body": b"", "more_body": False}


def named(
    checks: Sequence[Callable[..., Any]] | Mapping[str, Callable[..., Any]],
) -> dict[str, Callable[..., Any]]:
    """Return checks by name; those without one have their function's.

    Raises:
        RouteError: one is not callable (RAP201).
        ValueError: two have the same name.
    """
    pairs = (
        list(checks.items()) if isinstance(checks, Mapping) else [(_name(check), check) for check in checks]
    )
    found: dict[str, Callable[..., Any]] = {}
    for name, check in pairs:
        if not callable(check):
            raise RouteError("RAP201", f"The health check {name!r} is not callable")
        if name in found:
            raise ValueError(f"Two health checks are called {name!r}: give them names, in a mapping")
        found[name] = check
    return found


def _name(check: Any) -> str:
    name = str(getattr(check, "__name__", type(check).__name__))
    return name.removeprefix("check_")


async def _apart() -> AsyncIterator[None]:
    """Give what comes after it threads of its own: a probe must not wait behind what it asks about."""
    yield


class Checks:
    """Checks that are run together.

    Each is a route of its own that nobody can request: so it may have dependencies as an endpoint has, they
    are entered and left around it, and overrides for tests hold.
    """

    def __init__(self, checks: Mapping[str, Callable[..., Any]], timeout: float) -> None:
        apart = [Depends(_apart)]
        self._routes = {
            name: APIRoute(f"/{name}", check, name=name, dependencies=apart) for name, check in checks.items()
        }
        self._timeout = timeout

    async def run(self, scope: Scope) -> dict[str, bool]:
        """Return which checks passed: those that returned, in time, anything but False."""
        results = dict.fromkeys(self._routes, False)

        async def run_one(name: str, route: APIRoute) -> None:
            results[name] = await self._passes(name, route, scope)

        async with create_task_group() as group:
            for name, route in self._routes.items():
                group.start_soon(run_one, name, route)
        return results

    async def _passes(self, name: str, route: APIRoute, scope: Scope) -> bool:
        answer = _Answer()
        own = {key: value for key, value in scope.items() if not key.startswith("rapide.")}
        try:
            with fail_after(self._timeout):
                handler = route.handler(active_overrides(scope.get("app")))
                await handler({**own, "path_params": {}}, answer.receive, answer.send)
        except TimeoutError:
            _log.warning("The health check %r took longer than %g seconds.", name, self._timeout)
        except Exception:  # noqa: BLE001 -- whatever it is, the check failed; the log has all of it
            _log.exception("The health check %r failed.", name)
        else:
            return answer.is_good
        return False


class _Answer:
    """The connection of a check: nobody sends a body, and the answer is only looked at."""

    def __init__(self) -> None:
        self.status = 500
        self.body = b""

    async def receive(self) -> Message:
        return _EMPTY_BODY

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.body += message.get("body", b"")

    @property
    def is_good(self) -> bool:
        return self.status < 400 and self.body != b"false"
