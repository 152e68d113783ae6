"""Whole OpenAPI documents, one JSON file each, and the comparison with what an application describes."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "openapi_documents"


def plain(document: Any) -> Any:
    """Return the document as a client reads it: through JSON, tuples as lists."""
    return json.loads(json.dumps(document))


def assert_document(app: Any, name: str) -> None:
    """Assert that `app` describes itself exactly as in the file `name`; the order of keys does not count."""
    expected = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert plain(app.openapi()) == expected
