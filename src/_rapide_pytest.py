"""The plugin that pytest loads wherever Rapide is installed: the option `--alias-fastapi`.

It stands beside the package and not in it because pytest imports it in every run, also in those of projects
that have nothing to do with Rapide: importing anything of a package imports the package.
"""

from __future__ import annotations

import pytest

__all__ = ["pytest_addoption", "pytest_load_initial_conftests"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    parser.getgroup("rapide").addoption(
        "--alias-fastapi",
        action="store_true",
        help="make `import fastapi`, and every submodule, give rapide.fastapi",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Set the alias before any conftest.py or test module is imported."""
    if not early_config.known_args_namespace.alias_fastapi:
        return
    from rapide.fastapi import alias_fastapi  # noqa: PLC0415 -- only who asks for it pays for it

    try:
        alias_fastapi()
    except RuntimeError as exc:
        raise pytest.UsageError(f"--alias-fastapi: {exc}") from exc
