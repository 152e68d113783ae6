"""Section 15: middleware, Starlette's classes and functions."""

import gzip
import inspect

import pytest
from surface_target import (
    APIRouter,
    FastAPI,
    HTTPException,
    Middleware,
    PlainTextResponse,
    Request,
    Response,
    StreamingResponse,
    TestClient,
    load,
)

CORSMiddleware = load("middleware.cors").CORSMiddleware
GZipMiddleware = load("middleware.gzip").GZipMiddleware
HTTPSRedirectMiddleware = load("middleware.httpsredirect").HTTPSRedirectMiddleware
TrustedHostMiddleware = load("middleware.trustedhost").TrustedHostMiddleware

ORIGIN = {"origin": "https://site.example"}


def _app(*middleware, **options):
    app = FastAPI(middleware=list(middleware), **options)

    @app.get("/")
    def endpoint():
        return "x" * 1000

    return app


class Tag:
    """Pure ASGI middleware that notes its name on the way in and out."""

    def __init__(self, app, name, log):
        self.app, self.name, self.log = app, name, log

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.log.append(f"{self.name} in")
        await self.app(scope, receive, send)
        self.log.append(f"{self.name} out")


# --- signatures


@pytest.mark.parametrize(
    ("module", "name", "options"),
    [
        (
            "cors",
            "CORSMiddleware",
            {
                "allow_origins": (),
                "allow_methods": ("GET",),
                "allow_headers": (),
                "allow_credentials": False,
                "allow_origin_regex": None,
                "allow_private_network": False,
                "expose_headers": (),
                "max_age": 600,
            },
        ),
        ("gzip", "GZipMiddleware", {"minimum_size": 500, "compresslevel": 9, "thread_minimum_size": 131072}),
        ("httpsredirect", "HTTPSRedirectMiddleware", {}),
        ("trustedhost", "TrustedHostMiddleware", {"allowed_hosts": None, "www_redirect": True}),
    ],
)
def test_middleware_class_has_its_options(module, name, options):
    """15: each re-exported class takes Starlette's options with its defaults."""
    parameters = inspect.signature(getattr(load(f"middleware.{module}"), name)).parameters
    defaults = {key: value.default for key, value in parameters.items() if key != "app"}
    excluded = defaults.pop("exclude_content_types", None)
    assert defaults == options
    if name == "GZipMiddleware":
        assert "text/event-stream" in excluded
        assert parameters["exclude_content_types"].kind is inspect.Parameter.KEYWORD_ONLY


# --- CORS


def test_cors_allows_a_listed_origin():
    """15: a simple request of an allowed origin gets the allow-origin header."""
    app = _app(Middleware(CORSMiddleware, allow_origins=["https://site.example"], expose_headers=["x-a"]))
    client = TestClient(app)
    allowed = client.get("/", headers=ORIGIN)
    assert allowed.headers["access-control-allow-origin"] == "https://site.example"
    assert allowed.headers["access-control-expose-headers"] == "x-a"
    assert "origin" in allowed.headers["vary"].lower()
    assert (
        "access-control-allow-origin" not in client.get("/", headers={"origin": "https://o.example"}).headers
    )
    assert "access-control-allow-origin" not in client.get("/").headers


def test_cors_answers_a_preflight():
    """15: an OPTIONS preflight is answered by the middleware, refused ones with 400."""
    app = _app()
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "PUT"],
        allow_headers=["x-token"],
        max_age=5,
    )
    client = TestClient(app)
    asked = {**ORIGIN, "access-control-request-method": "PUT", "access-control-request-headers": "x-token"}
    answer = client.options("/", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-max-age"] == "5"
    assert "PUT" in answer.headers["access-control-allow-methods"]
    refused = client.options("/", headers={**asked, "access-control-request-method": "DELETE"})
    assert refused.status_code == 400


def test_cors_matches_origins_by_pattern():
    """15: allow_origin_regex allows matching origins, with credentials when asked."""
    app = _app(Middleware(CORSMiddleware, allow_origin_regex=r"https://.*\.example", allow_credentials=True))
    answer = TestClient(app).get("/", headers=ORIGIN)
    assert answer.headers["access-control-allow-origin"] == "https://site.example"
    assert answer.headers["access-control-allow-credentials"] == "true"


def test_cors_headers_are_on_handled_errors():
    """15: the answer to an HTTPException or a 404 carries the headers too."""
    app = _app(Middleware(CORSMiddleware, allow_origins=["*"]))

    @app.get("/refuse")
    def refuse():
        raise HTTPException(418)

    client = TestClient(app)
    for path, status in (("/refuse", 418), ("/missing", 404)):
        answer = client.get(path, headers=ORIGIN)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, "*")


# --- GZip


def test_gzip_compresses_what_is_large_enough():
    """15: bodies from minimum_size on are compressed for clients that accept it."""
    client = TestClient(_app(Middleware(GZipMiddleware)))
    answer = client.get("/", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json() == "x" * 1000
    assert "content-encoding" not in client.get("/", headers={"accept-encoding": "identity"}).headers
    large = TestClient(_app(Middleware(GZipMiddleware, minimum_size=2000)))
    assert "content-encoding" not in large.get("/", headers={"accept-encoding": "gzip"}).headers


def test_gzip_compresses_streams():
    """15: a streamed response is compressed piece by piece."""
    app = FastAPI()
    app.add_middleware(GZipMiddleware)

    @app.get("/")
    def endpoint():
        return StreamingResponse(iter(["ab", "cd"] * 400), media_type="text/plain")

    client = TestClient(app)
    with client.stream("GET", "/", headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == b"abcd" * 400


def test_gzip_leaves_event_streams_alone():
    """15: text/event-stream is excluded by default."""
    sse = load("sse")
    app = FastAPI(middleware=[Middleware(GZipMiddleware, minimum_size=0)])

    @app.get("/", response_class=sse.EventSourceResponse)
    def endpoint():
        yield 1

    answer = TestClient(app).get("/", headers={"accept-encoding": "gzip"})
    assert answer.text == "data: 1\n\n"
    assert "content-encoding" not in answer.headers


# --- redirect and hosts


def test_https_redirect_sends_plain_requests_away():
    """15: http becomes https with 307, keeping path and query."""
    client = TestClient(_app(Middleware(HTTPSRedirectMiddleware)), follow_redirects=False)
    answer = client.get("/?a=1")
    assert (answer.status_code, answer.headers["location"]) == (307, "https://testserver/?a=1")
    secure = TestClient(_app(Middleware(HTTPSRedirectMiddleware)), base_url="https://testserver")
    assert secure.get("/").status_code == 200


@pytest.mark.parametrize(
    ("host", "status"), [("a.example", 200), ("b.a.example", 400), ("x.wild.example", 200), ("evil", 400)]
)
def test_trusted_host_refuses_others(host, status):
    """15: only listed hosts and wildcards are served."""
    app = _app(Middleware(TrustedHostMiddleware, allowed_hosts=["a.example", "*.wild.example"]))
    assert TestClient(app, base_url=f"http://{host}").get("/").status_code == status


def test_trusted_host_redirects_to_www():
    """15: a host whose www form is allowed is redirected there."""
    app = _app(Middleware(TrustedHostMiddleware, allowed_hosts=["www.a.example"]))
    client = TestClient(app, base_url="http://a.example", follow_redirects=False)
    answer = client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "http://www.a.example/")


# --- WSGI, sessions


@pytest.mark.filterwarnings("ignore:starlette.middleware.wsgi is deprecated")
def test_wsgi_application_can_be_mounted():
    """15: WSGIMiddleware serves a WSGI application; its use is deprecated upstream."""

    def wsgi(environ, start_response):
        start_response("200 OK", [("content-type", "text/plain")])
        return [environ["PATH_INFO"].encode()]

    app = FastAPI()
    app.mount("/old", load("middleware.wsgi").WSGIMiddleware(wsgi))
    assert TestClient(app).get("/old/path").text == "/path"


def test_session_middleware_of_starlette_works():
    """15: SessionMiddleware keeps a signed cookie."""
    from starlette.middleware.sessions import SessionMiddleware

    app = FastAPI()
    app.add_middleware(SessionMiddleware, secret_key="secret")

    @app.get("/")
    def endpoint(request: Request):
        request.session["count"] = request.session.get("count", 0) + 1
        return request.session["count"]

    client = TestClient(app)
    assert [client.get("/").json() for _ in range(3)] == [1, 2, 3]


def test_authentication_middleware_of_starlette_works():
    """15: AuthenticationMiddleware fills request.user and request.auth."""
    from starlette.authentication import AuthCredentials, AuthenticationBackend, SimpleUser
    from starlette.middleware.authentication import AuthenticationMiddleware

    class Backend(AuthenticationBackend):
        async def authenticate(self, conn):
            name = conn.headers.get("x-user")
            return (AuthCredentials(["known"]), SimpleUser(name)) if name else None

    app = FastAPI(middleware=[Middleware(AuthenticationMiddleware, backend=Backend())])

    @app.get("/")
    def endpoint(request: Request):
        return [request.user.is_authenticated, request.user.display_name, request.auth.scopes]

    client = TestClient(app)
    assert client.get("/", headers={"x-user": "ann"}).json() == [True, "ann", ["known"]]
    assert client.get("/").json() == [False, "", []]


def test_body_limit_middleware_of_starlette_works():
    """15: RequestBodyLimitMiddleware refuses large bodies before the app sees them."""
    from starlette.middleware.body_limit import RequestBodyLimitMiddleware

    app = FastAPI(middleware=[Middleware(RequestBodyLimitMiddleware, max_body_size=3)])

    @app.post("/")
    async def endpoint(request: Request):
        return len(await request.body())

    client = TestClient(app)
    assert client.post("/", content=b"123").json() == 3
    assert client.post("/", content=b"1234").status_code == 413


# --- functions


def test_function_middleware_wraps_every_http_response():
    """15: @app.middleware("http") takes (request, call_next) and may change request and response."""
    app = _app()

    @app.middleware("http")
    async def stamp(request, call_next):
        request.state.who = "middleware"
        response = await call_next(request)
        response.headers["x-path"] = request.url.path
        return response

    @app.get("/state")
    def state(request: Request):
        return request.state.who

    client = TestClient(app)
    assert client.get("/state").json() == "middleware"
    assert client.get("/state").headers["x-path"] == "/state"
    assert client.get("/missing").headers["x-path"] == "/missing"


def test_function_middleware_may_answer_itself():
    """15: a middleware that returns without call_next ends the request."""
    app = _app()

    @app.middleware("http")
    async def refuse(request, call_next):
        return PlainTextResponse("closed", status_code=503)

    answer = TestClient(app).get("/")
    assert (answer.status_code, answer.text) == (503, "closed")


@pytest.mark.parametrize("kind", ["http", "anything"])
def test_middleware_type_is_ignored(kind):
    """15: the text given to @app.middleware has no meaning; the function is returned unchanged."""
    app = _app()

    async def stamp(request, call_next):
        response = await call_next(request)
        response.headers["x-stamp"] = "1"
        return response

    assert app.middleware(kind)(stamp) is stamp
    assert TestClient(app).get("/").headers["x-stamp"] == "1"


# --- order


def test_last_registered_middleware_is_outermost():
    """15: what was added last runs first and ends last."""
    log = []
    app = _app()
    app.add_middleware(Tag, name="first", log=log)
    app.add_middleware(Tag, name="second", log=log)
    TestClient(app).get("/")
    assert log == ["second in", "first in", "first out", "second out"]


def test_constructor_list_is_ordered_from_the_outside():
    """15: `middleware=[A, B]` puts A outside B, and later additions outside both."""
    log = []
    app = _app(Middleware(Tag, name="a", log=log), Middleware(Tag, name="b", log=log))
    app.add_middleware(Tag, name="c", log=log)
    TestClient(app).get("/")
    assert log == ["c in", "a in", "b in", "b out", "a out", "c out"]


def test_functions_and_classes_share_one_order():
    """15: decorated functions are middleware like the others: last registered first."""
    log = []
    app = _app()
    app.add_middleware(Tag, name="class", log=log)

    @app.middleware("http")
    async def function(request, call_next):
        log.append("function in")
        response = await call_next(request)
        log.append("function out")
        return response

    TestClient(app).get("/")
    # the function answers as soon as the response started, the class ends with the response
    assert log[:2] == ["function in", "class in"]
    assert set(log) == {"function in", "class in", "class out", "function out"}


def test_middleware_cannot_be_added_once_the_app_has_served():
    """15: after the first request the stack is built; adding to it is an error."""
    app = _app()
    TestClient(app).get("/")
    with pytest.raises(RuntimeError):
        app.add_middleware(Tag, name="late", log=[])


def test_middleware_runs_around_dependencies_and_handlers():
    """15: user middleware is outside exception handlers and dependencies."""
    log = []
    app = FastAPI()
    app.add_middleware(Tag, name="m", log=log)

    @app.exception_handler(KeyError)
    def handle(request, error):
        log.append("handler")
        return Response(status_code=418)

    @app.get("/")
    def endpoint():
        log.append("endpoint")
        raise KeyError

    assert TestClient(app).get("/").status_code == 418
    assert log == ["m in", "endpoint", "handler", "m out"]


def test_exception_in_function_middleware_is_not_handled_by_class_handlers():
    """15: a custom exception of a middleware is outside the handlers: it reaches the server."""
    app = _app()

    @app.exception_handler(KeyError)
    def handle(request, error):
        return Response(status_code=418)

    @app.middleware("http")
    async def fail(request, call_next):
        raise KeyError("middleware")

    with pytest.raises(KeyError):
        TestClient(app).get("/")
    assert TestClient(app, raise_server_exceptions=False).get("/").status_code == 500


def test_middleware_sees_errors_of_endpoints_without_handler():
    """15: an unhandled exception passes through function middleware, which may answer instead."""
    app = FastAPI()

    @app.middleware("http")
    async def rescue(request, call_next):
        try:
            return await call_next(request)
        except ValueError:
            return PlainTextResponse("rescued", status_code=599)

    @app.get("/")
    def endpoint():
        raise ValueError

    answer = TestClient(app).get("/")
    assert (answer.status_code, answer.text) == (599, "rescued")


def test_body_can_be_read_by_middleware_and_endpoint():
    """15: a function middleware may read the body before the endpoint does."""
    app = FastAPI()

    @app.middleware("http")
    async def read(request, call_next):
        request.state.size = len(await request.body())
        return await call_next(request)

    @app.post("/")
    def endpoint(request: Request, value: dict[str, int]):
        return [request.state.size, value]

    answer = TestClient(app).post("/", content=b'{"a": 1}', headers={"content-type": "application/json"})
    assert answer.json() == [8, {"a": 1}]


def test_mounted_application_keeps_its_own_middleware():
    """15: a sub-application's middleware runs inside the parent's, for its paths only."""
    log = []
    child = _app(Middleware(Tag, name="child", log=log))
    app = _app(Middleware(Tag, name="parent", log=log))
    app.mount("/child", child)
    client = TestClient(app)
    client.get("/")
    client.get("/child/")
    assert log == ["parent in", "parent out", "parent in", "child in", "child out", "parent out"]


def test_router_inclusion_does_not_change_the_stack():
    """15: endpoints of included routers pass the app's middleware once."""
    log = []
    app, router = FastAPI(), APIRouter()
    app.add_middleware(Tag, name="m", log=log)

    @router.get("/r")
    def endpoint():
        return None

    app.include_router(router)
    TestClient(app).get("/r")
    assert log == ["m in", "m out"]
