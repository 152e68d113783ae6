"""Section 5.1 of the surface document: how the signature of a callable is found."""

import functools
from typing import Annotated

import pytest
from pydantic import BaseModel
from surface_target import (
    Depends,
    FastAPI,
    Query,
    TestClient,
    load,
    served_document,
)
from typing_extensions import TypeAliasType


class Model(BaseModel):
    """A model."""

    a: int


def dependency():
    """Return a marker text."""
    return "dependency"


def client_for(endpoint, path="/x", method="post"):
    """Register `endpoint` and return a client."""
    app = FastAPI()
    getattr(app, method)(path)(endpoint)
    return TestClient(app)


IntAlias = TypeAliasType("IntAlias", int)


ListAlias = TypeAliasType("ListAlias", list[int])


BoundAlias = TypeAliasType("BoundAlias", Annotated[int, Query(gt=3)])


def place_of(annotation, **options):
    """Return where a parameter of this annotation, without marker, is read from."""

    def endpoint(p):
        return None

    endpoint.__annotations__["p"] = annotation
    app = FastAPI()
    app.post("/x")(endpoint)
    operation = served_document(app)["paths"]["/x"]["post"]
    if "requestBody" in operation:
        (media_type,) = operation["requestBody"]["content"]
        return "body" if media_type == "application/json" else media_type
    (parameter,) = operation["parameters"]
    return parameter["in"]


# 5.1 signatures


def test_annotations_are_evaluated_in_the_functions_globals():
    """5.1.1: textual annotations see the globals of the function."""

    def endpoint(m: "Model", n: "int | None" = None):
        return [m.a, n]

    assert client_for(endpoint).post("/x?n=2", json={"a": 1}).json() == [1, 2]


def test_annotations_of_wrapped_functions_use_the_innermost_globals():
    """5.1.1: a wrapper from another module does not change where names are looked up."""
    namespace = {"functools": functools}
    exec(
        "def decorate(function):\n"
        "    @functools.wraps(function)\n"
        "    def wrapper(*args, **kwargs):\n"
        "        return ['wrapped', function(*args, **kwargs)]\n"
        "    return wrapper\n",
        namespace,
    )

    def endpoint(m: "Model"):
        return m.a

    assert client_for(namespace["decorate"](endpoint)).post("/x", json={"a": 1}).json() == ["wrapped", 1]


def test_unresolvable_names_are_fine_where_they_are_not_needed():
    """5.1.1: a name that only type checkers know does not matter when the dependency says everything."""

    def endpoint(session: "OnlyForTypeCheckers" = Depends(dependency)):  # noqa: F821
        return session

    assert client_for(endpoint).post("/x").json() == "dependency"


def test_none_annotation_is_none():
    """5.1.1: the text "None" means None."""

    def endpoint(p: "None" = None):
        return p

    assert client_for(endpoint).post("/x").json() is None


class Collected:
    """A class dependency."""

    def __init__(self, a: int, b: str = "b"):
        self.pair = [a, b]


class CallableSync:
    """An object with a plain call."""

    def __call__(self, a: int):
        return ["sync", a]


class CallableAsync:
    """An object with a coroutine call."""

    async def __call__(self, a: int):
        return ["async", a]


class Methods:
    """Bound methods of both colours."""

    def plain(self, a: int):
        return ["method", a]

    async def coroutine(self, a: int):
        return ["async method", a]


def with_base(base, a: int):
    """Take one argument from a partial."""
    return [base, a]


async def async_with_base(base, a: int):
    """Take one argument from a partial."""
    return [base, a]


def decorated(function):
    """Wrap an async function in a plain one that returns its coroutine."""

    @functools.wraps(function)
    def passing(*args, **kwargs):
        return function(*args, **kwargs)

    return passing


@decorated
async def wrapped_coroutine(a: int):
    """Return through a wrapper."""
    return ["wrapped", a]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (CallableSync(), ["sync", 4]),
        (CallableAsync(), ["async", 4]),
        (Methods().plain, ["method", 4]),
        (Methods().coroutine, ["async method", 4]),
        (functools.partial(with_base, "base"), ["base", 4]),
        (functools.partial(async_with_base, "base"), ["base", 4]),
        (functools.partial(functools.partial(async_with_base), "base"), ["base", 4]),
        (functools.partial(CallableAsync()), ["async", 4]),
        (wrapped_coroutine, ["wrapped", 4]),
    ],
)
def test_callables_of_every_form_are_classified(call, expected):
    """5.1.2: objects, methods, partials and wrapped functions are seen through."""

    def endpoint(value=Depends(call)):
        return value

    assert client_for(endpoint).post("/x?a=4").json() == expected


def test_class_dependencies_use_their_constructor():
    """5.1.2: the parameters of a class are those of `__init__`."""

    def endpoint(value: Collected = Depends()):
        return value.pair

    client = client_for(endpoint)
    assert client.post("/x?a=4").json() == [4, "b"]
    assert client.post("/x").json()["detail"][0]["loc"] == ["query", "a"]


def test_endpoints_may_be_objects_methods_and_partials():
    """5.1.2: the same holds for endpoints."""
    app = FastAPI()
    app.add_api_route("/object", CallableAsync(), name="object")
    app.add_api_route("/method", Methods().plain)
    app.add_api_route("/partial", functools.partial(with_base, "base"), name="partial")
    client = TestClient(app)
    assert client.get("/object?a=1").json() == ["async", 1]
    assert client.get("/method?a=1").json() == ["method", 1]
    assert client.get("/partial?a=1").json() == ["base", 1]


@pytest.mark.parametrize(
    ("annotation", "place"), [(IntAlias, "query"), (ListAlias, "body"), (BoundAlias, "query")]
)
def test_type_aliases_are_unwrapped(annotation, place):
    """5.1.3: one level of a type alias is looked through."""
    assert place_of(annotation) == place


def test_type_alias_of_a_parameter_is_no_component():
    """5.1.3: the document shows what the alias of a parameter stands for; deeper ones are components."""
    app = FastAPI()

    @app.post("/")
    def read(size: IntAlias, items: ListAlias, more: list[IntAlias]):
        """Take numbers."""

    document = app.openapi()
    (parameter,) = document["paths"]["/"]["post"]["parameters"]
    assert parameter["schema"] == {"type": "integer", "title": "Size"}
    body = document["components"]["schemas"]["Body_read__post"]["properties"]
    assert body == {
        "items": {"type": "array", "items": {"type": "integer"}, "title": "Items"},
        "more": {"type": "array", "items": {"$ref": "#/components/schemas/IntAlias"}, "title": "More"},
    }


def test_markers_inside_a_type_alias_are_found():
    """5.1.3: the constraints inside an alias apply."""

    def endpoint(p: BoundAlias):
        return p

    client = client_for(endpoint)
    assert [client.post("/x?p=3").status_code, client.post("/x?p=4").json()] == [422, 4]


def test_star_arguments_are_query_parameters():
    """5.1.4: upstream reads `*args` and `**kwargs` as required query parameters of those names."""

    def endpoint(*args, **kwargs):
        return None

    errors = client_for(endpoint).post("/x").json()["detail"]
    assert [error["loc"] for error in errors] == [["query", "args"], ["query", "kwargs"]]


def _use_as_parameter(app, model):
    def endpoint(p): ...

    endpoint.__annotations__["p"] = model
    app.post("/")(endpoint)


def _use_as_result(app, model):
    def endpoint(): ...

    endpoint.__annotations__["return"] = model
    app.get("/")(endpoint)


@pytest.mark.parametrize(
    "use",
    [
        _use_as_parameter,
        _use_as_result,
        lambda app, model: app.get("/", response_model=model)(lambda: None),
        lambda app, model: app.get("/", responses={400: {"model": model}})(lambda: None),
    ],
    ids=["parameter", "annotation", "response_model", "additional"],
)
@pytest.mark.parametrize(
    "shape", [lambda model: model, lambda model: list[model], lambda model: model | None]
)
@pytest.mark.filterwarnings("ignore:Mixing V1 models:UserWarning")
def test_models_of_pydantic_1_are_refused(use, shape):
    """1: at registration, wherever and however deep in a type they stand."""
    old = pytest.importorskip("pydantic.v1", exc_type=Exception)

    class Old(old.BaseModel):
        a: int

    with pytest.raises(load("exceptions").PydanticV1NotSupportedError):
        use(FastAPI(), shape(Old))
