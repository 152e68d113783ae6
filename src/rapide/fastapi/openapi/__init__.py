"""`fastapi.openapi`."""

from rapide._lazy import load_submodules

__all__: list[str] = []

__getattr__ = load_submodules(__name__, "constants", "docs", "models", "utils")
