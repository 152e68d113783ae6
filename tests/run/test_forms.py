"""Forms from their first byte to the closing of their files: nothing stays behind, whatever happens."""

import errno
import gc
import hashlib
import io
import json
import logging
import tracemalloc
from dataclasses import replace
from typing import Annotated, Any

import anyio
import pytest
from form_data import BOUNDARY, file_part, multipart, text_part
from raw_asgi import Exchange, http_scope, until
from starlette import formparsers
from starlette.datastructures import FormData

from rapide import BackgroundTasks, Body, Depends, File, HTTPException, Rapide, Request, UploadFile
from rapide._run import multipart as multipart_module
from rapide._run.forms import FormValues, close_form
from rapide._run.threads import in_thread
from rapide.behaviour import FASTAPI, RAPIDE
from rapide.fastapi import FastAPI
from rapide.routing import APIRoute
from rapide.testclient import TestClient

_HEADERS = [(b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode())]
_BEGIN = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="n"\r\n\r\n'.encode()
_END = f"\r\n--{BOUNDARY}--\r\n".encode()
_MANY = b"x" * 1_500_000  # more than stays in memory
_FACES = pytest.mark.parametrize("face", [Rapide, FastAPI])
_SIZES = pytest.mark.parametrize("content", [b"small", _MANY], ids=["memory", "disk"])


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> str:
    """The event loop of a hand-driven connection."""
    return str(request.param)


@pytest.fixture
def spools(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every temporary file that the parser makes."""
    made: list[Any] = []

    class Spool(formparsers.SpooledTemporaryFile):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            made.append(self)

    monkeypatch.setattr(formparsers, "SpooledTemporaryFile", Spool)
    return made


class _Leaving(Exchange):
    """A client that sends its chunks, says that more will come, and is gone."""

    async def receive(self) -> dict[str, Any]:
        if not self._pending:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": self._pending.pop(0), "more_body": True}


def _exchange(app: Any, *chunks: bytes, kind: type[Exchange] = Exchange) -> Exchange:
    return kind(http_scope("POST", "/x", _HEADERS, app=app), *chunks)


def _app(face: Any, endpoint: Any, **options: Any) -> Any:
    app = face(**options)
    app.post("/x")(endpoint)
    return app


async def _fine(f: UploadFile) -> int | None:
    assert not f.file.closed
    return f.size


async def _http_error(f: UploadFile) -> None:
    raise HTTPException(409)


async def _server_error(f: UploadFile) -> None:
    raise RuntimeError("broken")


def _in_thread(f: UploadFile) -> int | None:
    assert not f.file.closed
    return f.size


async def _not_valid(f: UploadFile, n: Annotated[int, Body()]) -> None:
    raise AssertionError("never called")


# Closing


@_FACES
@_SIZES
@pytest.mark.parametrize(
    ("endpoint", "status"),
    [(_fine, 200), (_in_thread, 200), (_http_error, 409), (_server_error, 500), (_not_valid, 422)],
)
def test_files_are_closed_however_a_request_ends(face, content, endpoint, status, spools, backend):
    """FRM-16: after an answer, an error of either kind, and values that do not fit."""
    sent = multipart(file_part("f", "n", content), file_part("f", "m", content))
    behaviour = replace(face.default_behaviour, repeated_fields="last")
    client = TestClient(
        _app(face, endpoint, behaviour=behaviour), backend=backend, raise_server_exceptions=False
    )
    assert client.post("/x", **sent).status_code == status
    assert [spool.closed for spool in spools] == [True, True]


@_FACES
@_SIZES
@pytest.mark.parametrize(("endpoint", "status"), [(_fine, 200), (_http_error, 409), (_not_valid, 422)])
def test_files_are_closed_when_a_route_class_handles_the_request(
    face, content, endpoint, status, spools, backend
):
    """FRM-16: custom route classes get their requests from the interpreter."""

    class Route(APIRoute):
        def get_route_handler(self) -> Any:
            handle = super().get_route_handler()

            async def handle_with_header(request: Request) -> Any:
                response = await handle(request)
                response.headers["x-route"] = "own"
                return response

            return handle_with_header

    app = face()
    app.router.route_class = Route
    app.post("/x")(endpoint)
    response = TestClient(app, backend=backend).post("/x", **multipart(file_part("f", "n", content)))
    assert response.status_code == status
    assert [spool.closed for spool in spools] == [True]


@_FACES
def test_files_are_open_until_background_tasks_are_done(face, spools):
    """What runs after the response may still read the upload."""
    seen = []

    async def endpoint(f: UploadFile, tasks: BackgroundTasks) -> None:
        tasks.add_task(lambda: seen.append(f.file.read()))

    TestClient(_app(face, endpoint)).post("/x", **multipart(file_part("f", "n", b"content")))
    assert seen == [b"content"]
    assert spools[0].closed


@_FACES
@_SIZES
def test_files_are_closed_when_the_client_leaves_in_the_middle(face, content, spools, backend):
    """FRM-16 and BOD-09: the endpoint does not run, nothing is reported as the server's error."""

    async def endpoint(f: UploadFile) -> None:
        raise AssertionError("never called")

    exchange = _exchange(app := _app(face, endpoint), _BEGIN, content, kind=_Leaving)
    anyio.run(exchange.run, app, backend=backend)
    assert exchange.status == 400
    assert [spool.closed for spool in spools] == [True]


@_FACES
def test_files_are_closed_when_the_request_is_cancelled_while_it_arrives(face, spools, backend):
    """FRM-16: a server that ends the task of a silent client."""

    async def endpoint(f: UploadFile) -> None:
        raise AssertionError("never called")

    app = _app(face, endpoint)
    exchange = _exchange(app, _BEGIN, _MANY, b"more")
    exchange._pending.append(b"never comes")

    class Silent(Exchange):
        async def receive(self) -> dict[str, Any]:
            if len(self._pending) == 1:
                await anyio.sleep_forever()
            return await super().receive()

    exchange.__class__ = Silent

    async def drive() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(exchange.run, app)
            await until(lambda: len(exchange._pending) == 1)
            tasks.cancel_scope.cancel()

    anyio.run(drive, backend=backend)
    assert exchange.sent == []
    assert [spool.closed for spool in spools] == [True]


@_FACES
@_SIZES
def test_files_are_closed_when_the_request_is_cancelled_while_it_is_handled(face, content, spools, backend):
    """FRM-16: closing is shielded from the cancellation that makes it necessary."""
    reached = []

    async def endpoint(f: UploadFile) -> None:
        reached.append(f)
        await anyio.sleep_forever()

    app = _app(face, endpoint)
    exchange = _exchange(app, _BEGIN + content + _END)

    async def drive() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(exchange.run, app)
            await until(lambda: reached)
            tasks.cancel_scope.cancel()

    anyio.run(drive, backend=backend)
    assert [spool.closed for spool in spools] == [True]


@_FACES
def test_files_are_closed_when_they_cross_the_limit(face, spools):
    """FRM-16 and BOD-02: the byte that is too many ends the reading."""
    exchange = _exchange(app := _app(face, _fine, max_body_size=2_000_000), _BEGIN, _MANY, _MANY, b"unread")
    anyio.run(exchange.run, app)
    assert (exchange.status, exchange.received) == (413, 3)
    assert [spool.closed for spool in spools] == [True]


@pytest.mark.parametrize("end", [b"", b"\r\n--" + BOUNDARY.encode() + b"\r\nbroken"])
def test_files_are_closed_when_the_form_is_broken(end, spools):
    """FRM-04 and FRM-16: the file that was begun too."""
    exchange = _exchange(app := _app(Rapide, _fine), _BEGIN, _MANY, end)
    anyio.run(exchange.run, app)
    assert exchange.status == 400
    assert [spool.closed for spool in spools] == [True]


@_FACES
def test_files_are_closed_when_their_content_cannot_be_read(face, spools, monkeypatch):
    """FRM-16: files that are wanted as bytes are read before anybody else could close them."""

    async def endpoint(f: Annotated[bytes, File()]) -> None:
        raise AssertionError("never called")

    async def fail(*args: Any) -> bytes:
        raise RuntimeError("cannot be read")

    monkeypatch.setattr(formparsers.UploadFile, "read", fail)
    client = TestClient(_app(face, endpoint), raise_server_exceptions=False)
    assert client.post("/x", **multipart(file_part("f", "n", _MANY))).status_code == 500
    assert [spool.closed for spool in spools] == [True]


def test_all_files_are_closed_when_one_cannot_be():
    """A full disk fails the last write of one file, not the closing of the others."""

    class Full(io.BytesIO):
        _rolled = True

        def close(self) -> None:
            super().close()
            raise OSError(errno.ENOSPC, "No space left on device")

    uploads = [UploadFile(Full()), UploadFile(Full())]
    form = FormData([("f", upload) for upload in uploads])
    anyio.run(close_form, FormValues({}, {}, form))
    assert [upload.file.closed for upload in uploads] == [True, True]


def test_no_file_is_left_after_many_clients_left(spools, backend):
    """FRM-16: hundreds of uploads that stop half-way."""
    app = _app(Rapide, _fine)

    async def drive() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(200):
                tasks.start_soon(_exchange(app, _BEGIN, _MANY, kind=_Leaving).run, app)

    anyio.run(drive, backend=backend)
    assert len(spools) == 200
    assert all(spool.closed for spool in spools)


# Memory


def test_memory_stays_flat_while_a_large_file_arrives(backend):
    """FRM-15: sixty-four megabytes pass through, and never more than a few are held."""
    chunk = bytes(range(256)) * 256
    count = 1_024

    async def endpoint(f: UploadFile) -> list[Any]:
        digest = hashlib.sha256()
        while part := await f.read(65_536):
            digest.update(part)
        return [f.size, digest.hexdigest()]

    class Generous(Exchange):
        left = count

        async def receive(self) -> dict[str, Any]:
            if self.left:
                self.left -= 1
                self._pending.insert(1, chunk)
            return await super().receive()

    app = _app(Rapide, endpoint, max_body_size=2**27)
    exchange = _exchange(app, _BEGIN, _END, kind=Generous)
    gc.collect()
    tracemalloc.start()
    try:
        anyio.run(exchange.run, app, backend=backend)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    expected = hashlib.sha256(chunk * count).hexdigest()
    assert exchange.body == f'[{len(chunk) * count},"{expected}"]'.encode()
    assert peak < 8 * 1024 * 1024


@_FACES
@pytest.mark.parametrize("megabytes", [0.5, 4, 7.5])
def test_upload_takes_one_trip_to_a_thread_for_each_megabyte(face, megabytes, monkeypatch):
    """What is uploaded is written in batches; the first megabyte stays in memory and needs no thread."""
    trips: list[int] = []

    async def counted(function: Any, batch: Any, *, lane: Any) -> None:
        trips.append(sum(len(chunk) for _, chunk in batch if chunk))
        await in_thread(function, batch, lane=lane)

    async def endpoint(f: UploadFile) -> list[Any]:
        content = await f.read()
        return [f.size, len(content), hashlib.sha256(content).hexdigest()]

    monkeypatch.setattr(multipart_module, "in_thread", counted)
    chunks = [bytes([number % 256]) * 65_536 for number in range(int(megabytes * 16))]
    exchange = _exchange(app := _app(face, endpoint), _BEGIN, *chunks, _END)
    anyio.run(exchange.run, app)
    size = len(chunks) * 65_536
    expected = [size, size, hashlib.sha256(b"".join(chunks)).hexdigest()]
    assert json.loads(exchange.body) == expected
    assert all(trip >= 1024 * 1024 for trip in trips[:-1])
    assert sum(trips) == max(0, size - 1024 * 1024)


# The disk


class _FullDisk(formparsers.SpooledTemporaryFile):
    number = errno.ENOSPC

    def write(self, *args: Any) -> int:
        raise OSError(self.number, "the disk")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_upload_is_answered_with_507_when_the_disk_is_full(number, monkeypatch, caplog):
    """Not the client's mistake (RFC 4918, section 11.5), and the log says where to look."""
    monkeypatch.setattr(_FullDisk, "number", number)
    monkeypatch.setattr(formparsers, "SpooledTemporaryFile", _FullDisk)
    response = TestClient(_app(Rapide, _fine)).post("/x", **multipart(file_part("f", "n", b"x")))
    assert (response.status_code, response.json()["title"]) == (507, "Insufficient Storage")
    ((name, level, text),) = caplog.record_tuples
    assert (name, level) == ("rapide", logging.ERROR)
    assert "No space is left in " in text


def test_other_failures_of_the_disk_are_server_errors(monkeypatch):
    """What only the operator can mend is a 500."""
    monkeypatch.setattr(_FullDisk, "number", errno.EIO)
    monkeypatch.setattr(formparsers, "SpooledTemporaryFile", _FullDisk)
    client = TestClient(_app(Rapide, _fine), raise_server_exceptions=False)
    assert client.post("/x", **multipart(file_part("f", "n", b"x"))).status_code == 500


def test_full_disk_is_an_unreadable_body_under_fastapis_behaviour(monkeypatch):
    """FastAPI answers everything that fails while a form is read with one 400."""
    monkeypatch.setattr(formparsers, "SpooledTemporaryFile", _FullDisk)
    response = TestClient(_app(FastAPI, _fine)).post("/x", **multipart(file_part("f", "n", b"x")))
    assert (response.status_code, response.json()) == (400, {"detail": "There was an error parsing the body"})


# Behaviour


@pytest.mark.parametrize("field", ["strict_forms", "unsupported_media_type", "repeated_fields", "json_parts"])
def test_faces_differ_in_how_they_read_forms(field):
    """Each difference is a decision of its own."""
    assert getattr(RAPIDE, field) != getattr(FASTAPI, field)


def test_form_is_read_leniently_when_the_application_wants_it_so():
    """`strict_forms` alone decides about closing boundaries and encodings."""
    app = _app(Rapide, _text, behaviour=replace(RAPIDE, strict_forms=False))
    whole = multipart(text_part("a", "hi"))
    cut = {**whole, "content": whole["content"].replace(b"hi", b"\xff")[:-4]}
    assert TestClient(app).post("/x", **whole).json() == "hi"
    assert TestClient(app).post("/x", **cut).status_code == 422
    latin = {**whole, "headers": {"content-type": whole["headers"]["content-type"] + "; charset=latin-1"}}
    latin["content"] = latin["content"].replace(b"hi", b"\xff")
    assert TestClient(app).post("/x", **latin).json() == "\xff"


async def _text(a: Annotated[str, Body(embed=True)], f: Annotated[bytes, File()] = b"") -> str:
    return a


@_FACES
def test_parsed_form_is_what_the_request_gives_too(face):
    """`request.form()` gives the same objects, for there is only one stream."""

    async def endpoint(request: Request, f: UploadFile) -> bool:
        return (await request.form())["f"] is f

    assert TestClient(_app(face, endpoint)).post("/x", **multipart(file_part("f", "n", b"x"))).json() is True


def test_form_that_a_dependency_has_parsed_is_taken_as_it_is():
    """A dependency that needs no body runs before the form is read, and may read it itself."""

    async def parse(request: Request) -> FormData:
        return await request.form(max_part_size=10)

    async def endpoint(f: UploadFile, form: Annotated[FormData, Depends(parse)]) -> bool:
        return form["f"] is f

    assert (
        TestClient(_app(Rapide, endpoint)).post("/x", **multipart(file_part("f", "n", b"x"))).json() is True
    )


def test_limit_holds_when_a_dependency_has_read_the_body():
    """BOD-10: what was read without a limit is measured afterwards."""

    async def read(request: Request) -> int:
        return len(await request.body())

    async def endpoint(f: UploadFile, size: Annotated[int, Depends(read)]) -> list[Any]:
        return [size, f.size]

    app = _app(Rapide, endpoint, behaviour=replace(RAPIDE, max_form_size=1_000))
    small, large = (multipart(file_part("f", "n", b"x" * size)) for size in (10, 1_000))
    assert TestClient(app).post("/x", **small).json()[1] == 10
    chunks = iter([large["content"]])  # without a length in the header
    assert TestClient(app).post("/x", content=chunks, headers=large["headers"]).status_code == 413
