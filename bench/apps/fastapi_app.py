"""FastAPI."""

from bench.apps import hinted

app = hinted.make_app("fastapi", "FastAPI")


def make_routes(count: int) -> object:
    """Make an application with many routes."""
    return hinted.make_routes("fastapi", "FastAPI", count)
