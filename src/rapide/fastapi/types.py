"""`fastapi.types`."""

from pydantic import BaseModel

from rapide.types import DecoratedCallable, DependencyCacheKey, IncEx, ModelNameMap, UnionType

__all__ = [
    "BaseModel",
    "DecoratedCallable",
    "DependencyCacheKey",
    "IncEx",
    "ModelNameMap",
    "UnionType",
]
