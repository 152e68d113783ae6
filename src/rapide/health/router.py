"""The routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from rapide.declare.depends import public
from rapide.health.checks import Checks, named
from rapide.lifecycle import is_draining
from rapide.routing import APIRouter

__all__ = ["health_router"]

HealthChecks = Sequence[Callable[..., Any]] | Mapping[str, Callable[..., Any]]

_RESPONSES: dict[int | str, dict[str, Any]] = {503: {"description": "Not now"}}


def health_router(
    *,
    checks: HealthChecks = (),
    startup: HealthChecks = (),
    timeout: float = 5.0,
    prefix: str = "",
    include_in_schema: bool = False,
) -> APIRouter:
    """Return a router with `/livez`, `/readyz` and `/startupz` for whoever watches a process.

    ```python
    async def check_database(session: Annotated[Session, Depends(get_session)]) -> None:
        await session.execute(text("SELECT 1"))

    app.include_router(health_router(checks=[check_database]))
    ```

    `/livez` answers as long as the event loop turns; a failure means "restart me". `/readyz` answers 200 when
    all `checks` and all `startup` checks passed and the server is not ending, else 503: "send me no requests
    now". `/startupz` answers 503 until all `startup` checks have passed once: "do not look at the others
    yet".

    A check is a function like an endpoint: `async def` or `def`, with dependencies. It fails when it raises,
    returns False or takes too long; why is in the log, and never in the answer, which only names it.

    Args:
        checks: what every request needs, such as a database; run at each request for `/readyz`. By name, or
            named as the functions are, without `check_`.
        startup: what must be there once, such as a cache that is filled.
        timeout: seconds that one check may take.
        prefix: put in front of the three paths.
        include_in_schema: show the routes in OpenAPI.

    Raises:
        RouteError: a check cannot be an endpoint.
        ValueError: two checks have the same name, or `timeout` is no time.
    """
    if not timeout > 0:
        raise ValueError(f"timeout is a number of seconds above 0, not {timeout!r}")
    ready, started = Checks(named(checks), timeout), Checks(named(startup), timeout)
    # Probes have no credentials, and learn names only.
    router = APIRouter(prefix=prefix, tags=["health"], include_in_schema=include_in_schema, auth=public)
    state = _Startup(started)

    @router.get("/livez", responses=_RESPONSES)
    async def is_alive() -> JSONResponse:
        """Tell whether the process lives."""
        return _answer({})

    @router.get("/readyz", responses=_RESPONSES)
    async def is_ready(request: Request) -> JSONResponse:
        """Tell whether requests are welcome."""
        if is_draining():
            return _answer({"draining": False})
        results = await state.run(request)
        return _answer({**results, **await ready.run(request.scope)})

    @router.get("/startupz", responses=_RESPONSES)
    async def is_started(request: Request) -> JSONResponse:
        """Tell whether the start is over."""
        return _answer(await state.run(request))

    return router


class _Startup:
    """Checks that are not run again once all have passed."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks
        self._passed: dict[str, bool] | None = None

    async def run(self, request: Request) -> dict[str, bool]:
        if self._passed is not None:
            return self._passed
        results = await self._checks.run(request.scope)
        if all(results.values()):
            self._passed = results
        return results


def _answer(results: Mapping[str, bool]) -> JSONResponse:
    good = all(results.values())
    content: dict[str, Any] = {"status": "ok" if good else "unavailable"}
    if results:
        content["checks"] = {name: "ok" if passed else "failed" for name, passed in results.items()}
    # What is true now may be false in a second: no cache may answer for the process.
    return JSONResponse(content, 200 if good else 503, headers={"Cache-Control": "no-store"})
