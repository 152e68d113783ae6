"""Results that are text are sent without a response object, and look as if they had one."""

from typing import Annotated, Any

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from rapide import Depends, Rapide
from rapide.fastapi import FastAPI
from rapide.testclient import TestClient


class XMLResponse(Response):
    media_type = "application/xml"


class Loud(PlainTextResponse):
    def render(self, content: Any) -> bytes:
        return super().render(content.upper())


class Latin(PlainTextResponse):
    charset = "latin-1"


def _of_its_own(response_class: type[Response]) -> type[Response]:
    """Return the same class with a constructor of its own: an object is made of it."""

    class Made(response_class):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)

    return Made


_RESULTS: list[Any] = ["", "héllo", "line\nend", b"bytes", None]


@pytest.mark.parametrize("face", [Rapide, FastAPI])
@pytest.mark.parametrize("status", [None, 200, 201, 204, 404])
@pytest.mark.parametrize("response_class", [PlainTextResponse, HTMLResponse, XMLResponse, Latin, Response])
def test_text_is_answered_as_by_a_response_object(face, status, response_class):
    """Status, headers and content are those of the response class, whatever the endpoint returns."""

    def answer(kind: Any, result: Any) -> Any:
        app = face()
        app.get("/x", response_class=kind, status_code=status)(lambda: result)
        return TestClient(app).get("/x")

    for result in _RESULTS:
        direct, made = answer(response_class, result), answer(_of_its_own(response_class), result)
        assert (direct.status_code, direct.content) == (made.status_code, made.content)
        assert direct.headers.raw == made.headers.raw


@pytest.mark.parametrize("face", [Rapide, FastAPI])
def test_declared_text_is_validated_before_it_is_sent(face):
    """A return type of text does not let anything else through."""
    app = face()
    good, bad = "<p>fine</p>", 5

    @app.get("/good", response_class=HTMLResponse)
    def read_good() -> str:
        return good

    @app.get("/bad", response_class=HTMLResponse)
    def read_bad() -> str:
        return bad  # type: ignore[return-value]

    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/good").text == good
    assert client.get("/good").headers["content-type"] == "text/html; charset=utf-8"
    assert client.get("/bad").status_code == 500


def test_class_with_a_way_of_its_own_is_asked():
    """A response class that encodes otherwise does so."""
    app = Rapide()
    app.get("/x", response_class=Loud)(lambda: "quiet")
    assert TestClient(app).get("/x").text == "QUIET"


@pytest.mark.parametrize("face", [Rapide, FastAPI])
def test_injected_response_reaches_text(face):
    """Status and headers that a dependency sets are those of the answer."""
    app = face()

    def mark(response: Response) -> None:
        response.headers["x-mark"] = "1"
        response.status_code = 202

    @app.get("/x", response_class=PlainTextResponse)
    def read(marked: Annotated[None, Depends(mark)]) -> str:
        return "text"

    answer = TestClient(app).get("/x")
    assert (answer.status_code, answer.text, answer.headers["x-mark"]) == (202, "text", "1")


def test_background_tasks_run_after_text():
    """Tasks that the endpoint adds run once the text is sent."""
    from rapide import BackgroundTasks

    app, done = Rapide(), []

    @app.get("/x", response_class=PlainTextResponse)
    def read(tasks: BackgroundTasks) -> str:
        tasks.add_task(done.append, 1)
        return "text"

    assert TestClient(app).get("/x").text == "text"
    assert done == [1]
