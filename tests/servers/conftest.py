"""The servers under which the tests of this folder run."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
if str(_HERE) not in sys.path:  # importlib mode puts no test folder on the path
    sys.path.insert(0, str(_HERE))

from server_process import COMMANDS, Process, serving  # noqa: E402  # the lines above make it importable


@pytest.fixture(scope="module", params=list(COMMANDS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Serve `served.py` under each server, one process for all tests of a module."""
    log = tmp_path_factory.mktemp("server") / "log"
    with serving(COMMANDS[request.param], "served:app", _HERE, log) as running:
        yield running
