"""SIGTERM under every server: what is open ends with a reason, what runs finishes, the lifespan is left."""

import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest
from server_process import COMMANDS, Process, eventually, serving
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

pytestmark = pytest.mark.server

_HERE = Path(__file__).parent

# Long enough to see that nobody waited for it, and shorter than pytest's own limit.
_GRACE = 20


class _Ending(Process):
    """A server that is about to end, and its journal."""

    journal: Path

    def written(self) -> list[str]:
        return self.journal.read_text(encoding="utf-8").splitlines()

    def wait_for(self, line: str) -> None:
        assert eventually(lambda: line in self.written()), (line, self.written(), self.log)


_Start = Callable[..., _Ending]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[_Start]:
    """Start `ending.py` under a command of the server's, or of ours."""
    with ExitStack() as stack:

        def enter(command: list[str], **environment: str) -> _Ending:
            if "gunicorn" in command:
                pytest.importorskip("gunicorn")
                pytest.importorskip("uvicorn_worker")
            journal = tmp_path / "journal"
            variables = {"JOURNAL": str(journal), "GRACE": str(_GRACE), **environment}
            running = stack.enter_context(
                serving(command, "ending:app", _HERE, tmp_path / "log", **variables)
            )
            running.__class__ = _Ending
            assert isinstance(running, _Ending)
            running.journal = journal
            return running

        yield enter


_WHERE = ("--host", "127.0.0.1", "--port", "{port}")
_RAPIDE = {
    f"rapide {name}": ["-m", "rapide", "run", "-e", "{app}", *_WHERE, "--server", name]
    for name in ("uvicorn", "hypercorn", "granian")
}
_WORKERS = {f"{name} --workers 2": [*command, "--workers", "2"] for name, command in _RAPIDE.items()}
_GUNICORN = ["-m", "gunicorn", "{app}", "-k", "uvicorn_worker.UvicornWorker", "-b", "127.0.0.1:{port}"]
_ALL = {**COMMANDS, "gunicorn": _GUNICORN, **_RAPIDE}


@contextmanager
def _reading(server: _Ending, path: str) -> Iterator[Callable[[], str]]:
    """Read a stream to its end in a thread; call what this gives for all that came."""
    parts: list[str] = []
    failures: list[Exception] = []
    begun = threading.Event()

    def read() -> None:
        try:
            with httpx2.stream("GET", server.url + path, timeout=60, trust_env=False) as answer:
                for part in answer.iter_text():
                    parts.append(part)
                    begun.set()
        except httpx2.HTTPError as error:
            failures.append(error)
        finally:
            begun.set()

    thread = threading.Thread(target=read)
    thread.start()

    def result() -> str:
        thread.join(60)
        assert not failures, (failures, parts[-1:], server.log)
        return "".join(parts)

    try:
        assert begun.wait(60)
        yield result
    finally:
        server.process.kill()
        thread.join(60)


def _closed(socket: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(60)
    return None if closed.value.rcvd is None else closed.value.rcvd.code


@pytest.mark.parametrize("face", ["rapide", "fastapi"])
@pytest.mark.parametrize("command", _ALL.values(), ids=_ALL)
def test_open_streams_and_sockets_do_not_hold_the_server(start, command, face):
    """SSE-05, WSK-12, LIF-05: each ends with a reason, its clean-up runs, and the lifespan's; status 0."""
    server = start(command, FACE=face)
    with ExitStack() as stack:
        streams = {
            path: stack.enter_context(_reading(server, path)) for path in ("/events", "/silent", "/by-hand")
        }
        echo = stack.enter_context(connect(server.websocket_url + "/echo", proxy=None))
        push = stack.enter_context(connect(server.websocket_url + "/push", proxy=None))
        echo.send("x")
        assert (echo.recv(60), push.recv(60)) == ("x", "hello")
        server.send_signal()
        for path in ("/events", "/silent"):
            assert re.search(r"\n\nretry: [123]\d{3}\n\n$", streams[path]())
        assert streams["/by-hand"]().endswith("data: x\n\n")
        # Granian cuts WebSockets when nothing else is left; with `rapide run` it hears of the end later.
        assert {_closed(echo), _closed(push)} <= ({1012, None} if command[1] == "granian" else {1012})
        status = server.wait(_GRACE - 5)
    written = server.written()
    ends = {"events ended", "silent ended", "by hand ended", "session closed", "echo ended", "push ended"}
    assert written[0] == "opened"
    assert set(written[1:-1]) == ends
    assert written[-1] == "closed"
    assert status in _clean(command), server.log


def _clean(command: list[str]) -> set[int]:
    # Uvicorn by itself raises the signal again when all is done; `rapide run` makes a 0 of that.
    return {0, -signal.SIGTERM} if command[1] == "uvicorn" else {0}


@pytest.mark.parametrize("command", _ALL.values(), ids=_ALL)
def test_idle_server_ends_and_leaves_its_lifespan(start, command):
    """LIF-03: nothing is waited for."""
    server = start(command)
    server.send_signal()
    assert server.wait(_GRACE - 5) in _clean(command), server.log
    assert server.written() == ["opened", "closed"]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_work_after_an_answer_does_not_delay_the_next_one(start, command):
    """CON-10: a request on the same connection is answered while the work of the one before it runs."""
    server = start(command)
    with httpx2.Client(base_url=server.url, timeout=30, trust_env=False) as client:
        assert client.get("/after").json() == "done"
        assert client.get("/livez").status_code == 200
        assert "work ended" not in server.written()
    server.wait_for("work ended")


@pytest.mark.parametrize("command", _ALL.values(), ids=_ALL)
def test_requests_in_flight_are_answered_and_work_after_them_is_awaited(start, command):
    """LIF-04, LIF-06: nobody who was let in is turned away, and the lifespan is left after the last."""
    server = start(command)
    with _reading(server, "/after") as after, ExitStack() as stack:
        assert after() == '"done"'
        answers: list[str] = []
        asking = threading.Thread(target=lambda: answers.append(server.client.get("/slow").text))
        asking.start()
        stack.callback(asking.join, 60)
        server.wait_for("slow began")
        server.send_signal()
        asking.join(60)
        assert answers == ['"done"']
        status = server.wait(_GRACE - 5)
    written = server.written()
    assert sorted(written[:-1]) == ["opened", "session closed", "slow began", "slow ended", "work ended"]
    assert written[-1] == "closed"
    assert status in _clean(command), server.log


@pytest.mark.parametrize("command", _ALL.values(), ids=_ALL)
def test_request_without_an_end_is_cancelled_after_the_grace_period(start, command):
    """What does not end by then is cancelled, and the lifespan is left all the same."""
    server = start(command, GRACE="1")
    with ExitStack() as stack:
        asking = threading.Thread(target=_ignoring_failures, args=(server, "/endless"))
        asking.start()
        stack.callback(asking.join, 60)
        server.wait_for("endless began")
        server.send_signal()
        status = server.wait(_GRACE - 5)
    assert server.written() == ["opened", "endless began", "endless cancelled", "closed"]
    assert status in _clean(command), server.log


def _ignoring_failures(server: _Ending, path: str) -> None:
    try:
        server.client.get(path)
    except httpx2.TransportError:
        return  # it may be cut off or get a 500: servers do not agree


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("name", ["uvicorn", *_RAPIDE, *_WORKERS])
def test_second_signal_ends_at_once(start, name, number):
    """Whoever signals again does not want to wait; what comes within a second is one signal sent twice."""
    server = start((_ALL | _WORKERS)[name])
    with ExitStack() as stack:
        asking = threading.Thread(target=_ignoring_failures, args=(server, "/endless"))
        asking.start()
        stack.callback(asking.join, 60)
        server.wait_for("endless began")
        server.send_signal(number)
        server.send_signal(number)
        with pytest.raises(Exception, match="timed out"):
            server.wait(1.2)
        server.send_signal(number)
        assert server.wait(_GRACE - 10) == -number
    written = server.written()
    assert written.count("closed") < written.count("opened")  # a worker without a request may have been ready


@pytest.mark.parametrize("command", [*_RAPIDE.values(), *_WORKERS.values()], ids=[*_RAPIDE, *_WORKERS])
def test_lifespan_that_fails_at_its_end_shows_in_the_exit_status(start, command):
    """LIF-02: not all clean-up was done: whoever restarts the service must be able to tell."""
    server = start(command, FAILS="yes")
    server.send_signal()
    assert server.wait() == 4, server.log
    assert server.written()[-1] == "closed"


# Hypercorn tells several workers to end without asking any of them: the command refuses the option there.
_DELAYING = {**_RAPIDE, **_WORKERS}
del _DELAYING["rapide hypercorn --workers 2"]


@pytest.mark.parametrize("command", _DELAYING.values(), ids=_DELAYING)
def test_everything_is_served_during_the_delay_but_nobody_is_invited(start, command):
    """LIF-07: load balancers need a while until they send nothing more; streams and sockets last as long."""
    server = start([*command, "--shutdown-delay", "2"])
    with ExitStack() as stack:
        silent = stack.enter_context(_reading(server, "/silent"))
        push = stack.enter_context(connect(server.websocket_url + "/push", proxy=None))
        assert push.recv(60) == "hello"
        assert _status(server, "/readyz") == 200
        server.send_signal()
        assert eventually(lambda: _status(server, "/readyz") == 503)
        assert _status(server, "/livez") == 200
        echo = stack.enter_context(connect(server.websocket_url + "/echo", proxy=None))
        echo.send("x")
        assert echo.recv(60) == "x"
        assert _closed(echo) == _closed(push) == 1012
        assert re.search(r"retry: [123]\d{3}\n\n$", silent())
        assert server.wait(_GRACE - 5) == 0, server.log
    assert server.written()[-1] == "closed"


def _status(server: _Ending, path: str) -> int:
    return httpx2.get(
        server.url + path, headers={"connection": "close"}, timeout=60, trust_env=False
    ).status_code
