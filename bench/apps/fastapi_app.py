"""FastAPI."""

from bench.apps import growing, hinted

app = hinted.make_app("fastapi", "FastAPI")


def make_routes(count: int) -> object:
    """Make an application with many routes."""
    return hinted.make_routes("fastapi", "FastAPI", count)


def make_growth(kind: str, size: int) -> object:
    """Make an application with one route that grows."""
    return growing.make_hinted("fastapi", "FastAPI", kind, size)
