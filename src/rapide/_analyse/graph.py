"""The dependency graph of an endpoint, as plan nodes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal

from rapide._analyse.parameter import take_apart
from rapide._analyse.signature import color_of, typed_signature
from rapide._dataclass import dataclass
from rapide._pydantic import Undefined
from rapide.behaviour import Behaviour
from rapide.declare.depends import Concurrency, Depends, Security
from rapide.errors import DeclarationError, DependencyScopeError, MarkerError
from rapide.inputs.base import Parameter
from rapide.inputs.table import READ_ORDER, claim_parameter
from rapide.plan.nodes import Call, Connection, Dependency, Input, walk_calls
from rapide.security.base import SecurityBase

__all__ = [
    "Place",
    "analyse_call",
    "analyse_edge",
    "connect",
    "merged_scopes",
    "replace_functions",
    "run_only",
    "uses_scopes",
]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a graph is analysed.

    The names of the path and whether they are converted, the methods of the route, and whose behaviour holds.
    """

    path: tuple[tuple[str, bool], ...]
    methods: frozenset[str]
    behaviour: Behaviour


def uses_scopes(call: Call) -> bool:
    """Tell whether the call, or anything below it, looks at OAuth2 scopes."""
    function: Any = call.function
    return (
        isinstance(function, SecurityBase)
        or any(item.kind == "scopes" for item in call.connections)
        or any(edge.own_scopes or uses_scopes(edge.call) for edge in call.dependencies)
    )


def _cache_key(
    call: Call, depends_scope: str | None, scopes: tuple[str, ...], own: tuple[str, ...] | None
) -> tuple[Any, ...]:
    lifetime = depends_scope or ("request" if call.color.endswith("generator") else "")
    function: Any = call.function
    try:
        hash(function)
    except TypeError:  # an instance whose class compares by value: only the very same one is the same
        function = ("unhashable", id(function))
    return (function, tuple(sorted(set(scopes))) if own or uses_scopes(call) else (), lifetime)


def _check_lifetimes(edge: Dependency) -> None:
    """A generator that lives as long as the request must not stand on something that ends earlier."""
    call = edge.call
    if not call.color.endswith("generator") or edge.lifetime != "request":
        return
    for inner in call.dependencies:
        if inner.scope == "function":
            name = getattr(call.function, "__name__", "<unnamed_callable>")
            raise DependencyScopeError(
                "RAP113",
                f'The dependency "{name}" has a scope of "request", '
                'it cannot depend on dependencies with scope "function".',
                function=call.function,
                parameter=inner.name,
            )


def merged_scopes(inherited: Sequence[str] | None, own: Sequence[str] | None) -> tuple[str, ...]:
    """Return the OAuth2 scopes in force: those from above, then a dependency's own, each once."""
    return tuple(dict.fromkeys((*(inherited or ()), *(own or ()))))


def analyse_edge(
    depends: Depends,
    function: Callable[..., Any],
    name: str | None,
    place: Place,
    inherited: tuple[str, ...] = (),
    above: tuple[Any, ...] = (),
) -> Dependency:
    """Return the edge for one use of a dependency."""
    own = tuple(depends.scopes) if isinstance(depends, Security) and depends.scopes else None
    call = _analyse_shared(function, place, merged_scopes(inherited, own), above)
    return connect(
        name,
        call,
        use_cache=depends.use_cache,
        scope=depends.scope,
        inherited=inherited,
        own=own,
        concurrency=depends._concurrency,  # noqa: SLF001 -- `Depends` shows no more fields than FastAPI's
    )


def run_only(depends: Depends, place: Place) -> Dependency:
    """Return the edge of a dependency whose result nobody receives."""
    if not callable(depends.dependency):
        raise MarkerError("RAP111", "A parameter-less dependency must have a callable dependency")
    return analyse_edge(depends, depends.dependency, None, place)


def connect(  # noqa: PLR0913 -- what an edge says, by keyword
    name: str | None,
    call: Call,
    *,
    use_cache: bool = True,
    scope: Literal["function", "request"] | None = None,
    inherited: Sequence[str] | None = None,
    own: Sequence[str] | None = None,
    concurrency: Concurrency | None = None,
) -> Dependency:
    """Return the edge that leads to an analysed call. Raises DependencyScopeError."""
    own = tuple(own) if own else None
    scopes = merged_scopes(inherited, own)
    key = _cache_key(call, scope, scopes, own)
    edge = Dependency(name, call, use_cache, scope, own, scopes, key, concurrency)
    _check_lifetimes(edge)
    return edge


def _analyse_shared(function: Any, place: Place, scopes: tuple[str, ...], above: tuple[Any, ...]) -> Call:
    """Analyse a dependency; equal uses on several routes share one result."""
    if any(function is outer for outer in above):
        name = getattr(function, "__qualname__", repr(function))
        raise DeclarationError("RAP112", f"The dependency {name} depends on itself", function=function)
    place = Place(place.path, frozenset(), place.behaviour)
    try:
        return _analyse_cached(
            function, getattr(function, "__signature__", None), place, scopes, (*above, function)
        )
    except TypeError as exc:
        if "unhashable" not in str(exc):
            raise
        return analyse_call(function, place, scopes, (*above, function))


@lru_cache(maxsize=8192)
def _analyse_cached(
    function: Any, _signature: Any, place: Place, scopes: tuple[str, ...], above: tuple[Any, ...]
) -> Call:
    return analyse_call(function, place, scopes, above)


def _target(parameter: Parameter) -> Callable[..., Any]:
    assert parameter.depends is not None  # noqa: S101 -- asked before
    if parameter.depends.dependency is not None:
        return parameter.depends.dependency
    # FastAPI calls Any, which refuses every request: a route that nobody uses must not stop a program.
    nothing = parameter.type_ is Any and parameter.behaviour.strict_declarations
    if nothing or not callable(parameter.type_):
        raise MarkerError(
            "RAP111",
            f"`Depends()` of {parameter.name!r} has nothing to call",
            function=parameter.function,
            parameter=parameter.name,
        )
    target: Callable[..., Any] = parameter.type_
    return target


def _check_kind(raw: inspect.Parameter, function: Callable[..., Any]) -> None:
    """Refuse a parameter that cannot be given by its name, as all are."""
    if raw.kind in (raw.POSITIONAL_ONLY, raw.VAR_POSITIONAL, raw.VAR_KEYWORD):
        written = raw.replace(annotation=raw.empty, default=raw.empty)
        raise MarkerError(
            "RAP115",
            f"The parameter `{written}` cannot be given by its name",
            function=function,
            parameter=raw.name,
        )


def _check_path_default(node: Input, parameter: Parameter) -> None:
    """Refuse a default that no request can lead to; a dependency may need it where another path uses it."""
    if (
        node.kind == "path"
        and parameter.behaviour.strict_declarations
        and parameter.default is not Undefined
        and parameter.default is not ...
    ):
        raise MarkerError(
            "RAP103",
            f"The path always holds {parameter.name!r}: its default is never used",
            function=parameter.function,
            parameter=parameter.name,
        )


def analyse_call(
    function: Callable[..., Any],
    place: Place,
    scopes: tuple[str, ...] = (),
    above: tuple[Any, ...] = (),
    *,
    endpoint: bool = False,
) -> Call:
    """Return the plan node of a callable, with all that it depends on.

    `scopes` are the OAuth2 scopes in force here, `above` the callables that lead here. Raises a
    DeclarationError for what cannot be.
    """
    inputs: list[Input] = []
    connections: list[Connection] = []
    dependencies: list[Dependency] = []
    names = dict(place.path)
    for raw in typed_signature(function).parameters.values():
        if place.behaviour.strict_declarations:
            _check_kind(raw, function)
        parameter = take_apart(
            raw, function, names, place.behaviour, place.methods if endpoint else frozenset()
        )
        if parameter.depends is not None:
            dependencies.append(
                analyse_edge(parameter.depends, _target(parameter), raw.name, place, scopes, above)
            )
            continue
        node = claim_parameter(parameter)
        if node is None:
            raise MarkerError(
                "RAP107",
                f"non-body parameters must be in path, query, header or cookie: {raw.name}",
                function=function,
                parameter=raw.name,
            )
        if isinstance(node, Connection):
            connections.append(node)
            continue
        if endpoint:
            _check_path_default(node, parameter)
        inputs.append(node)
    inputs.sort(key=_read_rank)
    color = color_of(function, inline_classes=place.behaviour.inline_classes)
    return Call(function, color, tuple(inputs), tuple(connections), tuple(dependencies))


def _read_rank(item: Input) -> int:
    """Return when an input is read, and its errors are reported.

    What is in the body keeps the order of the signature.
    """
    return READ_ORDER.index("body" if item.kind == "form" else item.kind)


def replace_functions(call: Call, replacements: Mapping[Any, Callable[..., Any]], place: Place) -> Call:
    """Return the graph with overridden dependencies: the declaration's scopes, lifetime and limit stay.

    Below its replacement a dependency is itself again, so that a replacement may depend on what it replaces.
    Raises a DeclarationError for a replacement that cannot be, TypeError for one that cannot be called.
    """
    return _replaced(call, replacements, place, ())


def _replaced(
    call: Call, replacements: Mapping[Any, Callable[..., Any]], place: Place, above: tuple[Any, ...]
) -> Call:
    """See `replace_functions`; `above` are the functions whose replacements lead here."""
    edges = []
    for edge in call.dependencies:
        function = edge.call.function
        replacement = None if function in above else _replacement(function, replacements)
        if replacement is None:
            inner = _replaced(edge.call, replacements, place, above)
        else:
            analysed = analyse_call(replacement, place, edge.scopes)
            inner = _replaced(analysed, replacements, place, (*above, function))
        key = edge.cache_key
        if any(each.function in above for each in walk_calls(inner)):
            key = (*key, above)  # what contains the original shares no result with uses that contain the fake
        edges.append(replace(edge, call=inner, cache_key=key))
    return replace(call, dependencies=tuple(edges))


def _replacement(function: Any, replacements: Mapping[Any, Callable[..., Any]]) -> Callable[..., Any] | None:
    try:
        replacement = replacements.get(function)
        known = replacement is not None or function in replacements
    except TypeError:  # an unhashable callable cannot be a key either
        return None
    if known and not callable(replacement):
        raise TypeError(f"The replacement of {function!r} cannot be called: {replacement!r}")
    return replacement
