"""LIF: start, stop, crash. What needs a server's process is in `tests/servers/`."""

import asyncio
import errno
import time
from typing import Any

import pytest
from catalogue_asking import ask, exchange, scope_of
from catalogue_faces import Face


@pytest.mark.row("LIF-01")
def test_lif_01_start_fails(face: Face):
    """What the lifespan had opened is closed, and the server hears why it cannot start."""
    from contextlib import asynccontextmanager

    ran: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> Any:
        try:
            ran.append("opened")
            raise LookupError("no database")
            yield
        finally:
            ran.append("closed")

    messages: list[Any] = []

    async def receive() -> Any:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        messages.append(message)

    app = face.app(lifespan=lifespan)
    with pytest.raises(LookupError, match="no database"):
        asyncio.run(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send))
    assert ran == ["opened", "closed"]
    assert [message["type"] for message in messages] == ["lifespan.startup.failed"]
    assert "no database" in messages[0]["message"]


@pytest.mark.row("LIF-11")
def test_lif_11_no_more_descriptors(face: Face, tmp_path: Any, monkeypatch: Any):
    """A file that cannot be opened is a 500 that says nothing, and nothing more: the next is served."""
    import builtins

    file = tmp_path / "file"
    file.write_bytes(b"x")
    app = face.app()
    app.get("/")(lambda: face.part("responses").FileResponse(file))
    app.get("/other")(lambda: 1)
    assert ask(app, "GET", "/").status == 200
    real = builtins.open

    def refuse(name: Any, *args: Any, **kwargs: Any) -> Any:
        if str(name) == str(file):
            raise OSError(errno.EMFILE, "Too many open files", str(name))
        return real(name, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(builtins, "open", refuse)
        answer = ask(app, "GET", "/")
        assert answer.error is not None or answer.status == 500
        assert str(file).encode() not in answer.body
        assert ask(app, "GET", "/other").status == 200
    assert ask(app, "GET", "/").status == 200


@pytest.mark.row("LIF-11")
def test_lif_11_no_more_threads(face: Face, monkeypatch: Any):
    """Where the system gives no further thread, those that are there do the work."""
    face.ours_only("threads are Rapide's own")
    import threading

    app = face.app()
    app.get("/")(lambda: time.sleep(0.001))
    assert ask(app, "GET", "/").status == 200

    def refuse(thread: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)

    async def run() -> set[int]:
        answers = await asyncio.gather(*(exchange(app, scope_of("GET", "/")) for _ in range(30)))
        return {answer.status for answer in answers}

    assert asyncio.run(run()) == {200}


@pytest.mark.row("LIF-12")
@pytest.mark.parametrize("jump", [86_400, -86_400])
def test_lif_12_clock_jumps_by_a_day(face: Face, jump: int, monkeypatch: Any):
    """Limits of time are measured by a clock that nobody sets."""
    face.ours_only("timeout is a part of Rapide's own")
    from rapide.concurrency import time_left

    app, real = face.app(), time.time
    seen: list[Any] = []

    @app.get("/", timeout=60)
    async def read():
        seen.append(time_left())
        monkeypatch.setattr(time, "time", lambda: real() + jump)
        await asyncio.sleep(0.01)
        seen.append(time_left())

    assert ask(app, "GET", "/").status == 200
    assert 59 < seen[1] <= seen[0] <= 60
