"""Sections 20.4 to 20.7: spans of operations, metrics, logs, and what processors may know."""

import threading

import pytest
from opentelemetry.sdk._logs import LogRecordProcessor
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace import TracerProvider as SdkTracers
from surface_target import Depends, FastAPI, HTTPException, Response, TestClient, WebSocket, load
from telemetry_apps import add_failing_routes, add_socket, connect, get, simple_app
from telemetry_records import Records

get_telemetry_data = load("telemetry").get_telemetry_data


@pytest.fixture
def records():
    """In-memory providers."""
    records = Records()
    yield records
    records.close()


@pytest.fixture
def app(records):
    """An application that reports to them."""
    return simple_app(records)


@pytest.fixture
def failing(app):
    """The application with routes that end badly."""
    add_failing_routes(app)
    return app


@pytest.fixture
def sockets(app):
    """The application with a WebSocket."""
    add_socket(app)
    return app


# -------------------------------------------------------------------------------- 20.4 operations


def test_operations_have_spans_below_the_request(app, records):
    """20.4: one each for dependencies, endpoint and serialization, named after the endpoint's function."""
    get(app, "/items/1")
    server = records.server.context.span_id
    spans = [span for span in records.spans if span.kind.name == "INTERNAL"]
    assert [span.name for span in spans] == [
        "fastapi.dependencies",
        "fastapi.endpoint",
        "fastapi.serialization",
    ]
    assert {span.parent.span_id for span in spans} == {server}
    (name,) = {span.attributes["code.function.name"] for span in spans}
    assert name == "telemetry_apps.simple_app.<locals>.read"


class _CallableEndpoint:
    async def __call__(self):
        return 1


def test_objects_are_named_after_their_class(app, records):
    """20.4: a callable without a name of its own has that of its class."""
    app.get("/object")(_CallableEndpoint())
    get(app, "/object")
    name = records.operation("endpoint").attributes["code.function.name"]
    assert name == f"{__name__}._CallableEndpoint"


def test_a_response_object_is_not_serialized(app, records):
    """20.4: what the endpoint returns as a response has no span of serialization."""
    app.get("/response")(lambda: Response("x"))
    get(app, "/response")
    assert records.names == ["fastapi.dependencies", "fastapi.endpoint", "GET /response"]


def test_streaming_endpoints_have_no_spans_of_their_own(app, records):
    """20.4: a generator is work for as long as the stream lasts, which is the request."""

    @app.get("/stream")
    async def endpoint():
        yield 1

    get(app, "/stream")
    assert records.names == ["fastapi.dependencies", "GET /stream"]


@pytest.mark.parametrize("asynchronous", [True, False])
def test_user_spans_are_inside_the_operations(app, records, asynchronous):
    """20.4: the operation is current where its function runs, on a thread too."""
    tracer = records.tracers.get_tracer("user")

    def dependency():
        with tracer.start_as_current_span("in dependency"):
            return 1

    def endpoint(value=Depends(dependency)):
        with tracer.start_as_current_span("in endpoint"):
            return 1

    async def async_endpoint(value=Depends(dependency)):
        return endpoint()

    app.get("/nested")(async_endpoint if asynchronous else endpoint)
    get(app, "/nested")
    by_name = {span.name: span for span in records.spans}
    for inner, outer in (("in dependency", "dependencies"), ("in endpoint", "endpoint")):
        assert by_name[inner].parent.span_id == records.operation(outer).context.span_id


def test_the_endpoint_runs_where_its_span_begins(records):
    """20.4: the span of a plain function is made on its thread."""
    seen = {}

    class Watching(SpanProcessor):
        def on_start(self, span, parent_context=None):
            seen[span.name] = threading.current_thread()

    tracers = SdkTracers(shutdown_on_exit=False)
    tracers.add_span_processor(Watching())
    app = FastAPI(telemetry={"tracer_provider": tracers})

    @app.get("/")
    def endpoint():
        seen["function"] = threading.current_thread()

    get(app, "/")
    assert seen["fastapi.endpoint"] is seen["function"]
    assert seen["fastapi.endpoint"] is not seen["fastapi.dependencies"]


@pytest.mark.parametrize(
    ("path", "failed", "error_type"),
    [
        ("/broken", "endpoint", "ValueError"),
        ("/dependency", "dependencies", "OSError"),
        ("/wrong", "serialization", "fastapi.exceptions.ResponseValidationError"),
        ("/refused", None, None),
        ("/unavailable", None, None),
        ("/items/x", None, None),
    ],
)
def test_operations_fail_with_unexpected_exceptions_only(failing, records, path, failed, error_type):
    """20.4: HTTPException and validation errors are answers, not failures."""
    get(failing, path)
    spans = {span.name.removeprefix("fastapi."): span for span in records.spans if "." in span.name}
    errors = [name for name, span in spans.items() if span.status.status_code.name == "ERROR"]
    assert errors == ([failed] if failed else [])
    if failed:
        assert spans[failed].attributes["error.type"] == error_type


def test_each_background_task_has_a_span(app, records):
    """20.4: named after the task, below the request, which is over by then."""

    async def task():
        pass

    def sync_task():
        pass

    @app.get("/tasks")
    async def endpoint(tasks: load("background").BackgroundTasks):
        tasks.add_task(task)
        tasks.add_task(sync_task)

    get(app, "/tasks")
    spans = [span for span in records.spans if span.name == "fastapi.background_task"]
    prefix = f"{__name__}.test_each_background_task_has_a_span.<locals>"
    assert [span.attributes["code.function.name"] for span in spans] == [
        f"{prefix}.task",
        f"{prefix}.sync_task",
    ]
    assert {span.parent.span_id for span in spans} == {records.server.context.span_id}


def test_a_background_task_fails_with_any_exception(app, records):
    """20.4: nobody answers an HTTPException after the response."""

    async def task():
        raise HTTPException(400)

    @app.get("/tasks")
    async def endpoint(tasks: load("background").BackgroundTasks):
        tasks.add_task(task)

    get(app, "/tasks")
    span = records.operation("background_task")
    assert span.status.status_code.name == "ERROR"
    assert span.attributes["error.type"] == "fastapi.exceptions.HTTPException"
    assert records.server.status.status_code.name == "UNSET"


# -------------------------------------------------------------------------------- 20.5 metrics


def test_requests_are_measured(failing, records):
    """20.5: the duration in seconds, by method, scheme, version, route, status and error."""
    get(failing, "/items/1?a=1")
    get(failing, "/items/2")
    get(failing, "/broken")
    metric = records.metric("http.server.request.duration")
    assert metric.unit == "s"
    points = {point.attributes["http.route"]: point for point in metric.data.data_points}
    assert dict(points["/items/{item_id}"].attributes) == {
        "http.request.method": "GET",
        "url.scheme": "http",
        "network.protocol.version": "1.1",
        "http.route": "/items/{item_id}",
        "http.response.status_code": 200,
    }
    assert points["/items/{item_id}"].count == 2
    assert points["/broken"].attributes["error.type"] == "ValueError"
    buckets = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
    assert tuple(points["/broken"].explicit_bounds) == buckets


def test_active_requests_are_counted(app, records):
    """20.5: one more while a request is served, none afterwards."""
    seen = []

    @app.get("/active")
    async def endpoint():
        (point,) = records.points("http.server.active_requests")
        seen.append((point.value, dict(point.attributes)))

    get(app, "/active")
    assert seen == [(1, {"http.request.method": "GET", "url.scheme": "http"})]
    (point,) = records.points("http.server.active_requests")
    assert point.value == 0


def test_websockets_are_not_measured(sockets, records):
    """20.5: the metrics are those of HTTP."""
    connect(sockets, "/ws/1")
    assert records.points("http.server.request.duration") == []
    assert records.points("http.server.active_requests") == []


# -------------------------------------------------------------------------------- 20.6 logs


@pytest.mark.parametrize("path", ["/items/x", "/ws/x"])
def test_failed_validations_are_logged(sockets, records, path):
    """20.6: a warning with the number of errors, in the trace of the request."""
    if path.startswith("/ws"):
        connect(sockets, path)
    else:
        get(sockets, path)
    (record,) = records.logs
    assert (record.event_name, record.severity_text) == ("fastapi.validation.failed", "WARN")
    assert record.attributes["fastapi.validation.error_count"] == 1
    assert record.attributes["http.route"].startswith(path.removesuffix("x"))
    assert record.span_id == records.server.context.span_id


def test_a_body_that_is_no_json_is_logged(app, records):
    """20.6: the same for what cannot even be parsed."""

    @app.post("/body")
    async def endpoint(body: dict):
        return body

    TestClient(app).post("/body", content=b"{", headers={"content-type": "application/json"})
    assert [record.event_name for record in records.logs] == ["fastapi.validation.failed"]


def test_validation_errors_that_the_application_raises_are_not_logged(app, records):
    """20.6: only what the framework itself finds is."""
    error = load("exceptions").RequestValidationError([{"loc": ("x",), "msg": "m", "type": "t"}])

    @app.get("/own")
    async def endpoint():
        raise error

    assert get(app, "/own").status_code == 422
    assert records.logs == []


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/broken", "ValueError"),
        ("/dependency", "OSError"),
        ("/late", "LookupError"),
        ("/half", "ValueError"),
        ("/refused", None),
        ("/unavailable", None),
        ("/handled", None),
    ],
)
def test_unhandled_exceptions_are_logged_once(failing, records, path, logged):
    """20.6: with type, message and traceback; what has a handler is not."""
    get(failing, path)
    assert [record.attributes["exception.type"] for record in records.logs] == ([logged] if logged else [])
    for record in records.logs:
        assert (record.event_name, record.severity_text) == ("http.server.request.exception", "ERROR")
        assert record.attributes["http.route"] == path
        assert record.attributes["exception.stacktrace"].startswith("Traceback")
        assert record.trace_id == records.server.context.trace_id


def test_exceptions_of_websockets_are_logged(sockets, records):
    """20.6: under a name of their own."""
    error = connect(sockets, "/ws/1?do=fail")
    (record,) = records.logs
    assert (record.event_name, record.severity_text) == ("fastapi.websocket.exception", "ERROR")
    assert record.attributes["exception.message"] == str(error) == "failed"


# -------------------------------------------------------------------------------- 20.7 data for processors


class _Seen(SpanProcessor, LogRecordProcessor):
    """Notes what processors find."""

    def __init__(self):
        self.found = []

    def on_start(self, span, parent_context=None):
        self._note("start", span.name, get_telemetry_data(parent_context))

    def on_end(self, span):
        self._note("end", span.name, get_telemetry_data())

    def on_emit(self, log_record):
        self._note("log", log_record.log_record.event_name, get_telemetry_data())

    def _note(self, when, what, data):
        shown = None if data is None else (data.request is not None, data.body, data.values, data.errors)
        self.found.append((when, what.removeprefix("fastapi."), shown))

    def shutdown(self):
        pass

    def force_flush(self, timeout_millis=0):
        return True


@pytest.fixture
def seen(records):
    """A processor on the providers."""
    seen = _Seen()
    records.tracers.add_span_processor(seen)
    records.loggers.add_log_record_processor(seen)
    return seen


def test_processors_may_know_the_request(app, seen):
    """20.7: body, arguments and errors are there as soon as they are known, and still when the span ends."""

    @app.post("/orders/{n}")
    async def endpoint(n: int, order: dict):
        return 1

    TestClient(app).post("/orders/1", json={"a": 2})
    values = {"n": 1, "order": {"a": 2}}
    whole = (True, {"a": 2}, values, [])
    assert seen.found == [
        ("start", "POST", None),
        ("start", "dependencies", (True, {"a": 2}, None, None)),
        ("end", "dependencies", whole),
        ("start", "endpoint", whole),
        ("end", "endpoint", whole),
        ("start", "serialization", whole),
        ("end", "serialization", whole),
        ("end", "POST /orders/{n}", whole),
    ]


def test_processors_may_know_what_did_not_fit(app, seen):
    """20.7: errors are whole, submitted values included, and the arguments are those that are good."""

    @app.post("/orders/{n}")
    async def endpoint(n: int, order: dict, q: int = 3):
        return 1

    TestClient(app).post("/orders/x", json={"a": 2})
    when, what, data = seen.found[-2]
    assert (when, what) == ("log", "validation.failed")
    assert data[:3] == (True, {"a": 2}, {"order": {"a": 2}, "q": 3})
    assert [(error["loc"], error["input"]) for error in data[3]] == [(("path", "n"), "x")]


def test_there_is_no_data_outside_of_requests(app):
    """20.7: None before and after."""
    assert get_telemetry_data() is None
    get(app, "/items/1")
    assert get_telemetry_data() is None


def test_the_websocket_is_there_for_processors(sockets, records):
    """20.7: in the place of the request."""
    found = []

    class Watching(SpanProcessor):
        def on_end(self, span):
            data = get_telemetry_data()
            found.append((data.request, type(data.websocket), sorted(data.values)))

    records.tracers.add_span_processor(Watching())
    connect(sockets, "/ws/1")
    assert found[-1] == (None, WebSocket, ["do", "n", "websocket"])
