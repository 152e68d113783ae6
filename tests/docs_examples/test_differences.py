"""The faces differ as the migration guide says, where no recorded answer shows it."""

import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import fields
from typing import Annotated

import pytest
from loading import DOCS
from quirks import QUIRKS

from rapide import BackgroundTasks, Behaviour, Depends, Rapide
from rapide.fastapi import FastAPI
from rapide.security import OAuth2PasswordBearer
from rapide.testclient import TestClient

Face = Callable[..., Rapide]
_JSON = {"Content-Type": "application/json"}


@pytest.fixture(params=[Rapide, FastAPI], ids=["rapide", "fastapi"])
def face(request: pytest.FixtureRequest) -> Face:
    """Each test runs on both faces."""
    made: Face = request.param
    return made


def test_guide_speaks_of_every_field() -> None:
    """A difference that the guide does not know is one that nobody is told of."""
    text = (DOCS / "migrating" / "differences.md").read_text("utf-8")
    assert [field.name for field in fields(Behaviour) if f"`{field.name}`" not in text] == []


def test_every_quirk_has_a_test() -> None:
    """The rows of the table are numbered as the tests are."""
    names = (DOCS.parent / "tests" / "docs_examples" / "test_quirks.py").read_text("utf-8")
    assert [quirk.number for quirk in QUIRKS if f"def test_{quirk.number}_" not in names] == []


def test_error_of_a_shared_dependency_is_reported_once_on_rapides_face(face: Face) -> None:
    """FastAPI reports it for each use."""
    app = face()

    def shared(number: int) -> int:
        return number

    def double(number: Annotated[int, Depends(shared)]) -> int:
        return 2 * number

    @app.get("/")
    async def read(
        number: Annotated[int, Depends(shared)], doubled: Annotated[int, Depends(double)]
    ) -> None: ...

    answer = TestClient(app).get("/").json()
    assert len(answer["errors"] if face is Rapide else answer["detail"]) == (1 if face is Rapide else 2)


def test_class_is_made_in_place_on_rapides_face(face: Face) -> None:
    """FastAPI makes it on a worker thread."""
    app = face()
    threads: dict[str, str] = {}

    class Page:
        def __init__(self) -> None:
            threads["class"] = threading.current_thread().name

    @app.get("/")
    async def read(page: Annotated[Page, Depends()]) -> None:
        threads["loop"] = threading.current_thread().name

    TestClient(app).get("/")
    assert (threads["class"] == threads["loop"]) is (face is Rapide)


def test_body_over_a_mebibyte_is_refused_on_rapides_face(face: Face) -> None:
    """FastAPI has no limit."""
    app = face()

    @app.post("/")
    async def add(note: dict[str, str]) -> None: ...

    assert TestClient(app).post("/", json={"text": "x" * 2**20}).status_code == (
        413 if face is Rapide else 200
    )


def test_empty_bearer_token_is_refused_on_rapides_face(face: Face) -> None:
    """FastAPI passes on an empty token."""
    app = face()

    @app.get("/")
    async def read(token: Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="token"))]) -> str:
        return token

    answer = TestClient(app).get("/", headers={"Authorization": "Bearer "})
    assert answer.status_code == (401 if face is Rapide else 200)


def test_background_tasks_run_after_clean_up_on_rapides_face(face: Face) -> None:
    """FastAPI cleans up last."""
    app = face()
    log: list[str] = []

    def session() -> Iterator[None]:
        yield
        log.append("clean-up")

    @app.get("/", dependencies=[Depends(session)])
    async def read(background: BackgroundTasks) -> None:
        background.add_task(log.append, "task")

    TestClient(app).get("/")
    assert log == (["clean-up", "task"] if face is Rapide else ["task", "clean-up"])


def test_405_names_the_methods_of_all_routes_on_rapides_face(face: Face) -> None:
    """FastAPI names those of the first route."""
    app = face()

    @app.get("/books")
    async def list_books() -> None: ...

    @app.post("/books")
    async def add_book() -> None: ...

    allowed = TestClient(app).put("/books").headers["allow"]
    assert allowed == ("GET, HEAD, OPTIONS, POST" if face is Rapide else "GET")


def test_operation_ids_follow_the_face(face: Face) -> None:
    """They are the function's name, or made of name, path and method."""
    app = face()

    @app.get("/books")
    async def list_books() -> None: ...

    operation_id = app.openapi()["paths"]["/books"]["get"]["operationId"]
    assert operation_id == ("list_books" if face is Rapide else "list_books_books_get")


def test_context_variable_of_a_thread_is_kept(face: Face) -> None:
    """What a plain function sets, a coroutine function sees, on both faces."""
    app = face()
    tenant: ContextVar[str] = ContextVar("tenant", default="none")

    def set_tenant() -> None:
        tenant.set("harbour")

    @app.get("/", dependencies=[Depends(set_tenant)])
    async def read() -> str:
        return tenant.get()

    assert TestClient(app).get("/").json() == "harbour"


def test_plain_functions_of_a_request_share_a_thread(face: Face) -> None:
    """One trip, on both faces."""
    app = face()

    def dependency() -> int:
        return threading.get_ident()

    @app.get("/")
    def read(thread: Annotated[int, Depends(dependency)]) -> bool:
        return thread == threading.get_ident()

    assert TestClient(app).get("/").json() is True
