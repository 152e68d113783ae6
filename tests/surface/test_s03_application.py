"""Section 3 of the surface document: the constructor and the attributes of the application."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel
from raw_asgi import exchange
from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.routing import Route
from surface_target import (
    APIRouter,
    Depends,
    FastAPI,
    FastAPIDeprecationWarning,
    JSONResponse,
    PlainTextResponse,
    Request,
    TestClient,
    load,
    served_document,
)


def app_with_item(**options: Any) -> Any:
    """Return an application with one route."""
    app = FastAPI(**options)

    @app.get("/item")
    def read_item() -> dict[str, int]:
        return {"a": 1}

    return app


def test_application_is_a_starlette_application() -> None:
    """3: FastAPI derives from Starlette."""
    assert isinstance(FastAPI(), Starlette)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "FastAPI"),
        ("summary", None),
        ("description", ""),
        ("version", "0.1.0"),
        ("openapi_url", "/openapi.json"),
        ("openapi_tags", None),
        ("servers", []),
        ("docs_url", "/docs"),
        ("redoc_url", "/redoc"),
        ("swagger_ui_oauth2_redirect_url", "/docs/oauth2-redirect"),
        ("swagger_ui_init_oauth", None),
        ("terms_of_service", None),
        ("contact", None),
        ("license_info", None),
        ("root_path", ""),
        ("root_path_in_servers", True),
        ("swagger_ui_parameters", None),
        ("separate_input_output_schemas", True),
        ("openapi_external_docs", None),
        ("openapi_version", "3.1.0"),
        ("openapi_schema", None),
        ("dependency_overrides", {}),
        ("user_middleware", []),
        ("middleware_stack", None),
        ("debug", False),
    ],
)
def test_attribute_holds_the_default(name: str, value: object) -> None:
    """3.1 and 3.2: each constructor argument is an attribute of the same name with the documented default."""
    assert getattr(FastAPI(), name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("debug", True),
        ("title", "T"),
        ("summary", "S"),
        ("description", "D"),
        ("version", "9"),
        ("openapi_url", "/o.json"),
        ("openapi_tags", [{"name": "a"}]),
        ("servers", [{"url": "/x"}]),
        ("docs_url", "/d"),
        ("redoc_url", "/r"),
        ("swagger_ui_oauth2_redirect_url", "/cb"),
        ("swagger_ui_init_oauth", {"clientId": "x"}),
        ("terms_of_service", "https://e.org/t"),
        ("contact", {"name": "c"}),
        ("license_info", {"name": "l"}),
        ("root_path_in_servers", False),
        ("swagger_ui_parameters", {"a": 1}),
        ("separate_input_output_schemas", False),
        ("openapi_external_docs", {"url": "https://e.org/"}),
    ],
)
def test_attribute_holds_what_was_given(name: str, value: object) -> None:
    """3.2: the attribute holds the given value."""
    assert getattr(FastAPI(**{name: value}), name) == value


def test_state_router_and_webhooks_exist() -> None:
    """3.2: `state` is a Starlette State; `router` and `webhooks` are APIRouters."""
    app = FastAPI()
    assert isinstance(app.state, State)
    assert isinstance(app.router, APIRouter)
    assert isinstance(app.webhooks, APIRouter)
    assert app.webhooks.routes == []


def test_exception_handlers_hold_the_defaults() -> None:
    """3.2: `exception_handlers` is a dict that holds the three default handlers."""
    exceptions, handlers = load("exceptions"), load("exception_handlers")
    from starlette.exceptions import HTTPException as StarletteHTTPException

    defaults = {
        StarletteHTTPException: handlers.http_exception_handler,
        exceptions.RequestValidationError: handlers.request_validation_exception_handler,
        exceptions.WebSocketRequestValidationError: handlers.websocket_request_validation_exception_handler,
    }
    assert FastAPI().exception_handlers.items() >= defaults.items()


def test_positional_arguments_are_refused() -> None:
    """3.1: every constructor argument is keyword only."""
    with pytest.raises(TypeError):
        FastAPI(True)


@pytest.mark.parametrize("name", ["openapi_prefix", "anything"])
def test_unknown_argument_is_refused(name: str) -> None:
    """3.1: `openapi_prefix` and free extra keywords are gone."""
    with pytest.raises(TypeError):
        FastAPI(**{name: "x"})


def test_there_is_no_extra_attribute() -> None:
    """3.1: `app.extra` is gone with the extra keywords."""
    assert not hasattr(FastAPI(), "extra")


def test_middleware_stack_is_built_at_the_first_request() -> None:
    """3.2: `middleware_stack` is None until the first request."""
    app = app_with_item()
    assert app.middleware_stack is None
    TestClient(app).get("/item")
    assert app.middleware_stack is not None


def test_info_is_minimal_by_default() -> None:
    """3.1 title, version, description: the default document holds only title and version."""
    assert served_document(FastAPI()) == {
        "openapi": "3.1.0",
        "info": {"title": "FastAPI", "version": "0.1.0"},
        "paths": {},
    }


def test_info_takes_all_members() -> None:
    """3.1 title, summary, description, version, terms_of_service, contact, license_info: they fill `info`."""
    info: dict[str, Any] = {
        "title": "T",
        "summary": "S",
        "description": "**D**",
        "version": "2",
        "contact": {"name": "N", "url": "https://example.org/n", "email": "n@example.org"},
    }
    app = FastAPI(
        **info,
        terms_of_service="https://example.org/terms",
        license_info={"name": "L", "identifier": "MIT"},
    )
    assert served_document(app)["info"] == {
        **info,
        "termsOfService": "https://example.org/terms",
        "license": {"name": "L", "identifier": "MIT"},
    }


@pytest.mark.parametrize("name", ["title", "version"])
def test_empty_title_or_version_is_refused(name: str) -> None:
    """3.1 title, version: they must be truthy while there is a schema URL."""
    with pytest.raises(AssertionError):
        FastAPI(**{name: ""})


@pytest.mark.parametrize("name", ["title", "version"])
def test_empty_title_or_version_is_fine_without_schema(name: str) -> None:
    """3.1 title, version: they may be empty without a schema URL."""
    assert getattr(FastAPI(**{name: "", "openapi_url": None}), name) == ""


def test_tags_servers_and_external_docs_are_documented_in_order() -> None:
    """3.1 openapi_tags, servers, openapi_external_docs: they appear at the root, in the order given."""
    tags = [{"name": "z", "description": "last"}, {"name": "a"}]
    servers = [{"url": "/b", "description": "B"}, {"url": "https://a.example"}]
    docs = {"url": "https://example.org/docs", "description": "More"}
    document = served_document(FastAPI(openapi_tags=tags, servers=servers, openapi_external_docs=docs))
    assert document["tags"] == tags
    assert document["servers"] == servers
    assert document["externalDocs"] == docs


def test_openapi_version_is_assignable() -> None:
    """3.2: `openapi_version` may be assigned."""
    app = FastAPI()
    app.openapi_version = "3.0.2"
    assert served_document(app)["openapi"] == "3.0.2"


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc", "/docs/oauth2-redirect"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_documentation_answers_get_and_head(method: str, path: str) -> None:
    """3.5: the documentation routes are plain Starlette routes, so GET and HEAD both work."""
    assert TestClient(FastAPI()).request(method, path).status_code == 200


def test_documentation_routes_have_their_names() -> None:
    """3.5: the names of the documentation routes, in order, before the user's routes."""
    app = app_with_item()
    assert [(route.name, route.path) for route in app.routes] == [
        ("openapi", "/openapi.json"),
        ("swagger_ui_html", "/docs"),
        ("swagger_ui_redirect", "/docs/oauth2-redirect"),
        ("redoc_html", "/redoc"),
        ("read_item", "/item"),
    ]
    assert all(type(route) is Route for route in app.routes[:4])


def test_documentation_routes_precede_user_routes() -> None:
    """3.5: a user's route cannot shadow a documentation page."""
    app = FastAPI()

    @app.get("/docs")
    def own_docs() -> str:
        return "own"

    assert "swagger" in TestClient(app).get("/docs").text.lower()


def test_no_schema_url_disables_everything() -> None:
    """3.1 openapi_url: None disables the schema and both pages."""
    client = TestClient(app_with_item(openapi_url=None))
    paths = ["/openapi.json", "/docs", "/redoc", "/docs/oauth2-redirect"]
    assert [client.get(path).status_code for path in paths] == [404] * 4
    assert client.get("/item").status_code == 200


@pytest.mark.parametrize(
    ("option", "gone"),
    [
        ("docs_url", ["/docs", "/docs/oauth2-redirect"]),
        ("redoc_url", ["/redoc"]),
        ("swagger_ui_oauth2_redirect_url", ["/docs/oauth2-redirect"]),
    ],
)
def test_none_disables_one_page(option: str, gone: list[str]) -> None:
    """3.1 docs_url, redoc_url, swagger_ui_oauth2_redirect_url: None disables that page."""
    client = TestClient(FastAPI(**{option: None}))
    paths = ["/docs", "/docs/oauth2-redirect", "/redoc"]
    assert [path for path in paths if client.get(path).status_code == 404] == gone


def test_pages_move_to_the_given_urls() -> None:
    """3.1 openapi_url, docs_url, redoc_url, swagger_ui_oauth2_redirect_url: they may be placed elsewhere."""
    app = FastAPI(
        openapi_url="/api/v1/o.json", docs_url="/d", redoc_url="/r", swagger_ui_oauth2_redirect_url="/d/cb"
    )
    client = TestClient(app)
    assert client.get("/api/v1/o.json").json()["info"]["title"] == "FastAPI"
    assert "/api/v1/o.json" in client.get("/d").text
    assert "/d/cb" in client.get("/d").text
    assert "/api/v1/o.json" in client.get("/r").text
    assert client.get("/d/cb").status_code == 200


def test_swagger_page_holds_parameters_and_oauth() -> None:
    """3.1 swagger_ui_parameters, swagger_ui_init_oauth: both reach the page, before the defaults."""
    app = FastAPI(
        swagger_ui_parameters={"deepLinking": False, "filter": True}, swagger_ui_init_oauth={"clientId": "me"}
    )
    page = TestClient(app).get("/docs").text
    assert '"deepLinking": false' in page
    assert '"deepLinking": true' not in page
    assert '"filter": true' in page
    assert 'initOAuth({"clientId": "me"})' in page


def test_pages_are_prefixed_with_the_root_path() -> None:
    """3.5: the URLs inside the pages carry the request's root path."""
    client = TestClient(FastAPI(), root_path="/behind")
    swagger = client.get("/docs").text
    assert "/behind/openapi.json" in swagger
    assert "/behind/docs/oauth2-redirect" in swagger
    assert "/behind/openapi.json" in client.get("/redoc").text


def test_documentation_is_not_documented() -> None:
    """3.5: the documentation routes are absent from the schema."""
    assert list(served_document(app_with_item())["paths"]) == ["/item"]


def test_root_path_argument_is_deprecated() -> None:
    """3.1 root_path: a truthy value warns."""
    with pytest.warns(FastAPIDeprecationWarning):
        app = FastAPI(root_path="/api")
    assert app.root_path == "/api"


def test_root_path_overrides_the_scope() -> None:
    """3.1 root_path and 3.4.1: it is written into the scope of every call."""
    with pytest.warns(FastAPIDeprecationWarning):
        app = FastAPI(root_path="/api")

    @app.get("/root")
    def read_root(request: Request) -> Any:
        return request.scope["root_path"]

    assert TestClient(app).get("/root").json() == "/api"
    assert TestClient(app, root_path="/other").get("/root").json() == "/api"


def test_root_path_argument_appears_in_servers() -> None:
    """3.1 root_path, root_path_in_servers: the served schema starts with the root path."""
    with pytest.warns(FastAPIDeprecationWarning):
        app = FastAPI(root_path="/api", servers=[{"url": "https://one.example"}])
    assert served_document(app)["servers"] == [{"url": "/api"}, {"url": "https://one.example"}]


def test_request_root_path_comes_first_in_servers() -> None:
    """3.6: a request's root path is put before the declared servers, and the cache stays as it was."""
    app = FastAPI(servers=[{"url": "https://one.example"}])
    client = TestClient(app, root_path="/proxy")
    assert client.get("/openapi.json").json()["servers"] == [
        {"url": "/proxy"},
        {"url": "https://one.example"},
    ]
    assert app.openapi()["servers"] == [{"url": "https://one.example"}]
    assert "servers" in app.openapi_schema
    assert served_document(app)["servers"] == [{"url": "https://one.example"}]


def test_root_path_is_not_repeated_in_servers() -> None:
    """3.6: a root path that is among the servers already is not added."""
    app = FastAPI(servers=[{"url": "https://one.example"}, {"url": "/proxy"}])
    client = TestClient(app, root_path="/proxy")
    assert client.get("/openapi.json").json()["servers"] == [
        {"url": "https://one.example"},
        {"url": "/proxy"},
    ]


def test_root_path_in_servers_can_be_switched_off() -> None:
    """3.1 root_path_in_servers: False leaves the servers alone."""
    client = TestClient(FastAPI(root_path_in_servers=False), root_path="/proxy")
    assert "servers" not in client.get("/openapi.json").json()


def test_app_dependencies_run_for_every_route() -> None:
    """3.1 dependencies: they run for each route, whether declared on the app or included."""
    seen: list[str] = []
    app = app_with_item(dependencies=[Depends(lambda: seen.append("app"))])
    router = APIRouter()
    router.get("/included")(lambda: None)
    app.include_router(router)
    client = TestClient(app)
    client.get("/item")
    client.get("/included")
    client.get("/docs")
    assert seen == ["app", "app"]


def test_default_response_class_is_inherited() -> None:
    """3.1 default_response_class: routes use it unless they name their own."""
    app = FastAPI(default_response_class=PlainTextResponse)
    app.get("/text")(lambda: "a")
    app.get("/json", response_class=JSONResponse)(lambda: "a")
    client = TestClient(app)
    assert client.get("/text").headers["content-type"] == "text/plain; charset=utf-8"
    assert client.get("/text").text == "a"
    assert client.get("/json").text == '"a"'


def test_responses_apply_to_all_routes() -> None:
    """3.1 responses: additional responses are documented on all routes."""
    app = app_with_item(responses={404: {"description": "Gone fishing"}})
    assert served_document(app)["paths"]["/item"]["get"]["responses"]["404"] == {
        "description": "Gone fishing"
    }


def test_deprecated_applies_to_all_routes() -> None:
    """3.1 deprecated: all operations are marked."""
    assert served_document(app_with_item(deprecated=True))["paths"]["/item"]["get"]["deprecated"] is True


def test_include_in_schema_false_hides_all_routes() -> None:
    """3.1 include_in_schema: False hides every operation."""
    assert served_document(app_with_item(include_in_schema=False))["paths"] == {}


def test_callbacks_apply_to_all_routes() -> None:
    """3.1 callbacks: documented on all operations."""
    callbacks = APIRouter()
    callbacks.post("{$callback_url}/done", name="done")(lambda: None)
    operation = served_document(app_with_item(callbacks=callbacks.routes))["paths"]["/item"]["get"]
    assert list(operation["callbacks"]["done"]) == ["{$callback_url}/done"]


def test_webhooks_router_is_documented() -> None:
    """3.1 webhooks: a given router is used and documented."""
    webhooks = APIRouter()
    webhooks.post("shipped")(lambda: None)
    app = FastAPI(webhooks=webhooks)
    assert app.webhooks is webhooks
    assert list(served_document(app)["webhooks"]) == ["shipped"]


def test_unique_id_function_is_inherited() -> None:
    """3.1 generate_unique_id_function: it names the operations."""
    app = app_with_item(generate_unique_id_function=lambda route: f"op-{route.name}")
    assert served_document(app)["paths"]["/item"]["get"]["operationId"] == "op-read_item"


@pytest.mark.parametrize(("separate", "names"), [(True, ["M-Input", "M-Output"]), (False, ["M"])])
def test_schemas_are_split_or_joined(separate: bool, names: list[str]) -> None:
    """3.1 separate_input_output_schemas: one component per direction, or one for both."""

    class M(BaseModel):
        a: Decimal

    app = FastAPI(separate_input_output_schemas=separate)

    @app.post("/m")
    def echo(m: M) -> M:
        return m

    components = [name for name in served_document(app)["components"]["schemas"] if name.startswith("M")]
    assert components == names


@pytest.mark.parametrize(("strict", "status"), [(True, 422), (False, 200)])
def test_strict_content_type_decides_on_bodies_without_type(strict: bool, status: int) -> None:
    """3.1 strict_content_type: False reads a body without Content-Type as JSON."""
    app = FastAPI(strict_content_type=strict)

    @app.post("/m")
    def echo(m: dict[str, int]) -> Any:
        return m

    assert exchange(app, "POST", "/m", b'{"a":1}').status == status


def test_body_limit_refuses_larger_bodies() -> None:
    """3.1 max_body_size: a larger body gets 413."""
    app = FastAPI(max_body_size=3)
    app.post("/m")(lambda: None)

    @app.post("/read")
    async def read(request: Request) -> Any:
        return len(await request.body())

    client = TestClient(app)
    assert client.post("/read", content=b"123").json() == 3
    assert client.post("/read", content=b"1234").status_code == 413


def test_form_limits_are_copied_and_applied() -> None:
    """3.1 form_limits: a dict that restricts the automatic form parsing."""
    form = load().Form
    limits = {"max_fields": 1}
    app = FastAPI(form_limits=limits)
    limits["max_fields"] = 100

    @app.post("/f")
    def read(a: str = form(), b: str = form("")) -> Any:
        return a + b

    client = TestClient(app)
    assert client.post("/f", data={"a": "1"}).json() == "1"
    assert client.post("/f", data={"a": "1", "b": "2"}).status_code == 400


def test_telemetry_takes_a_dict() -> None:
    """3.1 telemetry: settings are given as a dict."""
    app = app_with_item(telemetry={"tracing": False, "metrics": False, "logs": False})
    assert TestClient(app).get("/item").json() == {"a": 1}


def test_routes_argument_adds_raw_routes() -> None:
    """3.1 routes: raw Starlette routes are taken over."""

    async def endpoint(request: Request) -> Any:
        return PlainTextResponse("raw")

    app = FastAPI(routes=[Route("/raw", endpoint)])
    assert TestClient(app).get("/raw").text == "raw"


def test_redirect_slashes_can_be_switched_off() -> None:
    """3.1 redirect_slashes: 307 to the other form, or 404 when False."""
    on = TestClient(app_with_item(), follow_redirects=False).get("/item/")
    assert (on.status_code, on.headers["location"]) == (307, "http://testserver/item")
    assert TestClient(app_with_item(redirect_slashes=False)).get("/item/").status_code == 404
