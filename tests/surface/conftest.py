"""Makes the plain modules of this folder importable under every import mode, and offers both event loops."""

import os
import sys
from functools import partialmethod
from pathlib import Path

import pytest

_HERE = str(Path(__file__).parent)
if _HERE not in sys.path:  # importlib mode puts no test folder on the path
    sys.path.insert(0, _HERE)


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> str:
    """The event loop that a TestClient or a raw exchange runs on."""
    return str(request.param)


@pytest.fixture(autouse=True)
def _default_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every client that names no event loop on the one of `RAPIDE_SURFACE_BACKEND`, when that is set."""
    if chosen := os.environ.get("RAPIDE_SURFACE_BACKEND"):
        from surface_target import TestClient

        monkeypatch.setattr(TestClient, "__init__", partialmethod(TestClient.__init__, backend=chosen))
