"""From plan nodes to dependants and back.

A dependant that was not changed leads back to the very node that it was made of. Everything else is analysed
from its fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from rapide._analyse.graph import connect, merged_scopes
from rapide._analyse.route import place_of
from rapide._analyse.signature import color_of
from rapide._pydantic import ModelField, Undefined
from rapide.behaviour import FASTAPI, Behaviour
from rapide.declare.params import Body, Param
from rapide.fastapi.dependencies.models import Dependant
from rapide.inputs.base import Parameter
from rapide.inputs.table import claim_parameter
from rapide.plan.nodes import Call, Connection, ConnectionKind, Dependency, Input

__all__ = [
    "LISTS",
    "call_of",
    "dependant_of",
    "fields_of",
    "input_of",
    "set_connection",
    "snapshot_of",
    "walk_fields",
]

# The places of parameters, in the order in which FastAPI reads them; forms are bodies.
LISTS: Mapping[str, str] = {
    "path": "path_params",
    "query": "query_params",
    "header": "header_params",
    "cookie": "cookie_params",
    "body": "body_params",
    "form": "body_params",
}
_NAMES: dict[ConnectionKind, str] = {
    "request": "request_param_name",
    "websocket": "websocket_param_name",
    "connection": "http_connection_param_name",
    "response": "response_param_name",
    "background": "background_tasks_param_name",
    "scopes": "security_scopes_param_name",
}


def fields_of(dependant: Dependant) -> Iterator[ModelField]:
    """Yield the parameters of a dependant itself, place by place."""
    for name in dict.fromkeys(LISTS.values()):
        yield from getattr(dependant, name)


def set_connection(dependant: Dependant, connection: Connection) -> None:
    """Note a parameter that receives a thing of the connection."""
    setattr(dependant, _NAMES[connection.kind], connection.name)


def walk_fields(dependant: Dependant, name: str) -> Iterator[ModelField]:
    """Yield the fields of one list, a dependant's own before those below it."""
    yield from getattr(dependant, name)
    for inner in dependant.dependencies:
        yield from walk_fields(inner, name)


# ---------------------------------------------------------------------------------------------- to dependants


def dependant_of(call: Call, path: str | None, edge: Dependency | None = None, **values: Any) -> Dependant:
    """Return the dependant for a call at a path, with all below it; `values` are further fields."""
    dependant = Dependant(call=call.function, path=path, **values)
    for item in call.inputs:
        getattr(dependant, LISTS[item.kind]).append(item.field)
    for special in call.connections:
        set_connection(dependant, special)
    scopes = list(merged_scopes(dependant.parent_oauth_scopes, dependant.own_oauth_scopes))
    for inner in call.dependencies:
        dependant.dependencies.append(_dependant_below(inner, path, scopes))
    dependant._origin = (call, edge, _snapshot(dependant))
    return dependant


def _dependant_below(edge: Dependency, path: str | None, scopes: list[str]) -> Dependant:
    return dependant_of(
        edge.call,
        path,
        edge,
        name=edge.name,
        own_oauth_scopes=list(edge.own_scopes or ()),
        parent_oauth_scopes=list(scopes),
        use_cache=edge.use_cache,
        scope=edge.scope,
        concurrency=edge.concurrency,
    )


def snapshot_of(dependant: Dependant) -> tuple[Any, ...]:
    """Return what decides about a dependant and all below it; equal as long as nothing is changed."""
    return (*_snapshot(dependant), *map(snapshot_of, dependant.dependencies))


def _snapshot(dependant: Dependant) -> tuple[Any, ...]:
    """Return what decides about a dependant, the ones below it aside."""
    scopes = (tuple(dependant.own_oauth_scopes or ()), tuple(dependant.parent_oauth_scopes or ()))
    names = tuple(getattr(dependant, name) for name in _NAMES.values())
    edge = (dependant.name, dependant.use_cache, dependant.scope, dependant.concurrency)
    return (dependant.call, *fields_of(dependant), names, scopes, edge)


# ------------------------------------------------------------------------------------------------ and back


def call_of(dependant: Dependant, behaviour: Behaviour = FASTAPI) -> Call:
    """Return the plan node for a dependant with all below it.

    Raises:
        DeclarationError: What the dependant says cannot be.
    """
    edges = tuple(_edge_of(inner, behaviour) for inner in dependant.dependencies)
    origin: Any = getattr(dependant, "_origin", None)
    if origin is not None and _is_unchanged(dependant, origin, edges):
        call: Call = origin[0]
        return call
    function = dependant.call
    if function is None:
        raise AssertionError("A dependant needs something to call")
    known = {item.field: item for item in origin[0].inputs} if origin is not None else {}
    inputs = [
        known.get(field) or input_of(field, dependant.path, behaviour) for field in fields_of(dependant)
    ]
    connections = [
        Connection(kind, getattr(dependant, attribute))
        for kind, attribute in _NAMES.items()
        if getattr(dependant, attribute) is not None
    ]
    color = color_of(function, inline_classes=behaviour.inline_classes)
    return Call(function, color, *_without_clashes(inputs, connections, edges))


def _without_clashes(
    inputs: list[Input], connections: list[Connection], edges: tuple[Dependency, ...]
) -> tuple[tuple[Input, ...], tuple[Connection, ...], tuple[Dependency, ...]]:
    """Return what gives each argument once: connections win over values, and values over results."""
    special = {item.name: item for item in connections}
    values = {item.name: item for item in inputs if item.name not in special}
    taken = special.keys() | values.keys()
    results = tuple(replace(edge, name=None) if edge.name in taken else edge for edge in edges)
    return tuple(values.values()), tuple(special.values()), results


def _is_unchanged(dependant: Dependant, origin: tuple[Any, ...], edges: tuple[Dependency, ...]) -> bool:
    call, _, snapshot = origin
    same = len(edges) == len(call.dependencies) and all(map(_is, edges, call.dependencies))
    return same and bool(snapshot == _snapshot(dependant))


def _is(one: Any, other: Any) -> bool:
    return one is other


def _edge_of(dependant: Dependant, behaviour: Behaviour) -> Dependency:
    call = call_of(dependant, behaviour)
    origin: Any = getattr(dependant, "_origin", None)
    if origin is not None:
        node, edge, snapshot = origin
        if edge is not None and node is call and snapshot == _snapshot(dependant):
            return edge  # type: ignore[no-any-return]  # packages put their own there
    return connect(
        dependant.name,
        call,
        use_cache=dependant.use_cache,
        scope=dependant.scope,
        inherited=dependant.parent_oauth_scopes,
        own=dependant.own_oauth_scopes,
        concurrency=dependant.concurrency,
    )


@lru_cache(maxsize=4096)  # fields are compared by identity: whoever asks again means the same one
def input_of(field: ModelField, path: str | None, behaviour: Behaviour = FASTAPI) -> Input:
    """Return the plan node of a parameter. Raises AssertionError for one that no place takes."""
    info = field.field_info
    marker = info if isinstance(info, Param | Body) else None
    names = dict(place_of(path or "/", frozenset(), behaviour).path)
    annotation, rules = info.annotation, tuple(info.metadata)
    parameter = Parameter(
        field.name, annotation, annotation, rules, marker, None, Undefined, _nobody, names, behaviour
    )
    node = claim_parameter(parameter)
    if not isinstance(node, Input):
        raise AssertionError(f"{field!r} is no parameter of a request")
    return replace(node, field=field)


def _nobody() -> None:
    """Stand for the function of a field that was not made of one."""
