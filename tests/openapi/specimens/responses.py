# ruff: noqa: C901, D103 -- users write such things, so they are documented too
"""Applications whose interest is in what they answer."""

from collections.abc import AsyncIterable, AsyncIterator, Generator, Iterable
from enum import Enum
from http import HTTPStatus
from typing import Annotated, Any, Optional

from pydantic import BaseModel, Field

from specimens.target import (
    APIRouter,
    Depends,
    EventSourceResponse,
    FastAPI,
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Query,
    RedirectResponse,
    Response,
    ServerSentEvent,
    StreamingResponse,
    specimen,
)


class Item(BaseModel):
    name: str


class Other(BaseModel):
    """Something else."""

    code: int = Field(description="c")


class Problem(BaseModel):
    detail: str


class CsvResponse(Response):
    media_type = "text/csv"


class NoMediaResponse(Response):
    media_type = None


class OwnJSON(JSONResponse):
    media_type = "application/vnd.own+json"


class Teapot(JSONResponse):
    def __init__(self, content: Any = None, status_code: int = 418, **rest: Any) -> None:
        super().__init__(content, status_code, **rest)


@specimen
def response_models() -> Any:
    app = FastAPI()

    @app.get("/annotated")
    def annotated() -> Item:
        pass

    @app.get("/model", response_model=Item)
    def model() -> Other:
        pass

    @app.get("/none", response_model=None)
    def none() -> Item:
        pass

    @app.get("/list")
    def listed() -> list[Item]:
        pass

    @app.get("/optional")
    def optional() -> Item | None:
        pass

    @app.get("/union")
    def union() -> Item | Other:
        pass

    @app.get("/scalar")
    def scalar() -> int:
        pass

    @app.get("/any")
    def anything() -> Any:
        pass

    @app.get("/annotated-none")
    def annotated_none() -> None:
        pass

    @app.get("/dict")
    def dictionary() -> dict[str, int]:
        pass

    @app.get("/bare-dict")
    def bare_dict() -> dict:
        pass

    @app.get("/response")
    def response() -> Response:
        pass

    @app.get("/json-response")
    def json_response() -> JSONResponse:
        pass

    @app.get("/html-annotation")
    def html_annotation() -> HTMLResponse:
        pass

    @app.get("/ruled")
    def ruled() -> Annotated[int, Field(ge=3, description="at least", title="Own")]:
        pass

    @app.get("/old-optional", response_model=Optional[list[Item]])  # noqa: UP045
    def old_optional():
        pass

    return app


@specimen
def response_classes() -> Any:
    app = FastAPI()
    classes = {
        "json": JSONResponse,
        "own-json": OwnJSON,
        "html": HTMLResponse,
        "text": PlainTextResponse,
        "redirect": RedirectResponse,
        "stream": StreamingResponse,
        "file": FileResponse,
        "csv": CsvResponse,
        "none": NoMediaResponse,
        "base": Response,
        "teapot": Teapot,
    }
    for name, cls in classes.items():

        def plain():
            pass

        def with_model() -> Item:
            pass

        app.get(f"/plain/{name}", response_class=cls)(plain)
        app.get(f"/model/{name}", response_class=cls)(with_model)
        app.get(f"/status/{name}", response_class=cls, status_code=202)(plain)
    return app


class Code(int, Enum):
    made = 201


@specimen
def statuses() -> Any:
    app = FastAPI()

    @app.post("/created", status_code=201, response_description="It was made")
    def created() -> Item:
        pass

    @app.post("/enum", status_code=HTTPStatus.ACCEPTED)
    def enum() -> Item:
        pass

    @app.delete("/empty", status_code=204)
    def empty() -> None:
        pass

    @app.delete("/empty-untyped", status_code=204)
    def empty_untyped():
        pass

    @app.get("/not-modified", status_code=304)
    def not_modified():
        pass

    @app.get("/reset", status_code=205)
    def reset():
        pass

    @app.get("/early", status_code=103)
    def early():
        pass

    @app.get("/odd", status_code=299)
    def odd() -> int:
        pass

    @app.get("/moved", status_code=302, response_class=RedirectResponse)
    def moved():
        pass

    @app.get("/html-empty", status_code=204, response_class=HTMLResponse)
    def html_empty():
        pass

    return app


@specimen
def additional_responses() -> Any:
    app = FastAPI(responses={500: {"description": "Broken"}, "4XX": {"description": "Any client error"}})

    @app.get(
        "/many",
        responses={
            404: {"model": Problem},
            "403": {"model": Problem, "description": "No entry"},
            409: {"description": "Clash"},
            418: {},
            200: {"description": "Own words", "content": {"image/png": {}}},
            "5XX": {"model": Other},
            "default": {"model": Other, "description": "Else"},
            299: {},
            204: {"description": "Nothing"},
            401: {
                "model": Problem,
                "headers": {"WWW-Authenticate": {"schema": {"type": "string"}, "description": None}},
                "links": {"next": {"operationId": "x"}},
                "x-own": {"a": None},
            },
            402: {"model": Problem, "content": {"application/json": {"example": {"detail": "x"}}}},
            405: {"model": Problem, "content": {"application/problem+json": {"schema": {"type": "object"}}}},
            406: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        },
    )
    def many() -> Item:
        pass

    @app.get(
        "/html",
        response_class=HTMLResponse,
        responses={404: {"model": Problem}, 410: {"content": {"x/y": {}}}},
    )
    def html():
        pass

    @app.get(
        "/lower", responses={"3xx": {"description": "Moved"}, "2xx": {}, "1XX": {}, "5xx": {}, "DEFAULT": {}}
    )
    def lower(q: int):
        pass

    @app.get("/own-422", responses={422: {"description": "Mine", "model": Problem}})
    def own_422(q: int):
        pass

    @app.get("/own-4xx", responses={"4XX": {"description": "Mine"}})
    def own_4xx(q: int):
        pass

    @app.get(
        "/types",
        responses={
            404: {"model": list[Problem]},
            405: {"model": Problem | Other},
            406: {"model": int | None},
        },
    )
    def types():
        pass

    @app.get("/main-model", responses={200: {"model": Other}})
    def main_model():
        pass

    @app.get("/main-model-too", responses={200: {"model": Other, "description": "both"}})
    def main_model_too() -> Item:
        pass

    @app.get("/main-content", responses={200: {"content": {"application/json": {"example": {"name": "x"}}}}})
    def main_content() -> Item:
        pass

    @app.get("/no-media", response_class=NoMediaResponse, responses={404: {"model": Problem}})
    def no_media():
        pass

    @app.get(
        "/status-enum",
        responses={HTTPStatus.NOT_FOUND: {"model": Problem}, Code.made: {"description": "Made"}},
    )
    def status_enum():
        pass

    @app.get(
        "/examples",
        responses={200: {"content": {"application/json": {"examples": {"a": {"value": {"b": None}}}}}}},
    )
    def examples() -> Item:
        pass

    return app


@specimen
def when_422_is_documented() -> Any:
    app = FastAPI()

    @app.get("/nothing")
    def nothing():
        pass

    @app.get("/hidden")
    def hidden(q: Annotated[int, Query(include_in_schema=False)] = 1):
        pass

    @app.get("/default", responses={"default": {"description": "All"}})
    def default(q: int):
        pass

    @app.get("/text-422", responses={"422": {"description": "Mine"}})
    def text_422(q: int):
        pass

    @app.options("/options")
    def options(body: Item):
        pass

    @app.get("/path/{x}")
    def path():
        pass

    @app.get("/lower", responses={"4xx": {"description": "Mine"}})
    def lower(q: int):
        pass

    @app.get("/only-dependency", dependencies=[Depends(hidden)])
    def only_dependency():
        pass

    return app


@specimen
def no_422_at_all() -> Any:
    app = FastAPI()

    @app.get("/nothing")
    def nothing() -> int:
        pass

    return app


@specimen
def streams_of_items() -> Any:
    app = FastAPI()

    @app.get("/untyped")
    def untyped():
        yield 1

    @app.get("/typed")
    async def typed() -> AsyncIterable[Item]:
        yield Item(name="x")

    @app.get("/iterator")
    async def iterator() -> AsyncIterator[Item | None]:
        yield None

    @app.get("/scalars")
    def scalars() -> Iterable[int]:
        yield 1

    @app.get("/generator")
    def generator() -> Generator[list[Item], None, None]:
        yield []

    @app.get("/bare")
    def bare() -> Iterable:
        yield 1

    @app.get("/wrong")
    def wrong() -> Item:
        yield 1

    @app.get("/model", response_model=Item)
    def model():
        yield 1

    @app.post("/status", status_code=201, responses={404: {"model": Other}})
    def status(item: Item) -> Iterable[Other]:
        yield 1

    @app.get("/empty", status_code=204)
    def empty():
        yield 1

    @app.get(
        "/content", responses={200: {"content": {"application/jsonl": {"example": 1}}, "description": "D"}}
    )
    def content() -> Iterable[Other]:
        yield 1

    return app


@specimen
def event_streams() -> Any:
    app = FastAPI()

    @app.get("/untyped", response_class=EventSourceResponse)
    def untyped():
        yield 1

    @app.get("/typed", response_class=EventSourceResponse)
    async def typed() -> AsyncIterable[Item]:
        yield Item(name="x")

    @app.get("/scalars", response_class=EventSourceResponse)
    def scalars() -> Iterable[int]:
        yield 1

    @app.get("/events", response_class=EventSourceResponse)
    def events() -> Iterable[ServerSentEvent]:
        yield ServerSentEvent(data=1)

    @app.post("/post", response_class=EventSourceResponse, status_code=201, responses={404: {"model": Other}})
    def post(item: Item) -> Iterable[Other | None]:
        yield None

    @app.get("/no-generator", response_class=EventSourceResponse)
    def no_generator():
        pass

    @app.get("/no-generator-typed", response_class=EventSourceResponse)
    def no_generator_typed() -> Item:
        pass

    router = APIRouter(default_response_class=EventSourceResponse)

    @router.get("/routed")
    def routed() -> Iterable[Item]:
        yield 1

    app.include_router(router, prefix="/r")
    return app


@specimen
def raw_streams() -> Any:
    app = FastAPI()

    class Png(StreamingResponse):
        media_type = "image/png"

    @app.get("/bare", response_class=StreamingResponse)
    def bare():
        yield b"x"

    @app.get("/png", response_class=Png)
    def png() -> Iterable[bytes]:
        yield b"x"

    @app.get("/html", response_class=HTMLResponse)
    def html() -> Iterable[str]:
        yield "x"

    @app.get("/json", response_class=JSONResponse)
    def json() -> Iterable[int]:
        yield 1

    return app


@specimen
def response_titles() -> Any:
    app = FastAPI()

    @app.get("/a", operation_id="custom_ID-x")
    def a() -> list[int]:
        pass

    @app.get(
        "/b",
        operation_id="custom",
        responses={404: {"model": list[int]}, "5XX": {"model": int}, "default": {"model": str}},
    )
    def b() -> int:
        pass

    return app
