"""`fastapi.templating`."""

from rapide.templating import Jinja2Templates

__all__ = [
    "Jinja2Templates",
]
