"""Generated signatures: routes and their dependency graphs, as data."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from hypothesis import strategies as st
from oracle_types import BODIES, GROUPS, MARKED_BODIES, RESULTS, SCALARS, SEQUENCES, Item, Kind
from pydantic import AliasChoices, BaseModel
from starlette.background import BackgroundTasks
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from rapide.declare import params
from rapide.security.scopes import SecurityScopes
from rapide.sse import EventSourceResponse, ServerSentEvent

Place = Literal["path", "query", "header", "cookie", "body", "connection"]
EMPTY = inspect.Parameter.empty

MARKERS = {
    "path": params.Path,
    "query": params.Query,
    "header": params.Header,
    "cookie": params.Cookie,
    "body": params.Body,
}
PATH_NAMES = ("p1", "p2")
NAMES = ("a", "b_c", "d")


@dataclass(frozen=True)
class Parameter:
    """One parameter. `names` are those under which a request may send it."""

    name: str
    place: Place
    kind: Kind | None
    annotation: Any
    default: Any = EMPTY
    names: tuple[str, ...] = ()

    def __repr__(self) -> str:
        default = "" if self.default is EMPTY else f" = {self.default!r}"
        return f"<{self.name}: {self.annotation!r}{default}>"


@dataclass(frozen=True)
class Use:
    """An edge of the graph: which node, under which name, declared how."""

    node: int
    name: str
    use_cache: bool = True
    scope: Literal["function", "request"] | None = None
    scopes: tuple[str, ...] = ()
    limited: bool = False
    annotated: bool = True


@dataclass(frozen=True)
class Function:
    """A node of the graph: how it runs, what it takes, what it does."""

    color: str
    parameters: tuple[Parameter, ...] = ()
    uses: tuple[Use, ...] = ()
    act: str = "return"
    leave: str = "normal"


@dataclass(frozen=True)
class Case:
    """A whole route."""

    nodes: tuple[Function, ...]
    endpoint: Function
    result: Any = None
    run_only: tuple[Use, ...] = ()
    path: str = "/x"
    options: tuple[tuple[str, Any], ...] = ()


# ------------------------------------------------------------------------------------------ strategies


# How a parameter may be named: (option of the marker, its value, the names under which it is sent).
def _naming(place: Place, name: str, choice: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    table: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
        "alias": ({"alias": f"X-{name}"}, (f"X-{name}",)),
        "validation_alias": ({"validation_alias": f"v_{name}"}, (f"v_{name}",)),
        "choices": (
            {"validation_alias": AliasChoices(f"c1_{name}", f"c2-{name}")},
            (f"c1_{name}", f"c2-{name}"),
        ),
    }
    if place == "header":
        table["underscores"] = ({"convert_underscores": False}, (name,))
    plain = name.replace("_", "-") if place == "header" else name
    return ({}, (plain,)) if place == "path" else table.get(choice, ({}, (plain,)))


_CHOICES = ("", "", "", "alias", "validation_alias", "choices", "underscores")


@st.composite
def _markers(draw: Any, place: Place, name: str, kind: Kind) -> tuple[Any, tuple[str, ...]]:
    """Return (a marker without default, the names under which the value is sent)."""
    options, names = _naming(place, name, draw(st.sampled_from(_CHOICES)))
    if draw(st.integers(0, 9)) == 0 and place != "path":
        options["validate_default"] = True
    if kind.annotation is int and draw(st.integers(0, 3)) == 0:
        options["le"] = 6
    if kind.annotation is str and draw(st.integers(0, 5)) == 0:
        options["strict"] = True
    embed = draw(st.sampled_from([None, None, None, True, False])) if place == "body" else None
    if embed is not None:
        options["embed"] = embed
    return MARKERS[place](**options), names


def _make_list() -> list[int]:
    return [1, 2]


@st.composite
def parameters(draw: Any, name: str, place: Place) -> Parameter:
    """Return a parameter of a place."""
    if place == "connection":
        annotation = draw(
            st.sampled_from([Request, HTTPConnection, Response, BackgroundTasks, SecurityScopes])
        )
        return Parameter(name, place, None, annotation)
    pools = {
        "path": (SCALARS,),
        "query": (SCALARS, SCALARS, SEQUENCES, GROUPS),
        "header": (SCALARS, SCALARS, SEQUENCES, GROUPS),
        "cookie": (SCALARS, SCALARS, SEQUENCES, GROUPS),
        "body": (BODIES, BODIES, MARKED_BODIES),
    }
    kind = draw(st.sampled_from(draw(st.sampled_from(pools[place]))))
    group = any(kind is each for each in GROUPS)
    bare_body = place == "body" and any(kind is each for each in BODIES)
    bare_query = place == "query" and any(kind is each for each in SCALARS)
    annotation: Any = kind.annotation
    default: Any = EMPTY
    if group and draw(st.booleans()):
        annotation = annotation | None
        default = draw(st.sampled_from([EMPTY, None]))
    elif place != "path" and draw(st.booleans()):
        default = draw(st.sampled_from(kind.defaults))
    if (bare_body or bare_query or place == "path") and draw(st.booleans()):
        names = (name,)
        return Parameter(name, place, kind, annotation, default, names)
    marker, names = draw(_markers(place, name, kind))
    if group:
        names = _group_names(kind.annotation)
    if default is EMPTY and not group and place != "path" and draw(st.integers(0, 7)) == 0:
        marker.default_factory = _make_list
        marker._attributes_set["default_factory"] = _make_list
    return Parameter(name, place, kind, Annotated[annotation, marker], default, names)


def _group_names(model: type[BaseModel]) -> tuple[str, ...]:
    names: list[str] = []
    for name, info in model.model_fields.items():
        names += [name, name.replace("_", "-"), str(info.alias or info.validation_alias or name)]
    return tuple(dict.fromkeys(names))


_PLACES: tuple[Place, ...] = ("query", "query", "header", "cookie", "path", "body", "connection")


@st.composite
def parameter_lists(draw: Any, names: tuple[str, ...]) -> tuple[Parameter, ...]:
    """Return some parameters with distinct names; those of the path have its names."""
    places = draw(st.lists(st.sampled_from(_PLACES), max_size=len(names)))
    free, free_path = list(names), list(PATH_NAMES)
    found = []
    connections: set[Any] = set()
    for place in places:
        pool = free_path if place == "path" else free
        if not pool:
            continue
        name = pool.pop(draw(st.integers(0, len(pool) - 1)))
        parameter = draw(parameters(name, place))
        if place == "connection":
            if parameter.annotation in connections:
                continue
            connections.add(parameter.annotation)
        found.append(parameter)
    return tuple(found)


_ACTS = ("return",) * 8 + (
    "set_header", "set_status", "set_cookie", "task", "read_body", "http_error", "error", "value_error",
    "key_error",
)  # fmt: skip
_LEAVES = ("normal",) * 5 + ("raise", "http_error", "swallow", "replace", "again", "twice")
_COLORS = ("async", "sync", "class", "callable", "method", "partial", "async_generator", "sync_generator")


@st.composite
def uses(draw: Any, count: int, most: int = 3) -> tuple[Use, ...]:
    """Return edges to some of the first `count` nodes."""
    if not count:
        return ()
    found = []
    for position in range(draw(st.integers(0, most))):
        scopes = draw(st.sampled_from([(), (), (), ("s1",), ("s2", "s1")]))
        found.append(
            Use(
                draw(st.integers(0, count - 1)),
                f"u{position}",
                use_cache=draw(st.sampled_from([True, True, True, False])),
                scope=None if scopes else draw(st.sampled_from([None, None, None, "function", "request"])),
                scopes=scopes,
                limited=not scopes and draw(st.integers(0, 9)) == 0,
                annotated=draw(st.booleans()),
            )
        )
    return tuple(found)


@st.composite
def functions(draw: Any, count: int) -> Function:
    """Return a node that may depend on the first `count` nodes."""
    color = draw(st.sampled_from(_COLORS))
    leave = draw(st.sampled_from(_LEAVES)) if color.endswith("generator") else "normal"
    return Function(
        color, draw(parameter_lists(NAMES)), draw(uses(count)), draw(st.sampled_from(_ACTS)), leave
    )


_ITEMS = ("text", b"raw", "two\nlines", 3, {"a": 1}, Item(name="i"), ServerSentEvent(data="d", event="e"))


@st.composite
def _model_options(draw: Any, model: Any) -> dict[str, Any]:
    """Return the options of a route with a response model."""
    options: dict[str, Any] = {"response_model": model}
    for name in ("exclude_unset", "exclude_defaults", "exclude_none"):
        if draw(st.integers(0, 4)) == 0:
            options[f"response_model_{name}"] = True
    if draw(st.integers(0, 5)) == 0:
        options["response_model_exclude"] = {"note"}
    if draw(st.integers(0, 5)) == 0:
        options["response_model_by_alias"] = False
    return options


@st.composite
def _stream_options(draw: Any) -> dict[str, Any]:
    """Return the options of a route that streams."""
    options: dict[str, Any] = {}
    response_class = draw(st.sampled_from([None, EventSourceResponse, StreamingResponse]))
    if response_class is not None:
        options["response_class"] = response_class
    if draw(st.booleans()):
        options["response_model"] = None
    return options


@st.composite
def _shared_options(draw: Any, options: dict[str, Any], *, stream: bool) -> dict[str, Any]:
    """Return `options` with those that every route may have."""
    status = draw(st.sampled_from([None, None, None, 201, 204, 304]))
    bodyless_model = status in (204, 304) and options.get("response_model") is not None
    if status is not None and not bodyless_model:
        options["status_code"] = status
    if draw(st.integers(0, 7)) == 0 and not stream:
        options["response_class"] = JSONResponse
    if draw(st.integers(0, 9)) == 0:
        options["max_body_size"] = 12
    if draw(st.integers(0, 9)) == 0:
        options["strict_content_type"] = False
    return options


_ENDPOINT_COLORS = ("async",) * 4 + ("sync",) * 2 + ("callable", "async_stream", "sync_stream")


@st.composite
def cases(draw: Any) -> Case:
    """Return a route."""
    count = draw(st.integers(0, 4))
    nodes = tuple(draw(functions(number)) for number in range(count))
    color = draw(st.sampled_from(_ENDPOINT_COLORS))
    act = draw(st.sampled_from((*_ACTS, *("result",) * 9, "response", "stream_response", "empty_response")))
    endpoint = Function(color, draw(parameter_lists(NAMES)), draw(uses(count)), act)
    stream = color.endswith("stream")
    model, results = draw(st.sampled_from(RESULTS))
    options: dict[str, Any] = {"response_model": None}
    if stream:
        options, results = draw(_stream_options()), (draw(st.lists(st.sampled_from(_ITEMS), max_size=3)),)
    elif act == "result" and model is not ...:
        options = draw(_model_options(model))
    options = draw(_shared_options(options, stream=stream))
    return Case(
        nodes,
        endpoint,
        draw(st.sampled_from(results)),
        draw(uses(count, 2)),
        draw(st.sampled_from(["/x/{p1}/{p2}", "/x/{p1:int}/{p2:path}"])),
        tuple(sorted(options.items())),
    )
