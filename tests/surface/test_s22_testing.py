"""Section 22: test client, templates, static files, settings and request helpers."""

import functools
import inspect
import os
from contextlib import asynccontextmanager
from typing import Annotated

import anyio
import httpx2
import pytest
from pydantic_settings import BaseSettings
from surface_target import (
    BackgroundTasks,
    Depends,
    FastAPI,
    HTTPException,
    Request,
    Response,
    StreamingResponse,
    TestClient,
    load,
)

StaticFiles = load("staticfiles").StaticFiles
Jinja2Templates = load("templating").Jinja2Templates


def _app():
    app = FastAPI()

    @app.get("/")
    def home(request: Request):
        return {"host": request.url.hostname, "client": list(request.client), "cookies": request.cookies}

    @app.get("/fail")
    def fail():
        raise ValueError("broken")

    @app.get("/away")
    def away():
        return Response(status_code=303, headers={"location": "/"})

    return app


# --- settings


def test_settings_are_a_cached_dependency(monkeypatch):
    """22.1: settings are a class of pydantic-settings behind a cached, overridable dependency."""

    class Settings(BaseSettings):
        shop_name: str = "none"

    @functools.lru_cache
    def settings():
        return Settings()

    app = FastAPI()

    @app.get("/")
    def name(given: Annotated[Settings, Depends(settings)]):
        return given.shop_name

    monkeypatch.setenv("SHOP_NAME", "corner")
    client = TestClient(app)
    assert client.get("/").json() == "corner"
    app.dependency_overrides[settings] = lambda: Settings(shop_name="test")
    assert client.get("/").json() == "test"


# --- TestClient


def test_client_has_the_known_options():
    """22.2: app, base_url, raise_server_exceptions, root_path, backend and the client's own options."""
    parameters = inspect.signature(TestClient).parameters
    assert {name: parameters[name].default for name in parameters if name != "app"} == {
        "base_url": "http://testserver",
        "raise_server_exceptions": True,
        "root_path": "",
        "backend": os.environ.get("RAPIDE_SURFACE_BACKEND", "asyncio"),
        "backend_options": None,
        "cookies": None,
        "headers": None,
        "follow_redirects": True,
        "client": ("testclient", 50000),
    }


def test_client_is_that_of_starlette():
    """22.2: the class is Starlette's or a subclass of it."""
    from starlette.testclient import TestClient as StarletteClient

    assert issubclass(TestClient, StarletteClient)


def test_client_speaks_to_the_application():
    """22.2: requests reach the app with the base URL's host, the client's address, cookies and headers."""
    client = TestClient(_app(), base_url="http://shop.example", client=("10.0.0.1", 5), cookies={"a": "b"})
    assert client.get("/").json() == {
        "host": "shop.example",
        "client": ["10.0.0.1", 5],
        "cookies": {"a": "b"},
    }
    assert TestClient(_app()).get("/").json()["client"] == ["testclient", 50000]


def test_client_keeps_cookies():
    """22.2: cookies set by a response are sent with the next request."""
    app = _app()

    @app.get("/login")
    def login(response: Response):
        response.set_cookie("sid", "1")

    client = TestClient(app)
    client.get("/login")
    assert client.get("/").json()["cookies"] == {"sid": "1"}


def test_client_sends_default_headers():
    """22.2: headers given to the client are sent each time; the user agent is "testclient"."""
    app = FastAPI()

    @app.get("/")
    def echo(request: Request):
        return [request.headers.get("x-a"), request.headers["user-agent"]]

    assert TestClient(app, headers={"x-a": "1"}).get("/").json() == ["1", "testclient"]


@pytest.mark.parametrize("follow", [True, False])
def test_client_follows_redirects_unless_told_otherwise(follow):
    """22.2: follow_redirects is True by default."""
    answer = TestClient(_app(), follow_redirects=follow).get("/away")
    assert answer.status_code == (200 if follow else 303)
    assert TestClient(_app()).get("/away").status_code == 200


def test_client_raises_server_errors_unless_told_otherwise():
    """22.2: an exception of the app is raised in the test, or answered with 500."""
    with pytest.raises(ValueError, match="broken"):
        TestClient(_app()).get("/fail")
    answer = TestClient(_app(), raise_server_exceptions=False).get("/fail")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")


@pytest.mark.parametrize(
    ("method", "body"),
    [("post", {"json": {"a": 1}}), ("put", {"content": b"x"}), ("patch", {"data": {"a": "1"}})],
)
def test_client_sends_bodies(method, body):
    """22.2: json, content, data and files are sent as the HTTP client does."""
    app = FastAPI()

    @app.api_route("/", methods=[method.upper()])
    async def echo(request: Request):
        return [request.headers["content-type"] if "json" in body else None, len(await request.body())]

    media_type, length = getattr(TestClient(app), method)("/", **body).json()
    assert length > 0
    assert media_type == ("application/json" if "json" in body else None)


@pytest.mark.parametrize("method", ["get", "head", "options", "delete", "post", "put", "patch"])
def test_client_has_all_verbs(method):
    """22.2: one method for each verb."""
    app = FastAPI()

    @app.api_route("/", methods=[method.upper()])
    def endpoint(): ...

    assert getattr(TestClient(app), method)("/").status_code == 200


def test_client_runs_the_lifespan_as_a_context(backend):
    """22.2: `with` runs start and end on the chosen backend; the state is client.app_state."""
    log = []

    @asynccontextmanager
    async def lifespan(app):
        log.append("up")
        await anyio.sleep(0.001)
        yield {"n": 1}
        log.append("down")

    app = FastAPI(lifespan=lifespan)
    with TestClient(app, backend=backend) as client:
        assert log == ["up"]
        assert client.app_state == {"n": 1}
    assert log == ["up", "down"]


def test_client_gets_streams_in_pieces():
    """22.2: a streamed response can be read as it comes."""
    app = FastAPI()

    @app.get("/")
    def endpoint():
        return StreamingResponse(iter([b"ab", b"cd"]))

    with TestClient(app).stream("GET", "/") as answer:
        assert b"".join(answer.iter_bytes()) == b"abcd"


def test_client_serves_under_a_root_path():
    """22.2: root_path is put into the scope."""
    app = FastAPI()

    @app.get("/")
    def endpoint(request: Request):
        return request.scope["root_path"]

    assert TestClient(app, root_path="/proxy").get("/").json() == "/proxy"


def test_client_overrides_dependencies():
    """22.2: app.dependency_overrides replaces a dependency during tests and is reset by clearing."""
    app = FastAPI()

    def real():
        return "real"

    @app.get("/")
    def endpoint(value: str = Depends(real)):
        return value

    client = TestClient(app)
    app.dependency_overrides[real] = lambda: "fake"
    assert client.get("/").json() == "fake"
    app.dependency_overrides = {}
    assert client.get("/").json() == "real"


def test_asynchronous_tests_use_a_transport(backend):
    """22.2: an async HTTP client with an ASGI transport drives the app in the test's own loop."""
    started = []

    @asynccontextmanager
    async def lifespan(app):
        started.append(True)
        yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks):
        return "async"

    async def main():
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            return (await client.get("/")).json()

    assert anyio.run(main, backend=backend) == "async"
    assert started == []


# --- templates


@pytest.fixture
def templates(tmp_path):
    """A folder with one page."""
    (tmp_path / "page.html").write_text('{{ name }} {{ extra }} {{ url_for("page") }} {{ request.method }}')
    return tmp_path


def test_template_response_renders_a_page(templates):
    """22.3: TemplateResponse(request, name, context) renders with request and url_for in reach."""
    pages = Jinja2Templates(directory=templates, context_processors=[lambda request: {"extra": "more"}])
    app = FastAPI()

    @app.get("/page", response_class=Response, name="page")
    def page(request: Request):
        return pages.TemplateResponse(
            request, "page.html", {"name": "<b>"}, status_code=201, headers={"x-a": "1"}
        )

    answer = TestClient(app).get("/page")
    assert (answer.status_code, answer.headers["x-a"]) == (201, "1")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == "&lt;b&gt; more http://testserver/page GET"
    assert answer.template.name == "page.html"
    assert answer.context["name"] == "<b>"


def test_template_environment_can_be_given(templates):
    """22.3: an own Jinja environment replaces the directory."""
    import jinja2

    environment = jinja2.Environment(loader=jinja2.DictLoader({"x": "hello {{ who }}"}), autoescape=True)
    assert Jinja2Templates(env=environment).get_template("x").render(who="you") == "hello you"


def test_template_response_has_the_known_signature():
    """22.3: request and name come first, the rest has defaults."""
    parameters = inspect.signature(Jinja2Templates.TemplateResponse).parameters
    defaults = {name: value.default for name, value in parameters.items() if name != "self"}
    empty = inspect.Parameter.empty
    assert defaults == {
        "request": empty,
        "name": empty,
        "context": None,
        "status_code": 200,
        "headers": None,
        "media_type": None,
        "background": None,
    }


# --- static files


def test_static_files_are_served_below_a_mount(tmp_path):
    """22.4: files of a directory, with html=True index pages and the 404 page."""
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "index.html").write_text("home")
    (tmp_path / "404.html").write_text("missing")
    app = FastAPI()
    app.mount("/plain", StaticFiles(directory=tmp_path), name="plain")
    app.mount("/html", StaticFiles(directory=tmp_path, html=True), name="html")
    client = TestClient(app)
    assert client.get("/plain/a.txt").text == "text"
    assert client.get("/plain/").status_code == 404
    assert client.get("/plain/none").json() == {"detail": "Not Found"}
    assert client.get("/html/").text == "home"
    missing = client.get("/html/none")
    assert (missing.status_code, missing.text) == (404, "missing")
    assert client.post("/plain/a.txt").status_code == 405
    assert app.url_path_for("plain", path="a.txt") == "/plain/a.txt"


def test_static_directory_is_checked(tmp_path):
    """22.4: a missing directory fails at once unless check_dir is False."""
    with pytest.raises(RuntimeError):
        StaticFiles(directory=tmp_path / "none")
    StaticFiles(directory=tmp_path / "none", check_dir=False)


def test_static_files_have_the_known_options():
    """22.4: directory, packages, html, check_dir, follow_symlink."""
    parameters = inspect.signature(StaticFiles).parameters
    assert {name: value.default for name, value in parameters.items()} == {
        "directory": None,
        "packages": None,
        "html": False,
        "check_dir": True,
        "follow_symlink": False,
    }


# --- request helpers


def test_request_offers_the_helpers_of_starlette():
    """22.5: send_early_hints, send_push_promise, is_disconnected, stream, form and body."""
    for name in (
        "send_early_hints",
        "send_push_promise",
        "is_disconnected",
        "stream",
        "form",
        "body",
        "json",
    ):
        assert callable(getattr(Request, name))


def test_request_streams_its_body():
    """22.5: request.stream() gives the pieces of the body."""
    app = FastAPI()

    @app.post("/")
    async def endpoint(request: Request):
        return b"".join([piece async for piece in request.stream()]).decode()

    assert TestClient(app).post("/", content=b"hello").json() == "hello"


def test_request_form_can_be_read_by_hand():
    """22.5: request.form() parses a form without declared parameters."""
    app = FastAPI()

    @app.post("/")
    async def endpoint(request: Request):
        async with request.form() as form:
            file = form["file"]
            return [form["a"], file.filename, (await file.read()).decode()]

    answer = TestClient(app).post("/", data={"a": "1"}, files={"file": ("f.txt", b"content")})
    assert answer.json() == ["1", "f.txt", "content"]


def test_request_knows_whether_the_client_is_there():
    """22.5: is_disconnected() is False while the client waits."""
    app = FastAPI()

    @app.get("/")
    async def endpoint(request: Request):
        return await request.is_disconnected()

    assert TestClient(app).get("/").json() is False


def test_http_exception_of_a_template_route_is_json(templates):
    """22.3: errors of pages are the usual JSON."""
    app = FastAPI()

    @app.get("/page")
    def page():
        raise HTTPException(404, "no page")

    assert TestClient(app).get("/page").json() == {"detail": "no page"}
