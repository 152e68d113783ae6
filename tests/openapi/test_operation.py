"""Operations: ids, warnings, what is refused."""

import warnings
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from rapide import Rapide
from rapide.fastapi import FastAPI
from rapide.openapi.document import get_openapi
from rapide.routing import RouteContext, iter_route_contexts


class Item(BaseModel):
    name: str


def test_operations_of_one_route_have_ids_of_their_own() -> None:
    """An id made of the function's name is told apart by method; one that was given stays as it is."""
    app = Rapide()

    @app.api_route("/a", methods=["GET", "PUT"])
    def read_or_write() -> int: ...

    @app.get("/b")
    def single() -> int: ...

    item = app.openapi()["paths"]["/a"]
    assert {method: operation["operationId"] for method, operation in item.items()} == {
        "get": "read_or_write_get",
        "put": "read_or_write_put",
    }
    assert app.openapi()["paths"]["/b"]["get"]["operationId"] == "single"


def test_repeated_operation_ids_are_warned_of() -> None:
    """The warning names the id, the function and its file."""
    app = FastAPI()

    @app.get("/a", operation_id="same")
    def first() -> int: ...

    @app.get("/b", operation_id="same")
    def second() -> int: ...

    with pytest.warns(
        UserWarning, match=r"Duplicate Operation ID same for function second at .*test_operation\.py"
    ):
        app.openapi()


def test_routes_of_other_kinds_are_passed_over() -> None:
    """Mounts, raw routes and WebSockets are not in the document, and do not disturb it."""
    app = FastAPI()
    app.mount("/mounted", FastAPI())
    app.add_route("/raw", lambda request: None)

    @app.websocket("/ws")
    async def socket(websocket: Any) -> None: ...

    @app.get("/a")
    def a() -> int: ...

    assert list(app.openapi()["paths"]) == ["/a"]


def test_route_contexts_are_described_as_routes_are() -> None:
    """`get_openapi` takes contexts, also those that were picked out."""
    app = FastAPI()

    @app.post("/a")
    def a(item: Item, other: Item) -> Item: ...

    @app.post("/b")
    def b(item: Item) -> Item: ...

    contexts = [context for context in iter_route_contexts(app.routes) if context.path == "/a"]
    assert all(isinstance(context, RouteContext) for context in contexts)
    document = get_openapi(title="T", version="1", routes=contexts)
    assert document["paths"] == {"/a": app.openapi()["paths"]["/a"]}
    assert "Body_a_a_post" in document["components"]["schemas"]


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"contact": {"email": "none"}}, ("info", "contact", "email")),
        ({"contact": {"url": "none"}}, ("info", "contact", "url")),
        ({"servers": [{"description": "d"}]}, ("servers", 0, "url")),
        ({"tags": [{"description": "d"}]}, ("tags", 0, "name")),
        ({"external_docs": {"description": "d"}}, ("externalDocs", "url")),
    ],
)
def test_what_openapi_does_not_allow_is_refused(options: dict[str, Any], place: tuple[Any, ...]) -> None:
    """The error names the member of the document."""
    with pytest.raises(ValidationError) as refused:
        get_openapi(title="T", version="1", routes=[], **options)
    assert refused.value.title == "OpenAPI"
    assert [error["loc"] for error in refused.value.errors()] == [place]


def test_responses_need_a_status() -> None:
    """A key that is no status, range or "default" is an error when the document is made."""
    app = FastAPI()

    @app.get("/a", responses={"fine": {"description": "d"}})
    def a() -> int: ...

    with pytest.raises(ValueError, match="fine"):
        app.openapi()


def test_response_class_without_a_status_gives_200() -> None:
    """A response class that hides its status behind `**kwargs` is not a reason to fail."""
    from starlette.responses import Response

    class Odd(Response):
        media_type = "text/odd"

        def __init__(self, content: Any = None, **rest: Any) -> None:
            super().__init__(content, **rest)

    app = FastAPI()

    @app.get("/a", response_class=Odd)
    def a() -> int: ...

    assert app.openapi()["paths"]["/a"]["get"]["responses"] == {
        "200": {"description": "Successful Response", "content": {"text/odd": {"schema": {"type": "string"}}}}
    }


def test_what_users_supply_is_copied() -> None:
    """Changing a document does not change the declarations, and the other way round."""
    extra = {"x-own": {"list": [1]}}
    declared: dict[int | str, Any] = {
        404: {"description": "d", "headers": {"X": {"schema": {"type": "string"}}}}
    }
    app = FastAPI()

    @app.get("/a", openapi_extra=extra, responses=declared)
    def a() -> int: ...

    operation = app.openapi()["paths"]["/a"]["get"]
    operation["x-own"]["list"].append(2)
    operation["responses"]["404"]["headers"].clear()
    assert extra == {"x-own": {"list": [1]}}
    assert declared == {404: {"description": "d", "headers": {"X": {"schema": {"type": "string"}}}}}


def test_making_a_document_does_not_warn() -> None:
    """An ordinary application gives no warning."""
    app = FastAPI()

    @app.get("/a")
    def a(q: int = 3) -> Item: ...

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        app.openapi()
