"""`fastapi.params`."""

from typing import TYPE_CHECKING

from pydantic import AliasChoices, AliasPath, Discriminator
from pydantic.fields import FieldInfo

from rapide._lazy import load_on_demand
from rapide.exceptions import FastAPIDeprecationWarning
from rapide.params import Body, Cookie, Depends, File, Form, Header, Param, ParamTypes, Path, Query, Security

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
    "FastAPIDeprecationWarning",
    "FieldInfo",
    "File",
    "Form",
    "Header",
    "Param",
    "ParamTypes",
    "Path",
    "Query",
    "Security",
]

__getattr__ = load_on_demand(__name__, {"Example": "rapide.openapi.models"})
