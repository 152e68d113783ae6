"""Encoding the items of streams."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pydantic_core import from_json, to_json

from rapide.encoders import jsonable_encoder
from rapide.outputs.base import dump_options, endpoint_context, validator_of
from rapide.plan.nodes import RoutePlan

__all__ = ["item_encoder", "untyped_text"]


def item_encoder(plan: RoutePlan) -> Callable[[Any], bytes] | None:
    """Return what encodes the items of a declared type; None when no type is declared."""
    item = plan.output.item
    if item is None:
        return None
    validated = validator_of(item, endpoint_context(plan))
    dump, options = item.serializer.to_json, dump_options(plan.output)
    return lambda value: dump(validated(value), **options)


def untyped_text(value: Any) -> str:
    """Return an item without a declared type as FastAPI writes it: default separators, NaN as null."""
    data = jsonable_encoder(value)
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return json.dumps(from_json(to_json(data, inf_nan_mode="null")), ensure_ascii=False)
