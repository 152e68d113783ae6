"""The handlers behind the shop's operations, as `rapide explain` shows them."""

import pytest

from rapide.routing import APIRoute
from shop.main import app

_OPERATIONS = [route for route in app.routes if isinstance(route, APIRoute)]


@pytest.mark.parametrize("route", _OPERATIONS, ids=lambda route: f"{min(route.methods)} {route.path}")
def test_operation_explains_itself(route: APIRoute) -> None:
    """Plan and source of every operation can be read: who is called with what, and the lines that do it."""
    text = app.explain(min(route.methods), route.path)
    assert f"endpoint: {route.endpoint.__module__}.{route.endpoint.__qualname__}" in text
    source = text.split("\n\n", 1)[1]
    compile(source, route.path, "exec")
    assert f"call_{route.endpoint.__name__}(" in source
    assert max(len(line) for line in source.splitlines()) < 200
