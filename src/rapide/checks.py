"""Looking over an application before it serves: mistakes, and routes that nobody can reach."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import import_module
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
        if not isinstance(route, APIRoute | APIWebSocketRoute):
            continue
        slow = [
            item.name
            for call in walk_calls(route.plan.endpoint)
            for item in call.inputs
            if any(_goes_back(schema) for schema in inner_schemas(item.field.core_schema))
        ]
        if slow:
            message = f"{', '.join(slow)} of {route.path} has patterns under regex_engine='python-re'"
            yield _located("RAP402", "warning", message, route.endpoint)


def _goes_back(schema: Any) -> bool:
    return schema.get("regex_engine") == "python-re" or (
        schema.get("type") == "str" and is_backtracking(schema.get("pattern"))
    )


# How many slashes there may be in the way of one parameter before another one begins.
_REACHING = 2


def _slow_paths(app: Any) -> Iterable[Problem]:
    """Find paths whose parameters can share out a long path among them in very many ways."""
    for route in app.routes:
        if not isinstance(route, APIRoute | APIWebSocketRoute):
            continue
        convertors = route.param_convertors.values()
        reaching = [each for each in convertors if each.regex == ".*"]
        if len(reaching) >= _REACHING or any(is_backtracking(each.regex) for each in convertors):
            yield _located(
                "RAP404", "warning", f"A long path keeps {route.path} busy: it backtracks", route.endpoint
            )


def is_backtracking(pattern: Any) -> bool:
    """Tell whether a pattern repeats without end what itself repeats without end, such as `(a+)+`.

    Python's engine tries all ways of sharing a text out between the two. A compiled pattern counts like its
    text; what is no pattern of Python's does not backtrack there.
    """
    text = getattr(pattern, "pattern", pattern)
    if not isinstance(text, str):
        return False
    parser: Any = import_module("re._parser")  # Python's own, under the name it has had since 3.11
    try:
        return _repeats_repeats(parser.parse(text), within=False)
    except re.error:
        return False


def _repeats_repeats(part: Any, *, within: bool) -> bool:
    if isinstance(part, tuple) and len(part) == 2 and str(part[0]) in ("MAX_REPEAT", "MIN_REPEAT"):
        _, most, repeated = part[1]
        endless = most > _MANY
        return (endless and within) or _repeats_repeats(repeated, within=within or endless)
    if isinstance(part, str | int) or part is None or str(part).endswith("POSSESSIVE_REPEAT"):
        return False
    return any(_repeats_repeats(inner, within=within) for inner in part)


# From so many repetitions on, a repeat inside a repeat takes too long.
_MANY = 20


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
    return [
        *problems,
        *_shadowed(app),
        *_duplicate_ids(app),
        *_backtracking(app),
        *_slow_paths(app),
        *_keys_in_queries(app),
    ]
