"""The dependency graph of an endpoint, as plan nodes."""

import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from starlette.background import BackgroundTasks
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket

from rapide._analyse.graph import Place, analyse_call, analyse_edge, replace_functions, uses_scopes
from rapide.behaviour import FASTAPI, RAPIDE
from rapide.declare.depends import Depends, Security
from rapide.declare.params import Body, Cookie, File, Form, Header, Path, Query
from rapide.errors import DeclarationError, DependencyScopeError
from rapide.plan.nodes import Call, Dependency
from rapide.security import HTTPBearer, SecurityScopes

_HERE = Place((("item_id", False), ("number", True)), frozenset({"GET"}), RAPIDE)


class Item(BaseModel):
    name: str


def _analyse(function: Any, place: Place = _HERE, *, endpoint: bool = True) -> Call:
    return analyse_call(function, place, endpoint=endpoint)


def _kinds(call: Call) -> dict[str, str]:
    return {item.name: item.kind for item in call.inputs}


def test_parameters_are_claimed_by_their_kinds() -> None:
    """Path names, markers, scalars and everything else find their places."""

    def endpoint(
        body: Item,
        q: int,
        item_id: str,
        header: Annotated[str, Header()],
        cookie: Annotated[str, Cookie()],
        marked: Annotated[int, Body()],
    ) -> None: ...

    assert _kinds(_analyse(endpoint)) == {
        "item_id": "path",
        "q": "query",
        "header": "header",
        "cookie": "cookie",
        "body": "body",
        "marked": "body",
    }


def test_inputs_stand_in_the_order_of_reading() -> None:
    """Path, query, header, cookie, body: so errors come in this order, whatever the signature says."""

    def endpoint(
        z: Item, y: Annotated[str, Cookie()], x: Annotated[str, Header()], w: int, item_id: int
    ) -> None: ...

    assert [item.kind for item in _analyse(endpoint).inputs] == ["path", "query", "header", "cookie", "body"]


def test_things_of_the_connection_are_no_inputs() -> None:
    """Request, response, tasks and scopes are given by type; a subclass counts too."""

    def endpoint(
        a: Request,
        b: JSONResponse,
        c: BackgroundTasks,
        d: SecurityScopes,
        e: HTTPConnection,
        f: WebSocket,
        g: Response,
    ) -> None: ...

    call = _analyse(endpoint)
    assert call.inputs == ()
    assert [(special.name, special.kind) for special in call.connections] == [
        ("a", "request"),
        ("b", "response"),
        ("c", "background"),
        ("d", "scopes"),
        ("e", "connection"),
        ("f", "websocket"),
        ("g", "response"),
    ]


@pytest.mark.parametrize(("name", "converted"), [("item_id", False), ("number", True)])
def test_converted_path_values_are_noted(name: str, converted: bool) -> None:
    """What a convertor has made something else of is no text any more."""

    def endpoint(**values: Any) -> None: ...

    endpoint.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=str)]
    )
    (item,) = _analyse(endpoint).inputs
    assert item.converted is converted


def test_path_name_that_no_path_has_counts_as_converted() -> None:
    """A prefix or a mount may bring it, converted or not."""

    def endpoint(other: Annotated[str, Path()]) -> None: ...

    (item,) = _analyse(endpoint).inputs
    assert item.kind == "path"
    assert item.converted


def test_edges_stand_in_the_order_of_declaration() -> None:
    """Dependencies run in the order of the signature."""

    def first() -> None: ...

    async def second() -> None: ...

    def endpoint(b: Annotated[None, Depends(second)], a: Annotated[None, Depends(first)]) -> None: ...

    edges = _analyse(endpoint).dependencies
    assert [(edge.name, edge.call.function, edge.call.color) for edge in edges] == [
        ("b", second, "async"),
        ("a", first, "sync"),
    ]


def test_annotation_is_the_dependency_of_empty_depends() -> None:
    """`Depends()` constructs the class that the parameter is annotated with."""

    class Paging:
        def __init__(self, limit: int = 10) -> None: ...

    def endpoint(paging: Annotated[Paging, Depends()], other: Paging = Depends()) -> None: ...

    for edge in _analyse(endpoint).dependencies:
        assert edge.call.function is Paging
        assert _kinds(edge.call) == {"limit": "query"}


def test_lists_in_a_dependency_follow_no_method() -> None:
    """Only the endpoint's own lists are read from the query on methods without a body."""

    def inner(ids: list[int]) -> None: ...

    def endpoint(ids: list[int], found: Annotated[None, Depends(inner)]) -> None: ...

    call = _analyse(endpoint)
    assert _kinds(call) == {"ids": "query"}
    assert _kinds(call.dependencies[0].call) == {"ids": "body"}


# ------------------------------------------------------------------------------------------------ sharing


def _scoped(scopes: SecurityScopes) -> None: ...


def _unscoped() -> None: ...


def _holds_scoped(inner: Annotated[None, Depends(_scoped)]) -> None: ...


def _holds_security(inner: Annotated[None, Security(_unscoped, scopes=["own"])]) -> None: ...


def _plain_generator() -> Iterator[None]:
    yield


async def _async_generator() -> AsyncIterator[None]:
    yield


@pytest.mark.parametrize(
    ("function", "looks"),
    [
        (_scoped, True),
        (_unscoped, False),
        (_holds_scoped, True),
        (_holds_security, True),
        (HTTPBearer(), True),
    ],
)
def test_scopes_concern_whoever_looks_at_them(function: Any, looks: bool) -> None:
    """A call looks at scopes when it, or anything below it, does."""
    assert uses_scopes(_analyse(function, endpoint=False)) is looks


def _edge(depends: Depends, inherited: tuple[str, ...] = ()) -> Dependency:
    assert depends.dependency is not None
    return analyse_edge(depends, depends.dependency, "x", _HERE, inherited)


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        (Depends(_unscoped), Depends(_unscoped), True),
        (Depends(_unscoped), Depends(_unscoped, use_cache=False), True),
        (Depends(_unscoped), Depends(_scoped), False),
        (Depends(_unscoped), Depends(_unscoped, scope="function"), False),
        (Depends(_unscoped), Depends(_unscoped, scope="request"), False),
        (Depends(_plain_generator), Depends(_plain_generator, scope="request"), True),
        (Depends(_plain_generator), Depends(_plain_generator, scope="function"), False),
        (Security(_scoped, scopes=["a", "b"]), Security(_scoped, scopes=["b", "a"]), True),
        (Security(_scoped, scopes=["a"]), Security(_scoped, scopes=["b"]), False),
        (Security(_unscoped, scopes=["a"]), Security(_unscoped, scopes=["b"]), False),
        (Security(_scoped), Depends(_scoped), True),
    ],
)
def test_cache_key_says_which_uses_share_a_result(first: Depends, second: Depends, shared: bool) -> None:
    """Function, lifetime and, where anybody looks at them, scopes decide."""
    assert (_edge(first).cache_key == _edge(second).cache_key) is shared


def test_inherited_scopes_matter_only_to_those_who_look() -> None:
    """One session serves branches with different scopes."""
    assert _edge(Depends(_unscoped), ("a",)).cache_key == _edge(Depends(_unscoped), ("b",)).cache_key
    assert _edge(Depends(_scoped), ("a",)).cache_key != _edge(Depends(_scoped), ("b",)).cache_key


def test_scopes_come_from_above_then_from_the_declaration() -> None:
    """Each once, those of ancestors first."""
    edge = _edge(Security(_holds_scoped, scopes=["own", "out"]), ("out", "in"))
    assert edge.scopes == ("out", "in", "own")
    assert edge.own_scopes == ("own", "out")
    assert edge.call.dependencies[0].scopes == ("out", "in", "own")
    assert edge.call.dependencies[0].own_scopes is None


def test_equal_uses_share_one_analysis() -> None:
    """A dependency of many routes is analysed once for each place."""
    assert _edge(Depends(_holds_scoped)).call is _edge(Depends(_holds_scoped)).call
    other = Place((), frozenset(), FASTAPI)
    elsewhere = analyse_edge(Depends(_holds_scoped), _holds_scoped, "x", other)
    assert elsewhere.call is not _edge(Depends(_holds_scoped)).call


def test_changed_signature_is_analysed_again() -> None:
    """Libraries set `__signature__` after the first look."""

    def function(**values: Any) -> None: ...

    def names() -> list[str]:
        return [item.name for item in _edge(Depends(function)).call.inputs]

    for name in ("a", "b"):
        parameter = inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=int)
        function.__signature__ = inspect.Signature([parameter])  # type: ignore[attr-defined]
        assert names() == [name]


def test_unhashable_dependency_is_analysed() -> None:
    """A callable object without a hash is a dependency like others."""

    class Unhashable:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self, q: int) -> int:
            return q

    unhashable = Unhashable()
    assert _kinds(_edge(Depends(unhashable)).call) == {"q": "query"}


# ------------------------------------------------------------------------------------------------- errors


def test_circle_of_dependencies_is_refused() -> None:
    """What depends on itself, over whatever others, would never be called."""

    def first(inner: Any = None) -> None: ...

    def second(inner: Annotated[None, Depends(first)]) -> None: ...

    first.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter("inner", inspect.Parameter.KEYWORD_ONLY, default=Depends(second))]
    )
    with pytest.raises(DeclarationError) as caught:
        _edge(Depends(first))
    assert caught.value.code == "RAP112"


def test_same_dependency_twice_is_no_circle() -> None:
    """Two branches may end in one dependency."""

    def left(inner: Annotated[None, Depends(_unscoped)]) -> None: ...

    def right(inner: Annotated[None, Depends(_unscoped)], again: Annotated[None, Depends(left)]) -> None: ...

    assert len(_edge(Depends(right)).call.dependencies) == 2


@pytest.mark.parametrize("outer_scope", [None, "request"])
def test_generator_of_the_request_refuses_what_ends_earlier(outer_scope: Any) -> None:
    """What lives longer must not stand on what lives shorter."""

    def outer(inner: Annotated[None, Depends(_unscoped, scope="function")]) -> Iterator[None]:
        yield

    with pytest.raises(DependencyScopeError, match='The dependency "outer" has a scope of "request"'):
        _edge(Depends(outer, scope=outer_scope))


def test_function_scope_may_stand_on_anything() -> None:
    """What ends with the function may need what ends with the request, and what ends with the function."""

    def outer(
        one: Annotated[None, Depends(_plain_generator, scope="function")],
        other: Annotated[None, Depends(_async_generator)],
    ) -> Iterator[None]:
        yield

    assert _edge(Depends(outer, scope="function")).lifetime == "function"


def test_plain_function_may_stand_on_what_ends_earlier() -> None:
    """Only generators have an end of their own."""

    def outer(inner: Annotated[None, Depends(_plain_generator, scope="function")]) -> None: ...

    assert _edge(Depends(outer)).call.color == "sync"


# -------------------------------------------------------------------------------------------- replacements


def test_replacement_takes_the_place_of_a_dependency() -> None:
    """The use keeps its name, scopes, lifetime and limit; what is called is another function."""

    def fake(page: int) -> None: ...

    def endpoint(
        x: Annotated[None, Security(_scoped, scopes=["a"])], q: Annotated[int, Query()] = 0
    ) -> None: ...

    call = _analyse(endpoint)
    replaced = replace_functions(call, {_scoped: fake}, _HERE)
    (before,), (after,) = call.dependencies, replaced.dependencies
    assert after.call.function is fake
    assert _kinds(after.call) == {"page": "query"}
    assert (after.name, after.scopes, after.cache_key) == (before.name, before.scopes, before.cache_key)
    assert before.call.function is _scoped


def test_replacement_is_found_at_any_depth() -> None:
    """A dependency of a dependency is replaced too."""

    def fake() -> None: ...

    call = _analyse(_holds_scoped, endpoint=False)
    outer = Call(len, "sync", dependencies=(Dependency("x", call),))
    replaced = replace_functions(outer, {_scoped: fake}, _HERE)
    assert replaced.dependencies[0].call.dependencies[0].call.function is fake


def test_replacement_may_depend_on_what_it_replaces() -> None:
    """A fake that wraps the original gets the original."""

    def fake(original: Annotated[None, Depends(_unscoped)]) -> None: ...

    def endpoint(x: Annotated[None, Depends(_unscoped)]) -> None: ...

    (edge,) = replace_functions(_analyse(endpoint), {_unscoped: fake}, _HERE).dependencies
    assert edge.call.function is fake
    assert edge.call.dependencies[0].call.function is _unscoped


def test_replacement_that_cannot_be_called_is_refused() -> None:
    """A value in place of a function is a mistake that is told."""

    def endpoint(x: Annotated[None, Depends(_unscoped)]) -> None: ...

    with pytest.raises(TypeError, match="cannot be called"):
        replace_functions(_analyse(endpoint), {_unscoped: 3}, _HERE)  # type: ignore[dict-item]


# --------------------------------------------------------------------------- what can never work is refused


_LENIENT = Place(_HERE.path, _HERE.methods, FASTAPI)


def _positional(a: int, /) -> int:
    return a


def _variadic(*args: int) -> int:
    return len(args)


def _keywords(**options: int) -> int:
    return len(options)


@pytest.mark.parametrize(
    ("function", "parameter"), [(_positional, "a"), (_variadic, "args"), (_keywords, "options")]
)
@pytest.mark.parametrize("in_dependency", [False, True])
def test_parameter_that_has_no_name_to_be_given_by_is_refused(
    function: Any, parameter: str, in_dependency: bool
) -> None:
    """Arguments are given by name; the error says which parameter has none, in an endpoint or below it."""

    def endpoint(x: Annotated[Any, Depends(function)]) -> None: ...

    with pytest.raises(DeclarationError) as caught:
        _analyse(endpoint if in_dependency else function)
    assert (caught.value.code, caught.value.parameter) == ("RAP115", parameter)
    assert caught.value.function == function.__qualname__


@pytest.mark.parametrize("function", [_positional, _variadic, _keywords])
def test_parameter_without_a_name_is_a_query_parameter_on_the_other_face(function: Any) -> None:
    """FastAPI takes each for a parameter of the query."""
    (kind,) = _kinds(_analyse(function, _LENIENT)).values()
    assert kind == "query"


def test_default_of_a_path_parameter_is_refused() -> None:
    """No request leads to it, be the parameter marked or not."""

    def endpoint(item_id: str = "7") -> None: ...

    with pytest.raises(DeclarationError) as caught:
        _analyse(endpoint)
    assert (caught.value.code, caught.value.parameter) == ("RAP103", "item_id")
    assert _kinds(_analyse(endpoint, _LENIENT)) == {"item_id": "path"}


def test_path_parameter_of_a_dependency_may_have_a_default() -> None:
    """Another path, which does not hold the name, has it as a query parameter."""

    def shared(item_id: str = "7") -> str:
        return item_id

    def endpoint(x: Annotated[str, Depends(shared)]) -> None: ...

    (edge,) = _analyse(endpoint).dependencies
    assert _kinds(edge.call) == {"item_id": "path"}


def test_path_parameter_may_say_that_it_is_required() -> None:
    """`...` is no default."""

    def endpoint(item_id: str = ...) -> None: ...  # type: ignore[assignment]

    assert _kinds(_analyse(endpoint)) == {"item_id": "path"}


def test_unhashable_dependency_is_shared_by_identity() -> None:
    """An instance without a hash can be called like others, and is the same only as itself."""

    class Limit:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self) -> int:
            return 5

    one, other = Limit(), Limit()

    def endpoint(
        a: Annotated[int, Depends(one)], b: Annotated[int, Depends(one)], c: Annotated[int, Depends(other)]
    ) -> None: ...

    keys = [edge.cache_key for edge in _analyse(endpoint).dependencies]
    assert keys[0] == keys[1] != keys[2]
    assert len(set(keys)) == 2


def test_scopes_reach_every_depth() -> None:
    """A `Security` dependency far below knows the scopes of all that lead to it."""

    def innermost(scopes: SecurityScopes) -> None: ...

    def middle(inner: Annotated[None, Security(innermost, scopes=["deep"])]) -> None: ...

    def outer(inner: Annotated[None, Depends(middle)]) -> None: ...

    def endpoint(user: Annotated[None, Security(outer, scopes=["read"])]) -> None: ...

    edge = _analyse(endpoint).dependencies[0].call.dependencies[0].call.dependencies[0]
    assert edge.scopes == ("read", "deep")
    assert edge.own_scopes == ("deep",)


def test_replacement_gets_the_scopes_of_its_place() -> None:
    """What replaces a dependency is asked with the same scopes, and so is what it depends on."""

    def innermost(scopes: SecurityScopes) -> None: ...

    def original() -> None: ...

    def fake(inner: Annotated[None, Depends(innermost)]) -> None: ...

    def endpoint(user: Annotated[None, Security(original, scopes=["read"])]) -> None: ...

    replaced = replace_functions(_analyse(endpoint), {original: fake}, _HERE)
    assert replaced.dependencies[0].call.function is fake
    assert replaced.dependencies[0].call.dependencies[0].scopes == ("read",)


def test_replacement_is_applied_below_a_replacement() -> None:
    """A fake that depends on another replaced dependency gets its fake."""

    def first() -> None: ...

    def second() -> None: ...

    def fake_second() -> None: ...

    def fake_first(inner: Annotated[None, Depends(second)]) -> None: ...

    def endpoint(value: Annotated[None, Depends(first)]) -> None: ...

    replaced = replace_functions(_analyse(endpoint), {first: fake_first, second: fake_second}, _HERE)
    assert replaced.dependencies[0].call.dependencies[0].call.function is fake_second


def test_use_that_contains_the_original_shares_nothing_with_one_of_the_fake() -> None:
    """Below its own replacement a dependency is itself again, so its users are called for each anew."""

    def original() -> None: ...

    def user(inner: Annotated[None, Depends(original)]) -> None: ...

    def fake(inner: Annotated[None, Depends(user)]) -> None: ...

    def endpoint(
        value: Annotated[None, Depends(original)], other: Annotated[None, Depends(user)]
    ) -> None: ...

    first, other = replace_functions(_analyse(endpoint), {original: fake}, _HERE).dependencies
    inside = first.call.dependencies[0]
    assert inside.call.function is other.call.function is user
    assert inside.call.dependencies[0].call.function is original
    assert other.call.dependencies[0].call.function is fake
    assert inside.cache_key != other.cache_key


def test_forms_are_read_with_bodies() -> None:
    """Form fields keep the order of the signature among what is in the body."""

    def endpoint(form: Annotated[int, Form()], file: Annotated[bytes, File()], q: int = 0) -> None: ...

    assert [item.name for item in _analyse(endpoint).inputs] == ["q", "form", "file"]


def test_methods_count_for_the_endpoint_only() -> None:
    """A list without a marker is a query parameter of a GET endpoint; a dependency knows no method."""

    def inner(tags: list[str]) -> None: ...

    def endpoint(tags: list[str], inner: Annotated[None, Depends(inner)]) -> None: ...

    call = _analyse(endpoint)
    assert _kinds(call) == {"tags": "query"}
    assert _kinds(call.dependencies[0].call) == {"tags": "body"}


def test_unhashable_callable_is_analysed_like_any_other() -> None:
    """An instance of a class that compares by value is a dependency, with scopes and circles checked."""

    class ByValue:
        __hash__ = None  # type: ignore[assignment]

        def __eq__(self, other: object) -> bool:
            return isinstance(other, ByValue)

        def __call__(self, scopes: SecurityScopes) -> None: ...

    def endpoint(value: Annotated[None, Security(ByValue(), scopes=["read"])]) -> None: ...

    edge = _analyse(endpoint).dependencies[0]
    assert edge.scopes == ("read",)
    assert [special.kind for special in edge.call.connections] == ["scopes"]


def test_dependency_is_cached_unless_told_otherwise() -> None:
    """`use_cache` is on by default and carried to the edge."""

    def inner() -> None: ...

    def endpoint(
        a: Annotated[None, Depends(inner)], b: Annotated[None, Depends(inner, use_cache=False)]
    ) -> None: ...

    assert [edge.use_cache for edge in _analyse(endpoint).dependencies] == [True, False]
