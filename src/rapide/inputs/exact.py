"""The exact reading: what handlers fall back to, and where all errors come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rapide._run.sources import MISSING, Sources
from rapide.exceptions import EndpointContext, RequestValidationError, WebSocketRequestValidationError
from rapide.inputs.base import Errors
from rapide.inputs.body import read_whole
from rapide.inputs.table import read_input
from rapide.plan.nodes import Input

__all__ = ["Invalid", "invalid_request", "invalid_socket", "read_again", "read_exactly"]

# What the straight line of a handler raises when a value is missing or bad. It then reads again, slowly and exactly.
Invalid = (ValueError, LookupError, TypeError, AttributeError)


class InexactError(ValueError):
    """The exact reading found errors; read again to collect them."""


def read_exactly(item: Input, scope: Any, body: Any = MISSING) -> Any:
    """Return the value of one input, or raise InexactError."""
    value, errors = read_input(item, Sources(scope, body))
    if errors:
        raise InexactError
    return value


def read_again(
    inputs: Sequence[Input], sources: Sources, failed: dict[int, Errors], number: int, *, whole: Input | None = None
) -> list[Any]:
    """Read the inputs of one call exactly; errors go to `failed[number]`. `whole` is the input that is the whole body."""
    values: list[Any] = []
    collected: Errors = []
    for item in inputs:
        value, errors = _read(item, sources, whole=item is whole)
        values.append(value)
        collected.extend(errors)
    if collected:
        failed[number] = [*failed.get(number, ()), *collected]
    return values


def _read(item: Input, sources: Sources, *, whole: bool) -> tuple[Any, Errors]:
    if whole:
        return read_whole(item, sources)
    return read_input(item, sources)


def invalid_request(
    failed: dict[int, Errors], order: Sequence[int], body: Any, context: EndpointContext
) -> RequestValidationError:
    """Return the error of the request: the errors of its calls in the order in which the graph is walked."""
    errors = [error for number in order for error in failed.get(number, ())]
    return RequestValidationError(errors, body=None if body is MISSING else body, endpoint_ctx=context)


def invalid_socket(
    failed: dict[int, Errors], order: Sequence[int], context: EndpointContext
) -> WebSocketRequestValidationError:
    """Return the error of a WebSocket that asks with bad values."""
    errors = [error for number in order for error in failed.get(number, ())]
    return WebSocketRequestValidationError(errors, endpoint_ctx=context)
