"""The same bytes to every server: with the guard on, they are answered alike. What differs has its reason."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server_process import Process, serving

pytestmark = pytest.mark.server

_WHERE = ["--host", "127.0.0.1", "--port", "{port}"]
_COMMANDS = {
    **{
        name: ["-m", "rapide", "run", "-e", "{app}", *_WHERE, "--server", name]
        for name in ("uvicorn", "hypercorn", "granian")
    },
    "gunicorn": ["-m", "gunicorn", "{app}", "-k", "uvicorn_worker.UvicornWorker", "-b", "127.0.0.1:{port}"],
}
_GET, _POST = b"GET /mirror HTTP/1.1", b"POST /mirror HTTP/1.1"
_CHUNKED = b"transfer-encoding: chunked"
_CHUNKS = b"3\r\nabc\r\n0\r\n\r\n"


def _request(line: bytes, *headers: bytes, host: bytes | None = b"example.com", body: bytes = b"") -> bytes:
    head = [line, *([] if host is None else [b"host: " + host]), b"connection: close", *headers]
    return b"\r\n".join([*head, b"", b""]) + body


# What is sent, and the status. Where it is 200, the application saw the path /mirror and nothing odd.
_CASES: dict[str, tuple[bytes, int]] = {
    "plain": (_request(_GET), 200),
    "host with a port": (_request(_GET, host=b"example.com:80"), 200),
    "host in capitals": (_request(_GET, host=b"EXAMPLE.com"), 200),
    "no host": (_request(_GET, host=None), 400),
    "no host, HTTP/1.0": (_request(b"GET /mirror HTTP/1.0", host=None), 400),
    "the same host twice": (_request(_GET, b"host: example.com"), 400),
    "two hosts": (_request(_GET, b"host: evil.example"), 400),
    "empty host": (_request(_GET, host=b""), 400),
    "host with a path": (_request(_GET, host=b"example.com/?"), 400),
    "host with a user": (_request(_GET, host=b"a@example.com"), 400),
    "host with a space": (_request(_GET, host=b"exa mple.com"), 400),
    "half an address": (_request(_GET, host=b"[::1"), 400),
    "host that is no ASCII": (_request(_GET, host=b"\xff.com"), 400),
    "host with a port too high": (_request(_GET, host=b"example.com:99999"), 400),
    "foreign host": (_request(_GET, host=b"evil.example"), 421),
    "target with a user": (_request(b"GET @example.com HTTP/1.1"), 400),
    "target of OPTIONS": (_request(b"GET * HTTP/1.1"), 400),
    "target without a slash": (_request(b"GET mirror HTTP/1.1"), 400),
    "CONNECT": (_request(b"CONNECT example.com:80 HTTP/1.1"), 400),
    "whole URL": (_request(b"GET http://evil.example/mirror HTTP/1.1"), 400),
    "two slashes": (_request(b"GET //mirror HTTP/1.1"), 404),
    "encoded slash": (_request(b"GET /mirror%2Fa HTTP/1.1"), 404),
    "encoded line end": (_request(b"GET /mirror%0A HTTP/1.1"), 404),
    "encoded NUL": (_request(b"GET /mirror/%00 HTTP/1.1"), 400),
    "encoded bytes that are no UTF-8": (_request(b"GET /mirror/%ff HTTP/1.1"), 400),
    "encoded letter": (_request(b"GET /%6dirror HTTP/1.1"), 200),
    "TRACE": (_request(b"TRACE /mirror HTTP/1.1"), 405),
    "HTTP/0.9": (b"GET /mirror\r\n\r\n", 400),
    "forwarded address with an underscore": (_request(_GET, b"x_forwarded_for: 192.0.2.7"), 200),
    "two credentials": (_request(_GET, b"authorization: Basic eA==", b"authorization: Basic eQ=="), 400),
    "two lengths": (_request(_POST, b"content-length: 3", b"content-length: 5", body=b"abcde"), 400),
    "the same length twice": (_request(_POST, *[b"content-length: 3"] * 2, body=b"abc"), 400),
    "list of lengths": (_request(_POST, b"content-length: 3, 3", body=b"abc"), 400),
    "length with a sign": (_request(_POST, b"content-length: +3", body=b"abc"), 400),
    "negative length": (_request(_POST, b"content-length: -3", body=b"abc"), 400),
    "length and chunks": (_request(_POST, b"content-length: 3", _CHUNKED, body=_CHUNKS), 400),
    "chunks": (_request(_POST, _CHUNKED, body=_CHUNKS), 200),
    "chunked twice": (_request(_POST, _CHUNKED, _CHUNKED, body=_CHUNKS), 400),
    "size of a chunk with a prefix": (_request(_POST, _CHUNKED, body=b"0x" + _CHUNKS), 400),
    "trailers": (_request(_POST, _CHUNKED, body=b"3\r\nabc\r\n0\r\nx-late: 1\r\n\r\n"), 200),
    "space before the colon": (_request(_GET, b"x-a : 1"), 400),
    "folded header": (_request(_GET, b"x-a: 1\r\n 2"), 400),
    "bare line feeds": (b"GET /mirror HTTP/1.1\nhost: example.com\nconnection: close\n\n", 400),
    "NUL in a header": (_request(_GET, b"x-a: \0"), 400),
}

# What servers do before the application hears of the request, or without telling it.
_OTHERWISE: dict[tuple[str, str], int] = {
    # httptools and hyper take scheme and host off the target; the Host of the header is what counts
    ("uvicorn", "whole URL"): 200,
    ("gunicorn", "whole URL"): 200,
    ("granian", "whole URL"): 200,
    # h11 and hyper make one header of lengths that are equal
    ("hypercorn", "the same length twice"): 200,
    ("granian", "the same length twice"): 200,
    ("hypercorn", "list of lengths"): 200,
    # hyper goes by the chunks, removes the length, as RFC 9112 allows, and closes the connection
    ("granian", "length and chunks"): 200,
    # h11 does not implement what it does not know
    ("hypercorn", "chunked twice"): 501,
    # h11 joins folded lines with a space; h11 and hyper take line feeds for line ends, as RFC 9112 allows
    ("hypercorn", "folded header"): 200,
    ("hypercorn", "bare line feeds"): 200,
    ("granian", "bare line feeds"): 200,
}
# The uvicorn worker of Gunicorn lets trailers in among the headers; `rapide run` keeps them out.
_LETS_TRAILERS_IN = {"gunicorn"}


@pytest.fixture(scope="module", params=list(_COMMANDS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Serve `mirrored.py` under each server."""
    log = tmp_path_factory.mktemp("differential") / "log"
    command = _COMMANDS[request.param]
    with serving(command, "mirrored:app", Path(__file__).parent, log) as running:
        running.name = request.param
        yield running


def _answer(port: int, wire: bytes) -> tuple[int, bytes]:
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        try:
            connection.sendall(wire)
            while part := connection.recv(65_536):
                received += part
        except ConnectionError:
            pass  # refused before all was sent, and closed
    return int(received[9:12]), received.partition(b"\r\n\r\n")[2]


def _seen(body: bytes) -> dict[str, Any]:
    seen: dict[str, Any] = json.loads(body[body.index(b"{") : body.rindex(b"}") + 1])  # perhaps in chunks
    return seen


@pytest.mark.parametrize("case", list(_CASES))
def test_answer_is_the_same_over_all_servers(server, case):
    """HST-01 to HST-04, RTE: Host, target, lengths and names of headers mean one thing, or are refused."""
    wire, wanted = _CASES[case]
    status, body = _answer(server.port, wire)
    assert status == _OTHERWISE.get((server.name, case), wanted), body
    if status == 200:
        seen = _seen(body)
        assert (seen["path"], seen["query"], seen["scheme"]) == ("/mirror", "", "http")
        assert seen["client"] == "127.0.0.1"
        assert seen["body"] == ("abc" if wire.startswith(b"POST") else "")
        late = case == "trailers" and server.name in _LETS_TRAILERS_IN
        assert seen["names"] == (["x-late"] if late else ["x-a"] if case == "folded header" else [])


@pytest.mark.parametrize(
    ("headers", "client", "scheme"),
    [
        ([b"x-forwarded-for: 192.0.2.7", b"x-forwarded-proto: https"], "192.0.2.7", "https"),
        ([b"x-forwarded-for: 192.0.2.9, 127.0.0.1"], "192.0.2.9", "http"),
        ([b"x-forwarded-for: <script>"], None, "http"),
        ([b"x-forwarded-proto: gopher"], "127.0.0.1", "http"),
        ([b"x-forwarded-host: evil.example"], "127.0.0.1", "http"),
    ],
    ids=["both", "chain", "no address", "no scheme", "host"],
)
def test_forwarded_headers_are_read_alike(server, headers, client, scheme):
    """HST-08 to HST-10: from a trusted proxy, the same address and scheme over all servers."""
    status, body = _answer(server.port, _request(_GET, *headers))
    assert status == 200
    seen = _seen(body)
    assert (seen["client"], seen["scheme"]) == (client, scheme)
