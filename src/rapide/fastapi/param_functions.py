"""`fastapi.param_functions`."""

from typing import TYPE_CHECKING

from pydantic import AliasChoices, AliasPath, Discriminator

from rapide._lazy import load_on_demand
from rapide.param_functions import Body, Cookie, Depends, File, Form, Header, Path, Query, Security

if TYPE_CHECKING:
    from rapide.openapi.models import Example

__all__ = [
    "AliasChoices",
    "AliasPath",
    "Body",
    "Cookie",
    "Depends",
    "Discriminator",
    "Example",
    "File",
    "Form",
    "Header",
    "Path",
    "Query",
    "Security",
]

__getattr__ = load_on_demand(__name__, {"Example": "rapide.openapi.models"})
