"""Section 9: endpoints that yield: JSON Lines, Server-Sent Events, raw streams."""

import json
import time
import typing
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from contextlib import suppress
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from pydantic import BaseModel, Field, ValidationError
from raw_asgi import http_scope
from starlette.requests import ClientDisconnect
from surface_target import (
    TARGET,
    APIRouter,
    BackgroundTasks,
    Depends,
    FastAPI,
    FileResponse,
    Header,
    HTTPException,
    JSONResponse,
    PlainTextResponse,
    Response,
    ResponseValidationError,
    StreamingResponse,
    TestClient,
    load,
)

sse = load("sse")
EventSourceResponse: Any = sse.EventSourceResponse
ServerSentEvent: Any = sse.ServerSentEvent


class Reading(BaseModel):
    sensor: int
    value: float | None = None


class Detailed(Reading):
    secret: str = "hidden"


class Renamed(BaseModel):
    snake_name: int = Field(1, alias="camelName")
    note: str | None = None


class CSVResponse(StreamingResponse):  # type: ignore[misc]
    media_type = "text/csv"


# quirk: FastAPI leaves its own generators to the garbage collector, which trio reports; Rapide must not.
unfinished_generators = pytest.mark.filterwarnings(
    "ignore:Async generator:ResourceWarning" if TARGET == "fastapi" else "error"
)


def get(endpoint: Any, *, path: str = "/s", params: Any = None, **options: Any) -> Any:
    """Serve `endpoint` alone and return the answer to one GET."""
    app = FastAPI()
    app.get(path, **options)(endpoint)
    return TestClient(app).get(path, params=params)


def response_of(endpoint: Any, **options: Any) -> Any:
    """Return the documented 200 of `endpoint`."""
    app = FastAPI()
    app.get("/s", **options)(endpoint)
    return app.openapi()["paths"]["/s"]["get"]["responses"]["200"]


class LeavingClient:
    """A connection that is lost after three messages; the server learns it from receive() or from send()."""

    def __init__(self, news):
        self.news = news
        self.sent = []
        self.pending = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive(self):
        if self.pending:
            return self.pending.pop()
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.sent.append(message)
        if len(self.sent) > 3:
            self.gone.set()
            if self.news == "failing send":
                raise OSError("connection lost")
        await anyio.lowlevel.checkpoint()

    async def run(self, app):
        self.gone = anyio.Event()
        version = "2.4" if self.news == "failing send" else "2.3"
        scope = http_scope("GET", "/s", asgi={"version": "3.0", "spec_version": version})
        with anyio.fail_after(5):
            # the server sees how its own send() failed
            with suppress(ClientDisconnect, ExceptionGroup):
                await app(scope, self.receive, self.send)


# --- common to all streams


def test_stream_runs_no_generator_code_when_validation_fails():
    """9: a generator endpoint's body starts only after its parameters were found valid."""
    started = []
    app = FastAPI()

    @app.get("/s")
    def endpoint(count: int):
        started.append(count)
        yield count

    answer = TestClient(app).get("/s", params={"count": "x"})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "count"]
    assert started == []
    assert TestClient(app).get("/s", params={"count": 3}).text == "3\n"
    assert started == [3]


@pytest.mark.parametrize("response_class", [None, EventSourceResponse, CSVResponse])
def test_stream_carries_what_dependencies_set_on_the_response(response_class: Any):
    """9: status, headers and cookies set by a dependency are those of the streamed response."""
    app = FastAPI()

    def mark(response: Response):
        response.status_code = 202
        response.headers["x-mark"] = "1"
        response.set_cookie("seen", "yes")

    options = {} if response_class is None else {"response_class": response_class}

    @app.get("/s", dependencies=[Depends(mark)], **options)
    def endpoint():
        yield "1"

    answer = TestClient(app).get("/s")
    assert answer.status_code == 202
    assert answer.headers["x-mark"] == "1"
    assert answer.headers["set-cookie"] == "seen=yes; Path=/; SameSite=lax"


@pytest.mark.parametrize("response_class", [None, EventSourceResponse, CSVResponse])
def test_stream_has_the_status_of_the_route(response_class: Any):
    """9: the route's status code is that of the stream."""

    def endpoint():
        yield "1"

    options = {} if response_class is None else {"response_class": response_class}
    assert get(endpoint, status_code=201, **options).status_code == 201


@pytest.mark.parametrize("response_class", [None, EventSourceResponse, CSVResponse])
def test_request_scoped_dependency_stays_open_when_the_stream_runs(response_class: Any):
    """9: request-scoped clean-up follows the last item, function-scoped clean-up precedes the first."""
    log: list[str] = []
    app = FastAPI()

    def long():
        log.append("enter long")
        yield
        log.append("exit long")

    def short():
        log.append("enter short")
        yield
        log.append("exit short")

    options = {} if response_class is None else {"response_class": response_class}

    @app.get("/s", **options)
    async def endpoint(a: None = Depends(long), b: None = Depends(short, scope="function")):
        log.append("first")
        yield "1"
        log.append("last")

    assert TestClient(app).get("/s").status_code == 200
    if response_class is EventSourceResponse:  # quirk: the producer starts before the function scope is left
        assert log[-1] == "exit long"
        assert log.index("exit short") < log.index("exit long")
    else:
        assert log == ["enter long", "enter short", "exit short", "first", "last", "exit long"]


@pytest.mark.parametrize("response_class", [None, EventSourceResponse, CSVResponse])
def test_background_task_runs_when_the_stream_has_ended(response_class: Any):
    """9: tasks added by a dependency run after the last item."""
    log: list[str] = []
    app = FastAPI()

    def later(tasks: BackgroundTasks):
        tasks.add_task(log.append, "task")

    options = {} if response_class is None else {"response_class": response_class}

    @app.get("/s", dependencies=[Depends(later)], **options)
    async def endpoint():
        yield "1"
        log.append("last")

    TestClient(app).get("/s")
    assert log == ["last", "task"]


@pytest.mark.parametrize("response_class", [None, CSVResponse])
def test_error_in_the_generator_leaves_the_started_response(response_class: Any):
    """9: an exception raised in the generator, even an HTTPException, comes after the 200 was sent."""
    app = FastAPI()
    options = {} if response_class is None else {"response_class": response_class}

    @app.get("/s", **options)
    def endpoint():
        raise HTTPException(418)
        yield "1"

    answer = TestClient(app, raise_server_exceptions=False).get("/s")
    assert (answer.status_code, answer.content) == (200, b"")


# --- 9.1 JSON Lines


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_json_lines_are_sent_when_an_endpoint_yields(colour: str):
    """9.1.1: each item is one line of JSON, media type application/jsonl."""

    def sync_endpoint():
        yield {"a": [1, None]}
        yield "text"

    async def async_endpoint():
        yield {"a": [1, None]}
        yield "text"

    answer = get(sync_endpoint if colour == "sync" else async_endpoint)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/jsonl"
    assert "content-length" not in answer.headers
    assert [json.loads(line) for line in answer.text.splitlines()] == [{"a": [1, None]}, "text"]
    assert answer.text.endswith("\n")


def test_json_lines_are_empty_when_nothing_is_yielded():
    """9.1.1: a generator without items gives an empty body."""

    async def endpoint():
        if False:
            yield 1

    answer = get(endpoint)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/jsonl"


def test_json_lines_turn_nan_into_null_when_untyped():
    """9.1.1: NaN and infinities of untyped items become null."""

    def endpoint():
        yield float("nan")
        yield {"low": float("-inf"), "high": [float("inf")]}

    lines = get(endpoint).text.splitlines()
    assert [json.loads(line) for line in lines] == [None, {"low": None, "high": [None]}]


def test_json_lines_turn_nan_into_null_when_typed():
    """9.1.1: NaN of typed items becomes null."""

    def endpoint() -> Iterable[Reading]:
        yield Reading(sensor=1, value=float("nan"))

    assert get(endpoint).text == '{"sensor":1,"value":null}\n'


def test_json_lines_encode_untyped_items_like_any_value():
    """9.1.1: untyped items go through the JSON-able encoder."""

    def endpoint():
        yield Reading(sensor=1)
        yield {1}
        yield b"raw"

    lines = get(endpoint).text.splitlines()
    assert [json.loads(line) for line in lines] == [{"sensor": 1, "value": None}, [1], "raw"]


def _sync() -> Any:
    yield {"sensor": "3", "extra": True}


async def _async() -> Any:
    yield {"sensor": "3", "extra": True}


@pytest.mark.parametrize(
    ("source", "annotation"),
    [
        (_sync, Iterable[Reading]),
        (_sync, Iterator[Reading]),
        (_sync, Generator[Reading, None, None]),
        (_sync, typing.Iterable[Reading]),
        (_sync, typing.Generator[Reading, None, None]),
        (_async, AsyncIterable[Reading]),
        (_async, AsyncIterator[Reading]),
        (_async, AsyncGenerator[Reading, None]),
        (_async, typing.AsyncIterator[Reading]),
    ],
)
def test_json_lines_are_validated_when_the_item_type_is_declared(source: Any, annotation: Any):
    """9.1.1: a parametrised iterable, iterator or generator annotation types the items."""
    if source is _sync:

        def endpoint():
            yield from source()
    else:

        async def endpoint():
            async for item in source():
                yield item

    endpoint.__annotations__["return"] = annotation
    assert get(endpoint).text == '{"sensor":3,"value":null}\n'
    assert response_of(endpoint)["content"] == {
        "application/jsonl": {"itemSchema": {"$ref": "#/components/schemas/Reading"}}
    }


def test_json_lines_are_typed_when_the_annotation_is_text():
    """9.1.1: the annotation may be a string."""

    def endpoint() -> "Iterable[int]":
        yield "7"

    assert get(endpoint).text == "7\n"


def test_json_lines_are_filtered_to_the_declared_type():
    """9.1.1: an item of a subclass is reduced to the fields of the declared type."""

    def endpoint() -> Iterable[Reading]:
        yield Detailed(sensor=1)

    assert get(endpoint).json() == {"sensor": 1, "value": None}


@pytest.mark.parametrize("annotation", [list[Reading], Reading, None])
def test_json_lines_are_untyped_when_the_annotation_is_no_stream(annotation: Any):
    """9.1.1: other annotations of a generator say nothing about the items."""

    def endpoint():
        yield 1

    endpoint.__annotations__["return"] = annotation
    assert get(endpoint).text == "1\n"
    assert response_of(endpoint)["content"] == {"application/jsonl": {"itemSchema": {}}}


def test_json_lines_are_untyped_when_the_iterable_is_bare():
    """9.1.1: an iterable without an item type leaves items as they are."""

    def endpoint() -> Iterable:  # type: ignore[type-arg]
        yield {"any": "thing"}

    assert json.loads(get(endpoint).text) == {"any": "thing"}
    assert response_of(endpoint)["content"] == {"application/jsonl": {"itemSchema": {}}}


def test_json_lines_ignore_the_response_model():
    """9.1.1: only the return annotation types the items, never `response_model`."""

    def endpoint():
        yield {"sensor": "not checked"}

    assert json.loads(get(endpoint, response_model=Reading).text) == {"sensor": "not checked"}
    assert response_of(endpoint, response_model=Reading)["content"] == {
        "application/jsonl": {"itemSchema": {}}
    }


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({}, '{"camelName":3,"note":null}'),
        ({"response_model_exclude_unset": True}, '{"camelName":3}'),
        ({"response_model_exclude_none": True}, '{"camelName":3}'),
        ({"response_model_exclude_defaults": True}, '{"camelName":3}'),
        ({"response_model_by_alias": False}, '{"snake_name":3,"note":null}'),
        ({"response_model_exclude": {"note"}}, '{"camelName":3}'),
        ({"response_model_include": {"note"}}, '{"note":null}'),
    ],
)
@pytest.mark.parametrize("events", [False, True])
def test_serialization_options_apply_to_items(options: dict[str, Any], line: str, events: bool):
    """9.1.1: the response_model_* options shape every typed item of JSON Lines and of events."""

    def endpoint() -> Iterable[Renamed]:
        yield Renamed(camelName=3)

    if events:
        assert get(endpoint, response_class=EventSourceResponse, **options).text == f"data: {line}\n\n"
    else:
        assert get(endpoint, **options).text == f"{line}\n"


def test_invalid_item_breaks_the_stream_when_earlier_items_were_sent():
    """9.1.2: an item that does not fit raises ResponseValidationError in mid-stream."""
    app = FastAPI()

    @app.get("/s")
    async def endpoint() -> AsyncIterable[Reading]:
        yield Reading(sensor=1)
        yield {"sensor": "x"}

    with pytest.raises(ResponseValidationError) as caught:
        TestClient(app).get("/s")
    assert [error["loc"] for error in caught.value.errors()] == [("response", "sensor")]
    answer = TestClient(app, raise_server_exceptions=False).get("/s")
    assert (answer.status_code, answer.text) == (200, '{"sensor":1,"value":null}\n')


@unfinished_generators
def test_async_stream_lets_other_tasks_run_when_it_never_waits(backend: str):
    """9.1.3: there is a checkpoint after each item, so an endless async generator can be cancelled."""
    app = FastAPI()

    @app.get("/s")
    async def endpoint():
        while True:
            yield 1

    sent = []

    async def send(message: Any):
        sent.append(message)

    async def main():
        with anyio.move_on_after(0.2):
            with suppress(anyio.get_cancelled_exc_class()):  # quirk: FastAPI lets it out of the scope
                await app(http_scope("GET", "/s"), anyio.sleep_forever, send)

    anyio.run(main, backend=backend)
    assert len(sent) > 2


def test_sync_stream_is_iterated_in_threads():
    """9.1.3: a sync generator never runs on the event loop's thread."""
    threads = set()
    loops = []

    def endpoint():
        import threading

        threads.add(threading.current_thread() is threading.main_thread())
        try:
            import asyncio

            loops.append(asyncio.get_running_loop())
        except RuntimeError:
            loops.append(None)
        yield 1
        yield 2

    assert get(endpoint).text == "1\n2\n"
    assert threads == {False}
    assert loops == [None]


def test_json_lines_documentation_has_a_titled_item_schema_when_the_item_is_a_scalar():
    """9.1.4: `itemSchema` describes one item; a schema that is no reference carries a title."""

    def endpoint() -> Iterable[int]:
        yield 1

    assert response_of(endpoint) == {
        "description": "Successful Response",
        "content": {
            "application/jsonl": {"itemSchema": {"type": "integer", "title": "Streamitem Endpoint S Get"}}
        },
    }


def test_json_lines_documentation_has_an_empty_item_schema_when_untyped():
    """9.1.4: an untyped stream documents `itemSchema: {}`."""

    def endpoint():
        yield 1

    assert response_of(endpoint)["content"] == {"application/jsonl": {"itemSchema": {}}}


# --- 9.2 Server-Sent Events


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
def test_events_are_sent_for_any_method(method: str):
    """9.2.1: events may answer any method, with the headers that keep proxies from buffering."""
    app = FastAPI()

    @app.api_route("/s", methods=[method], response_class=EventSourceResponse)
    async def endpoint():
        yield {"a": 1}

    answer = TestClient(app).request(method, "/s")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.text == 'data: {"a": 1}\n\n'


def test_events_take_a_body_when_the_method_has_one():
    """9.2.1: parameters and body of an event stream are validated as everywhere."""
    app = FastAPI()

    @app.post("/s", response_class=EventSourceResponse)
    async def endpoint(reading: Reading) -> AsyncIterable[Reading]:
        yield reading

    client = TestClient(app)
    assert client.post("/s", json={"sensor": 1}).text == 'data: {"sensor":1,"value":null}\n\n'
    assert client.post("/s", json={}).status_code == 422


@pytest.mark.parametrize("place", ["app", "router", "include"])
def test_events_are_sent_when_the_default_response_class_says_so(place: str):
    """9.2: EventSourceResponse may be the default response class of an app, router or inclusion."""
    app = FastAPI(**({"default_response_class": EventSourceResponse} if place == "app" else {}))
    router = APIRouter(**({"default_response_class": EventSourceResponse} if place == "router" else {}))

    @router.get("/s")
    async def endpoint():
        yield 1

    options = {"default_response_class": EventSourceResponse} if place == "include" else {}
    app.include_router(router, **options)
    answer = TestClient(app).get("/s")
    assert answer.text == "data: 1\n\n"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("item", "line"),
    [
        ({"a": 1, "b": [1, 2]}, b'data: {"a": 1, "b": [1, 2]}'),
        ("text", b'data: "text"'),
        (None, b"data: null"),
        (float("nan"), b"data: null"),
        (Reading(sensor=2), b'data: {"sensor": 2, "value": null}'),
        (b"raw", b'data: "raw"'),
        ("line\nbreak", b'data: "line\\nbreak"'),
    ],
)
def test_untyped_event_is_one_line_of_json(item: Any, line: bytes):
    """9.2.2: an untyped item is one `data:` line of JSON with the default separators."""

    def endpoint():
        yield item

    assert get(endpoint, response_class=EventSourceResponse).content == line + b"\n\n"


def test_typed_event_is_compact_json():
    """9.2.2: a typed item is validated and written as compact JSON."""

    async def endpoint() -> AsyncIterable[Reading]:
        yield Reading(sensor=1)
        yield {"sensor": "2", "value": 1.5}
        yield Detailed(sensor=3)

    assert get(endpoint, response_class=EventSourceResponse).text == (
        'data: {"sensor":1,"value":null}\n\n'
        'data: {"sensor":2,"value":1.5}\n\n'
        'data: {"sensor":3,"value":null}\n\n'
    )


def test_invalid_event_breaks_the_stream():
    """9.2.2: an item that does not fit the declared type ends the stream with an error."""
    app = FastAPI()

    @app.get("/s", response_class=EventSourceResponse)
    async def endpoint() -> AsyncIterable[Reading]:
        yield {"sensor": "x"}

    answer = TestClient(app, raise_server_exceptions=False).get("/s")
    assert (answer.status_code, answer.content) == (200, b"")
    with pytest.raises(Exception) as caught:  # quirk: wrapped in exception groups there
        TestClient(app).get("/s")
    error: BaseException = caught.value
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, ResponseValidationError)


def test_server_sent_event_bypasses_item_validation():
    """9.2.2: a ServerSentEvent in a typed stream is sent without looking at its data."""

    async def endpoint() -> AsyncIterable[int]:
        yield ServerSentEvent(data={"not": "a number"}, event="odd")
        yield "7"

    assert get(endpoint, response_class=EventSourceResponse).text == (
        'event: odd\ndata: {"not": "a number"}\n\ndata: 7\n\n'
    )


def test_server_sent_event_has_nothing_by_default():
    """9.2.3: every part of a ServerSentEvent is optional."""
    event = ServerSentEvent()
    assert (event.data, event.raw_data, event.event, event.id, event.retry, event.comment) == (None,) * 6


@pytest.mark.parametrize(
    ("event", "wire"),
    [
        ({"data": "text"}, b'data: "text"\n\n'),
        ({"data": 5}, b"data: 5\n\n"),
        ({"data": Reading(sensor=1)}, b'data: {"sensor":1,"value":null}\n\n'),
        ({"data": {"a": [1]}}, b'data: {"a": [1]}\n\n'),
        ({"raw_data": "text"}, b"data: text\n\n"),
        ({"raw_data": "a\r\nb\rc\nd"}, b"data: a\ndata: b\ndata: c\ndata: d\n\n"),
        ({"raw_data": "a\n\n"}, b"data: a\ndata: \ndata: \n\n"),
        ({"raw_data": "a\u2028b\x0bc\x85d"}, "data: a\u2028b\x0bc\x85d\n\n".encode()),
        ({"raw_data": ""}, b"data: \n\n"),
        ({"comment": "only"}, b": only\n\n"),
        ({"comment": "two\nlines"}, b": two\n: lines\n\n"),
        ({"event": "named"}, b"event: named\n\n"),
        ({"retry": 0}, b"retry: 0\n\n"),
        ({"id": ""}, b"id: \n\n"),
        (
            {"data": 1, "event": "e", "id": "i", "retry": 5, "comment": "c"},
            b": c\nevent: e\ndata: 1\nid: i\nretry: 5\n\n",
        ),
    ],
)
def test_server_sent_event_is_written_in_wire_order(event: dict[str, Any], wire: bytes):
    """9.2.4: comment, event, data (one line per line break), id, retry, blank line."""

    def endpoint():
        yield ServerSentEvent(**event)

    assert get(endpoint, response_class=EventSourceResponse).content == wire


@pytest.mark.parametrize(
    "event",
    [
        {"data": 1, "raw_data": "1"},
        {"event": "a\nb"},
        {"event": "a\rb"},
        {"id": "a\nb"},
        {"id": "a\rb"},
        {"id": "a\0b"},
        {"retry": -1},
        {"retry": "soon"},
        {"raw_data": 5},
    ],
)
def test_server_sent_event_is_refused_when_it_would_break_the_wire(event: dict[str, Any]):
    """9.2.3: both data forms at once, line breaks in event or id, NUL in id, negative retry are errors."""
    with pytest.raises(ValueError) as caught:
        ServerSentEvent(**event)
    assert isinstance(caught.value, ValidationError)


@pytest.mark.parametrize(
    ("parts", "wire"),
    [
        ({}, b"\n"),
        ({"data_str": ""}, b"data: \n\n"),
        ({"data_str": "a\n"}, b"data: a\ndata: \n\n"),
        ({"comment": ""}, b": \n\n"),
        ({"comment": "a\r\nb\n"}, b": a\n: b\n: \n\n"),
        ({"event": ""}, b"event: \n\n"),
        (
            {"data_str": "d", "event": "e", "id": "i", "retry": 0, "comment": "c"},
            b": c\nevent: e\ndata: d\nid: i\nretry: 0\n\n",
        ),
    ],
)
def test_format_sse_event_writes_one_event(parts: dict[str, Any], wire: bytes):
    """9.2.4: format_sse_event gives the bytes of one event."""
    assert sse.format_sse_event(**parts) == wire


def test_keepalive_comment_is_a_ping():
    """9.2.5: the keep-alive comment is `: ping`, sent every 15 seconds by default."""
    assert sse.KEEPALIVE_COMMENT == b": ping\n\n"
    assert load("routing")._PING_INTERVAL == 15.0


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_keepalive_is_sent_when_the_generator_is_slow(colour: str, monkeypatch: pytest.MonkeyPatch):
    """9.2.5: a ping comment fills the silence while a sync or async generator prepares an item."""
    monkeypatch.setattr(load("routing"), "_PING_INTERVAL", 0.05)

    def sync_endpoint():
        time.sleep(0.2)
        yield 1

    async def async_endpoint():
        await anyio.sleep(0.2)
        yield 1

    text = get(sync_endpoint if colour == "sync" else async_endpoint, response_class=EventSourceResponse).text
    assert text.startswith(": ping\n\n")
    assert text.endswith("data: 1\n\n")
    assert text.replace(": ping\n\n", "") == "data: 1\n\n"


def test_keepalive_is_not_sent_when_items_come_in_time():
    """9.2.5: a fast stream carries no comments."""

    async def endpoint():
        for number in range(3):
            yield number

    assert get(endpoint, response_class=EventSourceResponse).text == "data: 0\n\ndata: 1\n\ndata: 2\n\n"


@unfinished_generators
@pytest.mark.parametrize("response_class", [None, EventSourceResponse, StreamingResponse])
@pytest.mark.parametrize("news", ["disconnect message", "failing send"])
def test_stream_ends_and_cleans_up_when_the_client_leaves(response_class: Any, news: str, backend: str):
    """9.2.5: a client that leaves cancels the producer; request-scoped dependencies are closed."""
    closed = []
    app = FastAPI()

    async def resource():
        try:
            yield
        finally:
            closed.append(True)

    options = {} if response_class is None else {"response_class": response_class}

    @app.get("/s", dependencies=[Depends(resource)], **options)
    async def endpoint():
        while True:
            yield "1"
            await anyio.lowlevel.checkpoint()

    client = LeavingClient(news)
    anyio.run(client.run, app, backend=backend)
    assert client.sent[0]["status"] == 200
    assert closed == [True]


GENERIC_EVENT = {
    "type": "object",
    "properties": {
        "data": {"type": "string"},
        "event": {"type": "string"},
        "id": {"type": "string"},
        "retry": {"type": "integer", "minimum": 0},
    },
}


def _typed_event(schema: dict[str, Any]) -> dict[str, Any]:
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}
    return {
        "type": "object",
        "properties": {**GENERIC_EVENT["properties"], "data": data},
        "required": ["data"],
    }  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("missing", GENERIC_EVENT),
        (AsyncIterable[ServerSentEvent], GENERIC_EVENT),
        (AsyncIterable[Reading], _typed_event({"$ref": "#/components/schemas/Reading"})),
        (AsyncIterable[int], _typed_event({"type": "integer", "title": "Streamitem Endpoint S Get"})),
    ],
)
def test_events_are_documented_by_their_item_schema(annotation: Any, schema: dict[str, Any]):
    """9.2.6: `itemSchema` is an event object; a typed item describes `data` as JSON text."""

    async def endpoint():
        yield 1

    if annotation != "missing":
        endpoint.__annotations__["return"] = annotation
    assert response_of(endpoint, response_class=EventSourceResponse) == {
        "description": "Successful Response",
        "content": {"text/event-stream": {"itemSchema": schema}},
    }


def test_event_stream_resumes_from_last_event_id_when_the_endpoint_reads_it():
    """9.2.7: Last-Event-ID is an ordinary header parameter."""
    app = FastAPI()

    @app.get("/s", response_class=EventSourceResponse)
    async def endpoint(last_event_id: int = Header(-1)):
        for number in range(last_event_id + 1, 3):
            yield ServerSentEvent(data=number, id=str(number))

    client = TestClient(app)
    assert client.get("/s", headers={"Last-Event-ID": "1"}).text == "data: 2\nid: 2\n\n"
    assert client.get("/s").text.count("data:") == 3


# --- 9.3 raw streams


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_raw_stream_sends_chunks_as_they_are(colour: str):
    """9.3: a generator with a streaming response class sends text and bytes chunks verbatim."""

    def sync_endpoint():
        yield "a,b\n"
        yield b"1,2\n"

    async def async_endpoint():
        yield "a,b\n"
        yield b"1,2\n"

    answer = get(sync_endpoint if colour == "sync" else async_endpoint, response_class=CSVResponse)
    assert answer.content == b"a,b\n1,2\n"
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


def test_raw_stream_has_no_content_type_when_the_class_has_none():
    """9.3: StreamingResponse itself names no media type."""

    def endpoint():
        yield b"1"

    answer = get(endpoint, response_class=StreamingResponse)
    assert answer.content == b"1"
    assert "content-type" not in answer.headers


def test_raw_stream_is_not_validated_by_the_annotation():
    """9.3: an item type has no effect on a raw stream."""

    def endpoint() -> Iterable[str]:
        yield b"\xff"

    assert get(endpoint, response_class=CSVResponse).content == b"\xff"


@pytest.mark.parametrize("response_class", [JSONResponse, PlainTextResponse])
def test_raw_stream_fails_when_the_class_cannot_stream(response_class: Any):
    """9.3: a response class that renders its content at once cannot take a generator: 500."""
    app = FastAPI()

    @app.get("/s", response_class=response_class)
    def endpoint():
        yield "1"

    assert TestClient(app, raise_server_exceptions=False).get("/s").status_code == 500


@pytest.mark.parametrize(
    ("response_class", "content"),
    [
        (StreamingResponse, None),
        (CSVResponse, {"text/csv": {"schema": {"type": "string"}}}),
    ],
)
def test_raw_stream_is_documented_by_the_media_type_of_its_class(response_class: Any, content: Any):
    """9.3: the class's media type is documented as text; a class without one documents no content."""

    def endpoint():
        yield "1"

    expected = {"description": "Successful Response"}
    if content is not None:
        expected["content"] = content
    assert response_of(endpoint, response_class=response_class) == expected


# --- 9.4 returned response objects


def test_returned_streaming_response_keeps_dependencies_open():
    """9.4: request-scoped dependencies are closed after a returned StreamingResponse has been sent."""
    log: list[str] = []
    app = FastAPI()

    def resource():
        yield "open"
        log.append("closed")

    @app.get("/s")
    def endpoint(state: str = Depends(resource)) -> StreamingResponse:
        def chunks():
            log.append("chunk")
            yield state

        return StreamingResponse(chunks(), media_type="text/plain", headers={"x-own": "1"})

    answer = TestClient(app).get("/s")
    assert (answer.text, answer.headers["x-own"]) == ("open", "1")
    assert log == ["chunk", "closed"]


def test_returned_file_response_serves_ranges(tmp_path: Any):
    """9.4: a returned FileResponse answers as Starlette's does, ranges included."""
    file = tmp_path / "data.txt"
    file.write_text("0123456789")
    app = FastAPI()

    @app.get("/f")
    def endpoint():
        return FileResponse(file)

    client = TestClient(app)
    assert client.get("/f").text == "0123456789"
    part = client.get("/f", headers={"range": "bytes=2-4"})
    assert (part.status_code, part.text, part.headers["content-range"]) == (206, "234", "bytes 2-4/10")


def test_returned_event_source_response_is_sent_as_it_is():
    """9.4: an EventSourceResponse made by hand passes through with its own headers."""

    async def endpoint():
        return EventSourceResponse(iter([sse.format_sse_event(data_str="1")]), headers={"x-own": "1"})

    answer = get(endpoint)
    assert answer.text == "data: 1\n\n"
    assert answer.headers["x-own"] == "1"
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
