"""`fastapi.dependencies`: making, reading and solving dependants by hand (compatibility 13.4.5, 13.4.6)."""

import dataclasses
import inspect
from collections.abc import AsyncIterable, Iterator
from contextlib import AsyncExitStack
from functools import partial, wraps
from typing import Annotated, Any, ForwardRef

import anyio
import pytest
from pydantic import BaseModel
from starlette.datastructures import FormData, Headers, QueryParams

from rapide.fastapi import (
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    File,
    Form,
    Header,
    Path,
    Query,
    Request,
    Response,
    Security,
    UploadFile,
)
from rapide.fastapi.dependencies import models, utils
from rapide.fastapi.dependencies.models import Dependant
from rapide.fastapi.exceptions import DependencyScopeError
from rapide.fastapi.requests import HTTPConnection
from rapide.fastapi.security import SecurityScopes
from rapide.fastapi.utils import create_model_field


class Item(BaseModel):
    """A body."""

    name: str


class Filters(BaseModel):
    """A parameter model."""

    page: int = 1
    tag: list[str] = []


def names(fields):
    """Return the names of fields."""
    return [field.name for field in fields]


def make_request(query=b"", headers=(), **extra):
    """Return a request that no application has seen."""
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": query, "headers": list(headers)}
    return Request({**scope, **extra})


def solve(call, request=None, path="/", **options):
    """Return what solving the dependencies of a callable gives."""

    async def run():
        async with AsyncExitStack() as stack:
            arguments = {"embed_body_fields": False, "async_exit_stack": stack, **options}
            dependant = utils.get_dependant(path=path, call=call)
            return await utils.solve_dependencies(
                request=request or make_request(), dependant=dependant, **arguments
            )

    return anyio.run(run)


# ------------------------------------------------------------------------------------------ the class


def test_dependant_has_fastapis_fields():
    """Their names, order and defaults are what integrations build dependants with."""
    found = [field.name for field in dataclasses.fields(Dependant)]
    assert found == [
        "path_params",
        "query_params",
        "header_params",
        "cookie_params",
        "body_params",
        "dependencies",
        "name",
        "call",
        "request_param_name",
        "websocket_param_name",
        "http_connection_param_name",
        "response_param_name",
        "background_tasks_param_name",
        "security_scopes_param_name",
        "own_oauth_scopes",
        "parent_oauth_scopes",
        "use_cache",
        "path",
        "scope",
        "concurrency",
    ]
    assert Dependant() == Dependant()
    assert Dependant().use_cache is True


def _plain(): ...


async def _awaited(): ...


def _generator():
    yield


@wraps(_generator)
def _wrapped_generator():
    return _generator()


async def _async_generator():
    yield


class _Callable:
    async def __call__(self): ...


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (None, None),
        (_plain, None),
        (_Callable, None),
        (_awaited, "coroutine"),
        (_Callable(), "coroutine"),
        (partial(_awaited), "coroutine"),
        (_generator, "gen"),
        (_wrapped_generator, "gen"),
        (_async_generator, "async_gen"),
    ],
)
def test_callables_are_classified(call, kind):
    """What is awaited, what is entered, and what runs in a thread; wrappers are looked through."""
    kinds = ("coroutine", "gen", "async_gen")
    assert [name for name in kinds if getattr(models, f"_is_{name}_callable")(call)] == (
        [kind] if kind else []
    )


def test_dependant_takes_no_other_attributes():
    """It has slots."""
    with pytest.raises(AttributeError):
        Dependant().other = 1
    assert not hasattr(Dependant(), "__dict__")


# ------------------------------------------------------------------------------------------ making


def everything(
    n: int,
    request: Request,
    connection: HTTPConnection,
    response: Response,
    tasks: BackgroundTasks,
    scopes: SecurityScopes,
    item: Item,
    q: int = 1,
    h: Annotated[str, Header()] = "h",
    c: Annotated[str | None, Cookie()] = None,
):
    """Take one of each."""


def test_get_dependant_sorts_parameters():
    """Each parameter stands in the list of its place, or its name in the attribute of its kind."""
    dependant = utils.get_dependant(path="/{n}", call=everything)
    assert names(dependant.path_params) == ["n"]
    assert names(dependant.query_params) == ["q"]
    assert names(dependant.header_params) == ["h"]
    assert names(dependant.cookie_params) == ["c"]
    assert names(dependant.body_params) == ["item"]
    assert dependant.request_param_name == "request"
    assert dependant.http_connection_param_name == "connection"
    assert dependant.websocket_param_name is None
    assert dependant.response_param_name == "response"
    assert dependant.background_tasks_param_name == "tasks"
    assert dependant.security_scopes_param_name == "scopes"
    assert (dependant.name, dependant.scope, dependant.own_oauth_scopes) == (None, None, None)


def test_get_dependant_gives_scopes_down():
    """A dependency below knows its own scopes and those from above."""

    def low(scopes: SecurityScopes):
        return scopes.scopes

    def middle(a: Annotated[list, Security(low, scopes=["low"])], b: Annotated[list, Depends(low)]):
        return [a, b]

    dependant = utils.get_dependant(
        path="/", call=middle, own_oauth_scopes=["own"], parent_oauth_scopes=["top"]
    )
    first, second = dependant.dependencies
    assert (first.own_oauth_scopes, first.parent_oauth_scopes) == (["low"], ["top", "own"])
    assert (second.own_oauth_scopes, second.parent_oauth_scopes) == ([], ["top", "own"])
    solved = solve(middle)
    assert solved.values == {"a": ["low"], "b": []}


def test_get_dependant_refuses_a_generator_on_something_shorter():
    """What lives as long as the request cannot depend on what ends with the function."""

    def short():
        yield 1

    def long(s: Annotated[int, Depends(short, scope="function")]):
        yield s

    with pytest.raises(DependencyScopeError):
        utils.get_dependant(path="/", call=long)
    assert utils.get_dependant(path="/", call=long, scope="function").scope == "function"


def test_sub_dependant_without_a_parameter():
    """What is only run has no name; scopes and lifetime are those of its declaration."""

    def run():
        return None

    sub = utils.get_parameterless_sub_dependant(depends=Security(run, scopes=["a"]), path="/x")
    assert (sub.call, sub.name, sub.own_oauth_scopes, sub.path) == (run, None, ["a"], "/x")
    assert utils.get_parameterless_sub_dependant(depends=Depends(run), path="/").own_oauth_scopes == []
    limited = Depends(run, scope="function", max_concurrency=2)
    sub = utils.get_parameterless_sub_dependant(depends=limited, path="/")
    assert (sub.scope, sub.concurrency.limit) == ("function", 2)
    with pytest.raises(AssertionError):
        utils.get_parameterless_sub_dependant(depends=Depends(), path="/")


def test_fields_can_be_added_by_hand():
    """Code that builds dependants itself puts fields and names where they belong."""
    dependant = Dependant(call=lambda **values: values)
    for marker in (
        Query(annotation=int),
        Header(annotation=str),
        Cookie(annotation=str),
        Path(annotation=int),
    ):
        field = create_model_field(type(marker).__name__.lower(), marker.annotation, field_info=marker)
        utils.add_param_to_fields(field=field, dependant=dependant)
    assert utils.add_non_field_param_to_dependency(
        param_name="r", type_annotation=Request, dependant=dependant
    )
    assert not utils.add_non_field_param_to_dependency(
        param_name="x", type_annotation=int, dependant=dependant
    )
    assert names(dependant.query_params) == ["query"]
    assert names(dependant.header_params) == ["header"]
    assert names(dependant.cookie_params) == ["cookie"]
    assert names(dependant.path_params) == ["path"]
    assert dependant.request_param_name == "r"
    body = create_model_field("b", int, field_info=Body(annotation=int))
    with pytest.raises(AssertionError, match="non-body parameters"):
        utils.add_param_to_fields(field=body, dependant=dependant)


@pytest.mark.parametrize(
    ("annotation", "value", "kind"),
    [
        (int, 1, Query),
        (Annotated[int, Header()], inspect.Parameter.empty, Header),
        (Item, inspect.Parameter.empty, Body),
        (UploadFile, inspect.Parameter.empty, File),
        (int, Form(), Form),
    ],
)
def test_analyzed_parameter_has_a_field(annotation, value, kind):
    """Markers decide, then types."""
    details = utils.analyze_param(param_name="a", annotation=annotation, value=value, path_param_names=set())
    assert isinstance(details.field.field_info, type(kind()))
    assert details.depends is None


def test_analyzed_parameter_may_be_none_of_the_fields():
    """Names of the path, dependencies and things of the connection are told apart."""
    empty = inspect.Parameter.empty
    analyze = utils.analyze_param
    path = analyze(param_name="n", annotation=int, value=empty, path_param_names={"n"})
    assert isinstance(path.field.field_info, type(Path()))
    depends = analyze(param_name="d", annotation=Item, value=Depends(), path_param_names=set())
    assert (depends.field, depends.depends.dependency, depends.type_annotation) == (None, Item, Item)
    request = analyze(param_name="r", annotation=Request, value=empty, path_param_names=set())
    assert (request.field, request.depends, request.type_annotation) == (None, None, Request)
    with pytest.raises(AssertionError):
        analyze(param_name="n", annotation=int, value=Query(), path_param_names={"n"})


# ------------------------------------------------------------------------------------------ looking


def test_flat_params_show_the_whole_graph():
    """Own parameters before those below, place by place; models field by field."""

    def low(low_query: int, low_header: Annotated[str, Header()]):
        return None

    def top(
        d: Annotated[None, Depends(low)],
        filters: Annotated[Filters, Query()],
        top_header: Annotated[str, Header()],
    ):
        return None

    flat = utils.get_flat_params(utils.get_dependant(path="/", call=top))
    assert names(flat) == ["page", "tag", "low_query", "top_header", "low_header"]


def test_body_params_of_the_graph_make_the_body():
    """How several parameters share a body, and the field that describes it."""

    def low(a: Item):
        return None

    def top(b: Item, d: Annotated[None, Depends(low)]):
        return None

    flat = utils._get_flat_body_params(utils.get_dependant(path="/", call=top))
    assert names(flat) == ["b", "a"]
    assert utils._should_embed_body_fields(flat) is True
    assert utils._should_embed_body_fields(flat[:1]) is False
    assert utils._should_embed_body_fields([]) is False
    assert utils._get_body_field(body_params=[], name="n", embed_body_fields=False) is None
    assert utils._get_body_field(body_params=flat[:1], name="n", embed_body_fields=False) is flat[0]
    whole = utils._get_body_field(body_params=flat, name="n", embed_body_fields=True)
    assert whole.name == "body"
    assert whole.field_info.annotation.__name__ == "Body_n"
    form = [create_model_field("a", int, field_info=Form(annotation=int))]
    assert utils._should_embed_body_fields(form) is True


def test_validation_alias_is_the_name_to_look_up():
    """The alias for input wins over the general one, that over the name."""

    def call(a: int, b: int = Query(alias="B"), c: int = Query(alias="C", validation_alias="VC")):
        return None

    fields = utils.get_dependant(path="/", call=call).query_params
    assert [utils.get_validation_alias(field) for field in fields] == ["a", "B", "VC"]


def test_signatures_are_resolved():
    """Text in annotations becomes types; unknown names become forward references."""

    def call(a: "int", b: "Unknown", c="x") -> "list[int]":  # noqa: F821 -- unknown on purpose
        return []

    parameters = utils.get_typed_signature(call).parameters
    assert parameters["a"].annotation is int
    assert parameters["b"].annotation == ForwardRef("Unknown")
    assert parameters["c"].annotation is inspect.Parameter.empty
    assert utils.get_typed_return_annotation(call) == list[int]
    assert utils.get_typed_return_annotation(lambda: 1) is None
    assert utils.get_typed_annotation("Item", globals()) is Item
    assert utils.get_typed_annotation(int, {}) is int
    assert utils.get_typed_annotation("Nope", {}) == ForwardRef("Nope")


@pytest.mark.parametrize(
    ("annotation", "item"),
    [(AsyncIterable[int], int), (Iterator[Item], Item), (list[int], None), (AsyncIterable, Any)],
)
def test_items_of_streams_have_a_type(annotation, item):
    """Generators say what they yield; without an argument that is anything."""
    assert utils.get_stream_item_type(annotation) == item


def test_form_parser_is_there():
    """Nothing happens when it is."""
    assert utils.ensure_multipart_is_installed() is None


def test_body_is_read_for_fields_only():
    """Without any there is nothing to read it for."""
    with pytest.raises(AssertionError, match="with fields"):
        anyio.run(utils.request_body_to_args, [], {}, False)


def test_missing_form_parser_is_an_error(monkeypatch, caplog):
    """RuntimeError, with the same advice in the log."""
    monkeypatch.setattr(utils, "multipart_problem", lambda: utils.multipart_not_installed_error)
    with pytest.raises(RuntimeError, match="python-multipart"):
        utils.ensure_multipart_is_installed()
    assert "pip install python-multipart" in caplog.text


# ------------------------------------------------------------------------------------------ reading


def test_parameters_are_read_from_what_was_received():
    """Query strings, headers and plain mappings."""

    def call(page: int, tag: list[str] = Query([]), h_name: str = Header("none")):
        return None

    dependant = utils.get_dependant(path="/", call=call)
    read = utils.request_params_to_args
    assert read(dependant.query_params, QueryParams("page=2&tag=a&tag=b")) == (
        {"page": 2, "tag": ["a", "b"]},
        [],
    )
    assert read(dependant.query_params, {"page": "3", "tag": ["x"]}) == ({"page": 3, "tag": ["x"]}, [])
    assert read(dependant.header_params, Headers({"h-name": "x"})) == ({"h_name": "x"}, [])
    values, errors = read(dependant.query_params, {"page": "x"})
    assert values == {"tag": []}
    assert [error["loc"] for error in errors] == [("query", "page")]


def test_path_parameters_and_models_are_read():
    """Path parameters come as they are, models field by field."""

    def call(n: int, filters: Annotated[Filters, Query()]):
        return None

    dependant = utils.get_dependant(path="/{n}", call=call)
    assert utils.request_params_to_args(dependant.path_params, {"n": "3"}) == ({"n": 3}, [])
    values, errors = utils.request_params_to_args(dependant.query_params, QueryParams("page=2&tag=a"))
    assert (values, errors) == ({"filters": Filters(page=2, tag=["a"])}, [])


def test_body_is_read_whole_or_by_name():
    """Data, forms, and no body at all."""

    def call(item: Item):
        return None

    def form(a: int = Form(), f: bytes = File(b"")):
        return None

    fields = utils.get_dependant(path="/", call=call).body_params
    forms = utils.get_dependant(path="/", call=form).body_params

    async def run():
        read = utils.request_body_to_args
        return [
            await read(fields, {"name": "x"}, False),
            await read(fields, {"item": {"name": "x"}}, True),
            await read(forms, FormData([("a", "1")]), True),
            (await read(fields, None, True))[1][0]["loc"],
        ]

    item = {"item": Item(name="x")}
    assert anyio.run(run) == [(item, []), (item, []), ({"a": 1, "f": b""}, []), ("body", "item")]


# ------------------------------------------------------------------------------------------ solving


def test_dependencies_are_solved_outside_an_application():
    """Injection for commands and tests: a request that nobody sent, and an exit stack."""
    left = []

    def resource():
        yield "resource"
        left.append("resource")

    def service(r: Annotated[str, Depends(resource)], q: int = 3):
        return f"{r} {q}"

    def call(s: Annotated[str, Depends(service)], tasks: BackgroundTasks, response: Response):
        return None

    solved = solve(call, make_request(b"q=5"))
    assert solved.values["s"] == "resource 5"
    assert isinstance(solved.values["tasks"], BackgroundTasks)
    assert solved.background_tasks is solved.values["tasks"]
    assert solved.response is solved.values["response"]
    assert solved.errors == []
    assert left == ["resource"]
    assert set(solved.dependency_cache) == {(service, (), ""), (resource, (), "request")}


def test_solving_takes_what_is_given():
    """Background tasks, response and cache of the caller are used."""
    tasks, response, cache = BackgroundTasks(), Response(), {}

    def service():
        return object()

    def call(s: Annotated[object, Depends(service)], t: BackgroundTasks, r: Response):
        return None

    first = solve(call, background_tasks=tasks, response=response, dependency_cache=cache)
    second = solve(call, background_tasks=tasks, response=response, dependency_cache=cache)
    assert first.values == second.values
    assert first.values["t"] is tasks
    assert first.values["r"] is response


def test_solving_collects_errors():
    """Errors are a list, and what failed is not called."""
    called = []

    def service(n: int):
        called.append(n)

    def call(s: Annotated[None, Depends(service)], m: int):
        return None

    solved = solve(call, make_request(b"n=x&m=y"))
    assert [error["loc"] for error in solved.errors] == [("query", "n"), ("query", "m")]
    assert called == []


def test_solving_replaces_dependencies():
    """The overrides of a provider hold."""

    class Provider:
        dependency_overrides = {}

    def service():
        return "real"

    def call(s: Annotated[str, Depends(service)]):
        return None

    Provider.dependency_overrides[service] = lambda: "fake"
    assert solve(call, dependency_overrides_provider=Provider).values == {"s": "fake"}


def test_solving_reads_the_body_that_is_given():
    """Data, a form, or nothing."""

    def call(item: Item):
        return None

    def form(a: int = Form(), f: bytes = File(b"none")):
        return None

    assert solve(call, body={"name": "x"}).values == {"item": Item(name="x")}
    assert solve(call).errors[0]["type"] == "missing"
    assert solve(call, body=None).errors[0]["type"] == "model_attributes_type"
    assert solve(form, body=FormData([("a", "1")]), embed_body_fields=True).values == {"a": 1, "f": b"none"}


def test_dependant_built_by_hand_is_solved():
    """Nothing but fields: a call, parameters, a dependency."""
    sub = Dependant(call=lambda: "sub", name="s")
    field = create_model_field("n", int, field_info=Query(annotation=int))
    dependant = Dependant(call=lambda n, s: None, query_params=[field], dependencies=[sub], path="/")

    async def run():
        async with AsyncExitStack() as stack:
            return await utils.solve_dependencies(
                request=make_request(b"n=4"),
                dependant=dependant,
                async_exit_stack=stack,
                embed_body_fields=False,
            )

    assert anyio.run(run).values == {"s": "sub", "n": 4}


def test_signature_of_the_solver_is_checked_by_others():
    """An injection package looks for these parameters when it is imported."""
    parameters = inspect.signature(utils.solve_dependencies).parameters
    assert {
        "dependency_overrides_provider", "dependency_cache", "async_exit_stack", "embed_body_fields",
    } <= parameters.keys()  # fmt: skip


@pytest.mark.anyio
async def test_a_message_of_a_broker_is_a_request():
    """An extension makes requests of its own without an ASGI scope, which have their parts as attributes."""

    class Message(Request):
        def __init__(self, body, headers, query):
            self.scope = {"path_params": {"number": "7"}}
            self._headers, self._body, self._query_params, self._cookies = headers, body, query, {"c": "d"}

    def endpoint(
        number: Annotated[int, Path()],
        q: int,
        names: Annotated[list[str], Query()],
        token: Annotated[str, Header()],
        c: Annotated[str, Cookie()],
        item: Annotated[dict[str, int], Body()],
    ): ...

    message = Message({"a": 1}, {"Token": "x"}, {"q": 3, "names": ["a", "b"]})
    dependant = utils.get_dependant(path="/{number}", call=endpoint)
    async with AsyncExitStack() as stack:
        solved = await utils.solve_dependencies(
            request=message,
            dependant=dependant,
            body={"a": 1},
            async_exit_stack=stack,
            embed_body_fields=False,
        )
    assert solved.errors == []
    assert solved.values == {
        "number": 7, "q": 3, "names": ["a", "b"], "token": "x", "c": "d", "item": {"a": 1},
    }  # fmt: skip
