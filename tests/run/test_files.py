"""Files that are sent: read in large pieces on the pool of threads, and otherwise as Starlette does."""

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest
from raw_asgi import Exchange, http_scope
from starlette.responses import FileResponse as StarletteFileResponse

from rapide import Rapide
from rapide._run import files
from rapide.fastapi import FastAPI
from rapide.responses import FileResponse
from rapide.testclient import TestClient

_SIZE = 700_000  # nearly three pieces
_FACES = pytest.mark.parametrize("face", [Rapide, FastAPI])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of a few pieces."""
    file = tmp_path / "file.bin"
    file.write_bytes(bytes(number * 7 % 251 for number in range(_SIZE)))
    return file


def _app(face: Any, response: Any) -> Any:
    app = face()

    @app.api_route("/file", methods=["GET", "HEAD"])
    async def send() -> Any:
        return response()

    return app


async def _messages(app: Any, *headers: tuple[bytes, bytes], method: str = "GET") -> list[dict[str, Any]]:
    """Return what the application sends, as it is."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await app(http_scope(method, "/file", list(headers)), anyio.sleep_forever, send)
    return sent


@_FACES
@pytest.mark.parametrize("size", [0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, _SIZE])
def test_file_arrives_as_it_is(face, size, tmp_path):
    """Whatever its size is: the pieces are the file."""
    file = tmp_path / "file.bin"
    file.write_bytes(bytes(number % 253 for number in range(size)))
    answer = TestClient(_app(face, lambda: FileResponse(file))).get("/file")
    assert answer.status_code == 200
    assert answer.content == file.read_bytes()
    assert answer.headers["content-length"] == str(size)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_file_is_read_in_large_pieces(path, backend):
    """A quarter of a megabyte at a time: fewer trips to a thread than Starlette's 64 KiB need."""
    sent = anyio.run(_messages, _app(Rapide, lambda: FileResponse(path)), backend=backend)
    sizes = [len(message["body"]) for message in sent[1:]]
    assert sizes == [262_144, 262_144, _SIZE - 2 * 262_144]


def test_file_is_opened_read_and_closed_on_worker_threads(path, monkeypatch):
    """No file system makes the event loop wait."""
    threads = []

    class Noting(files._OpenFile):
        def _open(self) -> None:
            threads.append(threading.current_thread().name)
            super()._open()

        def _close(self) -> None:
            threads.append(threading.current_thread().name)
            super()._close()

    monkeypatch.setattr(files, "_OpenFile", Noting)
    anyio.run(_messages, _app(Rapide, lambda: FileResponse(path)))
    assert len(threads) == 2
    assert all(name.startswith("rapide worker") for name in threads)


_REQUESTS = [
    {},
    {"range": "bytes=0-9"},
    {"range": "bytes=262140-262150"},
    {"range": "bytes=100000-"},
    {"range": "bytes=-300000"},
    {"range": "bytes=0-0,300000-699999,5-6"},
    {"range": "bytes=900000-"},
    {"range": "lines=1-2"},
    {"range": "bytes=0-9", "if-range": "never"},
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("headers", _REQUESTS)
def test_ranges_are_answered_as_starlette_does(headers, method, path, monkeypatch):
    """Status, headers and content of every kind of range are those of Starlette's own response."""
    monkeypatch.setattr(
        "starlette.responses.token_hex", lambda size: "ab" * size
    )  # the boundary between ranges

    class Plain(StarletteFileResponse):
        def _open_file(self) -> Any:  # a way of its own, which is Starlette's
            return super()._open_file()

    ours = TestClient(_app(Rapide, lambda: FileResponse(path))).request(method, "/file", headers=headers)
    theirs = TestClient(_app(Rapide, lambda: Plain(path))).request(method, "/file", headers=headers)
    assert ours.status_code == theirs.status_code
    assert ours.headers == theirs.headers
    assert ours.content == theirs.content


def test_response_that_reads_in_a_way_of_its_own_keeps_it(path):
    """A class with another chunk size, or with its own way to open files, is what its author wanted."""

    class Small(FileResponse):
        chunk_size = 1_000

    sent = anyio.run(_messages, _app(Rapide, lambda: Small(path)))
    assert {len(message["body"]) for message in sent[1:-1]} == {1_000}

    class Upper(FileResponse):
        def _open_file(self) -> Any:
            return _Upper()

    sent = anyio.run(_messages, _app(Rapide, lambda: Upper(path)))
    assert sent[1]["body"] == b"UPPER"


class _Upper:
    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *error: object) -> None: ...

    async def read(self, size: int) -> bytes:
        return b"UPPER"


def test_missing_file_is_a_server_error(tmp_path):
    """The endpoint has promised a file that is not there."""
    app = _app(Rapide, lambda: FileResponse(tmp_path / "none"))
    with pytest.raises(RuntimeError, match="does not exist"):
        TestClient(app).get("/file")


def test_file_that_may_not_be_opened_leaves_nothing_open(path, monkeypatch):
    """What opening raises comes out as it is."""

    def refuse(*arguments: Any) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(PermissionError):
        anyio.run(_messages, _app(Rapide, lambda: FileResponse(path)))


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_file_is_closed_when_the_client_leaves(path, backend, monkeypatch):
    """A download that breaks off does not keep its file open."""
    opened: list[Any] = []

    class Noting(files._OpenFile):
        def _open(self) -> None:
            super()._open()
            opened.append(self._file)

    monkeypatch.setattr(files, "_OpenFile", Noting)

    def leave(message: Any) -> None:
        if message["type"] == "http.response.body":
            raise OSError("connection lost")

    exchange = Exchange(http_scope("GET", "/file"), on_send=leave)

    async def run() -> None:
        with suppress(OSError):
            await exchange.run(_app(Rapide, lambda: FileResponse(path)))

    anyio.run(run, backend=backend)
    assert [file.closed for file in opened] == [True]
