"""The driver: a route's declaration to its plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from rapide._analyse.graph import Place, analyse_call, run_only
from rapide._analyse.returns import check_type
from rapide._run.paths import parse_path
from rapide.behaviour import Behaviour
from rapide.declare.depends import Depends, asks
from rapide.declare.params import Form
from rapide.errors import MarkerError
from rapide.plan.nodes import (
    BodyPlan,
    Call,
    ConnectionKind,
    Dependency,
    Input,
    Limits,
    Output,
    RoutePlan,
    SocketPlan,
    walk_calls,
)
from rapide.security.base import SecurityBase

__all__ = [
    "analyse_auth",
    "body_inputs",
    "check_auth",
    "check_path_names",
    "check_types",
    "distinct_inputs",
    "embeds",
    "place_of",
    "plan_body",
    "plan_call",
    "plan_route",
    "plan_socket",
    "with_auth",
]


# They ask for nothing but an answer (RFC 9110, section 9.2.1).
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def place_of(path: str, methods: frozenset[str], behaviour: Behaviour) -> Place:
    """Return what the analysis of a graph needs to know of its route."""
    convertors = parse_path(path).convertors
    names = tuple((name, convertor.regex != "[^/]+") for name, convertor in sorted(convertors.items()))
    return Place(names, methods, behaviour)


def plan_call(endpoint: Callable[..., Any], dependencies: Sequence[Depends], place: Place) -> Call:
    """Return the endpoint's graph with the dependencies that are only run in front, outermost first."""
    call = analyse_call(endpoint, place, endpoint=True)
    run = tuple(run_only(depends, place) for depends in dependencies)
    return replace(call, dependencies=(*run, *call.dependencies)) if run else call


def body_inputs(call: Call) -> Iterator[Input]:
    """Yield the body parameters of a graph, a call's own before those of its dependencies."""
    yield from call.inputs_of("body", "form")
    for edge in call.dependencies:
        yield from body_inputs(edge.call)


def distinct_inputs(call: Call) -> tuple[Input, ...]:
    """Return the body parameters of a graph, the first of each name."""
    distinct: dict[str, Input] = {}
    for item in body_inputs(call):
        distinct.setdefault(item.name, item)
    return tuple(distinct.values())


def analyse_auth(auth: Any, place: Place) -> Dependency | None:
    """Return the edge of an `auth` option; None where nobody is asked. Raises AccessError for a wrong one."""
    if not asks(auth):
        return None
    from rapide._analyse import access  # noqa: PLC0415 -- most applications ask nobody

    return access.analyse_auth(auth, place)


def check_auth(auth: Any) -> Any:
    """Return an `auth` option that can be one, wherever it comes to hold. Raises AccessError."""
    if asks(auth):
        from rapide._analyse import access  # noqa: PLC0415 -- most applications ask nobody

        access.check_auth(auth)
    return auth


def with_auth(call: Call, edge: Dependency | None) -> Call:
    """Return the graph with who may call in front of everything else."""
    return call if edge is None else replace(call, dependencies=(edge, *call.dependencies))


def plan_body(call: Call) -> BodyPlan | None:
    """Return how the body of a graph is read; None when nobody reads it."""
    inputs = distinct_inputs(call)
    if not inputs:
        return None
    form = any(item.kind == "form" for item in inputs)
    return BodyPlan("form" if form else "json", inputs, embeds(inputs))


def embeds(inputs: Sequence[Input]) -> bool:
    """Tell whether the body holds its inputs by name, and is not itself the only one."""
    if not inputs:
        return False
    first = inputs[0]
    marker = first.field.field_info
    return (
        len(inputs) > 1
        or bool(getattr(marker, "embed", None))
        or (isinstance(marker, Form) and not first.group)
    )


def check_types(call: Call) -> None:
    """Raise a DeclarationError for a parameter, anywhere in a graph, of a type that cannot be read."""
    for item in call.inputs:
        check_type(item.field, call.function, item.name)
    for edge in call.dependencies:
        check_types(edge.call)


def _check_connections(call: Call, foreign: ConnectionKind, sentence: str) -> None:
    """Refuse what the connection of a route cannot be, wherever in the graph it is asked for."""
    for each in walk_calls(call):
        for item in each.connections:
            if item.kind == foreign and not item.optional:
                raise MarkerError("RAP117", sentence, function=each.function, parameter=item.name)


def _check_bodies(call: Call) -> None:
    """Refuse what a WebSocket would have to read from a body, wherever in the graph it is asked for."""
    for each in walk_calls(call):
        for item in each.inputs_of("body", "form"):
            raise MarkerError(
                "RAP117", "A WebSocket has no body", function=each.function, parameter=item.name
            )


def check_path_names(call: Call, path: str) -> None:
    """Refuse parameters marked `Path()` whose name a path does not hold.

    For routes whose path is whole: those of an application, and not those of a router, to which it may add a
    prefix.
    """
    names = parse_path(path).convertors
    for each in walk_calls(call):
        for item in each.inputs_of("path"):
            if item.key not in names:
                raise MarkerError(
                    "RAP116",
                    f"{item.key!r} is marked as a path parameter, but the path {path!r} does not hold it",
                    function=each.function,
                    parameter=item.name,
                )


def _asks_for_credentials(call: Call) -> bool:
    """Tell whether a graph reads who is calling: with a scheme, `Security()`, or the header itself."""
    calls = list(walk_calls(call))
    functions: list[Any] = [each.function for each in calls]
    return any(isinstance(function, SecurityBase) for function in functions) or any(
        any(edge.own_scopes is not None for edge in each.dependencies)
        or any(item.key.lower() == "authorization" for item in each.inputs_of("header"))
        for each in calls
    )


def plan_route(  # noqa: PLR0913 -- what a plan holds, by keyword
    *,
    path: str,
    methods: Sequence[str],
    name: str,
    endpoint: Call,
    output: Output,
    limits: Limits,
    strict_content_type: bool,
    behaviour: Behaviour,
    auth: Dependency | None = None,
    cancels: bool | None = None,
) -> RoutePlan:
    """Return the plan of an HTTP route.

    `auth` is the first edge of `endpoint`, if it is there; `cancels` None leaves it to the behaviour and the
    methods. Raises a DeclarationError for what cannot be.
    """
    check_types(endpoint)
    if cancels is None:
        cancels = behaviour.cancel_on_disconnect and _SAFE.issuperset(methods)
    if behaviour.strict_declarations:
        _check_connections(endpoint, "websocket", "An HTTP request is no WebSocket")
    return RoutePlan(
        path,
        tuple(sorted(methods)),
        name,
        endpoint,
        plan_body(endpoint),
        output,
        limits,
        strict_content_type,
        behaviour,
        auth,
        behaviour.private_responses and (auth is not None or _asks_for_credentials(endpoint)),
        cancels,
    )


def plan_socket(
    path: str, name: str, endpoint: Call, behaviour: Behaviour, auth: Dependency | None = None
) -> SocketPlan:
    """Return the plan of a WebSocket route; `auth` is the first edge of `endpoint`, if it is there.

    Raises a DeclarationError for what cannot be.
    """
    check_types(endpoint)
    if behaviour.strict_declarations:
        _check_connections(endpoint, "request", "A WebSocket is no HTTP request")
        _check_bodies(endpoint)
    return SocketPlan(path, name, endpoint, behaviour, plan_body(endpoint), auth)
