"""Section 16: limits of body size and forms at their four levels."""

import anyio
import pytest
from pydantic import ValidationError
from raw_asgi import Exchange, exchange, http_scope
from surface_target import (
    APIRouter,
    Body,
    Depends,
    FastAPI,
    File,
    Form,
    HTTPException,
    JSONResponse,
    Request,
    TestClient,
    UploadFile,
)

TEXT = (413, "text/plain; charset=utf-8", "Content Too Large")
JSON = (413, "application/json", '{"detail":"Content Too Large"}')


async def size(request: Request):
    """Answer with the number of bytes received."""
    return len(await request.body())


def streamed(content):
    """Return `content` as an iterator: it is sent without a Content-Length."""
    return iter([content[:1], content[1:]])


def seen(answer):
    """Return what a refusal is compared by."""
    return answer.status_code, answer.headers.get("content-type"), answer.text


def limited(**options):
    """Return a client of an app with one endpoint, limited as told."""
    app = FastAPI()
    app.post("/", **options)(size)
    return TestClient(app)


def register(place, name, value):
    """Give the option `name` to one of the four places and register an endpoint there."""
    app = FastAPI(**({name: value} if place == "app" else {}))
    router = APIRouter(**({name: value} if place == "router" else {}))
    router.post("/", **({name: value} if place == "route" else {}))(size)
    app.include_router(router, prefix="/p", **({name: value} if place == "include" else {}))
    return TestClient(app)


PLACES = ["app", "router", "include", "route"]


# --- 16.1 max_body_size


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", [True, 1.0, "1", -1])
def test_body_limit_is_refused_when_it_is_no_count(place, value):
    """16.1.1: anything but a non-negative int or None is a ValueError at registration."""
    with pytest.raises(ValueError, match="max_body_size"):
        register(place, "max_body_size", value)


@pytest.mark.parametrize("place", PLACES)
def test_body_limit_applies_at_every_place(place):
    """16.1.1: app, router, include call and route accept the limit."""
    client = register(place, "max_body_size", 10)
    assert client.post("/p/", content=b"x" * 10).json() == 10
    assert client.post("/p/", content=b"x" * 11).status_code == 413
    assert client.post("/p/", content=streamed(b"x" * 11)).status_code == 413


@pytest.mark.parametrize("place", PLACES)
def test_no_limit_is_no_limit(place):
    """16.1.1: None inherits, and nothing set anywhere is unlimited."""
    client = register(place, "max_body_size", None)
    assert client.post("/p/", content=b"x" * 3_000_000).json() == 3_000_000


def test_limit_of_zero_accepts_only_empty_bodies():
    """16.1.1: 0 refuses the first byte."""
    client = limited(max_body_size=0)
    assert client.post("/").json() == 0
    assert client.post("/", content=b"1").status_code == 413
    assert client.post("/", content=streamed(b"12")).status_code == 413


def _limit(client, path):
    """Return the largest body size of a ladder that `path` accepts."""
    accepted = [
        n for n in (5, 10, 20, 30, 50, 100, 200, 500) if client.post(path, content=b"1" * n).is_success
    ]
    return max(accepted)


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/plain/default", 20),
        ("/plain/own", 5),
        ("/included/default", 20),
        ("/included/own", 5),
        ("/bare/x", 10),
        ("/outer/x", 50),
        ("/outer/inner/x", 200),
        ("/child/x", 100),
        ("/free-child/x", 500),
        ("/mounted-router/x", 30),
    ],
)
def test_more_specific_limit_wins(path, limit):
    """16.1.1: route, then its router, then the inclusion, then the parent; each may raise or lower."""
    app = FastAPI(max_body_size=100)
    router, bare, outer = APIRouter(max_body_size=20), APIRouter(), APIRouter(max_body_size=50)
    router.post("/default")(size)
    router.post("/own", max_body_size=5)(size)
    bare.post("/x")(size)
    outer.include_router(bare)
    outer.include_router(bare, prefix="/inner", max_body_size=200)
    app.include_router(router, prefix="/plain")
    app.include_router(router, prefix="/included", max_body_size=10)
    app.include_router(bare, prefix="/bare", max_body_size=10)
    app.include_router(outer, prefix="/outer", max_body_size=30)
    child, free_child, mounted = FastAPI(), FastAPI(max_body_size=500), APIRouter(max_body_size=30)
    for target in (child, free_child, mounted):
        target.post("/x")(size)
    app.mount("/child", child)
    app.mount("/free-child", free_child)
    app.mount("/mounted-router", mounted)
    assert _limit(TestClient(app), path) == limit


@pytest.mark.parametrize("kind", ["raw", "json", "form", "file"])
def test_limit_applies_before_the_endpoint_is_called(kind):
    """16.1.2: JSON, forms, files and raw bodies are all refused; endpoint and dependencies do not run."""
    app, called = FastAPI(max_body_size=50), []

    async def read(request: Request):
        await request.body()

    async def raw(value: None = Depends(read)):
        called.append(kind)

    def json_body(value: list[int]):
        called.append(kind)

    def form(value: str = Form()):
        called.append(kind)

    def file(value: UploadFile):
        called.append(kind)

    app.post("/")({"raw": raw, "json": json_body, "form": form, "file": file}[kind])
    body = {
        "raw": (b"x" * 51, "text/plain"),
        "json": (b"[" + b" " * 50 + b"]", "application/json"),
        "form": (b"value=" + b"x" * 50, "application/x-www-form-urlencoded"),
        "file": (
            b'--b\r\nContent-Disposition: form-data; name="value"; filename="f"\r\n\r\nx\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
    }
    content, media_type = body[kind]
    client = TestClient(app)
    headers = {"content-type": media_type}
    assert seen(client.post("/", content=content, headers=headers)) == TEXT
    assert seen(client.post("/", content=streamed(content), headers=headers)) == JSON
    assert called == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
def test_limit_does_not_count_query_and_headers(method):
    """16.1.1: only bytes of the body count."""
    app = FastAPI(max_body_size=5)
    app.api_route("/", methods=[method])(size)
    answer = TestClient(app).request(
        method, "/?q=" + "x" * 100, headers={"x-long": "y" * 100}, content=b"12345"
    )
    assert answer.json() == 5


@pytest.mark.parametrize(
    ("content", "length", "expected"),
    [
        (b"12345", "2", JSON),
        (b"12345", None, JSON),
        (b"12", "200", TEXT),
        (b"12", "many", (200, "application/json", "2")),
        (b"12", "-5", (200, "application/json", "2")),
    ],
)
def test_bytes_received_count_whatever_the_length_header_says(content, length, expected):
    """16.1.2: a wrong or absent Content-Length does not help; an honest or larger one is refused early."""
    headers = {} if length is None else {"content-length": length}
    answer = limited(max_body_size=3).post("/", content=streamed(content), headers=headers)
    assert seen(answer) == expected


def test_reading_stops_at_the_limit():
    """16.1.2: nothing more is read from the connection once the limit is passed."""
    app = FastAPI()
    app.post("/", max_body_size=3)(size)
    done = Exchange(http_scope("POST", "/"), b"12", b"34", b"56", b"78")
    anyio.run(done.run, app)
    assert (done.status, done.body) == (413, b'{"detail":"Content Too Large"}')
    assert done.received == 2


def test_nothing_is_read_when_the_length_header_is_honest():
    """16.1.2: a larger Content-Length is refused without reading."""
    app = FastAPI()
    app.post("/", max_body_size=3)(size)
    done = exchange(app, "POST", "/", b"12", b"34", headers=[(b"content-length", b"4")])
    assert (done.status, done.body) == (413, b"Content Too Large")
    assert done.received == 0


def test_refusal_while_streaming_passes_the_exception_handler():
    """16.1.3: an excess found while reading is an HTTPException; the early refusal is plain text."""
    from starlette.exceptions import HTTPException as StarletteHTTPException

    app = FastAPI(max_body_size=3)
    app.post("/")(size)

    @app.exception_handler(StarletteHTTPException)
    async def handle(request, error):
        return JSONResponse({"status": error.status_code}, status_code=error.status_code)

    client = TestClient(app)
    assert seen(client.post("/", content=b"1234")) == TEXT
    assert client.post("/", content=streamed(b"1234")).json() == {"status": 413}


def test_early_refusal_of_the_app_comes_before_routing():
    """16.1.3: with an app limit an honest large body gets 413 even where no route is."""
    client = TestClient(FastAPI(max_body_size=3))
    assert seen(client.post("/nothing", content=b"1234")) == TEXT
    assert client.post("/nothing", content=streamed(b"1234")).status_code == 404


def test_body_that_nobody_reads_is_not_measured():
    """16.1.2: without Content-Length an unread body costs nothing and is not refused."""
    app = FastAPI(max_body_size=3)

    @app.post("/")
    def endpoint():
        return "unread"

    assert TestClient(app).post("/", content=streamed(b"12345")).json() == "unread"


@pytest.mark.parametrize(
    ("path", "length", "whole", "pieces"),
    [
        ("/raised", 10, 200, 200),
        ("/raised", 11, TEXT, TEXT),
        ("/lowered", 5, 200, 200),
        ("/lowered", 6, TEXT, JSON),
        ("/lowered", 11, TEXT, TEXT),
    ],
)
def test_middleware_reads_under_the_limit_of_the_app(path, length, whole, pieces):
    """16.1.4: a middleware that reads the body meets the app's limit; the route's own comes on top."""
    app = FastAPI(max_body_size=10)

    @app.middleware("http")
    async def read(request, call_next):
        await request.body()
        return await call_next(request)

    app.post("/raised", max_body_size=100)(size)
    app.post("/lowered", max_body_size=5)(size)
    client = TestClient(app)
    for content, expected in ((b"x" * length, whole), (streamed(b"x" * length), pieces)):
        answer = client.post(path, content=content)
        assert (answer.status_code if expected == 200 else seen(answer)) == expected


def test_uploaded_files_are_closed_when_the_limit_is_passed():
    """16.1.2: temporary files made before the excess was found are closed."""
    import tempfile

    opened = []
    real = tempfile.SpooledTemporaryFile

    def remember(*args, **options):
        opened.append(real(*args, **options))
        return opened[-1]

    app = FastAPI(max_body_size=5000)

    @app.post("/")
    def endpoint(value: UploadFile): ...

    head = b'--b\r\nContent-Disposition: form-data; name="value"; filename="f"\r\n\r\n'
    pieces = (head, b"x" * 2000, b"x" * 2000, b"x" * 2000, b"\r\n--b--\r\n")
    headers = [(b"content-type", b"multipart/form-data; boundary=b")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("starlette.formparsers.SpooledTemporaryFile", remember)
        done = exchange(app, "POST", "/", *pieces, headers=headers)
    assert (done.status, done.body) == (413, b'{"detail":"Content Too Large"}')
    assert len(opened) == 1
    assert opened[0].closed


def test_exception_groups_of_the_endpoint_are_preserved():
    """16.1.4: an ExceptionGroup that has nothing to do with limits arrives as it is."""
    app = FastAPI(max_body_size=10)

    @app.post("/", max_body_size=5)
    async def endpoint(request: Request):
        raise ExceptionGroup("own", [ValueError("a"), KeyError("b")])

    with pytest.raises(ExceptionGroup, match="own") as caught:
        TestClient(app).post("/", content=b"123")
    assert [type(error) for error in caught.value.exceptions] == [ValueError, KeyError]


def test_lifespan_is_not_limited():
    """16.1.4: a limit of 0 does not disturb the lifespan."""
    with TestClient(FastAPI(max_body_size=0)) as client:
        assert client.get("/missing").status_code == 404


def test_own_413_of_an_endpoint_is_an_ordinary_error():
    """16.1.3: an HTTPException(413) raised by user code is not confused with the limit."""
    app = FastAPI(max_body_size=10)

    @app.post("/")
    async def endpoint(value: int = Body()):
        raise HTTPException(413, "mine")

    assert TestClient(app).post("/", json=1).json() == {"detail": "mine"}


# --- 16.2 form_limits


def _form_app(**options):
    app = FastAPI(**options)
    app.post("/")(_form)
    return app


def _form(f0: str = Form("-"), files: list[UploadFile] = File([])):
    return [len(f0), len(files)]


def _fields(count):
    return {f"f{number}": "x" for number in range(count)}


def _files(count, length=50):
    return [("files", (f"{number}.txt", b"x" * length)) for number in range(count)]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "value",
    [
        {"max_fields": True},
        {"max_files": -1},
        {"max_part_size": "1"},
        {"max_fields": 1.0},
        {"max_fields": None},
        {"unknown": 1},
        [],
    ],
)
def test_form_limits_are_refused_when_wrong(place, value):
    """16.2: Pydantic's error at registration for unknown keys and what is no strict non-negative int."""
    with pytest.raises(ValidationError):
        register(place, "form_limits", value)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", [None, {}])
def test_form_limits_may_be_empty(place, value):
    """16.2: None and an empty dict change nothing."""
    assert register(place, "form_limits", value).post("/p/").status_code == 200


@pytest.mark.parametrize("place", PLACES)
def test_form_limits_apply_at_every_place(place):
    """16.2: app, router, include call and route accept the limits."""
    limits = {"form_limits": {"max_fields": 2}}
    app = FastAPI(**(limits if place == "app" else {}))
    router = APIRouter(**(limits if place == "router" else {}))
    router.post("/", **(limits if place == "route" else {}))(_form)
    app.include_router(router, prefix="/p", **(limits if place == "include" else {}))
    client = TestClient(app)
    assert client.post("/p/", data=_fields(2)).status_code == 200
    refused = client.post("/p/", data=_fields(3))
    assert refused.status_code == 400
    assert refused.json() == {"detail": "Too many fields. Maximum number of fields is 2."}


@pytest.mark.parametrize(
    ("request_parts", "detail"),
    [
        ({"data": _fields(3), "files": _files(1)}, None),
        ({"data": _fields(4), "files": _files(1)}, "Too many fields. Maximum number of fields is 3."),
        ({"data": _fields(4)}, "Too many fields. Maximum number of fields is 3."),
        ({"files": _files(2)}, "Too many files. Maximum number of files is 1."),
        ({"data": {"f0": "x" * 2048}, "files": _files(1)}, None),
        ({"data": {"f0": "x" * 2049}, "files": _files(1)}, "Part exceeded maximum size of 2KB."),
        ({"data": {"f0": "x" * 2049}}, "Field exceeded maximum size of 2KB."),
        ({"files": _files(1, 5000)}, None),
    ],
)
def test_form_limits_are_told_when_passed(request_parts, detail):
    """16.2: violations get 400 with a text; max_part_size concerns text, not files."""
    app = _form_app(form_limits={"max_fields": 3, "max_files": 1, "max_part_size": 2048})
    answer = TestClient(app).post("/", **request_parts)
    if detail is None:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()) == (400, {"detail": detail})


@pytest.mark.parametrize(
    ("request_parts", "status"),
    [
        ({"data": _fields(1000)}, 200),
        ({"data": _fields(1001)}, 400),
        ({"files": _files(1000, 1)}, 200),
        ({"files": _files(1001, 1)}, 400),
        ({"data": {"f0": "x" * 2**20}, "files": _files(1)}, 200),
        ({"data": {"f0": "x" * (2**20 + 1)}, "files": _files(1)}, 400),
    ],
)
def test_default_form_limits_are_those_of_starlette(request_parts, status):
    """16.2: 1000 fields, 1000 files, 1 MiB for each text part."""
    assert TestClient(_form_app()).post("/", **request_parts).status_code == status


def test_form_limits_are_copied():
    """16.2: changing the dict afterwards has no effect."""
    limits = {"max_fields": 2}
    app = _form_app(form_limits=limits)
    limits["max_fields"] = 100
    assert TestClient(app).post("/", data=_fields(3)).status_code == 400


@pytest.mark.parametrize(
    ("path", "fields", "files"),
    [("/", 2, None), ("/r/", 6, 1), ("/route/", 6, 3), ("/child/", 2, None), ("/free/", 4, None)],
)
def test_each_form_limit_inherits_by_itself(path, fields, files):
    """16.2: keys are inherited one by one, the innermost wins; mounted apps inherit too."""
    app = _form_app(form_limits={"max_fields": 2})
    router, other = APIRouter(form_limits={"max_files": 1}), APIRouter(form_limits={"max_files": 1})
    router.post("/")(_form)
    other.post("/", form_limits={"max_files": 3})(_form)
    app.include_router(router, prefix="/r", form_limits={"max_fields": 6, "max_files": 5})
    app.include_router(other, prefix="/route", form_limits={"max_fields": 6})
    app.mount("/child", _form_app())
    app.mount("/free", _form_app(form_limits={"max_fields": 4}))
    client = TestClient(app)

    def ladder(part, make):
        good = [n for n in range(1, 10) if client.post(path, **{part: make(n)}).status_code == 200]
        return None if len(good) == 9 else max(good)

    assert (ladder("data", _fields), ladder("files", _files)) == (fields, files)


def test_manual_form_reading_uses_its_own_limits():
    """16.2: request.form() without form parameters is not limited by form_limits."""
    app = FastAPI(form_limits={"max_fields": 2})

    @app.post("/")
    async def endpoint(request: Request):
        async with request.form() as form:
            return len(form)

    assert TestClient(app).post("/", data=_fields(9)).json() == 9


def test_form_parsed_automatically_is_what_request_form_returns():
    """16.2: after automatic parsing request.form(...) returns the cached form whatever its arguments."""
    app = FastAPI(form_limits={"max_fields": 5})

    @app.post("/")
    async def endpoint(request: Request, f0: str = Form()):
        return len(await request.form(max_fields=1))

    assert TestClient(app).post("/", data=_fields(4)).json() == 4
