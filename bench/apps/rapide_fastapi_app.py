"""Rapide's FastAPI face."""

from bench.apps import growing, hinted

app = hinted.make_app("rapide.fastapi", "FastAPI")


def make_routes(count: int) -> object:
    """Make an application with many routes."""
    return hinted.make_routes("rapide.fastapi", "FastAPI", count)


def make_growth(kind: str, size: int) -> object:
    """Make an application with one route that grows."""
    return growing.make_hinted("rapide.fastapi", "FastAPI", kind, size)
