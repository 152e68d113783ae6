"""HDR and CKE: what responses carry, checked where it is set."""

from typing import Any

import pytest
from catalogue_asking import Answer, ask
from catalogue_faces import Face

_BROKEN = ["a\r\nset-cookie: x=1", "a\nb", "a\x00b", "a\rb"]


def _app(face: Face, make: Any, **route: Any) -> Any:
    app = face.app()

    @app.get("/", **route)
    def read(response: face.Response):
        return make(response)

    return app


def _asked(face: Face, make: Any, **route: Any) -> Answer:
    return ask(_app(face, make, **route), "GET", "/")


@pytest.mark.row("HDR-01")
@pytest.mark.parametrize("value", _BROKEN)
@pytest.mark.parametrize("way", ["injected", "item", "constructor", "exception", "raw"])
def test_hdr_01_line_breaks_in_values(face: Face, value: str, way: str):
    """A value with a line break or NUL is an error of whoever sets it: the client gets a 500."""

    def make(response: Any) -> Any:
        if way == "injected":
            response.headers["x-a"] = value
        elif way == "item":
            own = face.part("responses").JSONResponse(1)
            own.headers["x-a"] = value
            return own
        elif way == "constructor":
            return face.part("responses").JSONResponse(1, headers={"x-a": value})
        elif way == "exception":
            raise face.HTTPException(400, headers={"x-a": value})
        else:
            own = face.part("responses").JSONResponse(1)
            own.raw_headers.append((b"x-a", value.encode()))
            return own
        return 1

    answer = _asked(face, make)
    assert answer.status == 500
    assert answer.header("x-a") is None
    assert isinstance(answer.error, ValueError)


@pytest.mark.row("HDR-01")
def test_hdr_01_error_stands_at_the_line_that_sets_it(face: Face):
    """On the native face the ValueError is raised by the line that sets the header."""
    face.native_only("the classes of responses are Starlette's own there")
    responses = face.part("responses")
    for response in (responses.Response(), responses.JSONResponse(1), responses.RedirectResponse("/")):
        for broken in _BROKEN:
            with pytest.raises(ValueError, match="x-a"):
                response.headers["x-a"] = broken
            with pytest.raises(ValueError, match="x-a"):
                response.headers.append("x-a", broken)
            with pytest.raises(ValueError, match="x-a"):
                response.headers.update({"x-a": broken})
    with pytest.raises(ValueError, match="x-a"):
        responses.PlainTextResponse("", headers={"x-a": "a\r\n"})
    with pytest.raises(ValueError, match="x-a"):
        face.HTTPException(400, headers={"x-a": "a\r\n"})


@pytest.mark.row("HDR-02")
@pytest.mark.parametrize("name", ["x v:", "x:y", "", "x\r\ny", "é", "x y"])
def test_hdr_02_names_that_are_none(face: Face, name: str):
    """A name that is no token (RFC 9110, section 5.6.2) is an error of whoever sets it."""

    def make(response: Any) -> Any:
        response.headers[name] = "1"
        return 1

    answer = _asked(face, make)
    assert (answer.status, isinstance(answer.error, ValueError)) == (500, True)


@pytest.mark.row("HDR-03")
def test_hdr_03_values_beyond_latin_1(face: Face):
    """A value that no header can hold is a clear error; what Latin-1 has is sent."""

    def make(response: Any) -> Any:
        response.headers["x-a"] = "€"
        return 1

    answer = _asked(face, make)
    assert (answer.status, isinstance(answer.error, ValueError)) == (500, True)
    assert face.get("/admin").status == 200


@pytest.mark.row("HDR-04")
def test_hdr_04_redirects_are_encoded(face: Face):
    """What stands in a redirect's address cannot leave its line."""
    answer = _asked(face, lambda _: face.part("responses").RedirectResponse("/x\r\nSet-Cookie: a=1"))
    assert answer.header("location") == "/x%0D%0ASet-Cookie:%20a=1"
    assert answer.header("set-cookie") is None


@pytest.mark.row("HDR-05")
@pytest.mark.parametrize(
    "target",
    [
        "//evil.com",
        "/\\evil.com",
        "\t//evil.com",
        "javascript:1",
        "https://evil.com",
        "evil.com",
        "",
        "/a\r\nb",
        " /a",
    ],
)
def test_hdr_05_local_redirects(face: Face, target: str):
    """`redirect_local` takes paths of this application and refuses all that leads elsewhere."""
    face.native_only("`redirect_local` is Rapide's")
    with pytest.raises(ValueError, match="no path of this application"):
        face.part("responses").redirect_local(target)


@pytest.mark.row("HDR-05")
@pytest.mark.parametrize("target", ["/", "/a?next=//b", "/a/b#c", "/ü"])
def test_hdr_05_local_redirects_lead_there(face: Face, target: str):
    """A path with query and fragment is where it leads."""
    face.native_only("`redirect_local` is Rapide's")
    answer = _asked(face, lambda _: face.part("responses").redirect_local(target))
    assert (answer.status, answer.header("location")) == (303, target.replace("ü", "%C3%BC"))


@pytest.mark.row("HDR-06")
@pytest.mark.parametrize("name", ['a"; filename="e.bat', "a\r\nx: 1.txt", "é.txt", "../../x"])
def test_hdr_06_names_of_downloads(face: Face, name: str, tmp_path):
    """The name of a download cannot leave its parameter (RFC 6266, RFC 8187)."""
    (tmp_path / "f").write_bytes(b"x")
    answer = _asked(face, lambda _: face.part("responses").FileResponse(tmp_path / "f", filename=name))
    disposition = str(answer.header("content-disposition"))
    assert answer.status == 200
    assert 'filename="e.bat"' not in disposition
    assert "\r" not in disposition
    disposition.encode("ascii")


@pytest.mark.row("HDR-07")
@pytest.mark.parametrize("length", ["3", "9"])
def test_hdr_07_wrong_content_length(face: Face, length: str):
    """A length that is not that of the body is an error before the first byte goes out."""
    answer = _asked(
        face, lambda _: face.part("responses").Response("12345", headers={"content-length": length})
    )
    assert answer.status == 500
    assert answer.all("content-length") in ([], [str(len(answer.body))])


@pytest.mark.row("HDR-08")
@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("way", ["response", "status_code", "injected"])
def test_hdr_08_statuses_without_body(face: Face, status: int, way: str):
    """204 and 304 have neither body nor length, whoever sets the status."""

    def make(response: Any) -> Any:
        if way == "response":
            return face.part("responses").JSONResponse({"a": 1}, status_code=status)
        if way == "injected":
            response.status_code = status
        return None if way == "status_code" else {"a": 1}

    answer = _asked(face, make, **({"status_code": status} if way == "status_code" else {}))
    assert (answer.status, answer.body) == (status, b"")
    assert answer.all("content-length") in ([], ["0"])


@pytest.mark.row("HDR-09")
@pytest.mark.parametrize(
    "name", ["transfer-encoding", "connection", "content-length", "keep-alive", "upgrade"]
)
def test_hdr_09_headers_of_the_connection(face: Face, name: str):
    """What frames a message is the server's: an application that sets it is in error."""

    def make(response: Any) -> Any:
        response.headers.append(name, "chunked" if name == "transfer-encoding" else "7")
        return 1

    answer = _asked(face, make)
    assert answer.status == 500
    assert answer.all(name) in ([], [str(len(answer.body))])


@pytest.mark.row("HDR-10")
def test_hdr_10_no_guessing(face: Face):
    """`nosniff` is on every answer that the framework makes, and on HTML what protects a page."""
    face.native_only("FastAPI sends no such headers")
    for target in ("/admin", "/nowhere", "/floats/x", "/docs", "/openapi.json", "/fails"):
        assert face.get(target).header("x-content-type-options") == "nosniff", target
    page = _asked(face, lambda _: face.part("responses").HTMLResponse("<p>"))
    assert page.header("x-content-type-options") == "nosniff"
    assert page.header("referrer-policy") == "strict-origin-when-cross-origin"
    assert page.header("cross-origin-opener-policy") == "same-origin"
    assert "frame-ancestors 'self'" in str(page.header("content-security-policy"))
    own = face.part("responses").HTMLResponse(
        "<p>", headers={"content-security-policy": "default-src 'none'"}
    )
    assert own.headers.getlist("content-security-policy") == ["default-src 'none'"]


@pytest.mark.row("CKE-01")
@pytest.mark.parametrize(
    "options",
    [
        {"path": "/; Domain=evil.com"},
        {"domain": "a; HttpOnly"},
        {"path": "/\r\nX: 1"},
        {"samesite": "lax; Domain=x"},
        {"max_age": "1; Domain=x"},
        {"expires": "x; Domain=y"},
        {"key": "a b"},
        {"key": "a=b"},
        {"key": ""},
        {"path": "x"},
    ],
)
def test_cke_01_attributes_stay_attributes(face: Face, options: dict[str, Any]):
    """No attribute of a cookie can bring in another: an error at the line that sets it."""
    face.native_only("the classes of responses are Starlette's own there")
    response = face.Response()
    with pytest.raises((ValueError, AssertionError)):
        response.set_cookie(**{"key": "a", "value": "1", **options})
    assert "set-cookie" not in response.headers


@pytest.mark.row("CKE-01")
@pytest.mark.parametrize("options", [{"path": "/\r\nX: 1"}, {"domain": "a\r\nb"}])
def test_cke_01_no_cookie_leaves_its_line(face: Face, options: dict[str, Any]):
    """On every face a cookie with a line break is a 500."""

    def make(response: Any) -> Any:
        response.set_cookie("a", "1", **options)
        return 1

    assert _asked(face, make).status == 500


@pytest.mark.row("CKE-02")
@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("__Host-s", {"domain": "example.com", "secure": True}),
        ("__Host-s", {}),
        ("__Host-s", {"secure": True, "path": "/a"}),
        ("__Secure-s", {}),
        ("__host-s", {}),
    ],
)
def test_cke_02_prefixes_are_kept(face: Face, key: str, options: dict[str, Any]):
    """A name with a prefix promises something, and browsers drop a cookie that breaks it."""
    face.native_only("the classes of responses are Starlette's own there")
    with pytest.raises(ValueError, match="__"):
        face.Response().set_cookie(key, "1", **options)


@pytest.mark.row("CKE-02")
def test_cke_02_prefixes_that_hold(face: Face):
    """A cookie that keeps what its name promises is set."""
    response = face.part("responses").Response()
    response.set_cookie("__Host-s", "1", secure=True, path="/")
    response.set_cookie("__Secure-s", "1", secure=True, domain="example.com")
    response.delete_cookie("__Host-s", secure=True)
    assert len(response.headers.getlist("set-cookie")) == 3


@pytest.mark.row("CKE-03")
def test_cke_03_none_needs_secure(face: Face):
    """`SameSite=None` without `Secure` is dropped by browsers, and an error here."""
    face.native_only("the classes of responses are Starlette's own there")
    with pytest.raises(ValueError, match="Secure"):
        face.Response().set_cookie("a", "1", samesite="none")
    face.Response().set_cookie("a", "1", samesite="none", secure=True)


@pytest.mark.row("CKE-05")
def test_cke_05_quoted_cookies_are_read_in_linear_time(face: Face):
    """A cookie of nothing but backslashes is read once from left to right (CVE-2024-7592)."""
    for value in (
        b'a="' + b"\\" * 8_000,
        b'a="' + b"\\" * 8_000 + b'"',
        b'a="' + b"\\1" * 4_000 + b'"',
        b"a;" * 4_000,
    ):
        assert face.get("/cookies", headers=[(b"cookie", value)]).status == 200


@pytest.mark.row("CKE-06")
def test_cke_06_nameless_and_double_cookies(face: Face):
    """What has no name is no cookie of any name, and of two of a name the last counts."""
    answer = face.get("/cookies", headers=[(b"cookie", b"=__Host-a=1; b; a=1; a=2")])
    assert answer.json == {"a": "2"}
    assert face.get("/cookies", headers=[(b"cookie", b"=a=1; a")]).json == {"a": None}


@pytest.mark.row("CKE-07")
def test_cke_07_cookies_that_no_browser_keeps(face: Face):
    """Name and value of more than 4,096 bytes are an error, not a cookie that silently never comes back."""
    face.native_only("the classes of responses are Starlette's own there")
    face.Response().set_cookie("a", "x" * 4_095)
    with pytest.raises(ValueError, match="4096"):
        face.Response().set_cookie("a", "x" * 4_096)


@pytest.mark.row("COR-01")
def test_cor_01_anybody_with_credentials(face: Face):
    """`*` with credentials is refused when the application starts."""
    face.native_only("FastAPI's is Starlette's")
    middleware = face.part("middleware.cors").CORSMiddleware
    for options in (
        {"allow_origins": ["*"]},
        {"allow_origin_regex": ".*", "allow_origins": []},
        {"allow_origins": ["null"]},
    ):
        app = face.app()
        app.add_middleware(middleware, allow_credentials=True, **options)
        with pytest.raises(ValueError, match="credentials"):
            app.build_middleware_stack()
    app = face.app()
    app.add_middleware(middleware, allow_origins=["*"])
    app.build_middleware_stack()


@pytest.mark.row("COR-02")
@pytest.mark.parametrize(
    "origin",
    [
        "https://evilexample.com",
        "https://example.com.evil.com",
        "null",
        "http://example.com",
        "https://example.com:8443",
        "https://exampleXcom",
    ],
)
def test_cor_02_origins_are_compared_as_they_are(face: Face, origin: str):
    """Scheme, host and port have to be those that are allowed."""
    answer = ask(_cors(face), "GET", "/", headers=[(b"origin", origin.encode())])
    assert answer.header("access-control-allow-origin") is None


@pytest.mark.row("COR-03")
@pytest.mark.parametrize("target", ["/", "/nowhere", "/fails", "/refused", "/items/x"])
def test_cor_03_every_answer_says_who_may_read_it(face: Face, target: str):
    """Every answer, errors too, names the origin and varies by it."""
    answer = ask(_cors(face), "GET", target, headers=[(b"origin", b"https://example.com")])
    if target == "/fails" and face.follows_fastapi("its 500 is made outside the middleware"):
        assert answer.header("access-control-allow-origin") is None
        return
    assert answer.header("access-control-allow-origin") == "https://example.com"
    assert "Origin" in str(answer.header("vary"))


def _cors(face: Face) -> Any:
    app = face.app()
    app.add_middleware(
        face.part("middleware.cors").CORSMiddleware,
        allow_origins=["https://example.com"],
        allow_credentials=True,
    )

    @app.get("/")
    def read():
        return 1

    @app.get("/items/{item}")
    def read_item(item: int):
        return item

    @app.get("/fails")
    def fail():
        raise RuntimeError

    @app.get("/refused")
    def refuse():
        raise face.HTTPException(403)

    return app
