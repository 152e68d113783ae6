"""Section 2: what the modules offer, beside markers and the encoder."""

import contextlib
import inspect
import logging
import re
import threading
import types
from typing import Annotated

import anyio
import pytest
import starlette.status
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from starlette.routing import Mount, Router
from surface_target import (
    APIRoute,
    Depends,
    FastAPI,
    HTTPException,
    JSONResponse,
    Query,
    Request,
    load,
)

utilities, models, solving = load("utils"), load("openapi.models"), load("dependencies.utils")


class Item(BaseModel):
    name: str


def dependency(size: int, token: Annotated[str, Query(alias="t")] = "none"):
    """Return what was asked for."""
    return size, token


# --- the package


def test_package_offers_the_names_that_applications_use():
    """2.1: classes, marker functions, the status codes and a version."""
    package = load()
    assert package.status is starlette.status
    for name in ("Body", "Cookie", "Depends", "File", "Form", "Header", "Path", "Query", "Security"):
        assert inspect.isfunction(getattr(package, name))
        assert getattr(package, name) is getattr(load("param_functions"), name)
    for name in (
        "FastAPI",
        "BackgroundTasks",
        "UploadFile",
        "HTTPException",
        "WebSocketException",
        "Request",
    ):
        assert inspect.isclass(getattr(package, name))
    for name in ("Response", "APIRouter", "WebSocket", "WebSocketDisconnect"):
        assert inspect.isclass(getattr(package, name))
    assert re.fullmatch(r"\d+\.\d+\.\d+", package.__version__)


def test_routing_offers_what_integrations_use():
    """2.4: classes, the functions of which handlers are made, and Starlette's names."""
    routing = load("routing")
    assert issubclass(routing.APIRouter, Router)
    assert routing.Mount is Mount
    for name in ("APIRoute", "APIWebSocketRoute", "RouteContext", "BaseRoute", "Match", "NoMatchFound"):
        assert inspect.isclass(getattr(routing, name))
    for name in ("request_response", "websocket_session", "get_request_handler", "get_websocket_app"):
        assert callable(getattr(routing, name))
    for name in ("serialize_response", "run_endpoint_function"):
        assert inspect.iscoroutinefunction(getattr(routing, name))
    assert routing.compile_path("/a/{b:int}")[1] == "/a/{b}"
    assert routing.get_name(dependency) == "dependency"


# --- dependencies


def test_dependant_has_slots():
    """2.5.1: `call` can be replaced, attributes of one's own cannot be added."""
    dependant = solving.get_dependant(path="/", call=dependency)
    assert [field.name for field in dependant.query_params] == ["size", "token"]
    assert dependant.dependencies == []
    assert dependant.use_cache is True
    dependant.call = len
    assert dependant.call is len
    assert not hasattr(dependant, "__dict__")


def test_dependencies_can_be_solved_by_hand():
    """2.5.2: values and errors come back, with response and tasks."""

    async def solve(query):
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": query, "headers": []}
        async with contextlib.AsyncExitStack() as stack:
            scope |= {"fastapi_inner_astack": stack, "fastapi_function_astack": stack}
            return await solving.solve_dependencies(
                request=Request(scope),
                dependant=solving.get_dependant(path="/", call=dependency),
                async_exit_stack=stack,
                embed_body_fields=False,
            )

    solved = anyio.run(solve, b"size=3&t=x")
    assert (solved.values, solved.errors) == ({"size": 3, "token": "x"}, [])
    assert [error["loc"] for error in anyio.run(solve, b"size=a").errors] == [("query", "size")]


def test_parameters_are_analysed_one_by_one():
    """2.5.2: what a parameter is, and the helpers around it."""
    details = solving.analyze_param(
        param_name="item", annotation=Item, value=inspect.Parameter.empty, path_param_names=set()
    )
    assert isinstance(details.field.field_info, load("params").Body)
    assert details.depends is None
    declared = Depends(dependency)
    found = solving.analyze_param(param_name="d", annotation=str, value=declared, path_param_names=set())
    assert found.depends is declared
    assert solving.get_parameterless_sub_dependant(depends=declared, path="/").call is dependency
    assert [f.alias for f in solving.get_flat_params(solving.get_dependant(path="/", call=dependency))] == [
        "size",
        "t",
    ]
    assert list(solving.get_typed_signature(dependency).parameters) == ["size", "token"]
    assert solving.get_stream_item_type(list[int]) is None


# --- data structures, exceptions' neighbours, events, concurrency


def test_placeholders_tell_defaults_from_values():
    """2.6: a wrapped default has the truth of its value, and equals another of the same."""
    structures = load("datastructures")
    assert structures.Default(3) == structures.DefaultPlaceholder(3)
    assert structures.Default(3) != 3
    assert bool(structures.Default(0)) is False
    assert bool(structures.Default(1)) is True
    for name in ("URL", "Address", "FormData", "Headers", "QueryParams", "State"):
        assert getattr(structures, name).__module__ == "starlette.datastructures"


def test_events_are_written_by_hand():
    """2.11: one function writes an event; comments keep a connection alive."""
    sse = load("sse")
    written = sse.format_sse_event(data_str="a\nb", event="e", id="1", retry=5, comment="c")
    assert written == b": c\nevent: e\ndata: a\ndata: b\nid: 1\nretry: 5\n\n"
    assert sse.KEEPALIVE_COMMENT == b": ping\n\n"
    assert sse._PING_INTERVAL == 15.0
    assert sse.EventSourceResponse.media_type == "text/event-stream"
    assert set(sse._SSE_EVENT_SCHEMA["properties"]) == {"data", "event", "id", "retry"}


def test_context_managers_run_in_threads():
    """2.12: a plain context manager is entered and left outside the event loop; errors pass through it."""
    concurrency = load("concurrency")
    log = []

    @contextlib.contextmanager
    def managed():
        log.append(threading.current_thread() is threading.main_thread())
        try:
            yield "value"
        except LookupError as exc:
            log.append(str(exc))
            raise
        finally:
            log.append("left")

    async def run():
        async with concurrency.contextmanager_in_threadpool(managed()) as value:
            log.append(value)
            raise LookupError("inside")

    with pytest.raises(LookupError, match="inside"):
        anyio.run(run)
    assert log == [False, "value", "inside", "left"]
    for name in ("iterate_in_threadpool", "run_in_threadpool", "run_until_first_complete"):
        assert getattr(concurrency, name).__module__ == "starlette.concurrency"
    assert concurrency.asynccontextmanager is contextlib.asynccontextmanager


# --- OpenAPI


def test_constants_of_documents():
    """2.14.1: which methods document a body, and where references point."""
    constants = load("openapi.constants")
    assert {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"} == constants.METHODS_WITH_BODY
    assert constants.REF_PREFIX == "#/components/schemas/"
    assert constants.REF_TEMPLATE == "#/components/schemas/{model}"


def test_models_of_documents():
    """2.14.2: they describe a whole document, and keep members that they do not know."""
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "T",
            "version": "1",
            "summary": "S",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "paths": {"/": {"get": {"responses": {"200": {"description": "OK"}}, "x-own": 1}}},
        "webhooks": {"new": {"post": {"responses": {}}}},
        "components": {"schemas": {"A": {"type": ["string", "null"]}}, "pathItems": {"p": {"summary": "P"}}},
        "tags": [{"name": "t", "x-more": True}],
    }
    made = models.OpenAPI(**document)
    assert made.model_dump(by_alias=True, exclude_none=True, mode="json") == document
    assert models.APIKey(**{"in": "header", "name": "x"}).type_ is models.SecuritySchemeType.apiKey
    flows = models.OAuthFlows(password={"tokenUrl": "t"})
    assert isinstance(flows.password, models.OAuthFlowPassword)
    assert models.BaseModelWithConfig(any_key=1).model_dump() == {"any_key": 1}


def test_document_can_be_made_of_chosen_routes():
    """2.14.3: `get_openapi` takes routes or contexts, and the helpers around it are there."""
    tools = load("openapi.utils")
    app = FastAPI()
    app.get("/a")(dependency)
    app.get("/b")(dependency)
    chosen = [context for context in load("routing").iter_route_contexts(app.routes) if context.path == "/b"]
    document = tools.get_openapi(title="T", version="1", routes=chosen)
    assert list(document["paths"]) == ["/b"]
    assert document["openapi"] == "3.1.0"
    assert tools.status_code_ranges["4XX"] == "Client Error"
    assert set(tools.validation_error_definition["properties"]) >= {"loc", "msg", "type"}
    assert tools.generate_operation_summary(route=chosen[0].route, method="get") == "Dependency"
    for name in ("get_openapi_path", "get_openapi_operation_metadata", "get_fields_from_routes"):
        assert callable(getattr(tools, name))


def test_pages_can_be_made_by_hand():
    """2.14.4: the functions of the documentation pages, and Swagger UI's default parameters."""
    docs = load("openapi.docs")
    assert docs.swagger_ui_default_parameters == {
        "dom_id": "#swagger-ui",
        "layout": "BaseLayout",
        "deepLinking": True,
        "showExtensions": True,
        "showCommonExtensions": True,
    }
    for name in ("get_swagger_ui_html", "get_redoc_html"):
        page = getattr(docs, name)(openapi_url="/mine.json", title="Mine")
        assert b"/mine.json" in page.body
    assert docs.get_swagger_ui_oauth2_redirect_html().media_type == "text/html"


# --- telemetry and the modules that only hand on


def test_telemetry_can_be_imported():
    """2.15: outside of a request there is no data."""
    telemetry = load("telemetry")
    assert telemetry.get_telemetry_data() is None
    assert set(inspect.signature(telemetry.TelemetryData).parameters) == {
        "request",
        "websocket",
        "body",
        "values",
        "errors",
    }
    assert "exclude" in telemetry.TelemetryConfig.__annotations__


HANDED_ON = {
    "background": ["BackgroundTasks"],
    "requests": ["HTTPConnection", "Request"],
    "websockets": ["WebSocket", "WebSocketDisconnect", "WebSocketState"],
    "staticfiles": ["StaticFiles"],
    "templating": ["Jinja2Templates"],
    "testclient": ["TestClient"],
    "middleware": ["Middleware"],
    "middleware.cors": ["CORSMiddleware"],
    "middleware.gzip": ["GZipMiddleware"],
    "middleware.httpsredirect": ["HTTPSRedirectMiddleware"],
    "middleware.trustedhost": ["TrustedHostMiddleware"],
    "middleware.asyncexitstack": ["AsyncExitStackMiddleware"],
    "types": ["DecoratedCallable", "UnionType", "ModelNameMap", "DependencyCacheKey", "IncEx"],
    "cli": ["main"],
}


@pytest.mark.parametrize("module", HANDED_ON)
def test_thin_module_hands_on_its_names(module):
    """2.16: each name is there, under the module where code expects it."""
    for name in HANDED_ON[module]:
        assert hasattr(load(module), name)


@pytest.mark.filterwarnings("ignore")
def test_wsgi_middleware_is_handed_on():
    """2.16: though Starlette deprecates it."""
    assert inspect.isclass(load("middleware.wsgi").WSGIMiddleware)


def test_logger_has_the_name_of_the_framework():
    """2.16: applications find it by name."""
    assert load("logger").logger is logging.getLogger("fastapi")


def test_exit_stack_middleware_keeps_a_stack_in_the_scope():
    """2.16: it is open while the application runs, under the name that was chosen."""
    seen = {}

    async def inner(scope, receive, send):
        seen["stack"] = scope["mine"]
        scope["mine"].callback(seen.setdefault, "closed", True)
        assert "closed" not in seen

    middleware = load("middleware.asyncexitstack").AsyncExitStackMiddleware(inner, context_name="mine")
    anyio.run(middleware, {"type": "http"}, None, None)
    assert isinstance(seen["stack"], contextlib.AsyncExitStack)
    assert seen["closed"] is True


# --- utilities and private names


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        (None, True), ("default", True), ("1XX", True), ("5XX", True), (200, True), ("201", True),
        (100, False), (199, False), (204, False), ("204", False), (205, False), (304, False),
    ],
)  # fmt: skip
def test_statuses_that_forbid_bodies(code, allowed):
    """2.17: informational ones, 204, 205 and 304."""
    assert utilities.is_body_allowed_for_status_code(code) is allowed


def test_utilities():
    """2.17: names in paths, merging, defaults, fields."""
    assert utilities.get_path_param_names("/a/{b}/{c}") == {"b", "c"}
    main = {"a": {"b": 1, "c": [1]}, "d": 1}
    utilities.deep_dict_update(main, {"a": {"c": [2], "e": 3}, "d": {"f": 4}})
    assert main == {"a": {"b": 1, "c": [1, 2], "e": 3}, "d": {"f": 4}}
    default = load("datastructures").Default
    assert utilities.get_value_or_default(default(1), default(2), 3, default(4)) == 3
    first = default(1)
    assert utilities.get_value_or_default(first, default(2)) is first
    field = utilities.create_model_field("f", int, alias="g")
    assert (field.name, field.alias) == ("f", "g")
    assert field.validate("3", {}, loc=("query", "g")) == (3, [])
    route = APIRoute("/items/{item_id}", dependency, methods=["GET"])
    assert utilities.generate_unique_id(route) == "dependency_items__item_id__get"


def test_private_names_that_the_ecosystem_uses():
    """2.18: fields as validators, undefined values, limits of forms."""
    compat = load("_compat")
    field = compat.ModelField(name="f", field_info=FieldInfo(annotation=Item))
    assert field.name == "f"
    assert field.serialize(Item(name="n")) == {"name": "n"}
    assert field.serialize_json(Item(name="n")) == b'{"name":"n"}'
    assert compat.lenient_issubclass(bool, int) is True
    assert compat.lenient_issubclass("no class", int) is False
    assert isinstance(compat.PYDANTIC_VERSION_MINOR_TUPLE, tuple)
    assert isinstance(load("_form_limits"), types.ModuleType)
    assert isinstance(load("_body_limit"), types.ModuleType)


def test_endpoints_can_be_run_by_hand():
    """2.4: `run_endpoint_function` calls what a dependant holds, `serialize_response` writes a result."""
    routing = load("routing")

    async def run():
        dependant = solving.get_dependant(path="/", call=dependency)
        return await routing.run_endpoint_function(
            dependant=dependant, values={"size": 1, "token": "t"}, is_coroutine=False
        )

    assert anyio.run(run) == (1, "t")
    field = utilities.create_model_field("f", Item, mode="serialization")

    async def serialize():
        return await routing.serialize_response(field=field, response_content={"name": "n", "more": 1})

    assert anyio.run(serialize) == {"name": "n"}


def test_handlers_are_functions_that_answer():
    """2.9: they can be called with a request and an exception."""
    handlers = load("exception_handlers")
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    answer = anyio.run(handlers.http_exception_handler, request, HTTPException(418, "tea"))
    assert isinstance(answer, JSONResponse)
    assert (answer.status_code, answer.body) == (418, b'{"detail":"tea"}')
