# ruff: noqa: D103 -- users write such things, so they are documented too
"""Applications that declare models which no operation refers to in the end."""

from collections.abc import Iterable
from enum import Enum
from typing import Annotated, Any

from pydantic import BaseModel

from specimens.target import (
    APIRouter,
    Body,
    EventSourceResponse,
    FastAPI,
    Form,
    HTMLResponse,
    Query,
    ServerSentEvent,
    specimen,
)


class Color(Enum):
    red = 1


class Item(BaseModel):
    color: Color


class Other(BaseModel):
    a: int


class Third(BaseModel):
    b: int


class Fourth(BaseModel):
    c: int


@specimen
def hidden_parameter() -> Any:
    app = FastAPI()

    @app.get("/a")
    def a(c: Annotated[Color | None, Query(include_in_schema=False)] = None):
        pass

    return app


@specimen
def hidden_parameter_model() -> Any:
    app = FastAPI()

    @app.get("/a")
    def a(c: Annotated[Item, Query(include_in_schema=False)]):
        pass

    return app


@specimen
def model_of_an_html_response() -> Any:
    app = FastAPI()

    @app.get("/a", response_class=HTMLResponse)
    def a() -> Item:
        pass

    return app


@specimen
def body_of_options() -> Any:
    app = FastAPI()

    @app.options("/a")
    def a(item: Item, other: Other):
        pass

    return app


@specimen
def model_of_a_replaced_response() -> Any:
    app = FastAPI()

    @app.get("/a", responses={200: {"model": Other}})
    def a() -> Item:
        pass

    return app


@specimen
def model_of_a_stream() -> Any:
    app = FastAPI()

    @app.get("/a", response_model=Item)
    def a() -> Iterable[Other]:
        yield 1

    @app.get("/b", response_class=EventSourceResponse, response_model=Third)
    def b() -> Iterable[ServerSentEvent]:
        yield 1

    @app.get("/c", response_class=HTMLResponse)
    def c() -> Iterable[Fourth]:
        yield 1

    return app


@specimen
def merged_parameters() -> Any:
    app = FastAPI()

    def dependency(x: Color):
        pass

    from specimens.target import Depends

    @app.get("/a", dependencies=[Depends(dependency)])
    def a(x: int = 3):
        pass

    return app


@specimen
def models_of_composed_forms() -> Any:
    app = FastAPI()

    @app.post("/a")
    def a(item: Annotated[Item | None, Form()] = None, other: Annotated[Other | None, Form()] = None):
        pass

    return app


@specimen
def hidden_operation() -> Any:
    app = FastAPI()
    router = APIRouter()

    @router.post("/callback", include_in_schema=False)
    def callback(item: Item) -> Other:
        pass

    @app.post("/a", include_in_schema=False)
    def a(item: Third) -> Fourth:
        pass

    @app.post("/b", callbacks=router.routes)
    def b():
        pass

    return app


@specimen
def only_validation_error_is_taken() -> Any:
    app = FastAPI()

    class ValidationError(BaseModel):
        mine: int

    @app.post("/a")
    def a(x: ValidationError):
        pass

    return app


@specimen
def only_http_validation_error_is_taken() -> Any:
    app = FastAPI()

    class HTTPValidationError(BaseModel):
        mine: int

    @app.post("/a")
    def a(x: Annotated[HTTPValidationError, Body()]):
        pass

    return app


@specimen
def a_422_without_a_model() -> Any:
    app = FastAPI()

    @app.get("/a", responses={422: {"description": "x"}})
    def a(x: int):
        pass

    return app


@specimen
def a_422_in_a_callback_only() -> Any:
    app = FastAPI()
    router = APIRouter()

    @router.get("/callback")
    def callback(x: int):
        pass

    @app.get("/a", callbacks=router.routes)
    def a():
        pass

    return app


@specimen
def a_422_in_a_webhook_only() -> Any:
    app = FastAPI()

    @app.webhooks.get("a")
    def a(x: int):
        pass

    return app
