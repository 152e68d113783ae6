"""Guards are built once: each is asked at every place where a request comes in or an answer goes out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from catalogue_asking import Answer, ask
from catalogue_faces import Face
from starlette.endpoints import HTTPEndpoint
from starlette.responses import HTMLResponse as RawHTML
from starlette.responses import Response as RawResponse

_PAGE = "<b>page</b>"
_BROKEN = {"x-name": "a\r\nset-cookie: stolen=1"}


class _FaultError(Exception):
    pass


class _Endpoint(HTTPEndpoint):
    response: RawResponse

    async def get(self, request: Any) -> RawResponse:
        return _Endpoint.response


def _from_endpoint(app: Any, face: Face, response: RawResponse) -> None:
    app.get("/", response_model=None)(lambda: response)


def _from_dependency(app: Any, face: Face, response: RawResponse) -> None:
    def refuse() -> None:
        raise face.HTTPException(400, headers=dict(response.headers))

    app.get("/", dependencies=[face.Depends(refuse)])(lambda: None)


def _from_exception_handler(app: Any, face: Face, response: RawResponse) -> None:
    def fail() -> None:
        raise _FaultError

    app.get("/")(fail)
    app.exception_handler(_FaultError)(lambda request, exc: response)


def _from_server_error_handler(app: Any, face: Face, response: RawResponse) -> None:
    def fail() -> None:
        raise _FaultError

    app.get("/")(fail)
    app.exception_handler(500)(lambda request, exc: response)


def _from_raw_route(app: Any, face: Face, response: RawResponse) -> None:
    async def endpoint(request: Any) -> RawResponse:
        return response

    app.add_route("/", endpoint)


def _from_raw_class(app: Any, face: Face, response: RawResponse) -> None:
    _Endpoint.response = response
    app.add_route("/", _Endpoint)


def _from_mounted_application(app: Any, face: Face, response: RawResponse) -> None:
    app.mount("/", response)


def _from_mounted_face(app: Any, face: Face, response: RawResponse) -> None:
    inner = face.app()
    _from_endpoint(inner, face, response)
    app.mount("/", inner)


def _from_middleware(app: Any, face: Face, response: RawResponse) -> None:
    app.get("/")(lambda: {"read": True})

    @app.middleware("http")
    async def answer(request: Any, call_next: Any) -> RawResponse:
        return response


def _from_asgi_middleware(app: Any, face: Face, response: RawResponse) -> None:
    app.get("/")(lambda: {"read": True})
    app.add_middleware(lambda inner: response)


_PLACES: dict[str, Callable[[Any, Face, RawResponse], None]] = {
    function.__name__.removeprefix("_from_"): function
    for function in (
        _from_endpoint,
        _from_dependency,
        _from_exception_handler,
        _from_server_error_handler,
        _from_raw_route,
        _from_raw_class,
        _from_mounted_application,
        _from_mounted_face,
        _from_middleware,
        _from_asgi_middleware,
    )
}


def _answer(face: Face, place: str, response: RawResponse, **options: Any) -> Answer:
    face.ours_only("is about where Rapide looks")
    app = face.app(**options)
    _PLACES[place](app, face, response)
    return ask(app, "GET", "/")


@pytest.mark.row("HDR-01")
@pytest.mark.parametrize("place", _PLACES)
def test_hdr_01_no_header_becomes_two_wherever_it_is_set(face: Face, place: str):
    """A line break in a header is a 500, whoever answers."""
    try:
        answer = _answer(face, place, RawHTML(_PAGE, headers=_BROKEN))
    except ValueError:
        assert place == "dependency"
        return
    assert answer.status == 500
    # Where the answer to a fault is itself wrong, it is the server that says 500.
    sent = answer.headers if answer.started else []
    assert not any(b"\n" in value or b"\r" in value or name == b"set-cookie" for name, value in sent)


@pytest.mark.row("HDR-10")
@pytest.mark.parametrize("place", _PLACES)
def test_hdr_10_nobody_guesses_the_type_of_any_answer(face: Face, place: str):
    """`nosniff` is on every answer, whoever makes it."""
    face.native_only("FastAPI's face adds no headers")
    assert _answer(face, place, RawHTML(_PAGE)).header("x-content-type-options") == "nosniff"


@pytest.mark.row("HDR-09")
@pytest.mark.parametrize("face_response", [{"Transfer-Encoding": "chunked"}, {"Content-Length": "3"}])
@pytest.mark.parametrize("place", ["endpoint", "mounted_face"])
def test_hdr_09_framing_is_found_however_it_is_spelt(face: Face, place: str, face_response: dict[str, str]):
    """Capitals do not hide what frames a message."""
    response = RawHTML(_PAGE)
    response.raw_headers += [(name.encode(), value.encode()) for name, value in face_response.items()]
    assert _answer(face, place, response).status == 500


# ---------------------------------------------------------------------------------------------- what comes in


def _sockets_and_routes(face: Face, folder: Path) -> Any:
    app = face.app()
    (folder / "a.txt").write_text("text")
    app.get("/json")(lambda: {"read": True})
    app.add_route("/raw", _raw)
    app.mount("/static", face.part("staticfiles").StaticFiles(directory=folder))
    inner = face.app()
    inner.get("/json")(lambda: {"read": True})
    app.mount("/inner", inner)
    app.mount("/foreign", RawHTML(_PAGE))
    return app


async def _raw(request: Any) -> RawResponse:
    return RawHTML(_PAGE)


_TARGETS = [
    "/json",
    "/raw",
    "/static/a.txt",
    "/inner/json",
    "/foreign/x",
    "/docs",
    "/openapi.json",
    "/nowhere",
]


@pytest.mark.row("HST-01", "HST-02", "RTE-08", "RTE-19")
@pytest.mark.parametrize("target", _TARGETS)
@pytest.mark.parametrize(
    ("headers", "host", "tail"),
    [
        ([], b"a/?", ""),
        ([(b"host", b"b")], b"a", ""),
        ([], b"a", "%00"),
        ([], b"a", "%ff"),
        ([(b"authorization", b"Basic a"), (b"authorization", b"Basic b")], b"a", ""),
        ([(b"content-length", b"0"), (b"content-length", b"1")], b"a", ""),
        ([(b"content-length", b"0"), (b"transfer-encoding", b"chunked")], b"a", ""),
    ],
    ids=["host", "two hosts", "nul", "no utf-8", "two credentials", "two lengths", "length and coding"],
)
def test_hst_02_odd_requests_come_in_nowhere(
    face: Face, target: str, headers: Any, host: bytes, tail: str, tmp_path: Path
):
    """What others may read otherwise is refused before any route, folder, page or mounted application."""
    face.native_only("FastAPI lets them in")
    answer = ask(_sockets_and_routes(face, tmp_path), "GET", target + tail, headers=headers, host=host)
    assert answer.status == 400


# Other responses follow those (RFC 9110, section 15.2).
_ANNOUNCING = (100, 101, 199)


@pytest.mark.row("HDR-08")
@pytest.mark.parametrize("status", [0, 99, *_ANNOUNCING, 1000])
@pytest.mark.parametrize(
    "place", ["endpoint", "raw_route", "mounted_application", "exception_handler", "middleware"]
)
def test_hdr_08_statuses_that_end_nothing(face: Face, place: str, status: int):
    """A status that is no final response's would leave client and server out of step: it is a 500."""
    if status in _ANNOUNCING:
        face.native_only("FastAPI sends it")
    assert _answer(face, place, RawHTML(_PAGE, status_code=status)).status == 500


@pytest.mark.row("HDR-08")
@pytest.mark.parametrize("status", [0, 100, 1000])
def test_hdr_08_statuses_that_are_set(face: Face, status: int):
    """The same where it is set on the injected response, or raised."""
    face.ours_only("is about where Rapide looks")
    if status in _ANNOUNCING:
        face.native_only("FastAPI sends it")
    app = face.app()

    @app.get("/set")
    def set_status(response: face.Response):
        response.status_code = status or 1

    @app.get("/raised")
    def refuse():
        raise face.HTTPException(status)

    assert [ask(app, "GET", path).status for path in ("/set", "/raised")] == [500, 500]
