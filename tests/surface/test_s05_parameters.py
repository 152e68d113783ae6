"""Sections 5.1 to 5.3 of the surface document: how the parameters of a signature are read."""

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import typing
import uuid
from collections.abc import Iterable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Annotated, Any, Generic, Literal, NewType, Optional, TypeVar

import pytest
from pydantic import BaseModel, Field, Json, RootModel
from surface_target import (
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    FastAPI,
    Header,
    HTTPConnection,
    Path,
    Query,
    Request,
    Response,
    SecurityScopes,
    TestClient,
    UploadFile,
    load,
    served_document,
)
from typing_extensions import TypedDict


class Model(BaseModel):
    """A model."""

    a: int


class Colour(enum.Enum):
    """An enumeration."""

    red = "red"


@dataclasses.dataclass
class Record:
    """A dataclass."""

    a: int


class Keys(TypedDict):
    """A typed dict."""

    a: int


T = TypeVar("T")


class Box(BaseModel, Generic[T]):
    """A generic model."""

    a: T


class Numbers(RootModel[list[int]]):
    """A root model."""


UserId = NewType("UserId", int)


class Collected:
    """A class dependency."""

    def __init__(self, a: int, b: str = "b"):
        self.pair = [a, b]


def dependency():
    """Return a marker text."""
    return "dependency"


def client_for(endpoint, path="/x", method="post"):
    """Register `endpoint` and return a client."""
    app = FastAPI()
    getattr(app, method)(path)(endpoint)
    return TestClient(app)


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


# quirk: section 24.18, positional-only parameters fail at call time upstream: tested in neither direction


# 5.2 classification


@pytest.mark.parametrize(
    "annotation",
    [
        Any,
        object,
        int,
        str,
        bytes,
        float,
        bool,
        Colour,
        Literal["a", "b"],
        UserId,
        dt.datetime,
        dt.date,
        dt.time,
        dt.timedelta,
        uuid.UUID,
        decimal.Decimal,
        int | str,
        int | None,
        Json,
        Annotated[int, Field(gt=3)],
        Annotated[int, "unrelated"],
        Iterable[int],
    ],
    ids=str,
)
def test_scalars_are_query_parameters(annotation):
    """5.2.8: what is scalar is read from the query."""
    assert place_of(annotation) == "query"


@pytest.mark.parametrize(
    "annotation",
    [
        dict,
        dict[str, int],
        Mapping[str, int],
        MutableMapping[str, int],
        collections.defaultdict[str, int],
        collections.Counter[str],
        dict | None,
        Model,
        Model | None,
        Optional[Model],  # noqa: UP045
        Model | int,
        Box[int],
        Numbers,
        Record,
        Record | None,
        Keys,
        list[int],
        list[int] | None,
        list[Model],
        set[int],
        frozenset[int],
        tuple[int, ...],
        tuple[int, str],
        Sequence[int],
        MutableSequence[int],
        typing.List[int],  # noqa: UP006
        collections.deque[int],
        Json[list[str]],
        Json[Model],
        int | list[int],
        Annotated[Model, Field()],
    ],
    ids=str,
)
def test_other_types_are_bodies(annotation):
    """5.2.7: what is not scalar is read from the body."""
    assert place_of(annotation) == "body"


@pytest.mark.parametrize(
    "annotation",
    [UploadFile, UploadFile | None, list[UploadFile], list[UploadFile] | None, Sequence[UploadFile]],
    ids=str,
)
def test_upload_types_are_files(annotation):
    """5.2.6: upload files, optional ones and sequences of them are files."""
    assert place_of(annotation) == "multipart/form-data"


# quirk: section 24.2, bare `list`, `tuple` and `set` are files upstream: tested in neither direction


def test_unannotated_parameter_is_a_query_text():
    """5.2.8: no annotation means Any: required, or defaulted, and handed over as text."""

    def endpoint(p, q=3):
        return [p, q]

    client = client_for(endpoint)
    assert client.post("/x?p=1").json() == ["1", 3]
    assert client.post("/x?p=1&q=2").json() == ["1", "2"]
    assert client.post("/x").json()["detail"][0]["type"] == "missing"


def test_path_names_are_path_parameters():
    """5.2.5: a name of the template is a path parameter, marker or not."""

    def endpoint(p: int, q: int, r: Annotated[int, Path(gt=1)], s: int = Path(lt=5)):
        return [p, q, r, s]

    client = client_for(endpoint, "/x/{p}/{r}/{s}")
    assert client.post("/x/1/2/3?q=4").json() == [1, 4, 2, 3]
    errors = client.post("/x/a/1/9").json()["detail"]
    assert [error["loc"] for error in errors] == [["path", "p"], ["path", "r"], ["path", "s"], ["query", "q"]]


def test_python_default_of_a_path_parameter_is_ignored():
    """5.2.5 and 5.3.1: without a marker a default changes nothing."""

    def endpoint(p: int = 4):
        return p

    assert client_for(endpoint, "/x/{p}").post("/x/5").json() == 5


def test_last_marker_decides_and_constraints_accumulate():
    """5.2.1: of several markers the last decides the kind; the bounds of all apply."""

    def endpoint(p: Annotated[int, Query(gt=3), Header(lt=6)]):
        return p

    client = client_for(endpoint)
    answers = [client.post("/x?p=5", headers={"p": value}) for value in ("3", "4", "7")]
    assert [answer.status_code for answer in answers] == [422, 200, 422]
    assert answers[0].json()["detail"][0]["loc"] == ["header", "p"]
    assert answers[2].json()["detail"][0]["ctx"] == {"lt": 6}


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Annotated[str, Depends(dependency), Query()], "query"),
        (Annotated[str, Query(), Depends(dependency)], "dependency"),
    ],
)
def test_depends_takes_part_in_the_order_of_markers(annotation, expected):
    """5.2.1: of `Depends` and another marker in one annotation the last decides."""

    def endpoint(p: annotation):
        return p

    assert client_for(endpoint).post("/x?p=query").json() == expected


def test_marker_and_plain_field_add_up():
    """5.2.1 and 5.2.3: a plain `Field` beside the marker adds its constraints."""

    def endpoint(p: Annotated[int, Query(), Field(gt=3)]):
        return p

    client = client_for(endpoint)
    assert [client.post(f"/x?p={n}").status_code for n in (3, 4)] == [422, 200]


def test_explicit_values_of_the_marker_win_over_the_field():
    """5.2.1: what the marker says explicitly wins over a plain `Field` beside it."""

    def endpoint(p: Annotated[int, Field(alias="field", title="Field"), Query(alias="marker")]):
        return p

    client = client_for(endpoint)
    assert client.post("/x?marker=1").json() == 1
    parameter = served_document(client.app)["paths"]["/x"]["post"]["parameters"][0]
    assert (parameter["name"], parameter["schema"]["title"]) == ("marker", "Field")


def test_no_default_means_required():
    """5.2.1: a parameter without default is required, even when it may be None."""

    def endpoint(
        a: int | None, b: Annotated[int, Query()], c: int = Query(), d: int = Query(...), e: int = ...
    ):
        return None

    errors = client_for(endpoint).post("/x").json()["detail"]
    assert [(error["type"], error["loc"][1]) for error in errors] == [("missing", name) for name in "abcde"]


def test_default_factory_in_a_marker():
    """5.2.1: a default factory in the marker is allowed and called each time."""
    calls = []

    def make():
        calls.append(1)
        return len(calls)

    def endpoint(p: Annotated[int, Query(default_factory=make)], q: int = Query(default_factory=make)):
        return [p, q]

    client = client_for(endpoint)
    assert client.post("/x").json() == [1, 2]
    assert client.post("/x?p=9").json() == [9, 3]


def test_plain_field_in_annotated_keeps_everything():
    """5.2.3: constraints, alias and factory of a plain `Field` in `Annotated` hold, the kind is inferred."""

    def endpoint(p: Annotated[int, Field(gt=3, alias="pp", default_factory=lambda: 9)]):
        return p

    client = client_for(endpoint)
    error = client.post("/x?pp=1").json()["detail"][0]
    assert (error["type"], error["loc"]) == ("greater_than", ["query", "pp"])
    assert [client.post("/x?pp=4").json(), client.post("/x").json(), client.post("/x?p=4").json()] == [
        4,
        9,
        9,
    ]


def test_field_info_as_default_is_the_marker():
    """5.2.3: a marker as the Python default is the marker."""

    def endpoint(a: int = Query(1, gt=0), b: str = Header("h"), c: str = Cookie("c"), d: int = Body(4)):
        return [a, b, c, d]

    client = client_for(endpoint)
    assert client.post("/x").json() == [1, "h", "c", 4]
    response = client.post("/x?a=2", headers={"b": "B", "cookie": "c=C"}, json=5)
    assert response.json() == [2, "B", "C", 5]


def test_depends_without_callable_takes_the_annotation():
    """5.2.2: `Depends()` uses the annotation, in both spellings."""

    def endpoint(a: Annotated[Collected, Depends()], b: Collected = Depends()):
        return [a.pair, a is b]

    assert client_for(endpoint).post("/x?a=1&b=x").json() == [[1, "x"], True]


def test_plain_default_beside_depends_is_ignored():
    """5.2.2: a plain default beside `Annotated[…, Depends]` only serves direct calls."""

    def endpoint(p: Annotated[str, Depends(dependency)] = "default"):
        return p

    assert client_for(endpoint).post("/x").json() == "dependency"
    assert endpoint() == "default"


def test_special_types_are_injected():
    """5.2.4: connection objects, response, tasks and scopes are injected by type, whatever their name."""

    def endpoint(a: Request, b: HTTPConnection, c: Response, d: BackgroundTasks, e: SecurityScopes):
        return [a.url.path, b.url.path, c.status_code, isinstance(d, BackgroundTasks), e.scopes]

    assert client_for(endpoint).post("/x").json() == ["/x", "/x", None, True, []]


def test_special_type_with_default_is_injected():
    """5.2.4: a plain default does not matter."""

    def endpoint(request: Request = None):
        return request.url.path

    assert client_for(endpoint).post("/x").json() == "/x"


def test_subclasses_of_special_types_are_injected():
    """5.2.4: Starlette's own classes and subclasses count as well."""
    from starlette.background import BackgroundTasks as StarletteTasks
    from starlette.requests import Request as StarletteRequest
    from starlette.responses import Response as StarletteResponse

    class OwnRequest(StarletteRequest):
        pass

    def endpoint(a: OwnRequest, b: StarletteResponse, c: StarletteTasks):
        return [a.url.path, b.status_code, isinstance(c, BackgroundTasks)]

    assert client_for(endpoint).post("/x").json() == ["/x", None, True]


def test_depends_wins_over_special_types():
    """5.2.4: with an explicit `Depends` the dependency's result is injected, even for such types."""

    def endpoint(
        a: Annotated[Response, Depends(lambda: "not a response")],
        b: Request = Depends(lambda: "not a request"),
    ):
        return [a, b]

    assert client_for(endpoint).post("/x").json() == ["not a response", "not a request"]


@pytest.mark.parametrize("type_", [Request, HTTPConnection, Response, BackgroundTasks, SecurityScopes])
@pytest.mark.parametrize("spelling", ["annotated", "default"])
def test_marker_on_a_special_type_is_refused(type_, spelling):
    """5.2.4: a marker cannot be combined with a special type."""
    annotation, default = (Annotated[type_, Query()], ...) if spelling == "annotated" else (type_, Query())

    def endpoint(p: annotation = default):
        return None

    with pytest.raises(AssertionError):
        client_for(endpoint)


def refused(name, annotation, default=dataclasses.MISSING, path="/x"):
    """Return a parameter set for a declaration that is refused."""
    return pytest.param(annotation, default, path, id=name)


@pytest.mark.parametrize(
    ("annotation", "default", "path"),
    [
        refused("default in the annotated marker", Annotated[int, Query(3)]),
        refused("two defaults", Annotated[int, Query(3)], 4),
        refused("default of an annotated path marker", Annotated[int, Path()], 4, "/x/{p}"),
        refused("two depends", Annotated[str, Depends(dependency)], Depends(dependency)),
        refused("marker and depends default", Annotated[str, Query()], Depends(dependency)),
        refused("marker and marker default", Annotated[str, Query()], Query()),
        refused("plain field as default", int, Field(3)),
        refused("query marker on a path name", int, Query(), "/x/{p}"),
        refused("annotated query marker on a path name", Annotated[int, Query()], path="/x/{p}"),
        refused("body marker on a path name", int, Body(), "/x/{p}"),
        refused("header marker on a path name", int, Header(), "/x/{p}"),
        refused("model in the path", Model, path="/x/{p}"),
        refused("list in the path", list[int], path="/x/{p}"),
        refused("list with a path marker", Annotated[list[int], Path()], path="/x/{p}"),
        refused("dict in the path", dict, Path(), "/x/{p}"),
        refused("dict in the query", dict, Query()),
        refused("list of models in the query", list[Model], Query()),
        refused("list of lists in the query", list[list[int]], Query()),
        refused("model or int in the query", Model | int, Query()),
    ],
)
def test_wrong_declaration_is_refused(annotation, default, path):
    """5.2.1, 5.2.2, 5.2.3, 5.3.1, 5.3.2: wrong declarations fail when the route is registered."""

    def endpoint(p):
        return None

    endpoint.__annotations__["p"] = annotation
    if default is not dataclasses.MISSING:
        endpoint.__defaults__ = (default,)
    with pytest.raises(AssertionError):
        client_for(endpoint, path)


@pytest.mark.parametrize(
    ("annotation", "default"),
    [
        (Annotated[int, Query(3)], ...),
        (Annotated[str, Depends(dependency)], Depends(dependency)),
        (Annotated[str, Query()], Query()),
        (dict, Query()),
        (int, Field(3)),
    ],
    ids=["default in marker", "two depends", "two markers", "dict in query", "plain field"],
)
def test_refusal_names_the_parameter(annotation, default):
    """5.2.1 and 5.3.2: the message names the parameter."""

    def endpoint(odd_one: annotation = default):
        return None

    with pytest.raises(AssertionError, match="odd_one"):
        client_for(endpoint)


# 5.3 restrictions by kind


def test_path_marker_takes_no_default():
    """5.3.1 and 2.2: `Path` asserts that no default is given."""
    with pytest.raises(AssertionError):
        Path(3)


def test_path_marker_outside_the_template_is_always_missing():
    """5.3.1: a `Path` marker for a name that the path lacks registers, and every request is 422."""

    def endpoint(p: int = Path()):
        return p

    (error,) = client_for(endpoint).post("/x?p=1").json()["detail"]
    assert error == {"type": "missing", "loc": ["path", "p"], "msg": "Field required", "input": None}


def test_path_marker_may_name_the_template_by_alias():
    """5.3.1: an alias may connect the parameter to the template."""

    def endpoint(p: int = Path(alias="q")):
        return p

    client = client_for(endpoint, "/x/{q}")
    assert client.post("/x/5").json() == 5
    assert client.post("/x/a").json()["detail"][0]["loc"] == ["path", "q"]


def test_undeclared_path_parameters_are_ignored():
    """5.3.1: the function need not declare every name of the template."""

    def endpoint(p: int):
        return p

    assert client_for(endpoint, "/x/{p}/{other}").post("/x/1/2").json() == 1


@pytest.mark.parametrize(
    ("annotation", "query", "expected"),
    [
        (list[int], "p=1&p=2", [1, 2]),
        (list[int] | None, "p=1", [1]),
        (set[int], "p=1&p=1", [1]),
        (tuple[int, ...], "p=1&p=2", [1, 2]),
        (tuple[int, str], "p=1&p=2", [1, "2"]),
        (frozenset[str], "p=a", ["a"]),
        (collections.deque[int], "p=1", [1]),
        (Sequence[int], "p=3&p=4", [3, 4]),
        (list[int] | str, "p=a&p=b", None),
        (Model, "a=1", {"a": 1}),
        (Model | None, "a=1", {"a": 1}),
    ],
    ids=str,
)
def test_query_takes_sequences_and_models(annotation, query, expected):
    """5.3.2: a query marker may stand on sequences of scalars and on one model."""

    def endpoint(p: annotation = Query()):
        return p

    response = client_for(endpoint).post(f"/x?{query}")
    assert response.status_code == (422 if expected is None else 200)
    assert expected is None or response.json() == expected


def test_base_param_acts_as_query():
    """5.3.3: the base class `Param` used directly is a query parameter."""
    param = load("params").Param

    def endpoint(p: int = param(default=3)):
        return p

    client = client_for(endpoint)
    assert [client.post("/x").json(), client.post("/x?p=5").json()] == [3, 5]
