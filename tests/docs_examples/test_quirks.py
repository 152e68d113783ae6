"""FastAPI's quirks: both faces do what the migration guide says. The numbers are those of its table."""

import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from decimal import Decimal
from typing import Annotated, Any

import pytest
from anyio import run
from pydantic import BaseModel

from rapide import APIRouter, Depends, HTTPException, Query, Rapide, Response, WebSocket
from rapide.errors import MarkerError
from rapide.fastapi import FastAPI
from rapide.responses import PlainTextResponse
from rapide.security import APIKeyHeader, HTTPBasic, HTTPBearer
from rapide.testclient import TestClient

Face = Callable[..., Rapide]
_JSON = {"Content-Type": "application/json"}


@pytest.fixture(params=[Rapide, FastAPI], ids=["rapide", "fastapi"])
def face(request: pytest.FixtureRequest) -> Face:
    """Each test runs on both faces."""
    made: Face = request.param
    return made


def _is_native(app: Rapide) -> bool:
    return not isinstance(app, FastAPI)


def _client(app: Rapide) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


def test_1_close_reason_is_text_when_parameters_do_not_fit(face: Face) -> None:
    """A server can send the reason, which is text and fits into a close frame (RFC 6455, section 5.5)."""
    app = face()

    @app.websocket("/rooms/{room}")
    async def talk(websocket: WebSocket, room: int) -> None: ...

    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/rooms/x", "headers": [], "query_string": b"", "subprotocols": []}
    run(app, scope, receive, send)
    assert sent[0]["code"] == 1008
    assert isinstance(sent[0]["reason"], str)
    assert len(sent[0]["reason"].encode()) <= 123


def test_2_bare_list_is_the_body(face: Face) -> None:
    """It holds anything, and not uploads only."""
    app = face()

    @app.post("/numbers")
    async def add(numbers: list) -> list:  # type: ignore[type-arg]
        return numbers

    assert _client(app).post("/numbers", json=[1, "b"]).json() == [1, "b"]


def test_3_head_and_options_follow_the_face(face: Face) -> None:
    """Rapide answers them for every GET; FastAPI's face says 405."""
    app = face()

    @app.get("/books")
    async def list_books() -> list[str]:
        return []

    statuses = [_client(app).request(method, "/books").status_code for method in ("HEAD", "OPTIONS")]
    assert statuses == ([200, 204] if _is_native(app) else [405, 405])


def test_4_injected_response_follows_the_face(face: Face) -> None:
    """What was set on it reaches a returned response on Rapide's face only."""
    app = face()

    @app.get("/label")
    async def read_label(response: Response) -> PlainTextResponse:
        response.headers["X-Shelf"] = "3"
        return PlainTextResponse("7")

    assert ("x-shelf" in _client(app).get("/label").headers) is _is_native(app)


def test_5_values_without_a_model_follow_the_face(face: Face) -> None:
    """Rapide writes them as models do; on FastAPI's face digits are lost and NaN is a 500."""
    app = face()

    @app.get("/fine")
    async def read_fine():
        return Decimal("0.10")

    @app.get("/nan")
    async def read_nan():
        return math.nan

    client = _client(app)
    assert client.get("/fine").text == ('"0.10"' if _is_native(app) else "0.1")
    assert client.get("/nan").status_code == (200 if _is_native(app) else 500)


def test_6_input_of_missing_values_follows_the_face(face: Face) -> None:
    """FastAPI's face shows null for one, and the model for the other; Rapide shows neither."""
    app = face()

    class Page(BaseModel):
        skip: int
        limit: int

    @app.get("/one")
    async def one(skip: int) -> None: ...

    @app.get("/model")
    async def model(page: Annotated[Page, Query()]) -> None: ...

    client = _client(app)
    if _is_native(app):
        assert all("input" not in error for error in client.get("/one").json()["errors"])
    else:
        assert client.get("/one").json()["detail"][0]["input"] is None
        assert client.get("/model?skip=1").json()["detail"][0]["input"] == {"skip": "1"}


def test_7_operation_ids_of_several_methods_follow_the_face(face: Face) -> None:
    """They are unique on Rapide's face, and at least always the same on FastAPI's."""
    app = face()

    @app.api_route("/books", methods=["PUT", "GET"])
    async def books() -> None: ...

    with nullcontext() if _is_native(app) else pytest.warns(UserWarning, match="Duplicate Operation ID"):
        operations = app.openapi()["paths"]["/books"].values()
    ids = [operation["operationId"] for operation in operations]
    assert ids == (["books_get", "books_put"] if _is_native(app) else ["books_books_get", "books_books_get"])


def test_8_body_of_query_is_documented_on_rapides_face(face: Face) -> None:
    """OpenAPI 3.1 does not know the method: Rapide puts the operation into an extension, with its body."""
    app = face()

    @app.api_route("/books", methods=["QUERY"])
    async def search(filters: dict[str, str]) -> None: ...

    item = app.openapi()["paths"]["/books"]
    operation = item["x-additionalOperations"]["QUERY"] if _is_native(app) else item["query"]
    assert ("requestBody" in operation) is _is_native(app)
    if _is_native(app):
        assert app.openapi("3.2")["paths"]["/books"]["query"] == operation


def test_9_media_types_of_errors_follow_the_face(face: Face) -> None:
    """Problem documents throughout, or FastAPI's mixture."""
    app = face(max_body_size=10)

    @app.post("/books")
    async def add(book: dict[str, str]) -> None:
        raise RuntimeError

    client = _client(app)
    answers = [
        client.post("/books", json={"title": "x" * 20}),
        client.post("/books", json={}),
        client.get("/x"),
    ]
    types = [answer.headers["content-type"].partition(";")[0] for answer in answers]
    problem = "application/problem+json"
    assert [answer.status_code for answer in answers] == [413, 500, 404]
    assert types == ([problem] * 3 if _is_native(app) else ["text/plain", "text/plain", "application/json"])


def test_10_http_exception_in_middleware_follows_the_face(face: Face) -> None:
    """FastAPI's handlers of exceptions stand further inside; Rapide's answer it."""
    app = face()

    @app.middleware("http")
    async def refuse(request: Any, call_next: Any) -> Any:
        raise HTTPException(403)

    assert _client(app).get("/").status_code == (403 if _is_native(app) else 500)


def test_11_raised_exceptions_are_not_documented(face: Face) -> None:
    """Only `responses=` can say them."""
    app = face()

    @app.get("/books")
    async def list_books() -> None:
        raise HTTPException(404)

    assert list(app.openapi()["paths"]["/books"]["get"]["responses"]) == ["200"]


def test_12_undecodable_and_broken_bodies_differ_in_status(face: Face) -> None:
    """Bytes that are not UTF-8 are a 400, text that is no JSON a 422."""
    app = face()

    @app.post("/books")
    async def add(book: dict[str, str]) -> None: ...

    client = _client(app)
    statuses = [client.post("/books", content=body, headers=_JSON).status_code for body in (b'"\xff"', b"{")]
    assert statuses == [400, 422]


def test_13_security_schemes_are_documented_as_alternatives(face: Face) -> None:
    """Two schemes that are both needed are two requirements; Rapide says that both are needed."""
    app = face()

    @app.get("/books", dependencies=[Depends(APIKeyHeader(name="X-Key")), Depends(HTTPBearer())])
    async def list_books() -> None: ...

    requirements = [{"APIKeyHeader": []}, {"HTTPBearer": []}]
    if _is_native(app):
        requirements = [{"APIKeyHeader": [], "HTTPBearer": []}]
    assert app.openapi()["paths"]["/books"]["get"]["security"] == requirements


def test_14_lifespan_of_a_mounted_application_follows_the_face(face: Face) -> None:
    """Rapide runs it."""
    started: list[str] = []

    @asynccontextmanager
    async def lifespan(_: Rapide) -> AsyncIterator[None]:
        started.append("mounted")
        yield

    app = face()
    app.mount("/admin", face(lifespan=lifespan))
    with TestClient(app):
        pass
    assert started == (["mounted"] if _is_native(app) else [])


def test_15_wrong_method_with_a_slash_too_few_follows_the_face(face: Face) -> None:
    """FastAPI's face redirects to the 405, Rapide says it at once."""
    app = face()

    @app.get("/books/")
    async def list_books() -> None: ...

    assert _client(app).post("/books").status_code == (405 if _is_native(app) else 307)


def test_16_streams_are_documented_in_the_words_of_the_version_on_rapides_face(face: Face) -> None:
    """`itemSchema` is a word of OpenAPI 3.2."""
    app = face()

    @app.get("/numbers")
    async def count() -> AsyncIterator[int]:
        yield 1

    content = app.openapi()["paths"]["/numbers"]["get"]["responses"]["200"]["content"]["application/jsonl"]
    assert list(content) == (["x-itemSchema"] if _is_native(app) else ["itemSchema"])


def test_17_start_up_functions_run_once_and_not_beside_a_lifespan(face: Face) -> None:
    """A lifespan replaces them; those of an included router do not run twice."""
    started: list[str] = []

    @asynccontextmanager
    async def lifespan(_: Rapide) -> AsyncIterator[None]:
        started.append("lifespan")
        yield

    with TestClient(face(lifespan=lifespan, on_startup=[lambda: started.append("on_startup")])):
        pass
    app = face()
    app.include_router(APIRouter(on_startup=[lambda: started.append("router")]))
    with TestClient(app):
        pass
    assert started == ["lifespan", "router"]


def test_18_variadic_parameters_are_query_parameters(face: Face) -> None:
    """They receive one text each; on Rapide's face no endpoint may have them."""

    def refuse(*args, **kwargs) -> None: ...

    if face is Rapide:
        with pytest.raises(MarkerError, match="RAP115"):
            face().get("/")(refuse)
        return
    app = face()

    @app.get("/variadic")
    async def read(*args, **kwargs) -> Any:
        return [args, kwargs]

    @app.get("/positional")
    async def read_positional(number: int, /) -> int:
        return number

    client = _client(app)
    assert client.get("/variadic?args=1&kwargs=2").json() == [[], {"args": "1", "kwargs": "2"}]
    assert client.get("/positional?number=1").status_code == 500


def test_19_malformed_basic_credentials_are_refused_without_auto_error(face: Face) -> None:
    """Who sends some means them; who sends none is a guest."""
    app = face()

    @app.get("/me")
    async def read_me(credentials: Annotated[Any, Depends(HTTPBasic(auto_error=False))]) -> bool:
        return credentials is None

    client = _client(app)
    assert client.get("/me", headers={"Authorization": "Basic !!!"}).status_code == 401
    assert client.get("/me").json() is True


def test_20_titles_are_escaped_in_the_pages(face: Face) -> None:
    """A title cannot bring a script into the page."""
    client = _client(face(title="<script>alert(1)</script>"))
    assert "<script>alert(1)</script>" not in client.get("/docs").text + client.get("/redoc").text
