"""Sections 4.3 and 4.4 of the surface document: the options of a route, the route object."""

import http
import time
from enum import Enum

import pytest
from pydantic import BaseModel
from starlette.routing import Match, Route
from surface_target import (
    APIRoute,
    APIRouter,
    Body,
    Depends,
    FastAPI,
    FastAPIError,
    HTMLResponse,
    JSONResponse,
    Request,
    RequestValidationError,
    Response,
    TestClient,
    served_document,
)


def operation(app, path="/a", method="get"):
    """Return the documented operation of `path`."""
    return served_document(app)["paths"][path][method]


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


def test_form_limits_are_passed_to_route_classes_only_when_set():
    """4.4: a class that does not know the newer argument keeps working as long as nobody uses it."""
    given = []

    class Older(APIRoute):
        def __init__(self, path, endpoint, **options):
            given.append("form_limits" in options)
            super().__init__(path, endpoint, **options)

    router, app = APIRouter(route_class=Older), FastAPI()
    router.get("/a")(lambda: "a")
    router.get("/b", form_limits={"max_fields": 1})(lambda: "b")
    app.include_router(router, prefix="/p")
    client = TestClient(app)
    assert [client.get("/p/a").json(), client.get("/p/b").json()] == ["a", "b"]
    assert given[:2] == [False, True]


def test_subclassed_route_may_change_what_it_is_given():
    """4.4: a class may wrap the endpoint or change options before the route is made."""

    class Loud(APIRoute):
        def __init__(self, path, endpoint, **options):
            options["status_code"] = 202
            super().__init__("/loud" + path, endpoint, **options)

    app = FastAPI()
    app.router.route_class = Loud
    app.get("/a")(lambda: "a")
    response = TestClient(app).get("/loud/a")
    assert (response.status_code, response.json()) == (202, "a")


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
