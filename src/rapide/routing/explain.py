"""Showing what a route does: its plan, and the source of its handler."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from rapide.errors import locate
from rapide.plan.nodes import Call, Dependency, Input, RoutePlan
from rapide.routing.route import APIRoute

__all__ = ["explain_route", "find_route", "render_plan"]


def find_route(router: Any, method: str, path: str) -> APIRoute:
    """Return the operation that answers, by a path or by a path template.

    Raises:
        LookupError: None does.
    """
    method = method.upper()
    for route in router.routes:
        if (
            isinstance(route, APIRoute)
            and path in (route.path, route.path_format)
            and method in route.methods
        ):
            return route
    found = router.dispatcher.http.find(
        path, method, {"type": "http", "path": path, "method": method, "headers": []}
    )
    route = found.row.target.route if found.row is not None else None
    if isinstance(route, APIRoute):
        return route
    raise LookupError(f"No path operation answers {method} {path}")


# What stands before the name of a type: its modules, and the functions in which it was declared.
_MODULES = re.compile(r"\b(?:[A-Za-z_]\w*\.(?:<locals>\.)?)+")


def _name_of(annotation: Any) -> str:
    """Return a type as one writes it, without modules: `list[Book]`, `int | None`."""
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation.__name__
    return _MODULES.sub("", str(annotation))


def _describe_input(item: Input) -> str:
    annotation = item.field.field_info.annotation
    name = _name_of(annotation)
    need = "required" if item.required else f"default {item.field.field_info.get_default()!r}"
    return f"{item.name}: {item.kind} {item.key!r}, {name}, {need}"


def _describe_call(call: Call, edge: Dependency | None, depth: int) -> Iterator[str]:
    indent = "  " * depth
    file, line = locate(call.function)
    place = f"  ({file}:{line})" if file else ""
    role = "endpoint" if edge is None else f"dependency {edge.name or '(run only)'}"
    notes = [call.color.replace("_", " ")]
    if edge is not None and call.color.endswith("generator"):
        notes.append(f"left with the {edge.lifetime}")
    if edge is not None and edge.concurrency is not None:
        notes.append(f"at most {edge.concurrency.limit} at once")
    yield f"{indent}{role}: {call.qualified_name} [{', '.join(notes)}]{place}"
    for item in call.inputs:
        yield f"{indent}  {_describe_input(item)}"
    for special in call.connections:
        yield f"{indent}  {special.name}: {special.kind}"
    for inner in call.dependencies:
        yield from _describe_call(inner.call, inner, depth + 1)


def render_plan(plan: RoutePlan) -> str:
    """Return a plan as text."""
    lines = [f"{', '.join(plan.methods)} {plan.path}  ({plan.name})"]
    if plan.body is not None:
        names = ", ".join(item.name for item in plan.body.inputs)
        lines.append(f"body: {plan.body.kind}{', embedded' if plan.body.embed else ''}: {names}")
    output = plan.output
    model = _name_of(output.field.field_info.annotation) if output.field else None
    status = output.status_code or 200
    lines.append(f"output: {output.kind}{f' {model}' if model else ''}, status {status}")
    lines.extend(_describe_call(plan.endpoint, None, 0))
    return "\n".join(lines)


def explain_route(route: APIRoute) -> str:
    """Return plan and handler source of an operation."""
    source = str(route.handler().source)  # type: ignore[attr-defined]  # compiled handlers carry their text
    return f"{render_plan(route.plan)}\n\n{source}"
