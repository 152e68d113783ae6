"""Section 9: endpoints that yield: JSON Lines, Server-Sent Events, raw streams."""

import json
import typing
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from contextlib import suppress
from typing import Any

import anyio
import pytest
from raw_asgi import http_scope
from streams import (
    CSVResponse,
    Detailed,
    EventSourceResponse,
    Reading,
    Renamed,
    get,
    response_of,
    unfinished_generators,
)
from surface_target import (
    BackgroundTasks,
    Depends,
    FastAPI,
    FileResponse,
    HTTPException,
    JSONResponse,
    PlainTextResponse,
    Response,
    ResponseValidationError,
    StreamingResponse,
    TestClient,
    load,
)

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
        return EventSourceResponse(iter([load("sse").format_sse_event(data_str="1")]), headers={"x-own": "1"})

    answer = get(endpoint)
    assert answer.text == "data: 1\n\n"
    assert answer.headers["x-own"] == "1"
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"


def sending(item, annotation, response_class=None):
    """Return the application of a stream with one item, annotated like this."""
    app = FastAPI()

    def stream():
        yield item

    stream.__annotations__["return"] = annotation
    app.get("/", **({"response_class": response_class} if response_class else {}))(stream)
    return app


def test_stream_of_events_takes_other_items():
    """9.2.2: where events are announced, an item that is none is written as if nothing were announced."""
    sse = load("sse")
    app = sending({"b": 1, "x": 2}, Iterable[sse.ServerSentEvent], sse.EventSourceResponse)
    assert TestClient(app).get("/").text == 'data: {"b": 1, "x": 2}\n\n'


def test_stream_without_an_item_type_is_one_of_anything():
    """9.1.1: `Iterable` alone says that items are anything, and they are dumped so."""
    app = sending({"b": 1}, typing.Iterable)
    assert TestClient(app).get("/").text == '{"b":1}\n'
    content = app.openapi()["paths"]["/"]["get"]["responses"]["200"]["content"]
    assert content == {"application/jsonl": {"itemSchema": {"title": "Streamitem Stream  Get"}}}


def test_items_of_a_stream_are_no_response_model():
    """9.1.1: a status without a body is no contradiction to them; a list is a model as ever."""
    app = sending(1, Iterable[int])
    (route,) = [route for route in app.routes if route.path == "/"]
    assert (route.response_model, route.stream_item_type) == (None, int)
    FastAPI().get("/", status_code=204)(route.endpoint)
    (route,) = [route for route in sending(1, list[int]).routes if route.path == "/"]
    assert (route.response_model, route.stream_item_type) == (list[int], None)
