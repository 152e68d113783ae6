"""Sections 20.1 to 20.3: when telemetry is active, and the span of a request."""

import anyio
import pytest
from opentelemetry import baggage, trace
from raw_asgi import Exchange, exchange, http_scope
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from surface_target import (
    APIRouter,
    Depends,
    FastAPI,
    Request,
    Response,
    StreamingResponse,
    TestClient,
    load,
)
from telemetry_apps import add_failing_routes, add_socket, connect, get, simple_app
from telemetry_records import Records

get_telemetry_data = load("telemetry").get_telemetry_data

SCHEMA_URL = "https://opentelemetry.io/schemas/1.44.0"


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


# -------------------------------------------------------------------------------- 20.1 activation


def test_nothing_is_recorded_without_providers():
    """20.1: without a provider there is nothing in the scope, and no data for processors."""
    app, seen = FastAPI(), []

    @app.get("/")
    async def endpoint(request: Request):
        seen.append(("fastapi.telemetry" in request.scope, get_telemetry_data()))

    get(app, "/")
    assert seen == [(False, None)]


def test_a_provider_that_does_nothing_records_nothing():
    """20.1: no-op providers do not activate anything."""
    app, seen = FastAPI(telemetry={"tracer_provider": trace.NoOpTracerProvider()}), []

    @app.get("/")
    async def endpoint():
        seen.append(get_telemetry_data())

    get(app, "/")
    assert seen == [None]


@pytest.mark.parametrize(
    ("only", "spans", "logs", "points"),
    [
        ("tracer_provider", True, False, False),
        ("logger_provider", False, True, False),
        ("meter_provider", False, False, True),
    ],
)
def test_each_signal_is_active_by_itself(records, only, spans, logs, points):
    """20.1 and 3.4.3: a signal is active if its provider is real, whatever the others are."""
    app = FastAPI(telemetry={only: records.config[only]})

    @app.get("/")
    async def endpoint(n: int):
        return n

    get(app, "/?n=x")
    assert (bool(records.spans), bool(records.logs)) == (spans, logs)
    assert bool(records.points("http.server.request.duration")) is points


def _layer(module):
    class OpenTelemetryMiddleware:
        def __init__(self, app):
            self.app = app

        async def __call__(self, scope, receive, send):
            await self.app(scope, receive, send)

    OpenTelemetryMiddleware.__module__ = module
    OpenTelemetryMiddleware.__qualname__ = "OpenTelemetryMiddleware"
    return OpenTelemetryMiddleware


@pytest.mark.parametrize(
    ("module", "recorded"), [("opentelemetry.instrumentation.asgi", False), ("mine.instrumentation", True)]
)
def test_contrib_instrumentation_in_the_stack_turns_everything_off(app, records, module, recorded):
    """20.1: an application with contrib's ASGI layer among its own is left to it."""
    app.add_middleware(_layer(module))
    get(app, "/items/x")
    assert bool(records.spans) is recorded
    assert bool(records.logs) is recorded
    assert bool(records.points("http.server.request.duration")) is recorded


def test_nested_applications_are_recorded_once(app, records):
    """20.1: an application inside another that records leaves it to the outer one, operations included."""
    inner = FastAPI(telemetry=records.config)

    @inner.get("/inner")
    async def endpoint():
        return 1

    app.mount("/sub", inner)
    get(app, "/sub/inner")
    assert records.names == [
        "fastapi.dependencies",
        "fastapi.endpoint",
        "fastapi.serialization",
        "GET /sub/inner",
    ]
    (point,) = records.points("http.server.request.duration")
    assert point.count == 1


def test_an_inner_application_without_telemetry_is_part_of_the_outer_request(app, records):
    """20.1: operations of a mounted application belong to the request that the outer one records."""
    inner = FastAPI()

    @inner.get("/inner")
    def endpoint():
        return 1

    app.mount("/sub", inner)
    get(app, "/sub/inner")
    assert records.operation("endpoint").parent.span_id == records.server.context.span_id


@pytest.mark.parametrize("value", [True, None])
def test_a_connection_that_somebody_else_records_is_left_alone(app, records, value):
    """20.1: the key `fastapi.telemetry` in the scope, whatever its value, turns recording off."""
    done = exchange(app, "GET", "/items/1", **{"fastapi.telemetry": value})
    assert (done.status, records.spans) == (200, [])


def test_excluded_connections_are_not_recorded(records):
    """20.1: `exclude` is asked with the scope, and applications inside do not record either."""
    config = {**records.config, "exclude": lambda scope: scope["path"] == "/sub/health"}
    app, inner, seen = FastAPI(telemetry=config), FastAPI(telemetry=records.config), []

    @inner.get("/{name}")
    async def endpoint(name: str):
        seen.append(get_telemetry_data() is not None)

    app.mount("/sub", inner)
    get(app, "/sub/health")
    assert (records.spans, records.logs) == ([], [])
    get(app, "/sub/other")
    assert records.names[-1] == "GET /sub/{name}"
    assert seen == [False, True]


# -------------------------------------------------------------------------------- 20.2 settings


@pytest.mark.parametrize(
    ("switch", "server", "operations", "logs", "metrics"),
    [
        ("tracing", False, False, True, True),
        ("metrics", True, True, True, False),
        ("logs", True, True, False, True),
        ("operation_spans", True, False, True, True),
    ],
)
def test_switches_turn_parts_off(records, switch, server, operations, logs, metrics):
    """20.2: tracing, metrics, logs and operation_spans are on unless said otherwise."""
    app = FastAPI(telemetry={**records.config, switch: False})

    @app.get("/")
    async def endpoint(n: int = 1):
        return n

    get(app, "/")
    get(app, "/?n=x")
    assert ("GET /" in records.names) is server
    assert ("fastapi.endpoint" in records.names) is operations
    assert bool(records.logs) is logs
    assert bool(records.points("http.server.request.duration")) is metrics


def test_settings_are_copied(records):
    """20.2: what is done to the mapping later changes nothing."""
    config = dict(records.config)
    app = FastAPI(telemetry=config)
    app.get("/")(lambda: 1)
    config.clear()
    get(app, "/")
    assert "GET /" in records.names


def test_telemetry_config_has_the_documented_keys():
    """20.2: the keys of the typed dict, none of them required."""
    config = load("telemetry").TelemetryConfig
    assert config.__required_keys__ == frozenset()
    assert list(config.__annotations__) == [
        "tracer_provider",
        "meter_provider",
        "logger_provider",
        "tracing",
        "metrics",
        "logs",
        "operation_spans",
        "auto_configure",
        "exclude",
    ]


# -------------------------------------------------------------------------------- 20.3 the span of a request


def test_a_request_has_a_server_span(app, records):
    """20.3: kind, name, attributes, scope, and no status for success."""
    get(app, "/items/3?a=1")
    span = records.server
    assert (span.name, span.status.status_code.name, span.parent) == ("GET /items/{item_id}", "UNSET", None)
    assert records.attributes == {
        "http.request.method": "GET",
        "url.scheme": "http",
        "url.path": "/items/3",
        "url.query": "a=1",
        "server.address": "testserver",
        "server.port": 80,
        "network.protocol.version": "1.1",
        "http.route": "/items/{item_id}",
        "http.response.status_code": 200,
    }
    scope = span.instrumentation_scope
    assert (scope.name, scope.version, scope.schema_url) == ("fastapi", "0.165.0", SCHEMA_URL)
    assert list(span.events) == []


def test_headers_and_bodies_are_not_recorded(app, records):
    """20.3: nothing of what was sent is on any span or record, but the path and the query."""

    @app.post("/login")
    async def login(body: dict, authorization: int):
        return {"token": "answer-7788"}

    headers = {"authorization": "Bearer canary-1", "cookie": "session=canary-2"}
    client = TestClient(app)
    client.post("/login?authorization=1", headers=headers, json={"password": "canary-3"})
    client.post("/login", headers=headers, json={"password": "canary-3"})
    texts = [str(dict(item.attributes)) for item in [*records.spans, *records.logs]]
    texts += [str(record.body) for record in records.logs]
    texts += [str(point.attributes) for point in records.points("http.server.request.duration")]
    assert texts
    assert not [text for text in texts if "canary" in text or "answer-7788" in text]


def test_the_span_continues_the_trace_of_the_client(app, records):
    """20.3: the parent comes from traceparent and tracestate; repeated headers are joined."""
    parent = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    headers = [(b"traceparent", parent), (b"tracestate", b"a=1"), (b"tracestate", b"b=2")]
    exchange(app, "GET", "/items/1", headers=headers)
    assert records.server.parent.span_id == 0xB7AD6B7169203331
    assert records.server.context.trace_id == 0x0AF7651916CD43DD8448EB211C80319C
    assert dict(records.server.context.trace_state) == {"a": "1", "b": "2"}


def test_baggage_reaches_the_endpoint(app):
    """20.3: baggage is propagated, out of several headers too."""
    seen = []

    @app.get("/baggage")
    def endpoint():
        seen.append(dict(baggage.get_all()))

    exchange(app, "GET", "/baggage", headers=[(b"baggage", b"a=1"), (b"baggage", b"b=2")])
    assert seen == [{"a": "1", "b": "2"}]


def test_only_the_client_says_what_a_request_is_part_of(app, records):
    """20.3: a span that is current where the application is called is not the parent."""
    with records.tracers.get_tracer("t").start_as_current_span("around"):
        exchange(app, "GET", "/items/1")
    assert records.server.parent is None


@pytest.mark.parametrize(
    ("query", "recorded"),
    [
        ("a=1&b=2", "a=1&b=2"),
        ("sig=x&a=1", "sig=REDACTED&a=1"),
        (
            "X-Amz-Signature=x&X-Amz-Credential=y&X-Amz-Security-Token=z",
            "X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED&X-Amz-Security-Token=REDACTED",
        ),
        ("X-Goog-Signature=&q=sig", "X-Goog-Signature=REDACTED&q=sig"),
        ("SIG=a", "SIG=a"),
    ],
)
def test_signatures_in_queries_are_redacted(app, records, query, recorded):
    """20.3: the values of parameters that carry signatures are not recorded."""
    exchange(app, "GET", f"/items/1?{query}")
    assert records.attributes["url.query"] == recorded


@pytest.mark.parametrize(
    ("host", "address", "port"),
    [
        (b"EX.com", "ex.com", 443),
        (b"ex.com:8080", "ex.com", 8080),
        (b"[::1]:99", "::1", 99),
        (b"ex.com:99999", None, None),
        (b"user@ex.com", None, None),
        (b"", None, None),
        (None, "testserver", 80),
    ],
)
def test_server_address_is_what_the_client_named(app, records, host, address, port):
    """20.3: address and port come from Host, else from the server; a broken Host gives none."""
    headers = [] if host is None else [(b"host", host)]
    version = "1.0" if host is None else "1.1"
    exchange(app, "GET", "/items/1", headers=headers, scheme="https", http_version=version)
    assert records.attributes.get("server.address") == address
    assert records.attributes.get("server.port") == port


def test_unknown_methods_share_a_name(app, records):
    """20.3: what is no known method is HTTP in the name and _OTHER in the attribute."""
    exchange(app, "BREW", "/items/1")
    attributes = records.attributes
    assert records.server.name == "HTTP /items/{item_id}"
    assert (attributes["http.request.method"], attributes["http.request.method_original"]) == (
        "_OTHER",
        "BREW",
    )


def test_known_methods_can_be_replaced(records, monkeypatch):
    """20.3: OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS names the methods that are recorded, exactly."""
    monkeypatch.setenv("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", "BREW, GET")
    app = FastAPI(telemetry=records.config)
    app.api_route("/", methods=["BREW", "POST"])(lambda: 1)
    exchange(app, "BREW", "/")
    exchange(app, "POST", "/")
    servers = [span.name for span in records.spans if span.kind.name == "SERVER"]
    assert servers == ["BREW /", "HTTP /"]


# -------------------------------------------------------------------------------- 20.3 http.route


@pytest.fixture
def site(records, tmp_path):
    """An application with all that can stand in a route."""
    (tmp_path / "index.html").write_text("page")
    app, sub = FastAPI(telemetry=records.config), FastAPI()

    async def raw(request):
        return PlainTextResponse("raw")

    router = APIRouter(prefix="/r/{a}")
    router.get("/x/{b}")(lambda a, b: 1)
    app.include_router(router)
    app.get("/files/{path:path}")(lambda path: 1)
    app.get("/slash/")(lambda: 1)
    app.post("/only-post")(lambda: 1)
    app.add_route("/raw/{p:path}", raw)
    sub.get("/items/{item_id}")(lambda item_id: 1)
    sub.frontend("/ui", directory=tmp_path)
    app.mount("/sub/{tenant}", sub)
    app.mount("/starlette", Starlette(routes=[Route("/deep/{x}", raw)]))
    app.frontend("/front", directory=tmp_path)
    return app


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/r/1/x/2", "/r/{a}/x/{b}"),
        ("/files/a/b", "/files/{path}"),
        ("/raw/a/b", "/raw/{p}"),
        ("/docs", "/docs"),
        ("/slash", "/slash/"),
        ("/only-post", "/only-post"),
        ("/sub/1/items/2", "/sub/{tenant}/items/{item_id}"),
        ("/sub/1/items/2/", "/sub/{tenant}/items/{item_id}"),
        ("/sub/1/nothing", "/sub/{tenant}/{path}"),
        ("/sub/1/ui/index.html", "/sub/{tenant}/ui/{path}"),
        ("/starlette/deep/1", "/starlette/{path}"),
        ("/front/", "/front/{path}"),
        ("/front", "/front/{path}"),
        ("/front/missing.png", "/front/{path}"),
        ("/nothing", None),
    ],
)
def test_http_route_is_the_whole_template(site, records, path, route):
    """20.3: with prefixes of routers and mounts, for redirects, refusals and frontends too."""
    get(site, path)
    assert records.attributes.get("http.route") == route
    assert records.server.name == (f"GET {route}" if route else "GET")


def test_http_route_begins_with_the_root_path(app, records):
    """20.3: the prefix that a proxy removes is part of the route."""
    exchange(app, "GET", "/api/items/1", root_path="/api")
    assert records.attributes["http.route"] == "/api/items/{item_id}"


def test_the_span_has_its_name_while_the_endpoint_runs(app, records):
    """20.3: the route is known as soon as it matched."""
    seen = []

    @app.get("/named/{x}")
    async def endpoint(x: str, request: Request):
        seen.append(request.scope["fastapi.telemetry"] is not None)
        seen.append(trace.get_current_span().get_span_context().trace_id)

    get(app, "/named/1")
    assert seen == [True, records.server.context.trace_id]


# -------------------------------------------------------------------------------- 20.3 failures


@pytest.fixture
def failing(app):
    """The application with routes that end badly."""
    add_failing_routes(app)
    return app


@pytest.mark.parametrize(
    ("path", "status", "error_type"),
    [
        ("/refused", 404, None),
        ("/items/x", 422, None),
        ("/handled", 418, None),
        ("/unavailable", 503, "503"),
        ("/broken", 500, "ValueError"),
        ("/dependency", 500, "OSError"),
        ("/wrong", 500, "fastapi.exceptions.ResponseValidationError"),
        ("/half", 200, "ValueError"),
    ],
)
def test_status_is_error_for_failures_of_the_server_only(failing, records, path, status, error_type):
    """20.3: statuses of 500 and more, and unhandled exceptions."""
    get(failing, path)
    assert records.attributes["http.response.status_code"] == status
    assert records.attributes.get("error.type") == error_type
    assert records.server.status.status_code.name == ("UNSET" if error_type is None else "ERROR")
    assert list(records.server.events) == []


def test_the_exception_that_reaches_the_server_counts(app, records):
    """20.3: what a middleware makes of an exception is what the request failed with."""

    class Translating:
        def __init__(self, app):
            self.app = app

        async def __call__(self, scope, receive, send):
            try:
                await self.app(scope, receive, send)
            except ValueError as error:
                raise LookupError("translated") from error

    @app.get("/broken")
    async def broken():
        raise ValueError

    app.add_middleware(Translating)
    get(app, "/broken")
    assert records.attributes["error.type"] == "LookupError"
    assert [record.attributes["exception.type"] for record in records.logs] == ["LookupError"]


def test_an_exception_that_a_middleware_answers_is_no_failure(app, records):
    """20.3: only what nobody takes is an error."""

    class Answering:
        def __init__(self, app):
            self.app = app

        async def __call__(self, scope, receive, send):
            try:
                await self.app(scope, receive, send)
            except ValueError:
                await Response(status_code=409)(scope, receive, send)

    @app.get("/broken")
    async def broken():
        raise ValueError

    app.add_middleware(Answering)
    get(app, "/broken")
    assert records.server.status.status_code.name == "UNSET"
    assert records.logs == []


def _raw(*messages):
    async def app(scope, receive, send):
        for message in messages:
            await send(message)

    return app


_START = {"type": "http.response.start", "status": 200, "headers": []}


@pytest.mark.parametrize(
    ("messages", "error_type"),
    [
        ([], "RuntimeError"),
        ([_START], "RuntimeError"),
        ([_START, {"type": "http.response.body", "body": b"1", "more_body": True}], "RuntimeError"),
        ([_START, {"type": "http.response.body"}], None),
        ([_START, {"type": "http.response.pathsend", "path": "/x"}], None),
        (
            [
                {**_START, "trailers": True},
                {"type": "http.response.body"},
                {"type": "http.response.trailers", "headers": []},
            ],
            None,
        ),
        ([{**_START, "trailers": True}, {"type": "http.response.body"}], "RuntimeError"),
    ],
)
def test_incomplete_responses_are_errors(app, records, messages, error_type):
    """20.3: a response is complete with its last body, trailers or path message."""
    app.mount("/raw", _raw(*messages))
    exchange(app, "GET", "/raw/")
    assert records.attributes.get("error.type") == error_type


def test_a_client_that_left_makes_the_response_incomplete(app, records):
    """20.3: the error then says that the connection is to blame."""

    async def leaves(scope, receive, send):
        await send(_START)
        assert (await receive())["type"] == "http.disconnect"

    app.mount("/leave", leaves)

    async def run():
        async def receive():
            return {"type": "http.disconnect"}

        async def send(message):
            pass

        await app(http_scope("GET", "/leave/"), receive, send)

    anyio.run(run)
    assert records.attributes["error.type"] == "ConnectionError"


def test_cancellation_ends_the_span_with_an_error(app, records):
    """20.3: a request that is cut off has not been answered; nothing is logged."""

    @app.get("/slow")
    async def slow():
        await anyio.sleep_forever()

    async def run():
        with anyio.move_on_after(0.05):
            await Exchange(http_scope("GET", "/slow")).run(app)

    anyio.run(run)
    assert records.attributes["error.type"] == "asyncio.exceptions.CancelledError"
    assert records.operation("endpoint").status.status_code.name == "UNSET"
    assert records.logs == []


# -------------------------------------------------------------------------------- 20.3 the end


def test_the_span_ends_before_background_tasks_and_exits(app, records):
    """20.3: the last message ends it; clean-up and tasks come later."""
    seen = []

    async def resource():
        yield 1
        seen.append(("exit", "GET /late" in records.names))

    @app.get("/late")
    async def endpoint(tasks: load("background").BackgroundTasks, value=Depends(resource)):
        tasks.add_task(lambda: seen.append(("task", "GET /late" in records.names)))

    done = Exchange(
        http_scope("GET", "/late"),
        on_send=lambda message: seen.append((message["type"], "GET /late" in records.names)),
    )
    anyio.run(done.run, app)
    assert seen == [
        ("http.response.start", False),
        ("http.response.body", False),
        ("task", True),
        ("exit", True),
    ]


def test_streams_end_with_their_last_chunk(app, records):
    """20.3: the span lasts as long as the stream, in which it is current."""
    seen = []

    @app.get("/stream")
    async def endpoint():
        async def chunks():
            yield b"1"
            seen.append((trace.get_current_span().get_span_context().span_id, "GET /stream" in records.names))
            yield b"2"

        return StreamingResponse(chunks())

    get(app, "/stream")
    assert seen == [(records.server.context.span_id, False)]


# -------------------------------------------------------------------------------- 20.3 websockets


@pytest.fixture
def sockets(app):
    """The application with a WebSocket."""
    add_socket(app)
    return app


def test_a_websocket_has_one_span(sockets, records):
    """20.3: WS and the route, until the connection ends."""
    connect(sockets, "/ws/1?token=canary")
    assert records.server.name == "WS /ws/{n}"
    assert records.attributes == {
        "url.scheme": "ws",
        "network.protocol.name": "websocket",
        "server.address": "testserver",
        "server.port": 80,
        "http.route": "/ws/{n}",
    }
    assert records.names == ["fastapi.dependencies", "fastapi.endpoint", "WS /ws/{n}"]


def test_a_websocket_without_route_is_just_one(sockets, records):
    """20.3: no route, no template in the name."""
    connect(sockets, "/nowhere")
    assert records.names == ["WS"]


@pytest.mark.parametrize(("code", "failed"), [(1000, False), (1001, False), (1006, True), (1011, True)])
def test_a_client_that_closes_normally_is_no_failure(sockets, records, code, failed):
    """20.3: 1000 and 1001 are fine, everything else is an error."""
    connect(sockets, "/ws/1?do=wait", {"type": "websocket.disconnect", "code": code})
    status = "ERROR" if failed else "UNSET"
    assert records.server.status.status_code.name == status
    assert records.operation("endpoint").status.status_code.name == status
    assert bool(records.logs) is failed
