"""`rapide run` and `rapide dev` as processes: answers, signals, exit codes, restarts, log lines."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import socket
import time

import pytest

pytestmark = pytest.mark.server

_LIFESPAN = """
import asyncio
import contextlib
import sys

@contextlib.asynccontextmanager
async def lifespan(app):
    yield
    print("cleaned up", file=sys.stderr, flush=True)
"""
_SERVERS = ["uvicorn", "granian", "hypercorn"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_run_serves_and_ends_with_0_when_it_is_signalled(start_server, project, number):
    """The routes are compiled before the first request, and the lifespan ends before the process does."""
    project.write_api(
        "main.py", _LIFESPAN + 'app = Api(routes=[Route("/items", items)], lifespan=lifespan)\n'
    )
    server = start_server("run")
    status, body = server.wait_until_serving()
    assert (status, json.loads(body)["prepared"]) == (200, True)
    assert server.stop(number) == 0
    assert "cleaned up" in server.err
    assert f"Serving main:app at http://127.0.0.1:{server.port}\n" in server.err
    assert f"Documentation at http://127.0.0.1:{server.port}/docs\n" in server.err
    assert 'entrypoint = "main:app"' in server.err
    assert re.search(r'^INFO:     127\.0\.0\.1:\d+ - "GET /items HTTP/1\.1" 200$', server.out, re.MULTILINE)


def test_run_ends_with_0_when_it_is_signalled_while_the_application_is_imported(start_server, project):
    """A deployment that is taken back early is no failure."""
    project.write("main.py", "import time\nprint('importing', flush=True)\ntime.sleep(600)\n")
    server = start_server("run")
    server.wait_for(lambda: "importing" in server.out, "the import")
    assert server.stop() == 0


def test_run_lets_a_running_request_finish(start_server, project):
    """SIGTERM means: no new requests, but answers for those that came."""
    project.write_api(
        "main.py",
        """
        import asyncio

        async def slow(request):
            print("started", flush=True)
            await asyncio.sleep(1)
            return PlainTextResponse("done")

        app = Api(routes=[Route("/items", items), Route("/slow", slow)])
        """,
    )
    server = start_server("run")
    server.wait_until_serving()
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        server.wait_for(lambda: "started" in server.out, "the request")
        server.process.send_signal(signal.SIGTERM)
        assert _read_all(client).endswith(b"done")
    assert server.wait_for_exit() == 0


def _read_all(client: socket.socket) -> bytes:
    parts = []
    while part := client.recv(65536):
        parts.append(part)
    return b"".join(parts)


def test_run_cuts_a_stream_that_never_ends_and_still_cleans_up(start_server, project):
    """An open event stream keeps neither the process nor the lifespan from coming to its end."""
    project.write_api(
        "main.py",
        _LIFESPAN
        + """
from starlette.responses import StreamingResponse

async def endless():
    while True:
        yield b"data\\n"
        await asyncio.sleep(0.05)

async def stream(request):
    return StreamingResponse(endless())

app = Api(routes=[Route("/items", items), Route("/stream", stream)], lifespan=lifespan)
""",
    )
    server = start_server("run", "--timeout-graceful-shutdown", "1")
    server.wait_until_serving()
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(100)
        assert server.stop() == 0
    assert "cleaned up" in server.err


@pytest.mark.parametrize("arguments", [["run"], ["run", "--workers", "2"], ["dev"]])
def test_a_port_in_use_gives_3(start_server, project, arguments):
    """The application is not even imported."""
    project.write("main.py", "print('imported', flush=True)\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        server = start_server(*arguments, "--host", "127.0.0.1", "--port", port, listen=False)
        assert server.wait_for_exit() == 3
    assert f"Cannot listen on 127.0.0.1:{port}" in server.err
    assert server.out == ""


@pytest.mark.parametrize("server_name", _SERVERS)
@pytest.mark.parametrize("workers", [[], ["--workers", "2"]])
def test_an_application_that_cannot_be_imported_gives_3(start_server, project, server_name, workers):
    """The traceback is the user's, and no supervisor tries for ever."""
    project.write("main.py", "1 / 0\n")
    server = start_server("run", "--server", server_name, *workers)
    assert server.wait_for_exit() == 3
    assert "ZeroDivisionError" in server.err
    assert "Traceback (most recent call last)" in server.err
    assert "rapide/cli" not in server.err


@pytest.mark.parametrize("server_name", ["uvicorn", "hypercorn"])
@pytest.mark.parametrize("workers", [[], ["--workers", "2"]])
def test_a_lifespan_that_fails_gives_3(start_server, project, server_name, workers):
    """A failed start-up is a failed start."""
    project.write_api(
        "main.py",
        """
        import contextlib

        @contextlib.asynccontextmanager
        async def lifespan(app):
            raise ValueError("no database")
            yield

        app = Api(lifespan=lifespan)
        """,
    )
    server = start_server("run", "--server", server_name, *workers)
    assert server.wait_for_exit() == 3
    assert "no database" in server.err


def test_no_application_gives_1(start_server, project):
    """Nothing to serve is a mistake on the command line."""
    server = start_server("run")
    assert server.wait_for_exit() == 1
    assert "none of the usual files" in server.err


@pytest.mark.parametrize("server_name", _SERVERS)
def test_workers_share_the_port_and_end_with_0(start_server, project, server_name):
    """Each of them prepares the application; one of them announces it."""
    project.write_api(
        "main.py", 'print("imported", flush=True)\napp = Api(routes=[Route("/items", items)])\n'
    )
    server = start_server("run", "--server", server_name, "--workers", "2")
    server.wait_until_serving()
    server.wait_for(lambda: server.out.count("imported") == 2, "both workers")
    assert json.loads(server.get()[1])["prepared"]
    assert server.stop() == 0
    assert server.err.count("Serving main:app at") == 1


@pytest.mark.parametrize("server_name", _SERVERS)
def test_every_server_gives_the_application_what_asgi_promises(start_server, project, server_name):
    """Ports are integers, the proxy's word counts only when the proxy is trusted, the root path arrives."""
    project.write_api(
        "main.py",
        """
        async def scope(request):
            scope = request.scope
            return JSONResponse({"client": scope["client"], "port": type(scope["server"][1]).__name__,
                                 "scheme": scope["scheme"], "root": scope["root_path"]})

        app = Api(routes=[Route("/items", scope)])
        """,
    )
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    trusting = start_server("run", "--server", server_name)
    trusting.wait_until_serving()
    seen = json.loads(trusting.get(**forwarded)[1])
    assert (seen["client"][0], seen["scheme"], seen["port"]) == ("203.0.113.9", "https", "int")
    assert isinstance(seen["client"][1], int)
    assert trusting.stop() == 0
    distrusting = start_server("run", "--server", server_name, "--forwarded-allow-ips", "10.0.0.1")
    distrusting.wait_until_serving()
    seen = json.loads(distrusting.get(**forwarded)[1])
    assert (seen["client"][0], seen["scheme"]) == ("127.0.0.1", "http")
    assert isinstance(seen["client"][1], int)


@pytest.mark.parametrize("server_name", _SERVERS)
def test_json_logs_parse_line_by_line(start_server, project, server_name):
    """Lines of the command, the server and the application, requests and warnings: all are JSON."""
    project.write_api(
        "main.py",
        """
        import logging
        import warnings

        warnings.warn("old setting")
        logging.getLogger("shop").info("loaded", extra={"items": 3})
        app = Api(routes=[Route("/items", items)])
        """,
    )
    server = start_server("run", "--server", server_name, "--log-format", "json")
    server.wait_until_serving()
    server.get("/items?q=1")
    server.wait_for(lambda: "/items" in server.out, "the access line")
    assert server.stop() == 0
    entries = [json.loads(line) for line in (server.out + server.err).splitlines()]
    assert {"timestamp", "level", "logger", "message"} <= set.intersection(*(set(entry) for entry in entries))
    by_logger = {entry["logger"]: entry for entry in entries}
    assert by_logger["shop"]["items"] == 3
    assert "old setting" in by_logger["py.warnings"]["message"]
    assert any(entry["message"].startswith("Serving main:app at") for entry in entries)
    access = by_logger[f"{server_name}.access"]
    assert (access["method"], access["status"]) == ("GET", 200)


def test_a_failure_is_json_too_when_logs_are(start_server, project):
    """Whoever collects the lines must be able to read the reason."""
    project.write("main.py", "1 / 0\n")
    server = start_server("run", "--log-format", "json")
    assert server.wait_for_exit() == 3
    (failure,) = [
        entry for line in server.err.splitlines() if (entry := json.loads(line))["level"] == "error"
    ]
    assert "ZeroDivisionError" in failure["message"]


def test_no_access_lines_are_written_when_they_are_not_wanted(start_server, project):
    """--no-access-log leaves stdout to the application."""
    project.write_api()
    server = start_server("run", "--no-access-log")
    server.wait_until_serving()
    assert server.stop() == 0
    assert server.out == ""


def test_dev_tells_the_application_that_it_is_in_development(start_server, project):
    """Both variables are set, unless somebody set them."""
    project.write_api(
        "main.py",
        """
        async def env(request):
            return PlainTextResponse(os.environ["RAPIDE_ENV"] + " " + os.environ["FASTAPI_ENV"])

        app = Api(routes=[Route("/items", env)])
        """,
    )
    server = start_server("dev", environment={"FASTAPI_ENV": "staging"})
    assert server.wait_until_serving() == (200, "development staging")
    assert server.stop() == 0


def test_dev_restarts_when_a_file_changes_that_the_application_uses(start_server, project):
    """An imported module counts, a file next to it does not."""
    project.write("texts.py", "GREETING = 'one'\n")
    project.write_api(
        "main.py",
        """
        import texts

        async def greet(request):
            return PlainTextResponse(f"{texts.GREETING} {os.getpid()}")

        app = Api(routes=[Route("/items", greet)])
        """,
    )
    server = start_server("dev")
    first = server.wait_until_serving()[1]
    assert first.startswith("one ")
    project.write("unrelated.py", "x = 1\n")
    project.write("notes.txt", "x")
    project.write("texts.py", "GREETING = 'second'\n")
    server.wait_for(lambda: server.get()[1].startswith("second "), "the restart")
    assert server.err.count("detected changes") == 1
    assert "unrelated" not in server.err
    assert server.err.count("To pin the entry point") == 1
    assert server.stop() == 0


def test_dev_stays_alive_when_the_application_is_broken(start_server, project):
    """A mistake is answered with a page, and any change is tried, even of a file nobody imported."""
    project.write_api("main.py", 'import missing_piece\napp = Api(routes=[Route("/items", items)])\n')
    server = start_server("dev")
    status, body = server.wait_until_serving()
    assert (status, "terminal" in body, "missing_piece" in body) == (500, True, False)
    assert "missing_piece" in server.err
    project.write("missing_piece.py", "")
    server.wait_for(lambda: server.get()[0] == 200, "the restart")
    assert server.stop() == 0


def test_dev_restarts_with_an_open_stream(start_server, project):
    """A browser that listens to events must not hold the restart for long."""
    project.write("texts.py", "GREETING = 'one'\n")
    project.write_api(
        "main.py",
        """
        import asyncio

        import texts
        from starlette.responses import StreamingResponse

        async def endless():
            while True:
                yield b"data"
                await asyncio.sleep(0.05)

        async def stream(request):
            return StreamingResponse(endless())

        async def greet(request):
            return PlainTextResponse(texts.GREETING)

        app = Api(routes=[Route("/items", greet), Route("/stream", stream)])
        """,
    )
    server = start_server("dev", "--timeout-graceful-shutdown", "1")
    server.wait_until_serving()
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(100)
        project.write("texts.py", "GREETING = 'second'\n")
        server.wait_for(lambda: server.get()[1] == "second", "the restart")
    assert server.stop() == 0


@pytest.mark.parametrize("arguments", [["run"], ["run", "--workers", "2"], ["dev"]])
def test_the_alias_is_there_before_the_application_is_imported(start_server, project, arguments):
    """In this process, in workers and after restarts: `import fastapi` gives rapide.fastapi."""
    project.write_api(
        "main.py",
        """
        import fastapi

        async def name(request):
            return PlainTextResponse(fastapi.__name__)

        app = Api(routes=[Route("/items", name)])
        """,
    )
    server = start_server(*arguments, "--alias-fastapi")
    assert server.wait_until_serving() == (200, "rapide.fastapi")
    assert server.stop() == 0


def test_the_public_address_is_printed_instead_of_the_local_one(start_server, project):
    """FASTAPI_PUBLIC_URL and RAPIDE_PUBLIC_URL are for containers with a proxy in front."""
    project.write_api()
    server = start_server("dev", "--no-reload", environment={"FASTAPI_PUBLIC_URL": "https://dev.example.org"})
    server.wait_until_serving()
    assert server.stop() == 0
    assert "Documentation at https://dev.example.org/docs\n" in server.err


def test_port_0_takes_a_free_port_and_prints_it(start_server, project):
    """Tests and tools that start servers need no free port beforehand."""
    project.write_api()
    for arguments in (["run"], ["run", "--workers", "2"]):
        server = start_server(*arguments, "--host", "127.0.0.1", "--port", "0", listen=False)
        server.wait_for(lambda server=server: "Serving main:app" in server.err, "the announcement")
        server.port = int(re.search(r"Serving main:app at http://127\.0\.0\.1:(\d+)", server.err)[1])
        assert server.wait_until_serving()[0] == 200
        assert server.stop() == 0


def test_a_unix_socket_is_served_and_removed(start_server, project):
    """--uds listens on a file, which is gone afterwards."""
    project.write_api()
    path = project.folder / "api.sock"
    server = start_server("run", "--uds", "api.sock", listen=False)
    server.wait_for(lambda: "Serving main:app at unix:api.sock" in server.err, "the announcement")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(b"GET /items HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 200")
    assert server.stop() == 0
    assert not path.exists()


def test_debug_mode_is_refused_on_every_interface(start_server, project):
    """`run` listens everywhere by default, and an application in debug mode shows its source."""
    project.write_api("main.py", "app = Api(debug=True)\n")
    server = start_server("run", "--port", "0", listen=False)
    assert server.wait_for_exit() == 3
    assert "debug=True" in server.err


def test_nothing_about_the_server_is_told_to_clients(start_server, project):
    """The name of the server helps only whoever looks for its faults."""
    project.write_api()
    for arguments, expected in ((["run"], False), (["run", "--server-header"], True)):
        server = start_server(*arguments)
        server.wait_until_serving()
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(b"GET /items HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert (b"server: uvicorn" in _read_all(client).lower()) is expected
        assert server.stop() == 0


def _exchange(server, *parts: bytes, pause: float = 0.0) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        for part in parts:
            client.sendall(part)
            time.sleep(pause)
        return _read_all(client)


def test_headers_beyond_the_limits_are_refused(start_server, project):
    """Too many, too large, or one that never ends: 431 and the connection is closed."""
    project.write_api()
    server = start_server("run", "--limit-header-count", "20", "--limit-header-size", "2048")
    server.wait_until_serving()
    start = b"GET /items HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    assert _exchange(server, start + b"\r\n").startswith(b"HTTP/1.1 200")
    assert _exchange(server, start + b"a: b\r\n" * 18 + b"\r\n").startswith(b"HTTP/1.1 200")
    assert _exchange(server, start + b"a: b\r\n" * 19 + b"\r\n").startswith(b"HTTP/1.1 431")
    assert _exchange(server, start + b"a: " + b"b" * 3000 + b"\r\n\r\n").startswith(b"HTTP/1.1 431")
    assert _exchange(server, b"GET /" + b"i" * 3000 + b" HTTP/1.1\r\nHost: x\r\n\r\n").startswith(
        b"HTTP/1.1 431"
    )
    assert _exchange(server, start + b"a: " + b"b" * 3000).startswith(b"HTTP/1.1 431")
    assert _exchange(server, b"GET nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")
    rest = b"Content-Length: 10000\r\n\r\n" + b"x" * 10_000
    assert _exchange(server, start + rest).startswith(b"HTTP/1.1 200")
    several = (
        b"GET /items HTTP/1.1\r\nHost: x\r\n\r\n" * 100
    )  # more than the limit in one piece, but no head is
    assert _exchange(server, several + start + b"\r\n").count(b"HTTP/1.1 200") == 101
    assert server.stop() == 0


def test_a_client_that_does_not_finish_its_headers_is_let_go(start_server, project):
    """Half a request is answered with 408, silence with a closed connection; each request counts anew."""
    project.write_api()
    server = start_server("run", "--timeout-header", "1")
    server.wait_until_serving()
    assert _exchange(server, b"GET /items HT", b"TP/1.1\r\nHost:").startswith(b"HTTP/1.1 408")
    assert _exchange(server) == b""
    request = b"GET /items HTTP/1.1\r\nHost: x\r\n\r\n"
    pieces = (request, b"GET /items HTTP/1.1\r\nHo", b"st: x\r\n\r\n", b"GET /it")
    answer = _exchange(server, *pieces, pause=0.2)
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"200", b"200", b"408"]
    assert server.stop() == 0


def test_verbose_says_where_every_setting_came_from(start_server, project):
    """-v answers "why does it do that?"."""
    project.write("pyproject.toml", '[tool.rapide]\nentrypoint = "main:app"\n')
    project.write_api()
    server = start_server("run", "-v")
    server.wait_until_serving()
    assert server.stop() == 0
    assert "Application main:app from" in server.err
    assert "port set by --port" in server.err
    assert "entrypoint set by [tool.rapide] entrypoint" in server.err
    assert "To pin the entry point" not in server.err


def test_bullets_and_colours_are_for_terminals(start_server, project):
    """The same lines look different on a terminal."""
    project.write_api()
    plain = start_server("run")
    plain.wait_until_serving()
    assert plain.stop() == 0
    assert "\x1b[" not in plain.err + plain.out
    assert "INFO:     Serving main:app" in plain.err
    controller, terminal = pty.openpty()
    watched = start_server("run", environment={"TERM": "xterm-256color"}, stderr=terminal)
    os.close(terminal)
    watched.wait_until_serving()
    assert watched.stop() == 0
    shown = b""
    with contextlib.suppress(OSError):  # how Linux says that the other side has gone
        while part := os.read(controller, 65536):
            shown += part
    os.close(controller)
    assert "  🌐 Serving main:app" in shown.decode()
    assert "\x1b[32mINFO:\x1b[0m     Application startup complete." in shown.decode()
