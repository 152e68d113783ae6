"""The catalogue of hostile inputs: each test is a row of `docs/security-catalogue.md`.

`CATALOGUE_FACES` names the frameworks to run against, separated by commas; `CATALOGUE_RECORD` a file to which
the result of every row is appended as a line of JSON. `scripts/security-catalogue` sets both.
"""

import json
import os
import sys
from pathlib import Path

import pytest

_FOLDER = str(Path(__file__).parent)
if _FOLDER not in sys.path:
    sys.path.append(_FOLDER)

from catalogue_faces import Face  # noqa: E402 -- found through the line above

_FACES = os.environ.get("CATALOGUE_FACES", "rapide,rapide.fastapi").split(",")


@pytest.fixture(params=_FACES)
def face(request: pytest.FixtureRequest) -> Face:
    """Run a row on every face."""
    return Face(request.param, lambda what: request.node.user_properties.append(("as_fastapi", what)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Append the result of a row to the record."""
    report = yield
    record, marker = os.environ.get("CATALOGUE_RECORD"), item.get_closest_marker("row")
    if record and marker and (report.when == "call" or report.outcome != "passed"):
        callspec = getattr(item, "callspec", None)
        # What is written with a package that a peer does not need cannot be asked of it.
        cannot = call.excinfo is not None and call.excinfo.errisinstance(ImportError)
        line = {
            "rows": list(marker.args),
            "test": item.nodeid.partition("[")[0].rpartition("/")[2],
            "face": callspec.params.get("face") if callspec else None,
            "outcome": "skipped" if cannot else report.outcome,
            "as_fastapi": dict(item.user_properties).get("as_fastapi"),
            "promise": (item.function.__doc__ or "").strip(),
        }
        with Path(record).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    return report
