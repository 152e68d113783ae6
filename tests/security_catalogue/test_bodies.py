"""BOD: framing of bodies, and their media types."""

import asyncio
import dataclasses
import gzip
from typing import Any

import pytest
from catalogue_asking import LEFT, ask, exchange, scope_of
from catalogue_faces import JSON, URLENCODED, Face

_LIMIT = 1024 * 1024
_TEXT = b'{"a":"x"}'


def _limited(face: Face) -> tuple[Any, list[str]]:
    """An application whose bodies end after 100 bytes, and what has run in it."""
    ran: list[str] = []
    app = face.app(max_body_size=100)

    def depend() -> None:
        ran.append("dependency")

    @app.post("/", dependencies=[face.Depends(depend)])
    def take(value: dict[str, str]):
        ran.append("endpoint")
        return value

    return app, ran


@pytest.mark.row("BOD-01")
def test_bod_01_announced_length_over_the_limit(face: Face):
    """A length over the limit is a 413 before a byte is read; the handler does not run."""
    app, ran = _limited(face)
    answer = ask(app, "POST", "/", b"", headers=[(b"content-length", b"101")], content_type=JSON)
    assert (answer.status, answer.received, "endpoint" in ran) == (413, 0, False)


@pytest.mark.row("BOD-02")
def test_bod_02_stream_over_the_limit(face: Face):
    """A stream without a length ends at the piece that crosses the limit: no other is asked for."""
    app, ran = _limited(face)
    chunks = [b"x" * 60] * 10
    answer = asyncio.run(
        exchange(app, scope_of("POST", "/", [(b"content-type", b"application/json")]), chunks)
    )
    assert (answer.status, answer.received, "endpoint" in ran) == (413, 2, False)


@pytest.mark.row("BOD-03")
def test_bod_03_announced_length_is_not_believed(face: Face):
    """Bytes are counted as they come: a small Content-Length allows no large body."""
    app, ran = _limited(face)
    answer = ask(
        app, "POST", "/", b"x" * 60, b"x" * 60, headers=[(b"content-length", b"3")], content_type=JSON
    )
    assert (answer.status, "endpoint" in ran) == (413, False)


@pytest.mark.row("BOD-01", "BOD-02", "BOD-03")
@pytest.mark.parametrize("declared", [True, False], ids=["announced", "streamed"])
def test_bod_01_default_limit(face: Face, declared: bool):
    """Without any setting a JSON body ends at one mebibyte."""
    chunks = [b'"' + b"x" * (_LIMIT // 2), b"x" * (_LIMIT // 2), b'"']
    length = [(b"content-length", b"%d" % sum(map(len, chunks)))] if declared else []
    scope = scope_of("POST", "/any", [(b"content-type", b"application/json"), *length])
    answer = asyncio.run(exchange(face.small, scope, chunks))
    if face.follows_fastapi("has no limit unless `max_body_size` is set"):
        assert answer.status == 200
        return
    assert answer.status == 413


@pytest.mark.row("BOD-04")
@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"deflate", b"gzip, gzip", b"x"])
def test_bod_04_compressed_bodies(face: Face, encoding: bytes):
    """A compressed body is a 415 that says what is read: nothing is unpacked."""
    body = gzip.compress(_TEXT)
    answer = face.post("/text", body, headers=[(b"content-encoding", encoding)])
    if face.follows_fastapi("reads the packed bytes as JSON and finds none: 400"):
        assert answer.status == 400
        return
    assert answer.status == 415
    assert answer.header("accept-encoding") == "identity"


@pytest.mark.row("BOD-04")
def test_bod_04_identity(face: Face):
    """`identity` is the name of no coding (RFC 9110, section 8.4.1)."""
    assert face.post("/text", _TEXT, headers=[(b"content-encoding", b"identity")]).status == 200


@pytest.mark.row("BOD-05")
def test_bod_05_expectations_are_not_met_for_what_is_refused(face: Face):
    """A body that is too large by its announcement is never asked for, so no 100 is sent."""
    app, _ = _limited(face)
    expect = [(b"expect", b"100-continue"), (b"content-length", b"5000")]
    answer = ask(app, "POST", "/", b"", headers=expect, content_type=JSON)
    assert (answer.status, answer.received) == (413, 0)


@pytest.mark.row("BOD-06")
def test_bod_06_body_in_single_bytes(face: Face):
    """A body in very many pieces is put together in linear time."""
    body = b'"' + b"x" * 200_000 + b'"'
    answer = ask(face.small, "POST", "/any", *(body[i : i + 1] for i in range(len(body))), content_type=JSON)
    assert answer.status == 200


@pytest.mark.row("BOD-07")
@pytest.mark.parametrize("content_type", ["text/plain", URLENCODED, "multipart/form-data", "text/json", None])
def test_bod_07_other_media_types(face: Face, content_type: str | None):
    """JSON that does not say it is JSON is a 415: a browser can send it without asking (CVE-2021-32677)."""
    answer = face.post("/text", _TEXT, content_type=content_type)
    if face.follows_fastapi("validates the raw bytes: 422"):
        assert answer.status == 422
        return
    assert answer.status == 415


@pytest.mark.row("BOD-08")
@pytest.mark.parametrize(
    "content_type",
    [
        "application/json\ta",
        "application/json a",
        "application/json,text/plain",
        "application/ json",
        "/json",
        "",
    ],
)
def test_bod_08_media_types_that_are_none(face: Face, content_type: str):
    """What only begins like a media type is none."""
    answer = face.post("/text", _TEXT, content_type=content_type)
    assert 400 <= answer.status < 500


@pytest.mark.row("BOD-08")
def test_bod_08_two_content_types(face: Face):
    """Two Content-Types are one too many: who reads the other one sees another request."""
    for types in ((b"application/json", b"text/plain"), (b"text/plain", b"application/json")):
        answer = face.post(
            "/text", _TEXT, content_type=None, headers=[(b"content-type", each) for each in types]
        )
        if face.follows_fastapi("looks at the first"):
            assert answer.status == (200 if types[0] == b"application/json" else 422)
            continue
        assert answer.status in (400, 415)


@pytest.mark.row("BOD-09")
def test_bod_09_client_leaves_within_the_body(face: Face):
    """When the client leaves amid its body the handler does not run, and nothing is a server error."""
    app, ran = _limited(face)
    answer = ask(app, "POST", "/", b'{"a"', LEFT, content_type=JSON)
    assert "endpoint" not in ran
    assert answer.error is None
    assert answer.status in (0, 400)


@pytest.mark.row("BOD-10")
def test_bod_10_body_read_twice(face: Face):
    """Middleware, dependency and handler see the same bytes, and nobody waits for ever."""
    app = face.app()
    seen: list[bytes] = []

    @app.middleware("http")
    async def look(request, call_next):
        seen.append(await request.body())
        return await call_next(request)

    async def peek(request: face.Request) -> None:
        seen.append(await request.body())

    @app.post("/", dependencies=[face.Depends(peek)])
    async def take(value: dict[str, str], request: face.Request):
        seen.append(await request.body())
        return value

    assert ask(app, "POST", "/", _TEXT[:4], _TEXT[4:], content_type=JSON).json == {"a": "x"}
    assert seen == [_TEXT] * 3


@pytest.mark.row("BOD-11")
def test_bod_11_silence_within_the_body(face: Face):
    """A client that stops amid its body is answered 408 after `body_timeout` seconds."""
    face.native_only("waits for ever unless `body_timeout` is set")
    app = face.app(behaviour=dataclasses.replace(face.part("behaviour").RAPIDE, body_timeout=0.05))

    @app.post("/")
    def take(value: dict[str, str]):
        raise AssertionError("must not run")

    @app.post("/form")
    def take_form(a: str = face.Form()):
        raise AssertionError("must not run")

    for target, content_type in (("/", JSON), ("/form", URLENCODED)):
        answer = asyncio.run(_silent(app, target, content_type))
        assert answer.status == 408
        assert answer.header("connection") == "close"


async def _silent(app: Any, target: str, content_type: str) -> Any:
    from catalogue_asking import Answer

    answer = Answer()
    pieces = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> Any:
        if not pieces:
            await asyncio.sleep(3600)
        return pieces.pop()

    async def send(message: Any) -> None:
        answer.messages.append(message)

    scope = scope_of("POST", target, [(b"content-type", content_type.encode())])
    await app(scope, receive, send)
    return answer


@pytest.mark.row("BOD-12")
def test_bod_12_body_that_nobody_wants(face: Face):
    """A body where none is declared is not read."""
    answer = ask(face.small, "PUT", "/nothing", b"x" * 100, content_type="text/plain")
    assert (answer.status, answer.received) == (200, 0)
