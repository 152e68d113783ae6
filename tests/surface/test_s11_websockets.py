"""Section 11: WebSocket endpoints, their parameters, dependencies and failures."""

from typing import Annotated, Any

import anyio
import pytest
from pydantic import BaseModel
from starlette.testclient import WebSocketDenialResponse
from surface_target import (
    APIRouter,
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    FastAPI,
    File,
    Form,
    Header,
    HTTPConnection,
    HTTPException,
    Middleware,
    Path,
    Query,
    Security,
    SecurityScopes,
    TestClient,
    UploadFile,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
    load,
)

security = load("security")
WebSocketRequestValidationError: Any = load("exceptions").WebSocketRequestValidationError


def first_message(app, url, **options):
    """Connect, return the first JSON message."""
    with TestClient(app).websocket_connect(url, **options) as session:
        return session.receive_json()


def refusal(app, url, **options):
    """Connect, return the disconnection that came instead of an acceptance."""
    with pytest.raises(WebSocketDisconnect) as caught:
        TestClient(app).websocket_connect(url, **options).__enter__()
    return caught.value


def denial(app, url, **options):
    """Connect, return the HTTP response that came instead of an acceptance."""
    with pytest.raises(WebSocketDenialResponse) as caught:
        TestClient(app).websocket_connect(url, **options).__enter__()
    return caught.value


async def say(websocket, value):
    """Accept, send one value, close."""
    await websocket.accept()
    await websocket.send_json(value)
    await websocket.close()


class Session(BaseModel):
    sid: str
    lang: str = "en"


# --- declaration


def test_endpoint_exchanges_messages_until_the_client_leaves():
    """11: an endpoint accepts, receives and sends; the client's close raises WebSocketDisconnect."""
    app = FastAPI()
    codes = []

    @app.websocket("/echo")
    async def echo(websocket: WebSocket):
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnect as error:
            codes.append(error.code)

    with TestClient(app).websocket_connect("/echo") as session:
        for word in ("a", "b"):
            session.send_text(word)
            assert session.receive_text() == word
        session.close(4000)
    assert codes == [4000]


def test_websocket_parameter_may_have_any_name():
    """11: the connection is injected by its type."""
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(line: WebSocket):
        await say(line, "here")

    assert first_message(app, "/") == "here"


def test_sub_protocol_is_the_one_accepted():
    """11: accept() chooses a sub-protocol of the client."""
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.accept(subprotocol=websocket.scope["subprotocols"][1])
        await websocket.close()

    with TestClient(app).websocket_connect("/", subprotocols=["v1", "v2"]) as session:
        assert session.accepted_subprotocol == "v2"


def test_name_is_reversible():
    """11: `name` (the function's name by default) is known to url_path_for."""
    app = FastAPI()

    @app.websocket("/a/{n}", name="named")
    async def first(websocket: WebSocket, n: int): ...

    @app.websocket("/b")
    async def second(websocket: WebSocket): ...

    assert app.url_path_for("named", n=3) == "/a/3"
    assert app.url_path_for("second") == "/b"


@pytest.mark.parametrize("way", ["decorator", "method", "router decorator", "router method", "nested"])
def test_websocket_is_declared_on_apps_and_routers(way):
    """11: decorator and add_api_websocket_route, on app and router, with prefixes."""
    app, router, outer = FastAPI(), APIRouter(prefix="/r"), APIRouter(prefix="/o")

    async def endpoint(websocket: WebSocket, n: int):
        await say(websocket, [n, websocket.url.path])

    if way == "decorator":
        app.websocket("/w/{n}")(endpoint)
    elif way == "method":
        app.add_api_websocket_route("/w/{n}", endpoint)
    elif way == "router decorator":
        router.websocket("/w/{n}")(endpoint)
    else:
        router.add_api_websocket_route("/w/{n}", endpoint)
    if way == "nested":
        outer.include_router(router, prefix="/i")
        app.include_router(outer)
    else:
        app.include_router(router)
    prefix = {"nested": "/o/i/r", "router decorator": "/r", "router method": "/r"}.get(way, "")
    assert first_message(app, f"{prefix}/w/3") == [3, f"{prefix}/w/3"]


def test_websocket_is_not_documented():
    """11: OpenAPI knows no WebSockets."""
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket): ...

    assert app.openapi()["paths"] == {}


def test_raw_starlette_route_takes_no_parameters():
    """11.1: router.websocket_route registers an endpoint without dependency injection."""
    app = FastAPI()

    @app.router.websocket_route("/raw/{n}")
    async def endpoint(websocket):
        await say(websocket, websocket.path_params)

    assert first_message(app, "/raw/3") == {"n": "3"}


def test_websocket_in_a_mounted_application():
    """11: a sub-application's WebSockets sit below the mount path."""
    child, app = FastAPI(), FastAPI()

    @child.websocket("/w")
    async def endpoint(websocket: WebSocket):
        await say(websocket, websocket.scope["root_path"])

    app.mount("/child", child)
    assert first_message(app, "/child/w") == "/child"


# --- parameters


@pytest.mark.parametrize(
    ("marker", "loc"),
    [
        (Annotated[Session, Body()], ("body",)),
        (Annotated[Session, Body(embed=True)], ("body", "p")),
        (Annotated[int, Form()], ("body", "p")),
        (Annotated[UploadFile, File()], ("body", "p")),
    ],
)
def test_websocket_has_no_body(marker, loc):
    """11: what asks for a body is missing it, and has its default where there is one."""
    app, seen = FastAPI(), []

    @app.exception_handler(WebSocketRequestValidationError)
    async def handler(websocket, exc):
        seen.extend((error["type"], tuple(error["loc"])) for error in exc.errors())
        await websocket.close(1008)

    async def required(websocket: WebSocket, p): ...

    async def optional(websocket: WebSocket, p=None):
        await say(websocket, p)

    required.__annotations__["p"] = marker
    optional.__annotations__["p"] = marker
    app.websocket("/required")(required)
    app.websocket("/optional")(optional)
    assert refusal(app, "/required").code == 1008
    assert seen == [("missing", loc)]
    assert first_message(app, "/optional") is None


def test_parameters_come_from_path_query_header_and_cookie():
    """11: every parameter of a handshake is validated and converted."""
    app = FastAPI()

    @app.websocket("/{n}")
    async def endpoint(
        websocket: WebSocket,
        n: Annotated[int, Path(ge=1)],
        tags: Annotated[list[str], Query()],
        ratio: float = 1.5,
        x_name: Annotated[str | None, Header()] = None,
        sid: Annotated[str, Cookie()] = "none",
    ):
        await say(websocket, [n, tags, ratio, x_name, sid])

    headers = {"x-name": "h", "cookie": "sid=c"}
    assert first_message(app, "/3?tags=a&tags=b") == [3, ["a", "b"], 1.5, None, "none"]
    assert first_message(app, "/3?tags=a&ratio=2", headers=headers) == [3, ["a"], 2.0, "h", "c"]


@pytest.mark.parametrize(
    ("cookie", "group"),
    [(None, None), ("sid=1", {"sid": "1", "lang": "en"}), ("sid=1; lang=de", {"sid": "1", "lang": "de"})],
)
def test_optional_parameter_model_is_read(cookie, group):
    """11: parameter models, optional ones too, work for handshakes."""
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket, session: Annotated[Session | None, Cookie()] = None):
        await say(websocket, session and session.model_dump())

    headers = {} if cookie is None else {"cookie": cookie}
    assert first_message(app, "/", headers=headers) == group
    assert refusal(app, "/", headers={"cookie": "lang=de"}).code == 1008


def test_http_connection_is_the_websocket():
    """11: HTTPConnection parameters, in dependencies too, receive the connection."""
    app = FastAPI()

    def address(connection: HTTPConnection):
        return connection.url.path

    @app.websocket("/here")
    async def endpoint(websocket: WebSocket, connection: HTTPConnection, path: str = Depends(address)):
        await say(websocket, [connection is websocket, path])

    assert first_message(app, "/here") == [True, "/here"]


def test_background_tasks_can_be_declared_in_a_dependency_shared_with_http():
    """11: a dependency that asks for BackgroundTasks can be used by a WebSocket."""
    app = FastAPI()

    def shared(tasks: BackgroundTasks):
        return tasks is not None

    @app.websocket("/")
    async def endpoint(websocket: WebSocket, value: bool = Depends(shared)):
        await say(websocket, value)

    assert first_message(app, "/") is True


# --- dependencies


def test_dependencies_run_in_order_and_are_closed_when_the_endpoint_returns():
    """11: list dependencies first; both scopes end with the endpoint, function scope first."""
    app, log = FastAPI(), []

    def resource(name):
        async def dependency():
            log.append(f"enter {name}")
            yield name
            log.append(f"exit {name}")

        return dependency

    long, short = resource("request"), resource("function")

    @app.websocket("/", dependencies=[Depends(long)])
    async def endpoint(websocket: WebSocket, name: str = Depends(short, scope="function")):
        await say(websocket, name)
        log.append("endpoint")

    assert first_message(app, "/") == "function"
    assert log == ["enter request", "enter function", "endpoint", "exit function", "exit request"]


def test_dependencies_of_app_router_and_inclusion_apply():
    """11: a WebSocket inherits dependencies like any route, outermost first."""
    log = []

    def note(name):
        return Depends(lambda: log.append(name))

    app, router = FastAPI(dependencies=[note("app")]), APIRouter(dependencies=[note("router")])

    @router.websocket("/", dependencies=[note("route")])
    async def endpoint(websocket: WebSocket):
        await say(websocket, "ok")

    app.include_router(router, prefix="/in", dependencies=[note("include")])
    assert first_message(app, "/in/") == "ok"
    assert log == ["app", "include", "router", "route"]


def test_dependency_override_applies():
    """11: dependency_overrides replace dependencies of WebSockets."""
    app = FastAPI()

    def original():
        return "original"

    @app.websocket("/")
    async def endpoint(websocket: WebSocket, value: str = Depends(original)):
        await say(websocket, value)

    app.dependency_overrides[original] = lambda: "replaced"
    assert first_message(app, "/") == "replaced"


def test_generator_dependency_sees_the_failure():
    """11: an error of validation or endpoint is thrown into generators at their yield."""
    app, log = FastAPI(), []

    async def resource():
        try:
            yield
        except Exception as error:
            log.append(type(error))
            raise

    @app.websocket("/{n}", dependencies=[Depends(resource)])
    async def endpoint(websocket: WebSocket, n: int):
        raise WebSocketException(4000)

    refusal(app, "/x")
    refusal(app, "/1")
    assert log == [WebSocketRequestValidationError, WebSocketException]


# --- security


@pytest.mark.parametrize(
    ("scheme", "url", "headers", "result"),
    [
        (security.APIKeyQuery(name="key"), "/?key=k", {}, "k"),
        (security.APIKeyHeader(name="x-key"), "/", {"x-key": "k"}, "k"),
        (security.APIKeyCookie(name="key"), "/", {"cookie": "key=k"}, "k"),
        (security.HTTPBearer(), "/", {"authorization": "Bearer t"}, {"scheme": "Bearer", "credentials": "t"}),
        (security.HTTPBasic(), "/", {"authorization": "Basic YTpi"}, {"username": "a", "password": "b"}),
        (security.OAuth2PasswordBearer("token"), "/", {"authorization": "Bearer t"}, "t"),
        (security.OpenIdConnect(openIdConnectUrl="/oid"), "/", {"authorization": "Any t"}, "Any t"),
    ],
)
def test_security_scheme_guards_the_handshake(scheme, url, headers, result):
    """11: security classes accept credentials of a handshake, and deny it with their challenge."""
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket, credentials: Any = Depends(scheme)):
        value = credentials if isinstance(credentials, str) else credentials.model_dump()
        await say(websocket, value)

    assert first_message(app, url, headers=headers) == result
    refused = denial(app, "/")
    assert (refused.status_code, refused.json()) == (401, {"detail": "Not authenticated"})
    assert "www-authenticate" in refused.headers


def test_security_scopes_reach_the_dependency():
    """11: SecurityScopes and Security work for WebSockets."""
    app = FastAPI()

    def user(scopes: SecurityScopes):
        return scopes.scopes

    @app.websocket("/")
    async def endpoint(websocket: WebSocket, scopes: list[str] = Security(user, scopes=["read", "write"])):
        await say(websocket, scopes)

    assert first_message(app, "/") == ["read", "write"]


# --- failures


def test_validation_error_closes_with_1008_before_acceptance():
    """11.1: bad or missing parameters close the handshake with 1008; the endpoint is not called."""
    app, called = FastAPI(), []

    @app.websocket("/{n}")
    async def endpoint(websocket: WebSocket, n: int, token: str):
        called.append(n)

    error = refusal(app, "/x")
    assert error.code == 1008
    assert error.reason  # quirk: a list there; text must fit into a close frame
    assert not isinstance(error.reason, str) or len(error.reason.encode()) <= 123
    assert called == []


def test_validation_error_can_be_handled():
    """11.1: a handler for WebSocketRequestValidationError replaces the default one."""
    app, seen = FastAPI(), []

    @app.exception_handler(WebSocketRequestValidationError)
    async def handle(websocket, error):
        seen.extend(error.errors())
        await websocket.close(4422, "bad")

    @app.websocket("/")
    async def endpoint(websocket: WebSocket, token: str): ...

    error = refusal(app, "/")
    assert (error.code, error.reason) == (4422, "bad")
    assert [item["loc"] for item in seen] == [("query", "token")]


def test_unknown_path_closes_with_1000():
    """11.1: a path without an endpoint is refused with code 1000."""
    assert refusal(FastAPI(), "/nothing").code == 1000


@pytest.mark.parametrize("source", ["endpoint", "dependency"])
def test_websocket_exception_closes(source):
    """11.1: WebSocketException of endpoint or dependency closes with its code and reason."""
    app = FastAPI()

    def guard():
        if source == "dependency":
            raise WebSocketException(code=4001, reason="why")

    @app.websocket("/", dependencies=[Depends(guard)])
    async def endpoint(websocket: WebSocket):
        raise WebSocketException(code=4001, reason="why")

    error = refusal(app, "/")
    assert (error.code, error.reason) == (4001, "why")


def test_websocket_exception_closes_after_acceptance():
    """11.1: an accepted connection is closed with the code, the reason is empty by default."""
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.accept()
        raise WebSocketException(code=4002)

    with TestClient(app).websocket_connect("/") as session:
        assert session.receive() == {"type": "websocket.close", "code": 4002, "reason": ""}


@pytest.mark.parametrize("source", ["endpoint", "dependency"])
def test_http_exception_denies_the_handshake(source):
    """11.1: HTTPException before acceptance is a denial response with status, JSON detail and headers."""
    app = FastAPI()

    def guard():
        if source == "dependency":
            raise HTTPException(403, {"why": 1}, headers={"x-why": "2"})

    @app.websocket("/", dependencies=[Depends(guard)])
    async def endpoint(websocket: WebSocket):
        raise HTTPException(403, {"why": 1}, headers={"x-why": "2"})

    refused = denial(app, "/")
    assert (refused.status_code, refused.json()) == (403, {"detail": {"why": 1}})
    assert refused.headers["x-why"] == "2"
    assert refused.headers["content-type"] == "application/json"


def test_denial_is_sent_as_response_messages():
    """11.1: a denial uses the messages of the ASGI extension websocket.http.response."""
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        raise HTTPException(403)

    sent = []

    async def main():
        async def receive():
            return {"type": "websocket.connect"}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "websocket",
            "path": "/",
            "query_string": b"",
            "headers": [],
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}},
        }
        await app(scope, receive, send)

    anyio.run(main)
    assert [message["type"] for message in sent] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert sent[0]["status"] == 403
    assert sent[1]["body"] == b'{"detail":"Forbidden"}'


def test_exception_handler_receives_the_websocket():
    """11.2: a handler of a custom exception gets (websocket, exception)."""
    app, seen = FastAPI(), []

    class BoomError(Exception):
        pass

    @app.exception_handler(BoomError)
    async def handle(websocket, error):
        seen.append((isinstance(websocket, WebSocket), type(error)))
        await websocket.close(4009, "boom")

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.accept()
        raise BoomError

    with TestClient(app).websocket_connect("/") as session:
        assert session.receive() == {"type": "websocket.close", "code": 4009, "reason": "boom"}
    assert seen == [(True, BoomError)]


def test_unhandled_exception_reaches_the_server():
    """11.2: an exception without a handler propagates."""
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.accept()
        raise ValueError("unhandled")

    with pytest.raises(ValueError, match="unhandled"), TestClient(app).websocket_connect("/"):
        pass


# --- middleware and limits


def test_function_middleware_does_not_see_websockets():
    """11.3: @app.middleware handles HTTP only."""
    app, seen = FastAPI(), []

    @app.middleware("http")
    async def watch(request, call_next):
        seen.append(request.url.path)
        return await call_next(request)

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await say(websocket, "ok")

    assert first_message(app, "/") == "ok"
    assert seen == []


def test_asgi_middleware_sees_websockets():
    """11.3: ASGI middleware of the app runs for the websocket scope."""
    seen = []

    class Watch:
        def __init__(self, app):
            self.app = app

        async def __call__(self, scope, receive, send):
            seen.append(scope["type"])
            await self.app(scope, receive, send)

    app = FastAPI(middleware=[Middleware(Watch)])

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await say(websocket, "ok")

    assert first_message(app, "/") == "ok"
    assert seen == ["websocket"]


def test_body_limit_does_not_apply_to_messages():
    """11.3: max_body_size says nothing about WebSocket messages."""
    app = FastAPI(max_body_size=1)

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.accept()
        await websocket.send_json(len(await websocket.receive_text()))

    with TestClient(app).websocket_connect("/") as session:
        session.send_text("x" * 100)
        assert session.receive_json() == 100
