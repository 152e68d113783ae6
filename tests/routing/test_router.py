"""What a router does with the routes that it gets."""

from typing import Any

import pytest

from rapide import APIRouter, Rapide


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_adding_a_route_binds_no_others(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Declaring many routes takes time for each of them, not for each pair."""
    flattened: list[Any] = []
    original = APIRouter._flattened

    def counted(router: APIRouter) -> list[Any]:
        flattened.append(router)
        return original(router)

    monkeypatch.setattr(APIRouter, "_flattened", counted)
    router = APIRouter()
    for number in range(20):
        if kind == "http":
            router.get(f"/{number}")(lambda: None)
        else:
            router.websocket(f"/{number}")(lambda: None)
    assert flattened == []
    assert [route.path for route in router.routes] == [f"/{number}" for number in range(20)]
    assert flattened == [router]


def test_list_of_routes_that_somebody_holds_stays_that_of_the_router() -> None:
    """Routes and inclusions that come later are in it, in their order, once it is looked at again."""
    app, router = Rapide(openapi_url=None), APIRouter()
    held = app.routes
    router.get("/in")(lambda: None)
    app.get("/first")(lambda: None)
    app.include_router(router)
    app.get("/last")(lambda: None)
    assert app.routes is held
    assert [route.path for route in held] == ["/first", "/in", "/last"]
