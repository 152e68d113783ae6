"""`fastapi.types`."""

from rapide.types import (
    DecoratedCallable,
    DependencyCacheKey,
    IncEx,
    ModelNameMap,
    UnionType,
)

__all__ = [
    "DecoratedCallable",
    "DependencyCacheKey",
    "IncEx",
    "ModelNameMap",
    "UnionType",
]
