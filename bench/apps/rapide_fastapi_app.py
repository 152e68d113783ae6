"""Rapide's FastAPI face."""

from bench.apps import hinted

app = hinted.make_app("rapide.fastapi", "FastAPI")


def make_routes(count: int) -> object:
    """Make an application with many routes."""
    return hinted.make_routes("rapide.fastapi", "FastAPI", count)
