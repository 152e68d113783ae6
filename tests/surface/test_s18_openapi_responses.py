"""Section 18.2.5 and 18.2.6: responses in the OpenAPI document."""

import dataclasses
import enum
import http
from collections.abc import AsyncIterable, Iterable
from typing import Annotated, Any, Literal, NotRequired

import pytest
from document_files import assert_document, plain
from pydantic import BaseModel, Field, RootModel, computed_field
from surface_target import (
    APIRouter,
    BackgroundTasks,
    Body,
    Depends,
    FastAPI,
    FastAPIError,
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Query,
    RedirectResponse,
    Response,
    StreamingResponse,
    load,
)
from typing_extensions import TypedDict

EventSourceResponse = load("sse").EventSourceResponse


class Item(BaseModel):
    name: str
    size: int = 1


class Problem(BaseModel):
    """What went wrong."""

    code: int
    text: str | None = None


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class XMLResponse(Response):
    media_type = "application/xml"


class ProblemResponse(JSONResponse):
    media_type = "application/problem+json"


class NoTypeResponse(Response):
    media_type = None


class CreatedResponse(JSONResponse):
    def __init__(self, content: Any, status_code: int = 201, **options: Any) -> None:
        super().__init__(content, status_code, **options)


class PDFResponse(StreamingResponse):
    media_type = "application/pdf"


def operation_of(endpoint, method="get", *, app=None, **options):
    """Return the operation of `endpoint`, alone in `app`."""
    app = app or FastAPI()
    getattr(app, method)("/x", **options)(endpoint)
    return plain(app.openapi())["paths"]["/x"][method]


def responses_of(endpoint, method="get", **options):
    """Return the documented responses of `endpoint`."""
    return operation_of(endpoint, method, **options)["responses"]


def plain_endpoint():
    """Return nothing in particular."""


# --- whole documents


def test_response_models_are_documented():
    """18.2.5: the return annotation or response_model is the schema of the main status."""
    app = FastAPI()

    @app.get("/model")
    def model() -> Item: ...

    @app.get("/option", response_model=Item)
    def option() -> Any: ...

    @app.get("/off", response_model=None)
    def off() -> Item: ...

    @app.get("/list")
    def listed() -> list[Item]: ...

    @app.get("/optional")
    def optional() -> Item | None: ...

    @app.get("/union")
    def union() -> Cat | Dog: ...

    @app.get("/tagged")
    def tagged() -> Annotated[Cat | Dog, Field(discriminator="kind")]: ...

    @app.get("/mapping")
    def mapping() -> dict[str, Item | int]: ...

    assert_document(app, "responses_models")


def test_responses_of_other_types_are_documented():
    """18.2.5: scalars, enums, tuples, Any and missing annotations."""
    app = FastAPI()

    class Colour(enum.StrEnum):
        red = "red"

    @app.get("/missing")
    def missing(): ...

    @app.get("/none")
    def none() -> None: ...

    @app.get("/any")
    def anything() -> Any: ...

    @app.get("/scalar")
    def scalar() -> int: ...

    @app.get("/enum")
    def enumerated() -> Colour: ...

    @app.get("/tuple")
    def pair() -> tuple[int, str]: ...

    @app.get("/described")
    def described() -> Annotated[int, Field(gt=3, description="Large.", title="Own title")]: ...

    assert_document(app, "responses_values")


def test_responses_of_structures_are_documented():
    """18.2.5: dataclasses, TypedDicts, root models, generics and computed fields as results."""
    app = FastAPI()

    @dataclasses.dataclass
    class Point:
        x: float
        y: float = 0.0

    class Options(TypedDict):
        deep: NotRequired[bool]

    class Names(RootModel[list[str]]):
        pass

    class Sized(BaseModel):
        items: list[Item]

        @computed_field
        @property
        def count(self) -> int:
            return len(self.items)

    @app.get("/point")
    def point() -> Point: ...

    @app.get("/options")
    def options() -> list[Options]: ...

    @app.get("/names")
    def names() -> Names: ...

    @app.post("/sized")
    def sized(given: Sized) -> Sized: ...

    @app.get("/error", response_model=Point, responses={400: {"model": Options}, 409: {"model": Names}})
    def error(): ...

    assert_document(app, "responses_structures")


def test_additional_responses_are_documented_in_all_forms():
    """18.2.5: codes, ranges and default; model, content, headers, links, descriptions."""
    app = FastAPI(responses={500: {"description": "Broken."}})

    @app.get(
        "/all",
        response_model=Item,
        responses={
            200: {"description": "The item, or its picture.", "content": {"image/png": {}}},
            302: {"description": "Moved."},
            "404": {"model": Problem},
            409: {
                "model": Problem,
                "description": "Taken.",
                "headers": {"Retry-After": {"schema": {"type": "integer"}}},
            },
            "4XX": {"description": "Your fault.", "content": {"text/plain": {"schema": {"type": "string"}}}},
            "5XX": {"model": list[Problem]},
            "default": {"model": Problem, "description": "Anything else."},
        },
    )
    def everything(n: int): ...

    @app.get(
        "/links",
        responses={
            201: {
                "description": "Made.",
                "links": {
                    "next": {"operationId": "everything_all_get", "parameters": {"n": "$response.body#/id"}}
                },
            },
            418: {"content": {"application/json": {"example": {"a": 1}}}, "model": Problem},
        },
    )
    def links(): ...

    assert_document(app, "responses_additional")


def test_inherited_responses_are_merged():
    """4.5, 18.2.5: app, include call, router and route responses merge, the inner one wins for each key."""
    app = FastAPI(responses={400: {"description": "app"}, 401: {"description": "app"}})
    router = APIRouter(responses={401: {"description": "router"}, 402: {"description": "router"}})

    @router.get("/x", responses={402: {"description": "route"}, 403: {"model": Problem}})
    def endpoint(): ...

    app.include_router(router, responses={401: {"description": "include"}, 410: {"description": "include"}})
    found = app.openapi()["paths"]["/x"]["get"]["responses"]
    assert {code: answer["description"] for code, answer in found.items()} == {
        "200": "Successful Response",
        "400": "app",
        "401": "router",
        "402": "route",
        "403": "Forbidden",
        "410": "include",
    }


def test_responses_by_class_are_documented():
    """18.2.5: the response class decides status, media type and kind of schema."""
    app = FastAPI()

    @app.get("/html", response_class=HTMLResponse)
    def html(): ...

    @app.get("/text", response_class=PlainTextResponse)
    def text() -> str: ...

    @app.get("/xml", response_class=XMLResponse)
    def xml(): ...

    @app.get("/problem", response_class=ProblemResponse)
    def problem() -> Problem: ...

    @app.get("/redirect", response_class=RedirectResponse)
    def redirect(): ...

    @app.get("/file", response_class=FileResponse)
    def file(): ...

    @app.get("/bare", response_class=Response)
    def bare() -> Item: ...

    @app.get("/created", response_class=CreatedResponse)
    def created() -> Item: ...

    assert_document(app, "responses_classes")


def test_streams_are_documented():
    """18.2.5: JSON Lines and events by `itemSchema`, raw streams by their media type."""
    app = FastAPI()

    @app.get("/lines")
    async def lines() -> AsyncIterable[Item]:
        yield Item(name="x")

    @app.post("/untyped-lines", status_code=201)
    def untyped(item: Item):
        yield item

    @app.get("/events", response_class=EventSourceResponse)
    def events() -> Iterable[Item]:
        yield Item(name="x")

    @app.get("/untyped-events", response_class=EventSourceResponse, responses={404: {"model": Problem}})
    def untyped_events():
        yield 1

    @app.get("/raw", response_class=PDFResponse)
    def raw():
        yield b""

    @app.get("/scalar-lines")
    def scalars() -> Iterable[list[int]]:
        yield [1]

    assert_document(app, "responses_streams")


# --- main response


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (int, {"type": "integer", "title": "Response Plain Endpoint X Get"}),
        (
            list[Item],
            {
                "type": "array",
                "items": {"$ref": "#/components/schemas/Item"},
                "title": "Response Plain Endpoint X Get",
            },
        ),
        (Item, {"$ref": "#/components/schemas/Item"}),
        (Any, {"title": "Response Plain Endpoint X Get"}),
    ],
)
def test_response_schema_carries_a_title_unless_it_is_a_reference(annotation, schema):
    """18.2.5: `title` is "Response <Unique Id>"."""
    found = responses_of(plain_endpoint, response_model=annotation)
    assert found == {
        "200": {"description": "Successful Response", "content": {"application/json": {"schema": schema}}}
    }


def test_title_of_a_response_follows_the_operation_id():
    """18.2.5: an explicit operation id makes the title."""
    found = responses_of(plain_endpoint, response_model=int, operation_id="read_all_items")
    title = found["200"]["content"]["application/json"]["schema"]["title"]
    assert title == "Response Read All Items"


@pytest.mark.parametrize("annotation", [Response, JSONResponse, RedirectResponse, StreamingResponse])
def test_response_annotation_documents_no_schema(annotation):
    """8.1, 18.2.5: an annotated Response class documents the default class without a schema."""

    def endpoint(): ...

    endpoint.__annotations__["return"] = annotation
    content = responses_of(endpoint)["200"]["content"]
    assert content == {"application/json": {"schema": {}}}


def test_union_with_a_response_is_refused_unless_the_model_is_off():
    """8.1: a union that holds a Response class is no field; response_model=None helps."""

    def endpoint() -> Item | Response: ...

    with pytest.raises(FastAPIError):
        FastAPI().get("/x")(endpoint)
    content = responses_of(endpoint, response_model=None)["200"]["content"]
    assert content == {"application/json": {"schema": {}}}


@pytest.mark.parametrize("status", [201, http.HTTPStatus.ACCEPTED, 299, 404, 599])
def test_main_status_is_that_of_the_route(status):
    """18.2.5: the route's status code is the key of the main response."""
    found = responses_of(plain_endpoint, status_code=status)
    assert list(found) == [str(int(status))]
    assert found[str(int(status))]["description"] == "Successful Response"


@pytest.mark.parametrize("status", [100, 199, 204, 205, 304])
def test_bodyless_status_documents_no_content(status):
    """18.2.5: statuses without body have a description only."""
    assert responses_of(plain_endpoint, status_code=status) == {
        str(status): {"description": "Successful Response"}
    }


@pytest.mark.parametrize("status", [204, 205, 304, 100])
def test_model_on_a_bodyless_status_is_refused(status):
    """8.7: a response model with such a status fails at registration."""
    with pytest.raises(AssertionError):
        FastAPI().get("/x", status_code=status, response_model=Item)(plain_endpoint)
    with pytest.raises(AssertionError):
        FastAPI().get("/x", responses={status: {"model": Item}})(plain_endpoint)


def test_none_annotation_is_fine_for_a_bodyless_status():
    """8.7: `-> None` with 204 documents no content."""

    def endpoint() -> None: ...

    assert responses_of(endpoint, status_code=204) == {"204": {"description": "Successful Response"}}


@pytest.mark.parametrize(
    ("response_class", "status"), [(JSONResponse, "200"), (RedirectResponse, "307"), (CreatedResponse, "201")]
)
def test_default_status_is_that_of_the_response_class(response_class, status):
    """18.2.5: without a status code the default of the class's constructor counts."""
    assert list(responses_of(plain_endpoint, response_class=response_class)) == [status]


@pytest.mark.parametrize(
    ("response_class", "content"),
    [
        (JSONResponse, {"application/json": {"schema": {}}}),
        (ProblemResponse, {"application/problem+json": {"schema": {}}}),
        (HTMLResponse, {"text/html": {"schema": {"type": "string"}}}),
        (PlainTextResponse, {"text/plain": {"schema": {"type": "string"}}}),
        (XMLResponse, {"application/xml": {"schema": {"type": "string"}}}),
        (Response, None),
        (NoTypeResponse, None),
        (FileResponse, None),
        (StreamingResponse, None),
        (RedirectResponse, None),
    ],
)
def test_content_follows_the_response_class(response_class, content):
    """18.2.5: JSON classes give a schema, others a text of their media type, none without media type."""
    (answer,) = responses_of(plain_endpoint, response_class=response_class).values()
    assert answer.get("content") == content


@pytest.mark.parametrize("place", ["app", "router", "include"])
def test_inherited_response_class_is_documented(place):
    """18.2.5: the default response class counts, wherever it was set."""
    options = {"default_response_class": HTMLResponse}
    app = FastAPI(**(options if place == "app" else {}))
    router = APIRouter(**(options if place == "router" else {}))
    router.get("/x")(plain_endpoint)
    app.include_router(router, **(options if place == "include" else {}))
    content = app.openapi()["paths"]["/x"]["get"]["responses"]["200"]["content"]
    assert content == {"text/html": {"schema": {"type": "string"}}}


def test_description_of_the_main_response_can_be_given():
    """18.2.5: response_description replaces "Successful Response"."""
    found = responses_of(plain_endpoint, response_description="All is well.")
    assert found["200"]["description"] == "All is well."


@pytest.mark.parametrize(
    "options",
    [
        {"response_model_include": {"name"}},
        {"response_model_exclude": {"size"}},
        {"response_model_exclude_unset": True},
        {"response_model_exclude_none": True},
        {"response_model_exclude_defaults": True},
    ],
)
def test_serialization_options_do_not_change_the_schema(options):
    """18.2.5: filters of the response are not documented."""
    found = responses_of(plain_endpoint, response_model=Item, **options)
    assert found == responses_of(plain_endpoint, response_model=Item)


# --- additional responses


@pytest.mark.parametrize(
    ("key", "documented"),
    [
        (404, "404"),
        ("404", "404"),
        (http.HTTPStatus.NOT_FOUND, "404"),
        ("4XX", "4XX"),
        ("4xx", "4XX"),
        ("default", "default"),
        ("DEFAULT", "default"),
    ],
)
def test_additional_response_key_is_written_in_its_standard_form(key, documented):
    """18.2.5: codes as text, ranges in upper case, default in lower case."""
    found = responses_of(plain_endpoint, responses={key: {"description": "Other."}})
    assert found[documented] == {"description": "Other."}
    assert set(found) == {"200", documented}


@pytest.mark.parametrize("key", ["6XX", "4X", "abc", "", "XXX"])
def test_additional_response_key_is_refused_when_it_is_no_status(key):
    """18.2.5: an invalid key is a ValueError when the document is built."""
    app = FastAPI()
    app.get("/x", responses={key: {"description": "d"}})(plain_endpoint)
    with pytest.raises(ValueError):
        app.openapi()


@pytest.mark.parametrize("value", [None, "text", ["list"]])
def test_additional_response_is_refused_when_it_is_no_dict(value):
    """4.4: an additional response that is not a dict fails at registration."""
    with pytest.raises(AssertionError):
        FastAPI().get("/x", responses={404: value})(plain_endpoint)


@pytest.mark.parametrize(
    ("key", "description"),
    [
        (400, "Bad Request"),
        (404, "Not Found"),
        (418, "I'm a Teapot"),
        (503, "Service Unavailable"),
        (299, "Additional Response"),
        (499, "Additional Response"),
        ("1XX", "Information"),
        ("2XX", "Success"),
        ("3XX", "Redirection"),
        ("4XX", "Client Error"),
        ("5XX", "Server Error"),
        ("default", "Default Response"),
    ],
)
def test_additional_response_without_description_gets_one(key, description):
    """18.2.5: the phrase of the status or the text of the range, else "Additional Response"."""
    found = responses_of(plain_endpoint, responses={key: {"model": Problem}})
    assert found[str(key)]["description"] == description


def test_additional_main_status_keeps_the_main_description():
    """18.2.5: an entry for the main status without description keeps the main one, and merges content."""
    found = responses_of(
        plain_endpoint,
        response_model=Item,
        responses={200: {"content": {"image/png": {"schema": {"type": "string"}}}}},
    )
    assert found == {
        "200": {
            "description": "Successful Response",
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Item"}},
                "image/png": {"schema": {"type": "string"}},
            },
        }
    }


def test_additional_model_is_documented_under_the_media_type_of_the_route():
    """18.2.5: the schema of `model` sits under the response class's media type."""
    found = responses_of(plain_endpoint, response_class=ProblemResponse, responses={404: {"model": Problem}})
    assert found["404"]["content"] == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }


@pytest.mark.parametrize(
    ("response_class", "media_type"),
    [
        (HTMLResponse, "text/html"),
        (PDFResponse, "application/pdf"),
        (EventSourceResponse, "text/event-stream"),
        (RedirectResponse, "application/json"),
        (FileResponse, "application/json"),
        (Response, "application/json"),
        (StreamingResponse, "application/json"),
    ],
)
def test_additional_model_of_other_classes_is_documented(response_class, media_type):
    """18.2.5: a class without media type documents additional models as JSON, others under their own."""
    found = responses_of(plain_endpoint, response_class=response_class, responses={404: {"model": Problem}})
    assert found["404"]["content"] == {media_type: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def test_additional_model_of_a_stream_is_json():
    """18.2.5: beside JSON Lines an additional model is ordinary JSON."""

    def endpoint():
        yield 1

    found = responses_of(endpoint, responses={404: {"model": Problem}})
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    assert found["404"]["content"] == {"application/json": reference}


def test_additional_model_is_merged_with_given_content():
    """18.2.5: examples given in `content` stay beside the schema of `model`."""
    found = responses_of(
        plain_endpoint,
        responses={404: {"model": Problem, "content": {"application/json": {"example": {"code": 1}}}}},
    )
    assert found["404"]["content"]["application/json"] == {
        "example": {"code": 1},
        "schema": {"$ref": "#/components/schemas/Problem"},
    }


def test_additional_model_that_is_no_class_carries_a_title():
    """18.2.5: a union or list as additional model has a title with status and unique id."""
    found = responses_of(plain_endpoint, responses={404: {"model": Cat | Dog}, 409: {"model": list[Problem]}})
    titles = {code: found[code]["content"]["application/json"]["schema"]["title"] for code in ("404", "409")}
    assert titles == {
        "404": "Response 404 Plain Endpoint X Get",
        "409": "Response 409 Plain Endpoint X Get",
    }


def test_registered_responses_are_not_changed_by_documenting():
    """18.2.5: the dict that was passed stays as it was."""
    given = {404: {"model": Problem, "content": {"application/json": {"example": 1}}}}
    responses_of(plain_endpoint, responses=given)
    assert given == {404: {"model": Problem, "content": {"application/json": {"example": 1}}}}


# --- 422

VALIDATION = {
    "description": "Validation Error",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/HTTPValidationError"}}},
}


def _with_query(n: int): ...


def _with_body(item: Item): ...


def _with_path(x: str): ...


def _with_dependency(n: None = Depends(_with_query)): ...


def _with_model(page: Annotated[Item, Query()]): ...


@pytest.mark.parametrize("endpoint", [_with_query, _with_body, _with_dependency, _with_model])
def test_validation_error_is_documented_when_something_is_validated(endpoint):
    """18.2.6: any parameter or body adds 422."""
    assert responses_of(endpoint, "post")["422"] == VALIDATION


def _with_nothing(response: Response, tasks: BackgroundTasks): ...


@pytest.mark.parametrize("endpoint", [plain_endpoint, _with_nothing])
def test_validation_error_is_not_documented_when_nothing_is_validated(endpoint):
    """18.2.6: without parameters and body there is no 422."""
    assert set(responses_of(endpoint)) == {"200"}


@pytest.mark.parametrize(
    ("key", "added"),
    [
        (422, False),
        ("422", False),
        ("4XX", False),
        ("4xx", False),
        ("default", False),
        (400, True),
        ("5XX", True),
    ],
)
def test_validation_error_is_not_added_beside_a_declared_one(key, added):
    """18.2.6: 422, 4XX or default declared by the user stand for it."""
    found = responses_of(_with_query, responses={key: {"description": "Mine."}})
    assert (found.get("422") == VALIDATION) is added


def test_validation_error_components_are_left_out_when_unused():
    """18.2.6: a document whose operations declare their own 422 has no such components."""
    app = FastAPI()
    app.get("/x", responses={422: {"model": Problem}})(_with_query)
    assert set(app.openapi()["components"]["schemas"]) == {"Problem"}


def test_own_error_model_for_422_is_documented():
    """18.2.6: a model for 422 replaces the standard one for this operation only."""
    app = FastAPI()
    app.get("/own", responses={422: {"model": Problem}})(_with_query)
    app.get("/standard")(_with_query)
    paths = plain(app.openapi()["paths"])
    reference = paths["/own"]["get"]["responses"]["422"]["content"]["application/json"]["schema"]["$ref"]
    assert reference == "#/components/schemas/Problem"
    assert paths["/standard"]["get"]["responses"]["422"] == VALIDATION


def test_undeclared_path_parameter_alone_documents_no_422():
    """18.2.6: a path parameter that no function declares is not validated."""
    app = FastAPI()
    app.get("/{x}")(plain_endpoint)
    assert set(app.openapi()["paths"]["/{x}"]["get"]["responses"]) == {"200"}


def test_raised_http_exceptions_are_not_documented():
    """24.11: what an endpoint raises is unknown to the document."""

    def endpoint():
        raise load("exceptions").HTTPException(404)

    assert set(responses_of(endpoint)) == {"200"}


def test_body_of_options_still_documents_422():
    """18.2.3: the body of an OPTIONS operation is hidden; its parameters are validated all the same."""

    def endpoint(n: int, item: Annotated[Item, Body()]): ...

    operation = operation_of(endpoint, "options")
    assert "requestBody" not in operation
    assert operation["responses"]["422"] == VALIDATION
