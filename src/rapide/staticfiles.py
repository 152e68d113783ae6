"""Files from a directory."""

from starlette.staticfiles import StaticFiles

__all__ = ["StaticFiles"]
