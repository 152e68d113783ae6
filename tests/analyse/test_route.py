"""The driver: a route's declaration to its plan."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from starlette.requests import HTTPConnection, Request
from starlette.websockets import WebSocket

from rapide._analyse.graph import Place
from rapide._analyse.route import (
    body_inputs,
    check_path_names,
    place_of,
    plan_body,
    plan_call,
    plan_route,
    plan_socket,
)
from rapide.behaviour import FASTAPI, RAPIDE
from rapide.declare.depends import Depends
from rapide.declare.params import Body, File, Form, Path
from rapide.errors import MarkerError, UnsupportedTypeError
from rapide.plan.nodes import Call, Limits, Output, RoutePlan


class Item(BaseModel):
    name: str


_PLACE = Place((), frozenset({"POST"}), RAPIDE)


def _call(endpoint: Any, *dependencies: Any) -> Call:
    return plan_call(endpoint, [Depends(each) for each in dependencies], _PLACE)


def test_place_knows_the_names_of_the_path() -> None:
    """Names are there with whether a convertor makes something else of their text."""
    place = place_of("/a/{one}/{two:int}/{rest:path}", frozenset({"GET"}), RAPIDE)
    assert dict(place.path) == {"one": False, "two": True, "rest": True}
    assert place.methods == {"GET"}


def test_run_only_dependencies_come_first() -> None:
    """What is only run stands in front of what the signature asks for, outermost first."""

    def outer() -> None: ...

    def inner() -> None: ...

    def own() -> None: ...

    def endpoint(x: Annotated[None, Depends(own)]) -> None: ...

    edges = _call(endpoint, outer, inner).dependencies
    assert [(edge.name, edge.call.function) for edge in edges] == [(None, outer), (None, inner), ("x", own)]


def test_run_only_dependency_needs_a_function() -> None:
    """There is no annotation that could stand for it."""
    with pytest.raises(MarkerError) as caught:
        plan_call(lambda: None, [Depends()], _PLACE)
    assert caught.value.code == "RAP111"


def test_body_inputs_are_the_endpoints_before_those_of_dependencies() -> None:
    """FastAPI's flat list: own parameters, then those below, depth first."""

    def deep(d: Item) -> None: ...

    def inner(b: Item, x: Annotated[None, Depends(deep)], c: Annotated[int, Body()]) -> None: ...

    def endpoint(y: Annotated[None, Depends(inner)], a: Item) -> None: ...

    assert [item.name for item in body_inputs(_call(endpoint))] == ["a", "b", "c", "d"]


def _plan_of(endpoint: Any, *dependencies: Any) -> Any:
    return plan_body(_call(endpoint, *dependencies))


def test_no_body_where_nobody_reads_it() -> None:
    """A route without body parameters has no body plan."""
    assert _plan_of(lambda q="": None) is None


def _one(item: Item) -> None: ...


def _same(item: Item) -> None: ...


def _other(other: Item) -> None: ...


def _embedded(item: Annotated[Item, Body(embed=True)]) -> None: ...


def _form(name: Annotated[str, Form()]) -> None: ...


def _form_model(item: Annotated[Item, Form()]) -> None: ...


def _file(upload: Annotated[bytes, File()]) -> None: ...


@pytest.mark.parametrize(
    ("endpoint", "dependencies", "names", "embed", "kind"),
    [
        (_one, (), ["item"], False, "json"),
        (_one, (_same,), ["item"], False, "json"),
        (_one, (_other,), ["item", "other"], True, "json"),
        (_embedded, (), ["item"], True, "json"),
        (_form, (), ["name"], True, "form"),
        (_form_model, (), ["item"], False, "form"),
        (_form_model, (_form,), ["item", "name"], True, "form"),
        (_file, (), ["upload"], True, "form"),
        (_one, (_form,), ["item", "name"], True, "form"),
    ],
)
def test_body_is_one_value_or_holds_them_by_name(
    endpoint: Any, dependencies: Any, names: list[str], embed: bool, kind: str
) -> None:
    """One distinct name is the body itself, unless embedded or a form field; any form makes it a form."""
    body = _plan_of(endpoint, *dependencies)
    assert [item.name for item in body.inputs] == names
    assert body.embed is embed
    assert body.kind == kind


def test_types_are_checked_in_the_whole_graph() -> None:
    """A dependency's parameter that Pydantic cannot handle is a mistake of the declaration."""

    class NotData: ...

    def inner(x: Annotated[NotData, Body()]) -> None: ...

    with pytest.raises(UnsupportedTypeError) as caught:
        _plan_route(_call(lambda: None, inner))
    assert caught.value.parameter == "x"
    with pytest.raises(UnsupportedTypeError):
        plan_socket("/ws", "ws", _call(lambda: None, inner), RAPIDE)


def _plan_route(call: Call) -> RoutePlan:
    return plan_route(
        path="/x",
        methods=["PUT", "POST"],
        name="x",
        endpoint=call,
        output=Output("plain"),
        limits=Limits(5),
        strict_content_type=True,
        behaviour=RAPIDE,
    )


def test_plan_holds_what_was_declared() -> None:
    """Path, methods in order, name, limits and behaviour are in the plan."""
    call = _call(_one)
    plan = _plan_route(call)
    assert (plan.path, plan.methods, plan.name) == ("/x", ("POST", "PUT"), "x")
    assert plan.endpoint is call
    assert plan.body is not None
    assert plan.limits.max_body_size == 5
    assert plan.behaviour is RAPIDE
    assert plan.strict_content_type


def test_socket_plan_has_no_body() -> None:
    """A WebSocket's plan is path, name, graph and behaviour."""
    plan = plan_socket("/ws", "ws", _call(lambda: None), RAPIDE)
    assert (plan.path, plan.name, plan.behaviour) == ("/ws", "ws", RAPIDE)


def _one_of(type_: Any) -> Any:
    def endpoint(given) -> None: ...

    endpoint.__annotations__["given"] = type_
    return endpoint


@pytest.mark.parametrize("below", [False, True])
def test_http_route_has_no_websocket(below: bool) -> None:
    """Neither the endpoint nor what it depends on can ask for one; both can ask for the connection."""
    wrong, right = _one_of(WebSocket), _one_of(HTTPConnection)
    _plan_route(_call(_one_of(int), right) if below else _call(right))
    with pytest.raises(MarkerError, match="no WebSocket") as caught:
        _plan_route(_call(_one_of(int), wrong) if below else _call(wrong))
    assert (caught.value.code, caught.value.parameter) == ("RAP117", "given")


@pytest.mark.parametrize("below", [False, True])
def test_websocket_has_no_request(below: bool) -> None:
    """Neither the endpoint nor what it depends on can ask for one."""
    wrong = _one_of(Request)
    with pytest.raises(MarkerError, match="no HTTP request") as caught:
        plan_socket("/", "x", _call(_one_of(int), wrong) if below else _call(wrong), RAPIDE)
    assert (caught.value.code, caught.value.parameter) == ("RAP117", "given")


@pytest.mark.parametrize("below", [False, True])
@pytest.mark.parametrize("type_", [Annotated[int, Body()], Annotated[int, Form()]])
def test_websocket_has_no_body(below: bool, type_: Any) -> None:
    """Neither the endpoint nor what it depends on can ask for a part of one."""
    wrong = _one_of(type_)
    with pytest.raises(MarkerError, match="no body") as caught:
        plan_socket("/", "x", _call(_one_of(int), wrong) if below else _call(wrong), RAPIDE)
    assert (caught.value.code, caught.value.parameter) == ("RAP117", "given")


def test_the_other_face_finds_out_when_it_calls() -> None:
    """FastAPI registers both."""
    assert plan_socket("/", "x", _call(_one_of(Request)), FASTAPI).endpoint.connections


def test_path_parameter_that_the_path_does_not_hold_is_refused() -> None:
    """The marker says where the value is, and it is not there: every request would be refused."""

    def endpoint(item_id: Annotated[int, Path()], number: Annotated[int, Path(alias="no")]) -> None: ...

    check_path_names(_call(endpoint), "/items/{item_id}/{no:int}")
    with pytest.raises(MarkerError, match="'no'") as caught:
        check_path_names(_call(endpoint), "/items/{item_id}/{number}")
    assert (caught.value.code, caught.value.parameter) == ("RAP116", "number")
