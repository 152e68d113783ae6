"""YAML, for which Python needs the package PyYAML (`uvicorn[standard]` brings it)."""

from __future__ import annotations

import importlib
from typing import Any

from rapide.cli.failures import CommandError

__all__ = ["dump_yaml", "parse_yaml"]


def parse_yaml(text: str) -> object:
    """Return the content of a YAML text.

    Raises:
        CommandError: PyYAML is not installed.
        ValueError: the text is not YAML.
    """
    yaml = _pyyaml()
    try:
        content: object = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(error) from error
    return content


def dump_yaml(content: object) -> str:
    """Return plain data as YAML, in its own order.

    Raises:
        CommandError: PyYAML is not installed.
    """
    text: str = _pyyaml().safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    return text


def _pyyaml() -> Any:  # Any: PyYAML has no type hints
    try:
        return importlib.import_module("yaml")
    except ModuleNotFoundError:
        raise CommandError(
            "YAML needs the package PyYAML.", remedy="Install it: pip install pyyaml"
        ) from None
