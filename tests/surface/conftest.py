"""Makes the plain modules of this folder importable under every import mode, and offers both event loops."""

import sys
from pathlib import Path

import pytest

_HERE = str(Path(__file__).parent)
if _HERE not in sys.path:  # importlib mode puts no test folder on the path
    sys.path.insert(0, _HERE)


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> str:
    """The event loop that a TestClient or a raw exchange runs on."""
    return str(request.param)
