"""Classes as dependencies whose constructor was written in another module, with its own names."""

import sys
from types import ModuleType

import pytest

from rapide.fastapi import Depends, FastAPI
from rapide.fastapi.testclient import TestClient

_BASE = """
from __future__ import annotations
from rapide.fastapi import Request as Asked, Response as Injected
from rapide.fastapi import Header
from typing import Annotated
Text = int

class Base:
    def __init__(self, asked: Asked, injected: Injected, size: Text, x: Annotated[str, Header()] = "none"):
        injected.headers["x-size"] = str(size * 2)
        self.seen = [asked.url.path, size, x]
"""


@pytest.fixture
def base(monkeypatch):
    """A module that nobody here has imported names from."""
    module = ModuleType("of_another_module")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(_BASE, module.__name__, "exec", dont_inherit=True), vars(module))
    return module.Base


Text = str  # another than the base's


def test_names_are_those_of_the_module_where_the_constructor_is(base):
    """And not those of the module that inherits it."""

    class View(base):
        pass

    app = FastAPI()

    @app.get("/")
    def read(view: View = Depends(View)):
        return view.seen

    answer = TestClient(app).get("/", params={"size": "4"}, headers={"x": "y"})
    assert (answer.json(), answer.headers["x-size"]) == (["/", 4, "y"], "8")
    assert [each["name"] for each in app.openapi()["paths"]["/"]["get"]["parameters"]] == ["size", "x"]
