"""Section 18.2.5: the main response in the OpenAPI document, and whole documents of responses."""

import dataclasses
import enum
import http
from collections.abc import AsyncIterable, Iterable
from typing import Annotated, Any, Literal, NotRequired

import pytest
from described import Problem, plain_endpoint, responses_of
from document_files import assert_document
from pydantic import BaseModel, Field, RootModel, computed_field
from surface_target import (
    APIRouter,
    FastAPI,
    FastAPIError,
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
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


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


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
    """4.5, 18.2.6: app, include call, router and route responses merge, the inner one wins for each key."""
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
