"""Looking over an application before it serves: mistakes, and routes that nobody can reach."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from rapide._core_schemas import inner_schemas
from rapide._dataclass import dataclass
from rapide.errors import CODES, DeclarationError, locate
from rapide.openapi.operation_ids import describe_clash, operation_ids
from rapide.plan.nodes import walk_calls
from rapide.routing import APIRoute, APIWebSocketRoute

__all__ = ["Problem", "check_app"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong ("error") or doubtful ("warning"). `location` is "file:line" or None."""

    code: str
    severity: Literal["error", "warning"]
    message: str
    location: str | None
    remedy: str


def _located(code: str, severity: Literal["error", "warning"], message: str, function: Any) -> Problem:
    file, line = locate(function)
    return Problem(code, severity, message, f"{file}:{line}" if file else None, CODES[code].remedy)


def _compile_all(routes: Iterable[Any]) -> Iterable[Problem]:
    for route in routes:
        if not isinstance(route, APIRoute | APIWebSocketRoute):
            continue
        try:
            route.handler()
        except DeclarationError as exc:
            location = f"{exc.file}:{exc.line}" if exc.file else None
            yield Problem(exc.code, "error", exc.message, location, exc.remedy)


def _shadowed(app: Any) -> Iterable[Problem]:
    """Find operations whose own path leads somewhere else."""
    table = app.router.dispatcher.http
    for route in app.routes:
        if not isinstance(route, APIRoute):
            continue
        example = _example_path(route)
        for method in sorted(route.methods):
            found = table.find(
                example, method, {"type": "http", "path": example, "method": method, "headers": []}
            )
            winner = found.row.target.route if found.row is not None else None
            if winner is not None and winner is not route and isinstance(winner, APIRoute):
                message = f"{method} {route.path} is never reached: {method} {winner.path} takes its requests"
                yield _located("RAP401", "warning", message, route.endpoint)


def _example_path(route: APIRoute) -> str:
    """Return a path that the template matches and that no literal is likely to equal."""
    path = route.path_format
    for name, convertor in route.param_convertors.items():
        sample = {"int": "7", "float": "7.5", "uuid": "00000000-0000-4000-8000-000000000007"}
        kind = type(convertor).__name__.removesuffix("Convertor").lower()
        path = path.replace("{" + name + "}", sample.get(kind, "example-value"))
    return path


def _duplicate_ids(app: Any) -> Iterable[Problem]:
    refused = app.behaviour.operation_ids == "function"
    for operation_id, first, second in operation_ids(app.routes, app.webhooks.routes).clashes:
        message = describe_clash(operation_id, first, second)
        yield _located("RAP205", "error" if refused else "warning", message, second.endpoint)


def _backtracking(app: Any) -> Iterable[Problem]:
    """Find patterns that are matched by an engine that goes back and forth."""
    for route in app.routes:
        if not isinstance(route, APIRoute) or route.plan.body is None:
            continue
        for item in route.plan.body.inputs:
            if any(
                schema.get("regex_engine") == "python-re" for schema in inner_schemas(item.field.core_schema)
            ):
                message = f"The body of {route.path} has patterns under regex_engine='python-re'"
                yield _located("RAP402", "warning", message, route.endpoint)


def _keys_in_queries(app: Any) -> Iterable[Problem]:
    """Find API keys that are read from the address."""
    from rapide.security.api_key import APIKeyQuery  # noqa: PLC0415 -- most applications have no such scheme

    for route in app.routes:
        plan = route.plan if isinstance(route, APIRoute | APIWebSocketRoute) else None
        if plan and any(isinstance(call.function, APIKeyQuery) for call in walk_calls(plan.endpoint)):
            message = f"{route.path} reads an API key from the query"
            yield _located("RAP403", "warning", message, route.endpoint)


def check_app(app: Any) -> list[Problem]:
    """Return all problems of an application."""
    problems = list(_compile_all([*app.routes, *app.frontends.routes]))
    if any(problem.severity == "error" for problem in problems):
        return problems
    return [*problems, *_shadowed(app), *_duplicate_ids(app), *_backtracking(app), *_keys_in_queries(app)]
