"""Reading the fields of a dependant from what was received, by the kinds of `rapide.inputs`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData, Headers, QueryParams

from rapide._run.forms import form_values, taken_form
from rapide._run.sources import MISSING, Sources
from rapide.fastapi._compat import ModelField, Undefined
from rapide.fastapi.dependencies._graph import input_of
from rapide.inputs.base import Errors
from rapide.inputs.body import read_whole
from rapide.inputs.form import content_keys, json_keys
from rapide.inputs.table import read_input
from rapide.interpreter import Solver
from rapide.plan.nodes import Input

__all__ = ["MessageSolver", "body_of", "inputs_of", "request_body_to_args", "request_params_to_args"]


def inputs_of(fields: Iterable[ModelField]) -> list[Input]:
    """Return the plan nodes of fields."""
    return [input_of(field, None) for field in fields]


class _Received(Sources):
    """Values from one place, whichever it is."""

    def __init__(self, received: Mapping[str, Any]) -> None:
        super().__init__({})
        getlist = getattr(received, "getlist", None)
        lists = {key: getlist(key) if getlist else _as_list(value) for key, value in received.items()}
        self.path = dict(received)
        self.query = self.cookie = lists
        self.header = {key.lower(): values for key, values in lists.items()}


class MessageSolver(Solver):
    """Walks the graph for a request that no server made: its parts are its own, and not in an ASGI scope."""

    def _sources(self) -> Sources:
        request = self.connection
        sources = _Received(request.query_params)
        sources.scope, sources.body = request.scope, self.body
        sources.path = dict(request.path_params)
        sources.header = _Received(request.headers).header
        sources.cookie = _Received(request.cookies).cookie
        return sources


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _collect(
    read: Callable[[Input], tuple[Any, Errors]], fields: Iterable[ModelField]
) -> tuple[dict[str, Any], Errors]:
    values: dict[str, Any] = {}
    errors: Errors = []
    for item in inputs_of(fields):
        value, found = read(item)
        errors.extend(found)
        if not found:
            values[item.name] = value
    return values, errors


def request_params_to_args(
    fields: Sequence[ModelField], received_params: Mapping[str, Any] | QueryParams | Headers
) -> tuple[dict[str, Any], Errors]:
    """Return (values by name, errors) of parameters outside the body."""
    sources = _Received(received_params)
    return _collect(lambda item: read_input(item, sources), fields)


async def request_body_to_args(
    body_fields: list[ModelField], received_body: Any, embed_body_fields: bool
) -> tuple[dict[str, Any], Errors]:
    """Return (values by name, errors) of what is in the body. Raises AssertionError without fields."""
    if not body_fields:
        raise AssertionError("request_body_to_args() should be called with fields")
    sources = Sources({}, await body_of(received_body, body_fields))
    whole = len(body_fields) == 1 and not embed_body_fields

    def read(item: Input) -> tuple[Any, Errors]:
        return read_whole(item, sources) if whole and item.kind == "body" else read_input(item, sources)

    return _collect(read, body_fields)


async def body_of(body: Any, fields: Iterable[ModelField]) -> Any:
    """Return a body as the engine reads it."""
    if body is Undefined:
        return MISSING
    if not isinstance(body, FormData):
        return body
    inputs = inputs_of(fields)
    known = taken_form(body)
    return known or await form_values(body, content_keys(inputs, "bytes"), json_keys(inputs))
