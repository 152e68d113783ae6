"""The exact reading: which errors a request gets."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from rapide import Cookie, Depends, Query, Rapide, Request, Response, WebSocket, WebSocketDisconnect
from rapide.fastapi import FastAPI
from rapide.fastapi.routing import APIRoute
from rapide.testclient import TestClient


def _number(number: int) -> int:
    return number


def _small(number: Annotated[int, Query(le=5)]) -> int:
    return number


async def _read(
    number: int, same: Annotated[int, Depends(_number)], small: Annotated[int, Depends(_small)]
) -> None: ...


def _errors(app: Rapide, query: str) -> list[tuple[Any, ...]]:
    answer = TestClient(app).get(f"/?{query}").json()
    return [(error["type"], error["loc"]) for error in answer.get("errors") or answer["detail"]]


class _InterpretedRoute(APIRoute):
    """A route that is no generated handler."""

    behaviour = Rapide.default_behaviour

    def get_route_handler(self) -> Any:
        original = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await original(request)

        return handle


@pytest.mark.parametrize("interpreted", [False, True])
def test_bad_value_that_several_ask_for_is_reported_once(interpreted: bool) -> None:
    """Endpoint and dependencies read one value: what is wrong with it is one thing."""
    app = Rapide()
    if interpreted:
        app.router.route_class = _InterpretedRoute
    app.get("/")(_read)
    assert _errors(app, "number=x") == [("int_parsing", ["query", "number"])]
    assert _errors(app, "") == [("missing", ["query", "number"])]
    assert _errors(app, "number=7") == [("less_than_equal", ["query", "number"])]


def test_bad_value_is_reported_for_each_who_asks_on_the_other_face() -> None:
    """FastAPI does so."""
    app = FastAPI()
    app.get("/")(_read)
    assert len(_errors(app, "number=x")) == 3


def test_refused_websocket_says_once_what_is_wrong() -> None:
    """The reason of a close has few bytes."""
    app = Rapide()

    @app.websocket("/")
    async def serve(websocket: WebSocket, number: int, same: Annotated[int, Depends(_number)]) -> None: ...

    with pytest.raises(WebSocketDisconnect) as caught, TestClient(app).websocket_connect("/"):
        pass
    assert caught.value.reason == "query.number: Field required"


def test_a_value_that_two_models_of_one_function_lack_is_reported_once():
    """It is the same value of the request, whatever asks for it."""

    class Visitor(BaseModel):
        name: str

    app = Rapide()

    @app.get("/")
    def read(one: Annotated[Visitor, Cookie()], other: Annotated[Visitor, Cookie()]):
        return one == other

    answer = TestClient(app).get("/")
    assert [error["loc"] for error in answer.json()["errors"]] == [["cookie", "name"]]
