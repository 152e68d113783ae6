"""The documents of the FastAPI face, against those that FastAPI 0.165 gave for the same applications."""

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from specimens.catalogue import documents_of, modules

_RECORDED = Path(__file__).parent / "recorded"
_SPECIMENS = [(module, name) for module in modules() for name in documents_of(module)]


def _as_json(document: dict[str, Any]) -> Any:
    """Return what a client reads: the order of members does not count, and 1 is 1.0."""
    return json.loads(json.dumps(document))


@pytest.mark.parametrize(("module", "name"), _SPECIMENS, ids=[name for _, name in _SPECIMENS])
def test_document_is_the_one_that_fastapi_gives(module: str, name: str) -> None:
    """An application has the same OpenAPI document on both frameworks."""
    expected = json.loads((_RECORDED / f"{module}.json").read_text(encoding="utf-8"))[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some specimens show what is warned of
        document = documents_of(module)[name]().openapi()
    assert _as_json(document) == expected


def test_every_recorded_document_has_its_specimen() -> None:
    """No recorded document is left over from a specimen that is gone."""
    recorded = {
        (path.stem, name)
        for path in _RECORDED.glob("*.json")
        for name in json.loads(path.read_text(encoding="utf-8"))
    }
    assert recorded == set(_SPECIMENS)
