"""The source of handlers is reviewed like any other: as files, and as a diff when it changes.

`RAPIDE_UPDATE_GOLDEN=1` writes the files again.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from golden_routes import GOLDEN, OBSERVED, routes

from rapide._compile import compile_route, compile_socket
from rapide.behaviour import RAPIDE
from rapide.plan.nodes import SocketPlan

_FOLDER = Path(__file__).parent.parent / "golden"
_UPDATE = os.environ.get("RAPIDE_UPDATE_GOLDEN") == "1"


def _source(name: str) -> str:
    if name in OBSERVED:
        plan: Any = routes(RAPIDE)[OBSERVED[name]].plan
        compiled: Any = (compile_socket if isinstance(plan, SocketPlan) else compile_route)(
            plan, observed=True
        )
        return str(compiled.source)
    behaviour, route_name = GOLDEN[name]
    handler: Any = routes(behaviour)[route_name].handler()
    return str(handler.source)


@pytest.mark.parametrize("name", [*GOLDEN, *OBSERVED])
def test_handler_is_written_as_recorded(name: str) -> None:
    """Each canonical route has the handler that was last reviewed."""
    path = _FOLDER / f"{name}.py"
    source = _source(name)
    if _UPDATE:
        path.write_text(source, encoding="utf-8")
    assert source == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    """A file belongs to a route."""
    assert {path.stem for path in _FOLDER.glob("*.py")} == {*GOLDEN, *OBSERVED}


@pytest.mark.parametrize("name", [*GOLDEN, *OBSERVED])
def test_handler_is_written_alike_every_time(name: str) -> None:
    """Declaring the same route again gives the same text, so that it is compiled once."""
    assert _source(name) == _source(name)
