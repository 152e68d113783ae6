"""The marker classes under one name, as `fastapi.params` has them."""

from rapide.declare.depends import Depends, Security
from rapide.declare.params import Body, Cookie, File, Form, Header, Param, ParamTypes, Path, Query

__all__ = [
    "Body",
    "Cookie",
    "Depends",
    "File",
    "Form",
    "Header",
    "Param",
    "ParamTypes",
    "Path",
    "Query",
    "Security",
]
