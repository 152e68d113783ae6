"""Sections 4.1 to 4.4 of the surface document: the router, the options of a route, the route object."""

import http
import time
from enum import Enum

import pytest
from pydantic import BaseModel
from raw_asgi import exchange
from starlette.routing import Match, Mount, Route
from surface_target import (
    APIRoute,
    APIRouter,
    Body,
    Depends,
    FastAPI,
    FastAPIError,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Request,
    RequestValidationError,
    Response,
    TestClient,
    WebSocket,
    load,
    served_document,
)


def alone(router):
    """Return the router as an application: FastAPI needs its exit stack around a router that no app holds."""
    return load("middleware.asyncexitstack").AsyncExitStackMiddleware(router)


def operation(app, path="/a", method="get"):
    """Return the documented operation of `path`."""
    return served_document(app)["paths"][path][method]


# 4.1 the router's constructor


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prefix", ""),
        ("tags", []),
        ("dependencies", []),
        ("responses", {}),
        ("callbacks", []),
        ("routes", []),
        ("redirect_slashes", True),
        ("route_class", APIRoute),
        ("on_startup", []),
        ("on_shutdown", []),
        ("deprecated", None),
        ("include_in_schema", True),
        ("max_body_size", None),
    ],
)
def test_router_attribute_holds_the_default(name, value):
    """4.1: the router keeps its settings under the argument names."""
    assert getattr(APIRouter(), name) == value


def test_router_takes_keywords_only():
    """4.1: every argument of the router is keyword only."""
    with pytest.raises(TypeError):
        APIRouter("/prefix")


@pytest.mark.parametrize("prefix", ["a", "a/b", "/a/", "/"])
def test_malformed_prefix_is_refused(prefix):
    """4.1: a prefix must start with "/" and must not end with it, on the router and at inclusion."""
    with pytest.raises(AssertionError):
        APIRouter(prefix=prefix)
    with pytest.raises(AssertionError):
        FastAPI().include_router(APIRouter(), prefix=prefix)


def test_router_is_an_application_of_its_own():
    """4.1: a router can be served alone, below its own prefix."""
    router = APIRouter(prefix="/p")
    router.get("/a/{n}")(lambda n: n)
    done = exchange(alone(router), "GET", "/p/a/7")
    assert (done.status, done.body) == (200, b'"7"')


def test_router_served_alone_answers_404_itself():
    """4.1: alone, a router says 404 and 405 as plain text, for nobody handles the exception."""
    router = APIRouter()
    router.get("/a")(lambda: None)
    done = exchange(router, "GET", "/none")
    assert (done.status, done.body) == (404, b"Not Found")


def test_router_can_be_mounted():
    """4.1: a mounted router serves below the mount path and is not documented."""
    app, router = FastAPI(), APIRouter()
    router.get("/a")(lambda: "mounted")
    app.mount("/m", router)
    assert TestClient(app).get("/m/a").json() == "mounted"
    assert served_document(app)["paths"] == {}


def test_default_application_answers_what_nothing_matches():
    """4.1 default: the ASGI application for no match."""

    async def fallback(scope, receive, send):
        await PlainTextResponse("fallback", 299)(scope, receive, send)

    router = APIRouter(default=fallback)
    router.get("/a")(lambda: "a")
    assert exchange(alone(router), "GET", "/a").body == b'"a"'
    assert exchange(alone(router), "GET", "/b").status == 299


def test_router_level_body_limit_applies_when_served_alone():
    """4.1 max_body_size: a router served alone keeps its own limit."""
    router = APIRouter(max_body_size=3)

    @router.post("/a")
    async def read(request: Request):
        return len(await request.body())

    assert exchange(alone(router), "POST", "/a", b"123").body == b"3"
    assert exchange(alone(router), "POST", "/a", b"1234", headers=[(b"content-length", b"4")]).status == 413


@pytest.mark.parametrize("size", [True, 1.0, "1", -1])
def test_malformed_body_limit_is_refused(size):
    """4.1 max_body_size: only a non-negative int."""
    with pytest.raises(ValueError):
        APIRouter(max_body_size=size)


def test_router_routes_argument_is_taken_over():
    """4.1 routes: a list of ready routes."""

    async def endpoint(request):
        return PlainTextResponse("raw")

    router = APIRouter(routes=[Route("/raw", endpoint)])
    app = FastAPI()
    app.include_router(router, prefix="/p")
    assert TestClient(app).get("/p/raw").text == "raw"


def test_router_settings_reach_its_routes():
    """4.1 every shared setting of a router reaches its routes."""
    seen = []
    router = APIRouter(
        prefix="/r",
        tags=["t"],
        dependencies=[Depends(lambda: seen.append("dep"))],
        responses={418: {"description": "Teapot"}},
        default_response_class=PlainTextResponse,
        deprecated=True,
    )
    router.get("/a")(lambda: "text")
    app = FastAPI()
    app.include_router(router)
    response = TestClient(app).get("/r/a")
    assert (response.text, seen) == ("text", ["dep"])
    documented = operation(app, "/r/a")
    assert documented["tags"] == ["t"]
    assert documented["deprecated"] is True
    assert documented["responses"]["418"] == {"description": "Teapot"}
    assert documented["responses"]["200"]["content"] == {"text/plain": {"schema": {"type": "string"}}}


def test_router_redirect_slashes_false_alone():
    """4.1 redirect_slashes: False answers 404 for the other form."""
    router = APIRouter(redirect_slashes=False)
    router.get("/a")(lambda: None)
    assert exchange(router, "GET", "/a/").status == 404
    plain = APIRouter()
    plain.get("/a")(lambda: None)
    assert exchange(plain, "GET", "/a/").status == 307


# 4.2 the router's methods


@pytest.mark.parametrize("verb", ["get", "put", "post", "delete", "options", "head", "patch", "trace"])
def test_router_has_every_verb(verb):
    """4.2: the same verbs as the app; the function comes back unchanged."""

    def endpoint():
        return None

    app, router = FastAPI(), APIRouter()
    assert getattr(router, verb)("/v")(endpoint) is endpoint
    app.include_router(router)
    assert TestClient(app).request(verb, "/v").status_code == 200


def test_add_api_route_takes_a_route_class_and_callbacks():
    """4.2: `add_api_route` of the router alone takes these three options."""

    class Named(APIRoute):
        pass

    router = APIRouter()
    router.add_api_route(
        "/a",
        lambda: None,
        methods=["PUT"],
        route_class_override=Named,
        callbacks=[],
        strict_content_type=False,
    )
    route = router.routes[0]
    assert type(route) is Named
    assert route.methods == {"PUT"}
    assert route.strict_content_type is False


def test_api_route_takes_methods():
    """4.2: `api_route` is the decorator for several methods."""
    app, router = FastAPI(), APIRouter()
    router.api_route("/a", methods=["get", "Post"])(lambda: "x")
    app.include_router(router)
    client = TestClient(app)
    assert [client.request(m, "/a").status_code for m in ("GET", "POST", "PUT")] == [200, 200, 405]


def test_router_websocket_forms():
    """4.2: `websocket`, `add_api_websocket_route`, `websocket_route`, `add_websocket_route`."""
    router = APIRouter(prefix="/p")

    async def injected(websocket: WebSocket, who: str = "nobody"):
        await websocket.accept()
        await websocket.send_text(who)
        await websocket.close()

    async def raw(websocket):
        await injected(websocket, "raw")

    assert router.websocket("/a", name="named")(injected) is injected
    router.add_api_websocket_route("/b", injected)
    router.websocket_route("/c")(raw)
    router.add_websocket_route("/d", raw)
    app = FastAPI()
    app.include_router(router, prefix="/q")
    client, got = TestClient(app), []
    for path in ("/q/p/a?who=me", "/q/p/b"):
        with client.websocket_connect(path) as session:
            got.append(session.receive_text())
    assert got == ["me", "nobody"]
    assert app.url_path_for("named") == "/q/p/a"


@pytest.mark.parametrize("path", ["/c", "/d"])
def test_raw_websocket_routes_of_a_router_are_reached(path):
    """4.2: raw websocket routes get no injection and do not take the router's own prefix."""
    router = APIRouter()

    async def raw(websocket):
        await websocket.accept()
        await websocket.send_text("raw")
        await websocket.close()

    router.websocket_route("/c")(raw)
    router.add_websocket_route("/d", raw)
    app = FastAPI()
    app.include_router(router, prefix="/q")
    with TestClient(app).websocket_connect("/q" + path) as session:
        assert session.receive_text() == "raw"


def test_raw_routes_take_the_request():
    """4.2: `route` and `add_route` register raw Starlette endpoints, without injection."""
    router = APIRouter()

    @router.route("/a")
    async def by_decorator(request):
        return PlainTextResponse(request.url.path)

    router.add_route("/b", by_decorator, methods=["POST"])
    app = FastAPI()
    app.include_router(router, prefix="/p")
    client = TestClient(app)
    assert [client.get("/p/a").text, client.post("/p/b").text, client.get("/p/b").status_code] == [
        "/p/a",
        "/p/b",
        405,
    ]


def test_event_handlers_of_a_router_run():
    """4.2: `add_event_handler` registers start and stop callables."""
    log, router = [], APIRouter()
    router.add_event_handler("startup", lambda: log.append("up"))
    router.add_event_handler("shutdown", lambda: log.append("down"))
    with TestClient(router):
        assert log == ["up"]
    assert log == ["up", "down"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_router_on_event_runs():
    """4.2: the deprecated `on_event` of a router works when it is served alone."""
    log, router = [], APIRouter()
    router.on_event("startup")(lambda: log.append("up"))
    with TestClient(router):
        assert log == ["up"]


def test_router_mount_and_host_are_prefixed():
    """4.2 and 4.5: `mount` and `host` of an included router keep working below the prefix."""
    sub = FastAPI()
    sub.get("/a")(lambda: "sub")
    router = APIRouter()
    router.mount("/m", sub)
    router.host("api.example", sub)
    app = FastAPI()
    app.include_router(router, prefix="/p")
    assert TestClient(app).get("/p/m/a").json() == "sub"
    assert TestClient(app, base_url="http://api.example").get("/p/a").json() == "sub"


@pytest.mark.parametrize("name", ["matches", "handle", "url_path_for", "not_found", "lifespan", "frontend"])
def test_router_has_its_hooks(name):
    """4.2: the hooks and lookups exist."""
    assert callable(getattr(APIRouter(), name))


@pytest.mark.parametrize(
    "name", ["add_middleware", "middleware", "exception_handler", "add_exception_handler"]
)
def test_router_has_no_middleware_and_no_handlers(name):
    """4.2: FastAPI offers neither middleware nor exception handlers per router."""
    assert not hasattr(APIRouter(), name)


def test_router_matches_hook_decides_on_its_routes():
    """4.2: `matches` of a router is a hook that decides whether it takes part."""

    class Versioned(APIRouter):
        def matches(self, scope):
            if (b"x-version", b"2") not in scope["headers"]:
                return Match.NONE, {}
            return super().matches(scope)

    router, app = Versioned(), FastAPI()
    router.get("/a")(lambda: "two")
    app.include_router(router)
    app.get("/a")(lambda: "one")
    client = TestClient(app)
    assert [client.get("/a").json(), client.get("/a", headers={"x-version": "2"}).json()] == ["one", "two"]


def test_router_handle_hook_wraps_its_routes():
    """4.2: `handle` of a router is a hook around whatever it matched."""
    seen = []

    class Watched(APIRouter):
        async def handle(self, scope, receive, send):
            seen.append(scope["path"])
            await super().handle(scope, receive, send)

    router, app = Watched(), FastAPI()
    router.get("/a")(lambda: "a")
    app.include_router(router, prefix="/p")
    app.get("/b")(lambda: "b")
    client = TestClient(app)
    assert [client.get("/p/a").json(), client.get("/b").json(), seen] == ["a", "b", ["/p/a"]]


# 4.3 the options of a route


def test_decorators_stack():
    """4.3: the decorator returns the function, so that one function serves several routes."""
    app = FastAPI()

    @app.get("/a")
    @app.get("/b", status_code=201)
    @app.post("/a")
    def endpoint():
        return "x"

    client = TestClient(app)
    answers = [client.get("/a"), client.get("/b"), client.post("/a")]
    assert [answer.status_code for answer in answers] == [200, 201, 200]
    assert endpoint() == "x"


@pytest.mark.parametrize("status", [201, http.HTTPStatus.CREATED])
def test_status_code_is_int_or_int_enum(status):
    """4.3 status_code: an int or an IntEnum."""
    app = FastAPI()
    app.get("/a", status_code=status)(lambda: None)
    assert TestClient(app).get("/a").status_code == 201
    assert list(operation(app)["responses"]) == ["201"]
    assert type(app.routes[-1].status_code) is int


def test_documenting_options_appear_in_the_operation():
    """4.3 tags, summary, description, response_description, deprecated, operation_id, openapi_extra."""

    class Tag(Enum):
        one = "the one"

    app = FastAPI()
    app.get(
        "/a",
        tags=[Tag.one, "two"],
        summary="S",
        description="D",
        response_description="R",
        deprecated=True,
        operation_id="opid",
        openapi_extra={"x-more": [1]},
    )(lambda: None)
    assert operation(app) == {
        "tags": ["the one", "two"],
        "summary": "S",
        "description": "D",
        "operationId": "opid",
        "deprecated": True,
        "x-more": [1],
        "responses": {"200": {"description": "R", "content": {"application/json": {"schema": {}}}}},
    }


def test_operation_is_described_by_name_and_docstring_by_default():
    """4.3 and 4.4: summary from the name, description from the docstring up to a form feed."""
    app = FastAPI()

    @app.get("/a")
    def read_all_items():
        """First line.

            indented
        \N{FORM FEED}
        hidden
        """

    documented = operation(app)
    assert documented["summary"] == "Read All Items"
    assert documented["description"] == "First line.\n\n    indented"
    assert documented["responses"]["200"]["description"] == "Successful Response"


def test_name_option_names_the_route():
    """4.3 name: used for the summary, the operation id and reversing."""
    app = FastAPI()
    app.get("/a", name="the_name")(lambda: None)
    assert operation(app)["summary"] == "The Name"
    assert operation(app)["operationId"] == "the_name_a_get"
    assert app.url_path_for("the_name") == "/a"


def test_include_in_schema_option_hides_one_route():
    """4.3 include_in_schema: False hides the route but serves it."""
    app = FastAPI()
    app.get("/a", include_in_schema=False)(lambda: None)
    assert served_document(app)["paths"] == {}
    assert TestClient(app).get("/a").status_code == 200


def test_route_dependencies_run_and_are_discarded():
    """4.3 dependencies: they run before the endpoint; their results are dropped."""
    log, app = [], FastAPI()
    app.get("/a", dependencies=[Depends(lambda: log.append("dep"))])(lambda: log.append("endpoint"))
    assert TestClient(app).get("/a").json() is None
    assert log == ["dep", "endpoint"]


def test_responses_and_callbacks_options_are_documented():
    """4.3 responses, callbacks: both appear in the operation."""

    class Problem(BaseModel):
        why: str

    callbacks, app = APIRouter(), FastAPI()
    callbacks.post("{$request.query.url}")(lambda: None)
    app.get("/a", responses={404: {"model": Problem}}, callbacks=callbacks.routes)(lambda: None)
    documented = operation(app)
    assert documented["responses"]["404"] == {
        "description": "Not Found",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    assert list(documented["callbacks"]["<lambda>"]) == ["{$request.query.url}"]


@pytest.mark.parametrize("methods", [["query"], {"QUERY"}, ("Query",)])
def test_methods_are_upper_cased(methods):
    """4.3 methods: any iterable in any case; unusual methods too."""
    app = FastAPI()
    app.add_api_route("/a", lambda: "x", methods=methods)
    assert app.routes[-1].methods == {"QUERY"}
    assert TestClient(app).request("QUERY", "/a").json() == "x"


@pytest.mark.parametrize("option", ["max_body_size", "form_limits"])
def test_route_limits_are_validated(option):
    """4.3 max_body_size, form_limits: malformed values are refused at registration."""
    with pytest.raises(ValueError):
        FastAPI().post("/a", **{option: {"nonsense": 1} if option == "form_limits" else -1})(lambda: None)


# 4.4 the route object


def route_of(path="/a/{n}", endpoint=None, **options):
    """Return a route made by hand."""

    def read_a(n: int, q: str = "x"):
        """Read a."""
        return n

    return APIRoute(path, endpoint or read_a, **options)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("path", "/a/{n}"),
        ("path_format", "/a/{n}"),
        ("methods", {"GET"}),
        ("name", "read_a"),
        ("unique_id", "read_a_a__n__get"),
        ("operation_id", None),
        ("status_code", None),
        ("tags", []),
        ("responses", {}),
        ("dependencies", []),
        ("description", "Read a."),
        ("response_model", None),
        ("response_field", None),
        ("response_fields", {}),
        ("stream_item_type", None),
        ("stream_item_field", None),
        ("body_field", None),
        ("max_body_size", None),
        ("dependency_overrides_provider", None),
        ("callbacks", None),
        ("openapi_extra", None),
        ("deprecated", None),
        ("include_in_schema", True),
        ("is_sse_stream", False),
        ("is_json_stream", False),
    ],
)
def test_route_attribute_after_construction(name, value):
    """4.4: the attributes of a route."""
    assert getattr(route_of(), name) == value


def test_route_holds_regex_convertors_dependant_and_app():
    """4.4: path_regex, param_convertors, endpoint, dependant, app."""
    route = route_of("/a/{n:int}")
    assert isinstance(route, Route)
    assert route.path_regex.match("/a/12")["n"] == "12"
    assert route.path_regex.match("/a/x") is None
    assert route.path_format == "/a/{n}"
    assert list(route.param_convertors) == ["n"]
    assert route.endpoint.__name__ == "read_a"
    assert [field.name for field in route.dependant.path_params] == ["n"]
    assert [field.name for field in route.dependant.query_params] == ["q"]
    assert callable(route.app)


def test_route_holds_given_options():
    """4.4: explicit options become attributes; the status is an int and the operation id is the unique id."""
    route = route_of(
        status_code=http.HTTPStatus.CREATED,
        operation_id="op",
        tags=["t"],
        description="  explicit \f hidden",
        methods=["post", "PUT"],
        response_model=int,
        response_class=HTMLResponse,
        deprecated=True,
        name="n",
    )
    assert (route.status_code, route.unique_id, route.tags, route.name) == (201, "op", ["t"], "n")
    assert (route.methods, route.response_model, route.deprecated) == ({"POST", "PUT"}, int, True)
    assert route.response_class is HTMLResponse
    assert route.response_field is not None
    assert route.description == "explicit"


def test_route_is_served_when_appended_by_hand():
    """4.4: a route made by hand works in the router's list."""
    app = FastAPI()
    app.router.routes.append(route_of())
    assert TestClient(app).get("/a/5").json() == 5


class Some(BaseModel):
    """A model."""

    a: int


class NotAType:
    """Nothing that Pydantic can handle."""


@pytest.mark.parametrize(
    ("error", "options"),
    [
        (AssertionError, {"endpoint": 3}),
        (AssertionError, {"responses": {404: "text"}}),
        (AssertionError, {"responses": {204: {"model": Some}}}),
        (AssertionError, {"response_model": Some, "status_code": 204}),
        (AssertionError, {"response_model": int, "status_code": 304}),
        (FastAPIError, {"response_model": NotAType}),
    ],
)
def test_impossible_route_is_refused(error, options):
    """4.4: what a route cannot be is refused when it is made."""
    with pytest.raises(error):
        route_of(**options)


def test_impossible_return_type_hints_at_the_remedy():
    """4.4: the error names `response_model=None`."""

    def endpoint() -> NotAType:
        return NotAType()

    with pytest.raises(FastAPIError, match="response_model=None"):
        APIRoute("/a", endpoint)
    APIRoute("/a", endpoint, response_model=None)


def test_custom_route_class_swaps_the_request():
    """4.4: `get_route_handler` may hand another Request to the original handler."""

    class Upper(Request):
        async def body(self):
            return (await super().body()).upper()

    class UpperRoute(APIRoute):
        def get_route_handler(self):
            original = super().get_route_handler()

            async def handler(request):
                return await original(Upper(request.scope, request.receive))

            return handler

    app = FastAPI()
    app.router.route_class = UpperRoute

    @app.post("/a")
    async def read(request: Request, data: dict = Body()):
        return [type(request).__name__, data]

    assert TestClient(app).post("/a", json={"a": "b"}).json() == ["Upper", {"A": "B"}]


def test_custom_route_class_times_and_changes_the_response():
    """4.4: the handler returns the response, which may be changed."""

    class Timed(APIRoute):
        def get_route_handler(self):
            original = super().get_route_handler()

            async def handler(request):
                before = time.perf_counter()
                response = await original(request)
                response.headers["x-took"] = str(time.perf_counter() - before)
                return response

            return handler

    router, app = APIRouter(route_class=Timed), FastAPI()
    router.get("/timed")(lambda: "x")
    app.get("/plain")(lambda: "x")
    app.include_router(router)
    client = TestClient(app)
    assert float(client.get("/timed").headers["x-took"]) >= 0
    assert "x-took" not in client.get("/plain").headers


def test_custom_route_class_catches_validation_errors():
    """4.4: the handler sees RequestValidationError with the body."""

    class Catching(APIRoute):
        def get_route_handler(self):
            original = super().get_route_handler()

            async def handler(request):
                try:
                    return await original(request)
                except RequestValidationError as exc:
                    return JSONResponse([exc.body, len(exc.errors())], 418)

            return handler

    app = FastAPI()
    app.router.route_class = Catching

    @app.post("/a")
    def read(some: Some):
        return some

    response = TestClient(app).post("/a", json={"a": "x"})
    assert (response.status_code, response.json()) == (418, [{"a": "x"}, 1])


def test_custom_route_class_may_answer_itself():
    """4.4: a handler may answer without calling the original."""

    class Closed(APIRoute):
        def get_route_handler(self):
            async def handler(request):
                return Response("closed", 503)

            return handler

    router, app = APIRouter(route_class=Closed), FastAPI()
    router.get("/a")(lambda: "open")
    app.include_router(router)
    response = TestClient(app).get("/a")
    assert (response.status_code, response.text) == (503, "closed")


def test_route_class_reaches_all_routes_of_its_router_only():
    """4.4 and 4.5: the class of an inner router stays with its own routes."""

    class Marked(APIRoute):
        pass

    inner, outer = APIRouter(route_class=Marked), APIRouter()
    inner.get("/i")(lambda: None)
    outer.get("/o")(lambda: None)
    outer.include_router(inner)
    assert type(inner.routes[0]) is Marked
    assert type(outer.routes[0]) is APIRoute


def test_handler_is_built_once_per_inclusion():
    """4.4: handlers are cached per inclusion, not built per request."""
    built = []

    class Counted(APIRoute):
        def get_route_handler(self):
            built.append(self.path)
            return super().get_route_handler()

    router, app = APIRouter(route_class=Counted), FastAPI()
    router.get("/a")(lambda: None)
    app.include_router(router, prefix="/x")
    app.include_router(router, prefix="/y")
    client = TestClient(app)
    for path in ("/x/a", "/y/a"):
        client.get(path)
    warm = len(built)
    for path in ("/x/a", "/y/a", "/x/a"):
        assert client.get(path).status_code == 200
    assert len(built) == warm


def test_custom_route_matches_hook():
    """4.4: a route class may decide itself what it matches, and put values into the scope."""

    class ByHeader(APIRoute):
        def matches(self, scope):
            match, child = super().matches(scope)
            if match == Match.FULL and (b"x-beta", b"1") not in scope["headers"]:
                return Match.NONE, {}
            return match, child

    router, app = APIRouter(route_class=ByHeader), FastAPI()
    router.get("/a")(lambda: "beta")
    app.include_router(router)
    app.get("/a")(lambda: "stable")
    client = TestClient(app)
    assert [client.get("/a").json(), client.get("/a", headers={"x-beta": "1"}).json()] == ["stable", "beta"]


def test_custom_route_handle_hook():
    """4.4: a route class may wrap `handle`."""
    seen = []

    class Watched(APIRoute):
        async def handle(self, scope, receive, send):
            seen.append(scope["path_params"])
            await super().handle(scope, receive, send)

    router, app = APIRouter(route_class=Watched), FastAPI()
    router.get("/a/{n}")(lambda n: n)
    app.include_router(router)
    assert TestClient(app).get("/a/7").json() == "7"
    assert seen == [{"n": "7"}]


def test_routing_module_reexports_mount():
    """4.2: `routing.Mount` is Starlette's."""
    assert load("routing").Mount is Mount
