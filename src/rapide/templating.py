"""HTML pages from Jinja2 templates. Needs the package jinja2; without it the import raises ImportError."""

from starlette.templating import Jinja2Templates

__all__ = ["Jinja2Templates"]
