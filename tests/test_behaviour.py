"""Each field of `Behaviour` decides one thing, on an application by itself, whatever the other fields say."""

import base64
import dataclasses
import datetime as dt
import decimal
import logging
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import fields, replace
from typing import Annotated, Any

import anyio
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.testclient import WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from rapide import (
    APIRouter,
    BackgroundTasks,
    Body,
    Depends,
    Form,
    HTTPException,
    Query,
    Rapide,
    Request,
    Response,
    WebSocket,
)
from rapide.behaviour import FASTAPI, RAPIDE, Behaviour
from rapide.errors import DeclarationError, UnresolvedAnnotationError
from rapide.fastapi import FastAPI
from rapide.security import HTTPBasic, HTTPBearer
from rapide.sse import EventSourceResponse
from rapide.testclient import TestClient

_JSON = {"content-type": "application/json"}
_RAW_JSON = [(b"content-type", b"application/json")]


class Item(BaseModel):
    name: str
    count: int = 1


def _app(behaviour: Behaviour = RAPIDE, /, **changes: Any) -> Rapide:
    """An application whose behaviour is `behaviour` but for these fields."""
    return Rapide(behaviour=replace(behaviour, **changes))


def _client(app: Any, **options: Any) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, **options)


def _post_any(app: Rapide) -> TestClient:
    """A client of an application that takes any JSON."""

    @app.post("/any")
    async def take(value: Annotated[Any, Body()]) -> Any:
        return {"value": repr(value)}

    return _client(app)


def test_every_field_has_a_test_of_its_name() -> None:
    """A new field comes with a test: `test_<field>_…`."""
    tests = [name for name in globals() if name.startswith("test_")]
    missing = [
        field.name
        for field in fields(Behaviour)
        if not any(name.startswith(f"test_{field.name}_") for name in tests)
    ]
    assert missing == []


def test_every_field_says_what_it_decides() -> None:
    """The two faces differ in every field; a field on which they agree decides nothing between them."""
    names = [field.name for field in fields(Behaviour)]
    same = [name for name in names if getattr(RAPIDE, name) == getattr(FASTAPI, name)]
    assert same == [
        "unique_json_keys"
    ]  # a second look at every body: on neither face without being asked for


def test_behaviour_is_frozen() -> None:
    """A behaviour is shared by all routes of an application, and never changes."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        RAPIDE.errors = "detail"  # type: ignore[misc]


def test_faces_have_their_behaviour() -> None:
    """`Rapide` and `FastAPI` are one class with two defaults."""
    assert Rapide().behaviour is RAPIDE
    assert FastAPI().behaviour is FASTAPI


def test_routers_take_the_behaviour_of_the_application() -> None:
    """A router says nothing: the same one behaves as each application wants that includes it."""
    router = APIRouter()

    @router.get("/items/{item_id}")
    async def read(item_id: int) -> None: ...

    native, other = _app(), _app(errors="detail")
    native.include_router(router)
    other.include_router(router)
    assert "errors" in _client(native).get("/items/x").json()
    assert "detail" in _client(other).get("/items/x").json()


# ------------------------------------------------------------------------------------------------- errors


def _failing(app: Rapide) -> TestClient:
    @app.get("/items/{item_id}")
    async def read(item_id: int) -> None:
        if item_id == 1:
            raise HTTPException(404, "no such item", {"x-extra": "1"})
        raise RuntimeError("secret reason")

    return _client(app)


def test_errors_as_problem_documents() -> None:
    """Every error is `application/problem+json` with type, title and status (RFC 9457)."""
    client = _failing(_app(errors="problem"))
    wanted = {"/items/1": 404, "/items/2": 500, "/items/x": 422, "/nowhere": 404}
    for path, status in wanted.items():
        response = client.get(path)
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == status
        assert response.json()["type"].startswith("https://")
    assert client.get("/items/1").json()["detail"] == "no such item"
    assert client.get("/items/1").headers["x-extra"] == "1"
    assert "secret" not in client.get("/items/2").text


def test_errors_as_details() -> None:
    """Errors are `{"detail": …}`, a 500 is plain text."""
    client = _failing(_app(errors="detail"))
    assert client.get("/items/1").json() == {"detail": "no such item"}
    assert client.get("/items/1").headers["content-type"] == "application/json"
    assert client.get("/items/x").json()["detail"][0]["loc"] == ["path", "item_id"]
    assert client.get("/items/2").text == "Internal Server Error"
    assert client.get("/nowhere").json() == {"detail": "Not Found"}


@pytest.mark.parametrize("errors", ["problem", "detail"])
def test_echo_input_decides_what_a_422_shows(errors: str) -> None:
    """The submitted value is in the answer only when that is asked for."""
    for echo in (True, False):
        response = _failing(_app(errors=errors, echo_input=echo)).get("/items/submitted")
        assert response.status_code == 422
        assert ("submitted" in response.text) is echo


@pytest.mark.parametrize("errors", ["problem", "detail"])
@pytest.mark.parametrize("sent", [b"\xff\xfe", b'"\\ud800"', b"[NaN]"])
def test_a_value_that_json_cannot_hold_is_no_failure_of_its_echo(errors: str, sent: bytes) -> None:
    """Bytes that are no text, halves of surrogate pairs, NaN: the client sent them, so it is a 422."""
    changes = {"strict_json": False, "unsupported_media_type": False}
    app = _app(errors=errors, echo_input=True, **changes)

    @app.post("/numbers")
    async def add(numbers: Annotated[list[int], Body()]) -> None:
        """Take numbers."""

    for media_type in ("application/json", "text/plain"):
        answer = _client(app).post("/numbers", content=sent, headers={"content-type": media_type})
        assert answer.status_code in {400, 422}


# ------------------------------------------------------------------------------------------- dependencies


def _leaving(app: Rapide, *, fails: bool = False) -> tuple[TestClient, list[str]]:
    log: list[str] = []

    async def session() -> AsyncIterator[None]:
        yield
        log.append("left")
        if fails:
            raise HTTPException(503, "the commit failed")

    @app.get("/", dependencies=[Depends(session)])
    async def read() -> str:
        return "read"

    async def logging_app(scope: Any, receive: Any, send: Any) -> None:
        async def send_logged(message: Any) -> None:
            if message["type"] == "http.response.start":
                log.append("sent")
            await send(message)

        await app(scope, receive, send_logged)

    return _client(logging_app), log


def test_dependency_exit_before_the_response() -> None:
    """What fails when a dependency is left is the answer, because nothing was sent before."""
    client, log = _leaving(_app(dependency_exit="before_response"))
    assert client.get("/").status_code == 200
    assert log == ["left", "sent"]
    client, _ = _leaving(_app(dependency_exit="before_response"), fails=True)
    assert client.get("/").status_code == 503


def test_dependency_exit_after_the_response() -> None:
    """The client has its answer before dependencies are left."""
    client, log = _leaving(_app(dependency_exit="after_response"))
    assert client.get("/").status_code == 200
    assert log == ["sent", "left"]
    client, _ = _leaving(_app(dependency_exit="after_response"), fails=True)
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("setting", ["before_response", "after_response"])
def test_dependency_exit_of_a_stream_is_after_its_last_byte(setting: str) -> None:
    """What a stream needs stays open until the stream is over."""
    log: list[str] = []

    async def session() -> AsyncIterator[None]:
        yield
        log.append("left")

    app = _app(dependency_exit=setting)

    @app.get("/", dependencies=[Depends(session)], response_class=EventSourceResponse)
    async def stream() -> AsyncIterator[str]:
        yield "one"
        log.append("streamed")

    assert _client(app).get("/").status_code == 200
    assert log == ["streamed", "left"]


@pytest.mark.parametrize(("inline", "same"), [(True, True), (False, False)])
def test_inline_classes_are_constructed_in_place(inline: bool, same: bool) -> None:
    """A class as a dependency needs no thread; FastAPI takes one."""
    threads: list[int] = []

    class Paging:
        def __init__(self, limit: int = 10) -> None:
            threads.append(threading.get_ident())

    app = _app(inline_classes=inline)

    @app.get("/")
    async def read(paging: Annotated[Paging, Depends()]) -> None:
        threads.append(threading.get_ident())

    assert _client(app).get("/").status_code == 200
    assert (threads[0] == threads[1]) is same


@pytest.mark.parametrize(("repeated", "count"), [(False, 1), (True, 2)])
def test_repeated_errors_of_a_shared_dependency(repeated: bool, count: int) -> None:
    """The errors of a dependency that is used twice are reported once, or once for each use."""

    async def shared(q: int) -> None: ...

    app = _app(repeated_errors=repeated)

    @app.get("/")
    async def read(a: Annotated[None, Depends(shared)], b: Annotated[None, Depends(shared)]) -> None: ...

    assert len(_client(app).get("/").json()["errors"]) == count


@pytest.mark.parametrize("merged", [True, False])
def test_merge_injected_response_into_a_returned_one(merged: bool) -> None:
    """What was set on the injected response reaches one that the endpoint makes itself, or does not."""
    app = _app(merge_injected_response=merged)

    @app.get("/")
    async def read(response: Response) -> Response:
        response.headers["x-set"] = "1"
        response.set_cookie("c", "v")
        response.status_code = 202
        return PlainTextResponse("own")

    answer = _client(app).get("/")
    assert (answer.headers.get("x-set") == "1") is merged
    assert ("set-cookie" in answer.headers) is merged
    assert answer.status_code == (202 if merged else 200)
    assert answer.text == "own"


# --------------------------------------------------------------------------------------------------- paths


def _slashed(app: Rapide) -> TestClient:
    app.get("/with/")(lambda: "with")
    app.get("/without")(lambda: "without")
    app.post("/without")(lambda: "posted")
    return _client(app, follow_redirects=False)


def test_slashes_both_serves_both_forms() -> None:
    """A path is served with and without its trailing slash, without a redirect."""
    client = _slashed(_app(slashes="both"))
    assert client.get("/with").json() == "with"
    assert client.get("/without/").json() == "without"
    assert client.post("/without/").json() == "posted"


@pytest.mark.parametrize("path", ["/with", "/without/"])
def test_slashes_redirect_leads_to_the_declared_form(path: str) -> None:
    """The other form is a redirect that keeps method and query."""
    response = _slashed(_app(slashes="redirect")).get(path, params={"q": "1"})
    assert response.status_code == 307
    assert response.headers["location"] in {"/with/?q=1", "/without?q=1"}


@pytest.mark.parametrize("path", ["/with", "/without/"])
def test_slashes_strict_knows_one_form(path: str) -> None:
    """The other form is not found."""
    assert _slashed(_app(slashes="strict")).get(path).status_code == 404


@pytest.mark.parametrize(
    ("redirect", "location"), [("relative", "/with/"), ("absolute", "http://testserver/with/")]
)
def test_redirect_location_is_a_path_or_a_url(redirect: str, location: str) -> None:
    """A relative Location trusts no Host header."""
    response = _slashed(_app(slashes="redirect", redirect=redirect)).get("/with")
    assert response.headers["location"] == location


@pytest.mark.parametrize(("routing", "winner"), [("literal_first", "literal"), ("declared", "parameter")])
def test_routing_decides_between_literal_and_parameter(routing: str, winner: str) -> None:
    """A literal path wins, or the route declared first."""
    app = _app(routing=routing)
    app.get("/users/{name}")(lambda name: "parameter")
    app.get("/users/me")(lambda: "literal")
    assert _client(app).get("/users/me").json() == winner


def test_automatic_methods_answer_head_and_options() -> None:
    """HEAD is answered as GET without a body, OPTIONS names the methods, and so does every 405."""
    client = _slashed(_app(automatic_methods=True))
    head = client.head("/without")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == "9"
    options = client.options("/without")
    assert options.status_code == 204
    assert options.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    refused = client.put("/without")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")


def test_automatic_methods_can_be_off() -> None:
    """Only declared methods are answered; a 405 names those of the first route."""
    client = _slashed(_app(automatic_methods=False))
    assert client.head("/without").status_code == 405
    assert client.options("/without").status_code == 405
    assert client.put("/without").headers["allow"] == "GET"


# -------------------------------------------------------------------------------------------------- bodies


@pytest.mark.parametrize(("limit", "status"), [(5, 200), (4, 413), (0, 413), (None, 200)])
def test_max_json_size_limits_undeclared_bodies(limit: int | None, status: int) -> None:
    """A JSON body of more bytes is refused where no limit is declared."""
    client = _post_any(_app(max_json_size=limit))
    assert client.post("/any", content=b'"abc"', headers=_JSON).status_code == status


def test_max_json_size_yields_to_declared_limits() -> None:
    """A route's own limit counts, whether lower or higher."""
    app = _app(max_json_size=5)

    @app.post("/own", max_body_size=10)
    async def take(value: Annotated[Any, Body()]) -> None: ...

    client = _client(app)
    assert client.post("/own", content=b'"1234567"', headers=_JSON).status_code == 200
    assert client.post("/own", content=b'"1234567890"', headers=_JSON).status_code == 413


@pytest.mark.parametrize(("limit", "status"), [(5, 200), (4, 413), (None, 200)])
def test_max_form_size_limits_undeclared_forms(limit: int | None, status: int) -> None:
    """A form of more bytes is refused where no limit is declared."""
    app = _app(max_form_size=limit)

    @app.post("/form")
    async def take(a: Annotated[str, Form()]) -> None: ...

    form = {"content-type": "application/x-www-form-urlencoded"}
    assert _client(app).post("/form", content=b"a=123", headers=form).status_code == status


@pytest.mark.parametrize(
    ("body", "lenient"),
    [
        (b"NaN", 200),
        (b"[Infinity]", 200),
        (b'"\\ud800"', 200),
        (b"\xef\xbb\xbf1", 200),
        ("1".encode("utf-16"), 200),
        (b"[" * 400 + b"]" * 400, 200),
        (b'"\xff"', 400),
    ],
)
def test_strict_json_refuses_what_the_standard_does_not_know(body: bytes, lenient: int) -> None:
    """RFC 8259: no NaN, no lone surrogates, UTF-8 without a mark, nesting that ends."""
    strict = _post_any(_app(strict_json=True)).post("/any", content=body, headers=_JSON)
    assert strict.status_code in {400, 422}
    assert _post_any(_app(strict_json=False)).post("/any", content=body, headers=_JSON).status_code == lenient


def test_strict_json_takes_all_that_the_standard_knows() -> None:
    """Strictness refuses nothing that is JSON."""
    client = _post_any(_app(strict_json=True))
    for body in (b'{"a": [1, -2.5e3, true, false, null, "\xc3\xa9 \\u00e9 \\ud83d\\ude00"]}', b" 1 ", b'""'):
        assert client.post("/any", content=body, headers=_JSON).status_code == 200


def test_max_json_depth_ends_what_no_type_ends() -> None:
    """Lists and objects without a type end at the depth that is set; so do the digits of numbers in them."""
    deep = b"[" * 6 + b"]" * 6
    assert _post_any(_app(max_json_depth=6)).post("/any", content=deep, headers=_JSON).status_code == 200
    assert _post_any(_app(max_json_depth=5)).post("/any", content=deep, headers=_JSON).status_code == 422
    assert _post_any(_app(max_json_depth=None)).post("/any", content=deep, headers=_JSON).status_code == 200
    long = b"9" * 100
    assert _post_any(_app(max_json_depth=5)).post("/any", content=long, headers=_JSON).status_code == 422
    assert _post_any(_app(max_json_depth=None)).post("/any", content=long, headers=_JSON).status_code == 200
    text = b'"' + deep + long + b'"'
    assert _post_any(_app(max_json_depth=1)).post("/any", content=text, headers=_JSON).status_code == 200


def test_unique_json_keys_refuses_a_key_that_comes_twice() -> None:
    """The last of two values wins, or neither."""
    body = b'{"name": "a", "name": "b"}'
    for unique, status in ((True, 422), (False, 200)):
        assert (
            _post_any(_app(unique_json_keys=unique)).post("/any", content=body, headers=_JSON).status_code
            == status
        )


@pytest.mark.parametrize(
    ("number", "bounded"), [("inf", 422), ("nan", 422), ("1e999", 422), ("1.5", 200), ("1e300", 200)]
)
def test_bounded_numbers_takes_finite_floats(number: str, bounded: int) -> None:
    """A float that comes in is finite, unless its field says otherwise."""
    for setting, status in ((True, bounded), (False, 200)):
        app = _app(bounded_numbers=setting)

        @app.get("/{number}")
        async def read(number: float) -> str:
            return repr(number)

        assert _client(app).get(f"/{number}").status_code == status


@pytest.mark.parametrize(
    ("number", "bounded"), [(2**63 - 1, 200), (2**63, 422), (-(2**63), 200), (-(2**63) - 1, 422)]
)
def test_bounded_numbers_takes_integers_of_64_bits(number: int, bounded: int) -> None:
    """An integer has 64 bits, unless its field sets a bound of its own."""
    for setting, status in ((True, bounded), (False, 200)):
        app = _app(bounded_numbers=setting)

        @app.get("/{number}")
        async def read(number: int, big: Annotated[int, Query(ge=-(10**30), le=10**30)] = 0) -> str:
            return str(number + big)

        assert _client(app).get(f"/{number}").status_code == status
        assert _client(app).get(f"/1?big={10**25}").status_code == 200


@pytest.mark.parametrize("number", ["1_0", " 1", "%2B1", "%D9%A1"])
def test_bounded_numbers_takes_plain_digits_from_text(number: str) -> None:
    """An integer in a path or a query is ASCII digits behind an optional minus."""
    for setting, status in ((True, 422), (False, 422 if "%D9" in number else 200)):
        app = _app(bounded_numbers=setting)

        @app.get("/")
        async def read(number: int) -> int:
            return number

        assert _client(app).get(f"/?number={number}").status_code == status
        assert _client(app).get("/?number=-1").json() == -1


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/any", {"host": "a/?"}, 400),
        ("/any", {"host": ""}, 400),
        ("/any", {"authorization": "a"}, 400),
        ("/%ff", {}, 400),
        ("/any%2F", {}, 404),
    ],
)
def test_strict_requests_refuses_what_others_may_read_otherwise(
    path: str, headers: dict[str, str], status: int
) -> None:
    """A Host that is none, a header twice, a path that is no text or has an encoded slash."""
    for setting in (True, False):
        app = _app(strict_requests=setting, slashes="both")

        @app.get("/{name}")
        async def read(name: str) -> str:
            return name

        pairs = [*headers.items(), ("authorization", "b")]
        answer = _client(app).get(path, headers=pairs)
        assert answer.status_code == (status if setting else 200)


def test_strict_responses_checks_and_protects() -> None:
    """Headers are checked at the line that sets them; nobody guesses a type."""
    for setting in (True, False):
        app = _app(strict_responses=setting)

        @app.get("/")
        async def read(response: Response) -> str:
            try:
                response.set_cookie("__Host-a", "1", domain="example.com")
            except ValueError:
                return "refused"
            return "set"

        answer = _client(app).get("/")
        assert answer.json() == ("refused" if setting else "set")
        assert answer.headers.get("x-content-type-options") == ("nosniff" if setting else None)


def test_max_message_size_closes_the_socket() -> None:
    """A longer message closes with 1009; None takes what the server takes."""
    for limit in (3, None):
        app = _app(max_message_size=limit)

        @app.websocket("/")
        async def echo(websocket: WebSocket) -> None:
            await websocket.accept()
            await websocket.send_text(await websocket.receive_text())

        with _client(app).websocket_connect("/") as socket:
            socket.send_text("long")
            if limit is None:
                assert socket.receive_text() == "long"
                continue
            with pytest.raises(WebSocketDisconnect) as closed:
                socket.receive_text()
            assert closed.value.code == 1009


@pytest.mark.parametrize("seconds", [0.02, None])
def test_message_timeout_gives_up_who_takes_nothing_in(seconds: float | None) -> None:
    """The endpoint is cancelled, or waits as long as the server does."""
    app = _app(message_timeout=seconds)
    ended: list[str] = []

    @app.websocket("/")
    async def tell(websocket: WebSocket) -> None:
        try:
            await websocket.accept()
            await websocket.send_text("x")
        finally:
            ended.append("endpoint")

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            await anyio.sleep(3600)

    async def connect() -> bool:
        scope = {"type": "websocket", "path": "/", "query_string": b"", "headers": [(b"host", b"a")]}
        with anyio.move_on_after(0.5) as waiting:
            await app(scope, receive, send)
        return waiting.cancelled_caught

    assert anyio.run(connect) is (seconds is None)
    assert ended == ["endpoint"]


def test_private_responses_forbids_caches_to_keep_answers() -> None:
    """What a route answers, and raises, to whoever showed credentials; what it says itself counts."""
    scheme = HTTPBearer()
    for setting in (True, False):
        app = _app(private_responses=setting)

        @app.get("/mine", dependencies=[Depends(scheme)])
        async def read() -> str:
            return "mine"

        @app.get("/missing", dependencies=[Depends(scheme)])
        async def miss() -> str:
            raise HTTPException(404)

        @app.get("/logo", dependencies=[Depends(scheme)])
        async def show(response: Response) -> str:
            response.headers["cache-control"] = "public, max-age=60"
            return "logo"

        @app.get("/open")
        async def tell() -> str:
            return "open"

        client = _client(app)
        found = {
            path: client.get(path, headers={"authorization": "Bearer a"}).headers.get("cache-control")
            for path in ("/mine", "/missing", "/logo", "/open")
        }
        default = "no-store" if setting else None
        assert found == {"/mine": default, "/missing": default, "/logo": "public, max-age=60", "/open": None}


@pytest.mark.parametrize("cancels", [True, False])
def test_cancel_on_disconnect_ends_what_nobody_waits_for(cancels: bool) -> None:
    """An endpoint whose client has left is cancelled, or runs on."""
    app = _app(cancel_on_disconnect=cancels)
    ended: list[str] = []

    @app.get("/")
    async def read() -> None:
        with anyio.move_on_after(0.5):
            await anyio.sleep(3600)
        ended.append("normally")

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        ended.append(str(message.get("status")))

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": _RAW_JSON}
    anyio.run(app, scope, receive, send)
    assert ended[0] == ("499" if cancels else "normally")


@pytest.mark.parametrize(("seconds", "status"), [(0.02, 408), (None, None)])
def test_body_timeout_ends_the_silence_of_a_client(seconds: float | None, status: int | None) -> None:
    """A client that stops amid its body is answered 408, or waited for."""
    app = _app(body_timeout=seconds)
    _post_any(app)
    statuses: list[int | None] = []
    pieces = [b'{"a"']

    async def receive() -> dict[str, Any]:
        if not pieces:
            await anyio.sleep(3600)
        return {"type": "http.request", "body": pieces.pop(), "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        statuses.append(message.get("status"))

    async def ask() -> None:
        scope = {"type": "http", "method": "POST", "path": "/any", "query_string": b"", "headers": _RAW_JSON}
        with anyio.move_on_after(0.5):
            await app(scope, receive, send)

    anyio.run(ask)
    assert next(iter(statuses), None) == status


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"content-type": "text/plain"}, True),
        ({"content-type": "application/xml"}, True),
        ({}, True),
        ({"content-type": "application/json; charset=utf-8"}, False),
        ({"content-type": "application/merge-patch+json"}, False),
    ],
)
def test_unsupported_media_type_is_refused(headers: dict[str, str], refused: bool) -> None:
    """A body that is not declared as JSON is 415; otherwise its bytes are validated."""
    strict = _post_any(_app(unsupported_media_type=True)).post("/any", content=b"1", headers=headers)
    assert strict.status_code == (415 if refused else 200)
    if refused:
        assert strict.headers["accept"] == "application/json"
    lenient = _post_any(_app(unsupported_media_type=False)).post("/any", content=b"1", headers=headers)
    assert lenient.json() == {"value": "b'1'" if refused else "1"}


def _take_form(app: Rapide) -> TestClient:
    @app.post("/form")
    async def take(a: Annotated[str, Form()], item: Annotated[dict[str, int] | None, Form()] = None) -> Any:
        return {"a": a, "item": item}

    return _client(app)


def _multipart(*parts: tuple[str, bytes], closed: bool = True) -> dict[str, Any]:
    lines = [
        b"--B\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + body
        for head, body in parts
    ]
    content = b"\r\n".join([*lines, b"--B--\r\n" if closed else b""])
    return {"content": content, "headers": {"content-type": "multipart/form-data; boundary=B"}}


def test_strict_forms_refuse_a_form_that_was_cut_off() -> None:
    """A form without its closing boundary is not complete: refused, or taken as far as it came."""
    cut = _multipart(("name=a", b"1"), ("name=b", b"2"), closed=False)
    assert _take_form(_app(strict_forms=True)).post("/form", **cut).status_code == 400
    assert _take_form(_app(strict_forms=False)).post("/form", **cut).status_code == 200


def test_strict_forms_refuse_what_is_no_text() -> None:
    """A form is UTF-8: other bytes are refused, or replaced."""
    sent: Any = {"content": b"a=%ff", "headers": {"content-type": "application/x-www-form-urlencoded"}}
    assert _take_form(_app(strict_forms=True)).post("/form", **sent).status_code == 400
    assert _take_form(_app(strict_forms=False)).post("/form", **sent).json()["a"] == "\ufffd"


@pytest.mark.parametrize(("json_parts", "status"), [(True, 200), (False, 422)])
def test_json_parts_hold_what_no_text_could(json_parts: bool, status: int) -> None:
    """A field of a type that no text can hold is read as JSON, or refused."""
    response = _take_form(_app(json_parts=json_parts)).post("/form", data={"a": "1", "item": '{"n": 2}'})
    assert response.status_code == status
    if json_parts:
        assert response.json()["item"] == {"n": 2}


def test_repeated_fields_are_refused_or_the_last_counts() -> None:
    """A field for one value that comes twice is an error, or its last value."""
    sent: Any = {"content": b"a=1&a=2", "headers": {"content-type": "application/x-www-form-urlencoded"}}
    assert _take_form(_app(repeated_fields="refuse")).post("/form", **sent).status_code == 422
    assert _take_form(_app(repeated_fields="last")).post("/form", **sent).json()["a"] == "2"


# --------------------------------------------------------------------------------------------- application


@pytest.mark.parametrize("mounted", [True, False])
def test_mounted_lifespans_run_or_do_not(mounted: bool) -> None:
    """The lifespan of a mounted application runs inside that of the application, or not at all."""
    log: list[str] = []

    @asynccontextmanager
    async def inner_life(app: Any) -> AsyncIterator[None]:
        log.append("up")
        yield
        log.append("down")

    app = _app(mounted_lifespans=mounted)
    app.mount("/inner", Starlette(lifespan=inner_life))
    with TestClient(app):
        assert log == (["up"] if mounted else [])
    assert log == (["up", "down"] if mounted else [])


@pytest.mark.parametrize("inside", [True, False])
def test_errors_inside_middleware_carry_its_headers(inside: bool) -> None:
    """A 500 passes the user's middleware, so that browsers may read it, or is made outside of it."""
    app = _app(errors_inside_middleware=inside)
    app.add_middleware(CORSMiddleware, allow_origins=["*"])

    @app.get("/")
    async def fail() -> None:
        raise RuntimeError

    response = _client(app).get("/", headers={"origin": "http://other.example"})
    assert response.status_code == 500
    assert ("access-control-allow-origin" in response.headers) is inside


@pytest.mark.parametrize(
    ("value", "exact", "fastapi"),
    [
        (decimal.Decimal("1.50"), '"1.50"', "1.5"),
        (dt.timedelta(hours=1), '"PT1H"', "3600.0"),
        (b"raw", '"raw"', '"raw"'),
        (
            dt.datetime(2020, 1, 2, tzinfo=dt.UTC),
            '"2020-01-02T00:00:00Z"',
            '"2020-01-02T00:00:00+00:00"',
        ),
        ({"é": [1, 2.5, None]}, '{"é":[1,2.5,null]}', '{"é":[1,2.5,null]}'),
    ],
)
def test_json_policy_for_values_without_a_model(value: Any, exact: str, fastapi: str) -> None:
    """Values are encoded as models encode them, or as `jsonable_encoder` does."""
    for policy, text in (("exact", exact), ("fastapi", fastapi)):
        app = _app(json_policy=policy)
        app.get("/")(lambda: value)
        assert _client(app).get("/").text == text


def test_json_policy_for_nan() -> None:
    """NaN is null, as models say it; FastAPI answers 500."""
    for policy, status in (("exact", 200), ("fastapi", 500)):
        app = _app(json_policy=policy)
        app.get("/")(lambda: float("nan"))
        response = _client(app).get("/")
        assert response.status_code == status
        assert (response.text == "null") is (policy == "exact")


@pytest.mark.parametrize(
    ("operation_ids", "ids"), [("function", ["read"]), ("path", ["read_items__item_id__get"])]
)
def test_operation_ids_are_function_names_or_paths(operation_ids: str, ids: list[str]) -> None:
    """An operation is called what its function is called, or after name, path and method."""
    app = _app(operation_ids=operation_ids)

    @app.get("/items/{item_id}")
    async def read(item_id: int) -> None: ...

    operations = [operation for path in app.openapi()["paths"].values() for operation in path.values()]
    assert [operation["operationId"] for operation in operations] == ids


def test_operation_ids_yield_to_the_users_function() -> None:
    """`generate_unique_id_function` decides, whatever the behaviour says."""
    app = Rapide(generate_unique_id_function=lambda route: f"own-{route.name}")
    app.get("/")(lambda: None)
    assert app.openapi()["paths"]["/"]["get"]["operationId"] == "own-<lambda>"


def test_local_docs_name_no_other_host() -> None:
    """The pages load everything from the application, and may load nothing else; or they use a CDN."""
    local, cdn = _client(_app(local_docs=True)), _client(_app(local_docs=False))
    for path in ("/docs", "/redoc"):
        page = local.get(path)
        assert "https://" not in page.text
        assert "default-src" in page.headers["content-security-policy"]
        assert "https://" in cdn.get(path).text


def test_query_sequences_are_read_from_the_query_where_there_is_no_body() -> None:
    """A list of scalars on GET is a query parameter; with the field off, and on POST, it is the body."""

    def declare(app: Rapide) -> TestClient:
        @app.get("/items")
        @app.post("/items")
        async def read(ids: list[int]) -> list[int]:
            return ids

        return _client(app)

    client = declare(_app(query_sequences=True))
    assert client.get("/items?ids=1&ids=2").json() == [1, 2]
    assert client.post("/items", json=[3]).json() == [3]
    assert declare(_app(query_sequences=False)).get("/items?ids=1").status_code == 422


@pytest.mark.parametrize("strict", [True, False])
def test_strict_credentials_refuse_an_empty_token(strict: bool) -> None:
    """An empty bearer token is none."""
    app = _app(strict_credentials=strict)

    @app.get("/")
    async def read(credentials: Annotated[Any, Depends(HTTPBearer())]) -> str:
        return str(credentials.credentials)

    assert _client(app).get("/", headers={"authorization": "Bearer x"}).json() == "x"
    assert _client(app).get("/", headers={"authorization": "Bearer "}).status_code == 401 or not strict


@pytest.mark.parametrize(("strict", "status"), [(True, 401), (False, 200)])
def test_strict_credentials_refuse_loose_base64(strict: bool, status: int) -> None:
    """Basic credentials are base64 (RFC 4648), without anything in between."""
    app = _app(strict_credentials=strict)

    @app.get("/")
    async def read(credentials: Annotated[Any, Depends(HTTPBasic())]) -> str:
        return str(credentials.username)

    text = base64.b64encode(b"user:pass").decode()
    loose = f"{text[:3]}\u00b7".encode("latin-1").decode("latin-1")[:3] + "!" + text[3:]
    assert _client(app).get("/", headers={"authorization": f"Basic {text}"}).json() == "user"
    assert _client(app).get("/", headers={"authorization": f"Basic {loose}"}).status_code == status


def test_missing_names_are_errors_at_start() -> None:
    """An annotation that stands for nothing fails before the first request, and names what is missing."""
    app = _app(missing_names="error")

    def read(q: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821

    app.get("/")(read)
    with pytest.raises(UnresolvedAnnotationError, match="'Nowhere'"):
        app.prepare()


def test_missing_names_are_ignored() -> None:
    """The parameter has no type then."""
    app = _app(missing_names="ignore")

    def read(q: "Nowhere") -> str:  # type: ignore[name-defined]  # noqa: F821
        return repr(q)

    app.get("/")(read)
    assert _client(app).get("/?q=1").json() == "'1'"


@pytest.mark.parametrize("isolated", [True, False])
def test_isolated_tasks_run_whatever_the_others_do(isolated: bool, caplog: pytest.LogCaptureFixture) -> None:
    """A task that fails is logged and the next one runs; or it ends the row and the request."""
    app = _app(isolated_tasks=isolated)
    ran: list[str] = []

    def fail() -> None:
        raise ValueError("task")

    @app.get("/")
    async def read(tasks: BackgroundTasks) -> None:
        tasks.add_task(fail)
        tasks.add_task(ran.append, "second")

    with nullcontext() if isolated else pytest.raises(ValueError, match="task"):
        TestClient(app).get("/")
    assert ran == (["second"] if isolated else [])
    records = [record.name for record in caplog.records if "fail" in record.getMessage()]
    assert [name for name in records if name != "rapide.errors"] == (["rapide"] if isolated else [])


@pytest.mark.parametrize(("middleware_errors", "status"), [(True, 403), (False, 500)])
def test_middleware_errors_are_answered_like_others(middleware_errors: bool, status: int) -> None:
    """An HTTPException of middleware has its status, or is a fault of the server."""
    app = _app(middleware_errors=middleware_errors)

    @app.middleware("http")
    async def refuse(request: Request, call_next: Any) -> Any:
        raise HTTPException(403)

    assert _client(app).get("/").status_code == status


def _declare_what_cannot_work(app: Rapide) -> None:
    def read(*args) -> str:
        return str(args)

    app.get("no-slash/{x}")(read)


def test_strict_declarations_are_errors_at_start() -> None:
    """What no request can reach, or what cannot be called, fails before there is a request."""
    with pytest.raises(DeclarationError, match="RAP204"):
        _declare_what_cannot_work(_app(FASTAPI, strict_declarations=True))


def test_strict_declarations_are_left_out() -> None:
    """The application starts; what cannot work does not work."""
    app = _app(strict_declarations=False)
    _declare_what_cannot_work(app)
    assert _client(app).get("/no-slash/7").status_code == 404


# ----------------------------------------------------------------------------------------------- documents


def _documented(app: Rapide) -> dict[str, Any]:
    @app.get("/items/{item_id}")
    async def read(item_id: int) -> None: ...

    return app.openapi()


def test_documented_errors_are_problems_or_validation_errors() -> None:
    """The document says of a 422 what the application answers."""
    problem = _documented(_app(documented_errors="problem"))
    assert (
        "application/problem+json"
        in problem["paths"]["/items/{item_id}"]["get"]["responses"]["422"]["content"]
    )
    validation = _documented(_app(documented_errors="validation"))
    assert "HTTPValidationError" in validation["components"]["schemas"]


def test_strict_documents_keep_to_their_version() -> None:
    """What 3.1 does not know is not in a document of 3.1."""

    def declare(app: Rapide) -> str:
        @app.get("/", response_class=EventSourceResponse)
        async def stream() -> AsyncIterator[Item]:
            yield Item(name="a")

        return str(app.openapi())

    assert "'itemSchema'" not in declare(_app(strict_documents=True))
    assert "'itemSchema'" in declare(_app(strict_documents=False))


def test_title_is_the_default_of_the_document() -> None:
    """An application without a title has that of its face."""
    assert _app(title="Mine").openapi()["info"]["title"] == "Mine"
    assert Rapide(title="Own").openapi()["info"]["title"] == "Own"


def test_logger_says_what_is_missing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form without a form parser is an error in the log of this name."""
    for name in ("python_multipart", "multipart", "multipart.multipart"):
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("first", "second"):
        with caplog.at_level(logging.ERROR), pytest.raises(DeclarationError):
            _app(logger=name).post("/")(lambda a=Form(): None)
        assert [record.name for record in caplog.records] == [name]
        caplog.clear()


@pytest.mark.parametrize("face", ["rapide", "fastapi"])
def test_telemetry_begins_names_with_the_face(face: str) -> None:
    """The instrumentation scope and the spans of operations are called after the face."""
    provider, spans = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    app = Rapide(behaviour=replace(RAPIDE, telemetry=face), telemetry={"tracer_provider": provider})
    app.get("/")(lambda: None)
    assert _client(app).get("/").status_code == 200
    finished = spans.get_finished_spans()
    assert {span.instrumentation_scope.name for span in finished} == {face}
    assert f"{face}.endpoint" in {span.name for span in finished}


@pytest.mark.parametrize("key", [None, "fastapi", "other"])
def test_scope_key_holds_the_context_of_an_included_route(key: str | None) -> None:
    """Third parties find the effective route under this key; without a key there is nothing."""
    app, router = _app(scope_key=key), APIRouter()
    seen: list[Any] = []

    @router.get("/items/{item_id}")
    async def read(request: Request) -> None:
        seen.append(request.scope)

    app.include_router(router, prefix="/v1")
    assert _client(app).get("/v1/items/3").status_code == 200
    (scope,) = seen
    if key is None:
        assert "fastapi" not in scope
    else:
        assert scope[key]["effective_route_context"].path == "/v1/items/{item_id}"


def test_joint_security_documents_one_requirement() -> None:
    """Schemes that are all needed are one requirement; otherwise each is one, as FastAPI has it."""
    requirements = []
    for joint in (True, False):
        app = _app(joint_security=joint)
        app.get("/a", dependencies=[Depends(HTTPBasic()), Depends(HTTPBearer())])(lambda: None)
        requirements.append(app.openapi()["paths"]["/a"]["get"]["security"])
    assert requirements == [
        [{"HTTPBasic": [], "HTTPBearer": []}],
        [{"HTTPBasic": []}, {"HTTPBearer": []}],
    ]


def test_websocket_origins_decide_whose_pages_connect() -> None:
    """A foreign page that sends cookies is refused, one that is named is not, and with None none is."""
    outcomes = []
    for origins in ((), ("https://app.example",), None):
        app = _app(websocket_origins=origins)

        @app.websocket("/ws")
        async def socket(websocket: WebSocket) -> None:
            await websocket.accept()
            await websocket.close()

        headers = {"origin": "https://app.example", "cookie": "a=b"}
        try:
            with _client(app).websocket_connect("/ws", headers=headers):
                outcomes.append(101)
        except WebSocketDenialResponse as refusal:
            outcomes.append(refusal.status_code)
    assert outcomes == [403, 101, 101]
