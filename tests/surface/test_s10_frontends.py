"""Section 10: built static frontends served below all routes."""

import os
import pathlib
import warnings
from types import SimpleNamespace

import pytest
from raw_asgi import exchange
from surface_target import (
    APIRouter,
    BackgroundTasks,
    Depends,
    FastAPI,
    Header,
    HTTPException,
    Request,
    Response,
    TestClient,
    load,
)

HTML = {"accept": "text/html"}
NOT_FOUND = (404, {"detail": "Not Found"})
NOT_ALLOWED = (405, {"detail": "Method Not Allowed"})


def _write(folder, files):
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.fixture
def spa(tmp_path):
    """A single-page application with assets and folders."""
    files = {"index.html": "INDEX", "app.js": "script", "docs/index.html": "DOCS", "img/a.txt": "picture"}
    return _write(tmp_path / "spa", files)


@pytest.fixture
def site(tmp_path):
    """A static site with a page for what is missing."""
    return _write(tmp_path / "site", {"index.html": "HOME", "404.html": "MISSING"})


@pytest.fixture
def bare(tmp_path):
    """A folder with neither index.html nor 404.html."""
    return _write(tmp_path / "bare", {"a.txt": "a"})


@pytest.fixture
def folders(spa, site, bare):
    """All three by name."""
    return SimpleNamespace(spa=spa, site=site, bare=bare)


def serve(directory, path="/", **options):
    """Return a client of an app that has only this frontend."""
    app = FastAPI()
    app.frontend(path, directory=directory, **options)
    return TestClient(app, follow_redirects=False)


def seen(answer):
    """Return what an assertion compares first."""
    return answer.status_code, answer.text


# --- files


def test_file_is_served_with_its_media_type_and_validators(spa):
    """10.3: an existing file is answered with type, length, etag and last-modified."""
    answer = serve(spa).get("/app.js")
    assert seen(answer) == (200, "script")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["content-length"] == "6"
    assert answer.headers["accept-ranges"] == "bytes"
    assert {"etag", "last-modified"} <= set(answer.headers)


def test_directory_may_be_text_or_path(spa):
    """10: `directory` is a string or a path."""
    assert serve(str(spa)).get("/app.js").text == "script"


def test_head_of_a_file_has_no_body(spa):
    """10.3: HEAD answers like GET without the body."""
    answer = serve(spa).head("/app.js")
    assert seen(answer) == (200, "")
    assert answer.headers["content-length"] == "6"


@pytest.mark.parametrize("header", ["if-none-match", "if-modified-since"])
def test_conditional_request_gets_304_when_nothing_changed(spa, header):
    """10.3: conditional requests are answered as Starlette does."""
    client = serve(spa)
    first = client.get("/app.js")
    value = first.headers["etag" if header == "if-none-match" else "last-modified"]
    assert client.get("/app.js", headers={header: value}).status_code == 304


def test_range_request_gets_a_part(spa):
    """10.3: ranges are answered as Starlette does."""
    answer = serve(spa).get("/app.js", headers={"range": "bytes=1-3"})
    assert seen(answer) == (206, "cri")


def test_directory_with_index_redirects_to_its_slash_form(spa):
    """10.3: a directory with index.html is redirected to the slash form, then served."""
    client = serve(spa)
    redirect = client.get("/docs")  # the docs page of the app wins over the folder of that name
    assert redirect.status_code == 200
    (spa / "guide").mkdir()
    (spa / "guide" / "index.html").write_text("GUIDE")
    redirect = client.get("/guide?a=1")
    assert redirect.status_code == 307
    assert redirect.headers["location"] == "http://testserver/guide/?a=1"
    assert seen(client.get("/guide/")) == (200, "GUIDE")


@pytest.mark.parametrize("path", ["/img", "/img/"])
def test_directory_without_index_is_missing(spa, path):
    """10.3: a directory without index.html counts as missing: the fallback decides."""
    client = serve(spa)
    assert (client.get(path).status_code, client.get(path).json()) == NOT_FOUND
    assert seen(client.get(path, headers=HTML)) == (200, "INDEX")


def test_root_serves_the_index(spa):
    """10.3: "/" of a frontend is its index.html, whatever is accepted."""
    assert seen(serve(spa).get("/", headers={"accept": "application/json"})) == (200, "INDEX")


# --- fallback


@pytest.mark.parametrize(
    ("fallback", "folder", "plain", "html"),
    [
        ("auto", "spa", NOT_FOUND, (200, "INDEX")),
        ("auto", "site", (404, "MISSING"), (404, "MISSING")),
        ("auto", "bare", NOT_FOUND, NOT_FOUND),
        ("index.html", "spa", NOT_FOUND, (200, "INDEX")),
        ("index.html", "site", NOT_FOUND, (200, "HOME")),
        ("404.html", "site", (404, "MISSING"), (404, "MISSING")),
        (None, "spa", NOT_FOUND, NOT_FOUND),
        (None, "site", NOT_FOUND, NOT_FOUND),
    ],
)
def test_fallback_answers_what_is_missing(folders, fallback, folder, plain, html):
    """10.3: 404.html for any GET, index.html for pages, else 404 JSON; "auto" takes what exists."""
    client = serve(getattr(folders, folder), fallback=fallback)
    for headers, expected in (({}, plain), (HTML, html)):
        answer = client.get("/missing", headers=headers)
        got = answer.json() if isinstance(expected[1], dict) else answer.text
        assert (answer.status_code, got) == expected
        head = client.head("/missing", headers=headers)
        assert seen(head) == (expected[0], "")


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html", True),
        ("TEXT/HTML", True),
        ("application/json, text/html;q=0.1", True),
        ("application/xhtml+xml;q=0.1", True),
        ("text/html;q=abc", True),
        ("text/html;q=0", False),
        ("text/html;q=0.0", False),
        ("text/*", False),
        ("*/*", False),
        ("application/json", False),
        ("", False),
    ],
)
def test_index_fallback_is_given_when_html_is_asked_by_name(spa, accept, page):
    """10.3: index.html only if Accept names a page type with q ≠ 0, no wildcard; a bad q is ignored."""
    answer = serve(spa).get("/some/page", headers={"accept": accept})
    assert answer.status_code == (200 if page else 404)
    assert answer.text == ("INDEX" if page else '{"detail":"Not Found"}')


# --- other methods, hostile paths


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize(
    ("path", "expected"), [("/app.js", NOT_ALLOWED), ("/", NOT_ALLOWED), ("/missing", NOT_FOUND)]
)
def test_other_methods_are_refused(spa, method, path, expected):
    """10.4: 405 if a static resource exists, else 404, even for a page request."""
    answer = serve(spa).request(method, path, headers=HTML)
    assert (answer.status_code, answer.json()) == expected


def test_other_methods_on_a_missing_path_do_not_get_the_404_page(site):
    """10.4: the 404.html fallback is for GET and HEAD."""
    assert serve(site).post("/missing").json() == {"detail": "Not Found"}


@pytest.mark.parametrize(
    "path",
    ["/../bare/a.txt", "/..", "/img/../../bare/a.txt", "/img/..%2f..", "/%2e%2e/bare/a.txt", "/\\..\\x"],
)
def test_path_outside_the_directory_is_missing(folders, path):
    """10.5: traversal gets 404."""
    app = FastAPI()
    app.frontend("/", directory=folders.spa)
    done = exchange(app, "GET", path)
    assert (done.status, done.body) == (404, b'{"detail":"Not Found"}')


def test_symlink_is_followed_inside_the_directory_only(folders):
    """10.5: a link that leads outside counts as missing."""
    pathlib.Path(folders.spa / "outside.txt").symlink_to(folders.bare / "a.txt")
    pathlib.Path(folders.spa / "outside").symlink_to(folders.bare)
    pathlib.Path(folders.spa / "inside.js").symlink_to(folders.spa / "app.js")
    client = serve(folders.spa)
    assert client.get("/outside.txt").status_code == 404
    assert client.get("/outside/a.txt").status_code == 404
    assert seen(client.get("/inside.js")) == (200, "script")


@pytest.mark.parametrize("path", ["/" + "a" * 300, "/a%00b"])
def test_impossible_file_name_is_missing_without_fallback(spa, path):
    """10.5: over-long names and NUL get 404 JSON, even for pages."""
    answer = serve(spa).get(path, headers=HTML)
    assert (answer.status_code, answer.json()) == NOT_FOUND


def test_permission_error_is_401(spa, monkeypatch):
    """10.5: a file that the server may not look at gets 401."""
    real = os.stat

    def refuse(path, *args, **options):
        if str(path).endswith("app.js"):
            raise PermissionError(path)
        return real(path, *args, **options)

    client = serve(spa)
    monkeypatch.setattr(os, "stat", refuse)
    assert client.get("/app.js").status_code == 401


# --- priority


def test_routes_win_over_frontends_whatever_the_order(spa):
    """10.1: routes registered later, their 405, 422 and slash redirects come before any frontend."""
    app = FastAPI()
    app.frontend("/", directory=spa)

    @app.get("/app.js")
    def script():
        return "route"

    @app.post("/send")
    def send():
        return None

    @app.get("/slash/")
    def slash():
        return None

    @app.get("/item/{number}")
    def item(number: int):
        return number

    client = TestClient(app, follow_redirects=False)
    assert client.get("/app.js").json() == "route"
    refused = client.post("/app.js")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    assert client.get("/send", headers=HTML).status_code == 405
    assert client.get("/slash", headers=HTML).status_code == 307
    assert client.get("/item/x", headers=HTML).status_code == 422
    assert client.get("/elsewhere", headers=HTML).text == "INDEX"


def test_routes_of_included_routers_win_over_frontends(spa):
    """10.1: the whole tree of routes is asked before any frontend of any router."""
    app = FastAPI()
    first, second = APIRouter(), APIRouter()
    first.frontend("/", directory=spa)

    @second.get("/app.js")
    def script():
        return "route"

    app.include_router(first)
    app.include_router(second)
    client = TestClient(app)
    assert client.get("/app.js").json() == "route"
    assert client.get("/").text == "INDEX"


def test_mount_wins_over_frontends(folders):
    """10.1: a mounted application is a normal route."""
    app = FastAPI()
    app.frontend("/", directory=folders.spa)
    app.mount("/static", load("staticfiles").StaticFiles(directory=folders.bare))
    client = TestClient(app)
    assert client.get("/static/a.txt").text == "a"
    assert client.get("/static/zzz", headers=HTML).status_code == 404


def test_longest_frontend_prefix_wins_at_segment_boundaries(folders):
    """10.1: of several frontends the longest path prefix answers; prefixes end at "/"."""
    app = FastAPI()
    app.frontend("/", directory=folders.spa)
    app.frontend("/site", directory=folders.site)
    app.frontend("/sites", directory=folders.bare)
    client = TestClient(app, follow_redirects=False)
    assert client.get("/site/").text == "HOME"
    assert client.get("/site/missing", headers=HTML).text == "MISSING"
    assert client.get("/sites/a.txt").text == "a"
    assert client.get("/sitemap", headers=HTML).text == "INDEX"
    assert client.get("/site").headers["location"] == "http://testserver/site/"


def test_first_frontend_wins_when_two_share_a_path(folders):
    """10.1: registering the same path twice keeps the first."""
    app = FastAPI()
    app.frontend("/", directory=folders.spa)
    app.frontend("/", directory=folders.site)
    assert TestClient(app).get("/").text == "INDEX"


def test_frontend_is_neither_documented_nor_reversible(spa):
    """10.1: no path in OpenAPI, no name for url_path_for."""
    from starlette.routing import NoMatchFound

    app = FastAPI()
    app.frontend("/ui", directory=spa)
    assert app.openapi()["paths"] == {}
    for name in ("frontend", "ui", "spa"):
        with pytest.raises(NoMatchFound):
            app.url_path_for(name)


# --- path, prefixes, mounts


@pytest.mark.parametrize("path", ["/ui", "/ui/"])
def test_trailing_slash_of_the_path_is_ignored(spa, path):
    """10.2: "/ui" and "/ui/" declare the same frontend."""
    client = serve(spa, path)
    assert client.get("/ui/app.js").text == "script"
    assert client.get("/ui").headers["location"] == "http://testserver/ui/"
    assert client.get("/uix/app.js").status_code == 404


@pytest.mark.parametrize("path", ["", "ui"])
def test_path_is_refused_when_it_does_not_start_with_a_slash(spa, path):
    """10.2: the path must start with "/"."""
    with pytest.raises(AssertionError):
        FastAPI().frontend(path, directory=spa)


def test_fallback_is_refused_when_unknown(spa):
    """10.2: only "auto", "index.html", "404.html" and None are fallbacks."""
    with pytest.raises(AssertionError, match=r"fallback must be .*, or None"):
        FastAPI().frontend("/", directory=spa, fallback="other.html")


def test_prefixes_of_routers_and_inclusions_apply(spa):
    """10.1: a router's frontend sits below its prefix and that of each inclusion."""
    router = APIRouter(prefix="/team")
    router.frontend("/ui", directory=spa)
    app = FastAPI()
    app.include_router(router, prefix="/a")
    app.include_router(router, prefix="/b")
    client = TestClient(app)
    assert client.get("/a/team/ui/app.js").text == "script"
    assert client.get("/b/team/ui/app.js").text == "script"
    assert client.get("/team/ui/app.js").status_code == 404


def test_root_path_is_respected(spa):
    """10.1: redirects carry the root path of the request."""
    app = FastAPI()
    app.frontend("/ui", directory=spa)
    client = TestClient(app, root_path="/proxy", follow_redirects=False)
    assert client.get("/proxy/ui/app.js").text == "script"
    assert client.get("/proxy/ui/docs").headers["location"] == "http://testserver/proxy/ui/docs/"


def test_frontend_works_in_a_mounted_application(spa):
    """10.1: a sub-application serves its frontend below the mount path."""
    child = FastAPI()
    child.frontend("/", directory=spa)
    app = FastAPI()
    app.mount("/child", child)
    client = TestClient(app)
    assert client.get("/child/app.js").text == "script"
    assert client.get("/child/page", headers=HTML).text == "INDEX"
    assert client.get("/app.js").status_code == 404


# --- check_dir


@pytest.mark.parametrize("check_dir", ["auto", True])
def test_missing_directory_is_refused_at_registration(tmp_path, monkeypatch, check_dir):
    """10.6: a directory that does not exist is a RuntimeError at once, which says where it was looked for."""
    monkeypatch.delenv("FASTAPI_ENV", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RuntimeError) as caught:
        FastAPI().frontend("/", directory="missing", check_dir=check_dir)
    text = f"Frontend directory 'missing' does not exist. Resolved absolute path: '{tmp_path / 'missing'}'"
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("path", "text"),
    [("", "A frontend path cannot be empty"), ("admin", "A frontend path must start with '/'")],
)
def test_path_is_refused_at_registration(bare, path, text):
    """10.1: with an AssertionError, as the paths of routes are."""
    with pytest.raises(AssertionError, match=text):
        FastAPI().frontend(path, directory=bare)


@pytest.mark.parametrize("fallback", ["index.html", "404.html"])
def test_missing_fallback_file_is_refused_at_registration(bare, monkeypatch, fallback):
    """10.6: an explicit fallback must exist."""
    monkeypatch.delenv("FASTAPI_ENV", raising=False)
    with pytest.raises(RuntimeError, match=f"Frontend fallback file .{fallback}. does not exist"):
        FastAPI().frontend("/", directory=bare, fallback=fallback)


def test_missing_directory_fails_at_the_request_when_not_checked(tmp_path):
    """10.6: check_dir=False moves the error to the request."""
    client = serve(tmp_path / "missing", check_dir=False)
    with pytest.raises(RuntimeError):
        client.get("/")


def test_missing_directory_warns_when_developing(tmp_path, monkeypatch):
    """10.6: with FASTAPI_ENV=development "auto" warns, and the directory may come later."""
    monkeypatch.setenv("FASTAPI_ENV", "development")
    directory = tmp_path / "missing"
    with pytest.warns(UserWarning, match="Frontend directory '.*missing' does not exist"):
        client = serve(directory)
    with pytest.raises(RuntimeError):
        client.get("/")
    _write(directory, {"index.html": "LATE"})
    assert client.get("/").text == "LATE"


def test_missing_directory_is_refused_when_developing_if_asked(tmp_path, monkeypatch):
    """10.6: check_dir=True is strict in development too."""
    monkeypatch.setenv("FASTAPI_ENV", "development")
    with pytest.raises(RuntimeError):
        FastAPI().frontend("/", directory=tmp_path / "missing", check_dir=True)


def test_present_directory_does_not_warn_when_developing(spa, monkeypatch):
    """10.6: nothing is said about a directory that exists."""
    monkeypatch.setenv("FASTAPI_ENV", "development")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert serve(spa).get("/").text == "INDEX"


# --- dependencies


def _guarded(spa, log):
    def resource():
        log.append("enter")
        yield
        log.append("exit")

    def mark(response: Response, tasks: BackgroundTasks, token: str | None = None):
        if token == "bad":
            raise HTTPException(403, "no")
        response.headers["x-mark"] = "1"
        response.set_cookie("seen", "yes")
        tasks.add_task(log.append, "task")

    def count(n: int = 0):
        log.append(n)

    app = FastAPI(dependencies=[Depends(resource)])
    router = APIRouter(prefix="/ui", dependencies=[Depends(mark)])
    router.frontend("/", directory=spa)

    @router.get("/api")
    def api():
        return "api"

    app.include_router(router, dependencies=[Depends(count)])
    app.include_router(router, prefix="/free")
    return app, mark


@pytest.mark.parametrize(("path", "status"), [("/ui/app.js", 200), ("/ui/", 200), ("/ui/docs", 307)])
def test_dependencies_run_before_a_file_is_served(spa, path, status):
    """10.7: app, router and inclusion dependencies run; headers, cookies, tasks and clean-up work."""
    log = []
    app, _ = _guarded(spa, log)
    answer = TestClient(app, follow_redirects=False).get(path)
    assert answer.status_code == status
    assert answer.headers["x-mark"] == "1"
    assert answer.headers["set-cookie"].startswith("seen=yes")
    assert log == ["enter", 0, "task", "exit"]


def test_dependency_may_refuse_a_file(spa):
    """10.7: an HTTPException of a dependency is the answer."""
    app, _ = _guarded(spa, [])
    answer = TestClient(app).get("/ui/app.js?token=bad")
    assert (answer.status_code, answer.json()) == (403, {"detail": "no"})


def test_dependency_parameters_are_validated(spa):
    """10.7: a bad parameter of a dependency gets 422, of this inclusion only."""
    app, _ = _guarded(spa, [])
    client = TestClient(app)
    answer = client.get("/ui/app.js?n=x")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "n"]
    assert client.get("/free/ui/app.js?n=x").text == "script"


def test_dependency_override_applies_to_frontends(spa):
    """10.7: dependency_overrides replace dependencies of frontends."""
    log = []
    app, mark = _guarded(spa, log)
    app.dependency_overrides[mark] = lambda: log.append("override")
    answer = TestClient(app).get("/ui/app.js?token=bad")
    assert answer.text == "script"
    assert log == ["enter", 0, "override", "exit"]


def test_dependencies_run_once_when_a_route_wins(spa):
    """10.7: below an API route the frontend's dependencies are not run a second time."""
    log = []
    app, _ = _guarded(spa, log)
    assert TestClient(app).get("/ui/api").json() == "api"
    assert log == ["enter", 0, "task", "exit"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/ui/app.js"), ("GET", "/uix"), ("GET", "/elsewhere")])
def test_dependencies_do_not_run_when_the_frontend_does_not_answer(spa, method, path):
    """10.7: 405 and paths outside the frontend run no dependency."""
    log = []
    app, _ = _guarded(spa, log)
    assert TestClient(app).request(method, path).status_code in {404, 405}
    assert log == []


def test_header_parameter_of_a_dependency_guards_the_frontend(spa):
    """10.7: header parameters work as on routes."""

    def guard(x_token: str = Header()):
        assert x_token

    app = FastAPI(dependencies=[Depends(guard)])
    app.frontend("/", directory=spa)
    client = TestClient(app)
    assert client.get("/app.js").status_code == 422
    assert client.get("/app.js", headers={"x-token": "t"}).text == "script"


def test_body_limit_applies_per_inclusion(spa):
    """10.7: a dependency that reads the body meets the limit of its own inclusion."""

    async def read(request: Request):
        await request.body()

    router = APIRouter(dependencies=[Depends(read)])
    router.frontend("/", directory=spa)
    app = FastAPI()
    app.include_router(router, prefix="/small", max_body_size=3)
    app.include_router(router, prefix="/large")
    client = TestClient(app)
    assert client.request("GET", "/small/app.js", content=b"12345").status_code == 413
    assert client.request("GET", "/small/app.js", content=b"123").status_code == 200
    assert client.request("GET", "/large/app.js", content=b"12345").status_code == 200
