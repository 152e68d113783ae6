"""Encoding the items of streams."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pydantic_core import ValidationError, from_json, to_json

from rapide._run.respond import plain_encoder
from rapide.encoders import jsonable_encoder
from rapide.exceptions import ResponseValidationError
from rapide.outputs.base import dump_options, endpoint_context
from rapide.plan.nodes import RoutePlan

__all__ = ["item_encoder", "untyped_item", "untyped_text"]


def item_encoder(plan: RoutePlan) -> Callable[[Any], bytes] | None:
    """Return what encodes the items of a declared type; None when no type is declared.

    It raises ResponseValidationError for an item that is none.
    """
    item = plan.output.item
    if item is None:
        return None
    context, options = endpoint_context(plan), dump_options(plan.output)
    validate, dump = item.validator.validate_python, item.serializer.to_json

    def encode(value: Any) -> bytes:
        try:
            checked = validate(value, from_attributes=True)
        except ValidationError:
            _, errors = item.validate(value, loc=("response",))
            raise ResponseValidationError(errors, body=value, endpoint_ctx=context) from None
        return dump(checked, **options)

    return encode


def untyped_text(value: Any) -> str:
    """Return an item without a declared type as FastAPI writes it: default separators, NaN as null."""
    data = jsonable_encoder(value)
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return json.dumps(from_json(to_json(data, inf_nan_mode="null")), ensure_ascii=False)


untyped_item = plain_encoder(", ", ": ", untyped_text)
"""Return an item without a declared type as `untyped_text` writes it, in UTF-8."""
