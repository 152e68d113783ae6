"""Rapide's own face."""

from bench.apps import hinted

app = hinted.make_app("rapide", "Rapide")


def make_routes(count: int) -> object:
    """Make an application with many routes."""
    return hinted.make_routes("rapide", "Rapide", count)
