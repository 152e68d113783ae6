"""ARCHITECTURE.md names files that exist."""

import re
from pathlib import Path

import pytest
from loading import DOCS

_ROOT = DOCS.parent
_TEXT = (_ROOT / "ARCHITECTURE.md").read_text("utf-8")
_PATH = re.compile(r"`((?:[\w-]+/)*[\w-]+(?:\.(?:py|md|toml)|/))`")


def _exists(name: str) -> bool:
    return any((folder / name).exists() for folder in (_ROOT / "src" / "rapide", _ROOT))


@pytest.mark.parametrize("name", sorted(set(_PATH.findall(_TEXT))))
def test_named_path_exists(name: str) -> None:
    """Who follows the map finds the place."""
    assert _exists(name)


def test_every_folder_is_named() -> None:
    """A new folder has to say what it is and what it must not know."""
    package = _ROOT / "src" / "rapide"
    folders = {path.name for path in package.iterdir() if (path / "__init__.py").is_file()}
    assert {name for name in folders if f"`{name}/`" not in _TEXT} == set()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("CLAIM_ORDER", "inputs/table.py"),
        ("CODES", "errors.py"),
        ("Kind", "plan/nodes.py"),
        ("is_direct", "outputs/model.py"),
        ("public_errors", "problems.py"),
        ("short_names", "openapi/components.py"),
        ("class DefaultPlaceholder", "declare/defaults.py"),
        ("def bind", "_codegen/writer.py"),
    ],
)
def test_named_object_is_in_its_file(name: str, file: str) -> None:
    """Names move more often than files."""
    text = Path(_ROOT / "src" / "rapide" / file).read_text("utf-8")
    assert re.search(rf"^ *(def |class )?{re.escape(name)}\b", text, re.MULTILINE)
