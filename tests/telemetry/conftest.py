"""Offers in-memory providers; their module stands with the tests of the surface."""

import sys
from pathlib import Path

import pytest

_SHARED = str(Path(__file__).parent.parent / "surface")
if _SHARED not in sys.path:
    sys.path.insert(0, _SHARED)


@pytest.fixture
def records():
    """In-memory providers."""
    from telemetry_records import Records

    records = Records()
    yield records
    records.close()
