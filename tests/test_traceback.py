"""A traceback leads to the user's code: few of our frames above it, generated ones with their source."""

import asyncio
import inspect
import linecache
import traceback
from typing import Annotated, Any

import pytest

from rapide import Depends, Rapide
from rapide.behaviour import FASTAPI, RAPIDE, Behaviour

_FACES = pytest.mark.parametrize("behaviour", [RAPIDE, FASTAPI], ids=["rapide", "fastapi"])
_MOST_FRAMES = 6


class BoomError(Exception):
    """What the user's code raises."""


def _failing_app(behaviour: Behaviour) -> Rapide:
    app = Rapide(behaviour=behaviour)

    async def fail_below(item_id: int) -> None:
        raise BoomError("in a dependency")

    @app.get("/endpoint/{item_id}")
    async def fail(item_id: int) -> None:
        raise BoomError("in an endpoint")

    @app.get("/thread/{item_id}")
    def fail_plainly(item_id: int) -> None:
        raise BoomError("on a thread")

    @app.get("/dependency/{item_id}")
    async def read(item_id: int, nothing: Annotated[None, Depends(fail_below)]) -> None: ...

    @app.get("/result")
    async def give_wrong() -> int:
        return "no number"  # type: ignore[return-value]

    return app


def _raised_by(app: Rapide, path: str) -> BaseException:
    """Return what gets out of the application, as a server would log it."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None: ...

    scope = {
        "type": "http",
        "asgi": {},
        "method": "GET",
        "path": path,
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [],
    }
    with pytest.raises(Exception) as caught:
        asyncio.run(app(scope, receive, send))
    return caught.value


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    """Return the frames from the application's `__call__` on."""
    frames = traceback.extract_tb(error.__traceback__)
    first = next(
        number
        for number, frame in enumerate(frames)
        if frame.name == "__call__" and frame.filename.endswith("app.py")
    )
    return list(frames[first:])


@_FACES
@pytest.mark.parametrize("path", ["/endpoint/3", "/dependency/3"])
def test_user_frame_stands_under_a_handful_of_ours(behaviour: Behaviour, path: str) -> None:
    """The last frame is the user's, the one above it the generated handler, and few stand above that."""
    error = _raised_by(_failing_app(behaviour), path)
    frames = _frames(error)
    assert isinstance(error, BoomError)
    assert frames[-1].filename == __file__
    assert frames[-1].line is not None
    assert frames[-1].line.startswith("raise BoomError")
    assert frames[-2].filename.startswith("<rapide GET ")
    assert len(frames) - 1 <= _MOST_FRAMES


@_FACES
def test_frame_of_a_handler_shows_its_source_line(behaviour: Behaviour) -> None:
    """Tracebacks show the line of the generated handler that called the endpoint."""
    frames = _frames(_raised_by(_failing_app(behaviour), "/endpoint/3"))
    assert frames[-2].line == "result = await call_fail(item_id=v1_item_id)"
    assert frames[-2].name == "handle_fail"


@_FACES
def test_traceback_from_a_thread_shows_the_handler_too(behaviour: Behaviour) -> None:
    """A plain function runs on a thread; the handler's inner function stands right above it."""
    frames = _frames(_raised_by(_failing_app(behaviour), "/thread/3"))
    assert frames[-1].filename == __file__
    assert frames[-2].name == "on_thread_1"
    assert frames[-2].line == "result = call_fail_plainly(item_id=v1_item_id)"


@_FACES
def test_wrong_result_names_the_endpoint(behaviour: Behaviour) -> None:
    """A result that does not fit its model is no frame of the user's, so the error names the endpoint."""
    error = _raised_by(_failing_app(behaviour), "/result")
    source, line = inspect.getsourcelines(_failing_app)
    offset = next(number for number, text in enumerate(source) if '@app.get("/result")' in text)
    assert f'File "{__file__}", line {line + offset}, in give_wrong' in str(error)


def test_source_of_a_handler_survives_checkcache() -> None:
    """Debuggers ask linecache to forget changed files; generated ones stay."""
    app = _failing_app(RAPIDE)
    handler: Any = app.routes[-1].handler()
    filename = handler.__code__.co_filename
    linecache.checkcache()
    assert "".join(linecache.getlines(filename)) == str(handler.source)
    assert inspect.getsource(handler).strip() == str(handler.source).strip()


def test_handlers_of_equal_text_share_their_code() -> None:
    """Equal text under an equal path is compiled once, and has one entry among the lines of files."""
    first: Any = _failing_app(RAPIDE).routes[-1].handler()
    second: Any = _failing_app(RAPIDE).routes[-1].handler()
    assert first is not second
    assert first.__code__ == second.__code__
    assert first.__code__.co_filename == second.__code__.co_filename
    assert first.__code__.co_linetable is second.__code__.co_linetable


def test_same_exception_raised_again_collects_no_frames() -> None:
    """A handled exception object that is raised for every request does not grow."""
    app = Rapide()
    always = BoomError("always the same object")

    @app.get("/same")
    async def fail() -> None:
        raise always

    @app.exception_handler(BoomError)
    async def answer(request: Any, exc: BoomError) -> Any:
        from rapide.responses import PlainTextResponse

        return PlainTextResponse("handled", 400)

    async def serve() -> None:
        for _ in range(3):
            scope = {"type": "http", "method": "GET", "path": "/same", "headers": [], "query_string": b""}
            sent: list[Any] = []

            async def send(message: Any, sent: list[Any] = sent) -> None:
                sent.append(message)

            await app(scope, None, send)  # type: ignore[arg-type]  # nothing is received
            assert sent[0]["status"] == 400

    asyncio.run(serve())
    assert len(traceback.extract_tb(always.__traceback__)) <= 1
