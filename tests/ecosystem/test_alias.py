"""The name `fastapi` where the real FastAPI is installed as well."""

import pytest
from running import Environment


def test_the_alias_wins_over_an_installed_fastapi(tmp_path):
    """Every import gives Rapide's, a plug-in's too, and the metadata tell the version."""
    environment = Environment("injection", tmp_path)
    with environment.serve("aliased") as program:
        seen = program.get("/").json()
    assert "rapide" in seen["file"]
    assert seen["name"] == "rapide.app"
    assert seen["version"] == seen["metadata"] == environment.version("fastapi")
    assert seen["found"]
    assert seen["same"]
    assert seen["plug_in"]


def test_the_guard_notices_the_real_fastapi(tmp_path):
    """A program that is not aliased ends: so no other test here can pass on the real FastAPI."""
    with pytest.raises(AssertionError, match="the real FastAPI was read"):
        Environment("injection", tmp_path).run("aliased")
