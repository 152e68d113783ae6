"""Whole OpenAPI documents, one JSON file each, and the comparison with what an application describes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "openapi_documents"


def plain(document: Any) -> Any:
    """Return the document as a client reads it: through JSON, tuples as lists."""
    return json.loads(json.dumps(document))


def differences(expected: Any, found: Any, place: str = "") -> Iterator[str]:
    """Yield one line for each place where two documents differ; the order of keys does not count."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            where = f"{place}/{key}"
            if key not in found:
                yield f"{where} is missing, expected {json.dumps(expected[key])}"
            elif key not in expected:
                yield f"{where} should not be there: {json.dumps(found[key])}"
            else:
                yield from differences(expected[key], found[key], where)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from differences(one, other, f"{place}/{number}")
    elif expected != found or isinstance(expected, bool) is not isinstance(found, bool):
        yield f"{place} is {json.dumps(found)}, expected {json.dumps(expected)}"


def assert_document(app: Any, name: str) -> None:
    """Assert that `app` describes itself exactly as in the file `name`."""
    expected = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    found = list(differences(expected, plain(app.openapi())))
    assert not found, "\n".join([f"{name}.json differs:", *found])
