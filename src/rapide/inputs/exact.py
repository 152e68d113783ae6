"""The exact reading: what handlers fall back to, and where all errors come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rapide._run.forms import FormValues
from rapide._run.sources import MISSING, Sources
from rapide._run.values import Scope
from rapide.exceptions import (
    EndpointContext,
    RequestValidationError,
    WebSocketRequestValidationError,
    below,
)
from rapide.inputs.base import Errors
from rapide.inputs.body import read_whole
from rapide.inputs.table import read_input
from rapide.plan.nodes import Input

__all__ = ["Invalid", "invalid_request", "invalid_socket", "read_again", "read_exactly"]

# What the straight line of a handler raises when a value is missing or bad. It then reads again, slowly and
# exactly.
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
    inputs: Sequence[Input],
    sources: Sources,
    failed: dict[int, Errors],
    number: int,
    *,
    whole: Input | None = None,
) -> list[Any]:
    """Read the inputs of one call exactly; errors go to `failed[number]`.

    `whole` is the input that is the whole body.
    """
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


def _distinct(failed: dict[int, Errors], order: Sequence[int]) -> Errors:
    """Return errors without those that say the same again: several inputs may ask for one value."""
    distinct: dict[Any, dict[str, Any]] = {}
    for number in order:
        for error in failed.get(number, ()):
            distinct.setdefault((error["type"], tuple(error["loc"]), error["msg"]), error)
    return list(distinct.values())


def invalid_request(
    failed: dict[int, Errors],
    order: Sequence[int],
    body: Any,
    context: EndpointContext,
    scope: Scope,
    *,
    repeated: bool = False,
) -> RequestValidationError:
    """Return the error of the request: the errors of its calls in the order in which the graph is walked.

    What is wrong with a value is said once, unless `repeated`.
    """
    if isinstance(body, FormValues):
        body = body.form
    shown = None if body is MISSING else body
    if repeated:
        errors = [error for number in order for error in failed.get(number, ())]
    else:
        errors = _distinct(failed, order)
    return RequestValidationError(errors, body=shown, endpoint_ctx=below(scope.get("root_path", ""), context))


def invalid_socket(
    failed: dict[int, Errors],
    order: Sequence[int],
    context: EndpointContext,
    scope: Scope,
    *,
    repeated: bool = False,
) -> WebSocketRequestValidationError:
    """Return the error of a WebSocket that asks with bad values."""
    if repeated:
        errors = [error for number in order for error in failed.get(number, ())]
    else:
        errors = _distinct(failed, order)
    return WebSocketRequestValidationError(errors, endpoint_ctx=below(scope.get("root_path", ""), context))
