"""From generated signatures to functions that keep a log."""

from __future__ import annotations

import functools
import inspect
from collections import Counter
from dataclasses import dataclass, field, is_dataclass
from typing import Annotated, Any

from anyio.lowlevel import checkpoint
from oracle_signatures import Case, Function, Use
from pydantic import BaseModel
from starlette.background import BackgroundTasks
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from rapide.declare.depends import Depends, Security
from rapide.exceptions import HTTPException
from rapide.security.scopes import SecurityScopes


@dataclass
class Log:
    """What happened, in order."""

    events: list[Any] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, *event: Any) -> None:
        self.events.append(event)

    def clear(self) -> None:
        self.events = []
        self.counts = Counter()


def show(value: Any) -> Any:  # noqa: PLR0911 -- one row for each kind of value
    """Return nested tuples of text that tell values of different types, and different values, apart."""
    name = type(value).__name__
    if isinstance(value, SecurityScopes):
        return name, value.scopes
    if isinstance(value, HTTPConnection | Response | BackgroundTasks):
        return name
    if isinstance(value, BaseModel):
        return name, show(value.__dict__), show(value.model_extra), sorted(value.model_fields_set)
    if isinstance(value, dict):
        return name, [(show(key), show(item)) for key, item in value.items()]
    if isinstance(value, set | frozenset):
        return name, sorted(map(repr, map(show, value)))
    if isinstance(value, list | tuple):
        return name, [show(item) for item in value]
    if is_dataclass(value):
        return name, show(dict(value.__dict__))
    if isinstance(value, BaseException):
        return name, str(value)
    return name, repr(value)


class Built:
    """The functions of a case."""

    def __init__(self, case: Case, log: Log) -> None:
        self.case = case
        self.log = log
        self.callables: list[Any] = []
        for number, node in enumerate(case.nodes):
            self.callables.append(self._callable(f"n{number}", node))
        self.endpoint = self._callable("endpoint", case.endpoint)
        self.dependencies = [self._marker(use) for use in case.run_only]

    def _marker(self, use: Use) -> Depends:
        limit = 8 if use.limited else None
        target = self.callables[use.node]
        if use.scopes:
            return Security(target, use_cache=use.use_cache, scopes=use.scopes)
        return Depends(target, use_cache=use.use_cache, scope=use.scope, max_concurrency=limit)

    def _signature(self, function: Function) -> inspect.Signature:
        keyword = inspect.Parameter.KEYWORD_ONLY
        found = [
            inspect.Parameter(each.name, keyword, annotation=each.annotation, default=each.default)
            for each in function.parameters
        ]
        for use in function.uses:
            marker = self._marker(use)
            if use.annotated:
                found.append(inspect.Parameter(use.name, keyword, annotation=Annotated[Any, marker]))
            else:
                found.append(inspect.Parameter(use.name, keyword, default=marker))
        return inspect.Signature(found)

    def _callable(self, label: str, function: Function) -> Any:
        made = _MAKERS[function.color](self, label, function)
        made.__signature__ = self._signature(function)
        return made

    # ---------------------------------------------------------------------------------------- what they do

    def begin(self, label: str, values: dict[str, Any]) -> str:
        """Note a call; return its result."""
        self.log.counts[label] += 1
        self.log.add(label, "call", sorted((name, show(value)) for name, value in values.items()))
        return f"{label}#{self.log.counts[label]}"

    def act(self, label: str, function: Function, values: dict[str, Any], result: Any) -> Any:
        """Do what a function does; return what it returns."""
        act = function.act
        for value in values.values():
            if isinstance(value, Response) and act == "set_header":
                value.headers["x-set"] = label
            elif isinstance(value, Response) and act == "set_status":
                value.status_code = 299
            elif isinstance(value, Response) and act == "set_cookie":
                value.set_cookie("set", label)
            elif isinstance(value, BackgroundTasks) and act == "task":
                value.add_task(self.log.add, label, "task")
        if act == "http_error":
            raise HTTPException(418, {"at": label}, {"x-error": label})
        if act in _ERRORS:
            raise _ERRORS[act](label)
        if label != "endpoint":
            return result
        return self._endpoint_result(act, values)

    def _endpoint_result(self, act: str, values: dict[str, Any]) -> Any:
        if act == "response":
            return PlainTextResponse("plain", 202, {"x-own": "1"})
        if act == "empty_response":
            return Response(status_code=204)
        if act == "stream_response":
            return StreamingResponse(iter(["a", "b"]))
        if act == "result":
            return object() if self.case.result is object else self.case.result
        return {name: repr(show(value)) for name, value in sorted(values.items())}

    def leave(self, label: str, leave: str, error: BaseException | None) -> None:
        """Do what a generator does after its yield; raise `error` again unless it swallows it."""
        self.log.add(label, "leave", None if error is None else show(error))
        if leave == "swallow":
            return
        if leave == "raise":
            raise OSError(label)
        if leave == "http_error":
            raise HTTPException(409, label)
        if error is not None:
            if leave == "replace":
                raise LookupError(label) from error
            raise error


_ERRORS = {"error": RuntimeError, "value_error": ValueError, "key_error": KeyError}


async def _read_body(function: Function, values: dict[str, Any], built: Built) -> None:
    for value in values.values():
        if function.act == "read_body" and isinstance(value, Request):
            built.log.add("body", (await value.body())[:50])


def _make_async(built: Built, label: str, function: Function) -> Any:
    async def call(**values: Any) -> Any:
        result = built.begin(label, values)
        await checkpoint()
        await _read_body(function, values, built)
        return built.act(label, function, values, result)

    return call


def _make_sync(built: Built, label: str, function: Function) -> Any:
    def call(**values: Any) -> Any:
        return built.act(label, function, values, built.begin(label, values))

    return call


def _make_async_stream(built: Built, label: str, function: Function) -> Any:
    async def generate(**values: Any) -> Any:
        result = built.begin(label, values)
        for item in built.case.result:
            yield item
            await checkpoint()
        built.act(label, function, values, result)

    return generate


def _make_sync_stream(built: Built, label: str, function: Function) -> Any:
    def generate(**values: Any) -> Any:
        result = built.begin(label, values)
        yield from built.case.result
        built.act(label, function, values, result)

    return generate


def _make_class(built: Built, label: str, function: Function) -> Any:
    class Made:
        def __init__(self, **values: Any) -> None:
            self.result = built.act(label, function, values, built.begin(label, values))

        def __repr__(self) -> str:
            return f"Made {self.result}"

    return Made


def _make_callable(built: Built, label: str, function: Function) -> Any:
    class Callable:
        async def __call__(self, **values: Any) -> Any:
            return built.act(label, function, values, built.begin(label, values))

    return Callable()


def _make_method(built: Built, label: str, function: Function) -> Any:
    class Owner:
        def run(self, **values: Any) -> Any:
            return built.act(label, function, values, built.begin(label, values))

    return functools.partial(Owner().run)


def _make_partial(built: Built, label: str, function: Function) -> Any:
    return functools.partial(_make_async(built, label, function))


def _make_async_generator(built: Built, label: str, function: Function) -> Any:
    async def generate(**values: Any) -> Any:
        result = built.begin(label, values)
        await _read_body(function, values, built)
        result = built.act(label, function, values, result)
        if function.leave == "again":
            return
        error: BaseException | None = None
        try:
            yield result
        except BaseException as raised:  # noqa: BLE001 -- cancellation too is noted, and raised again
            error = raised
        await checkpoint()
        if function.leave == "twice":
            yield "again"
        built.leave(label, function.leave, error)

    return generate


def _make_sync_generator(built: Built, label: str, function: Function) -> Any:
    def generate(**values: Any) -> Any:
        result = built.act(label, function, values, built.begin(label, values))
        if function.leave == "again":
            return
        error: BaseException | None = None
        try:
            yield result
        except BaseException as raised:  # noqa: BLE001 -- cancellation too is noted, and raised again
            error = raised
        if function.leave == "twice":
            yield "again"
        built.leave(label, function.leave, error)

    return generate


_MAKERS = {
    "async": _make_async,
    "sync": _make_sync,
    "class": _make_class,
    "callable": _make_callable,
    "method": _make_method,
    "partial": _make_partial,
    "async_stream": _make_async_stream,
    "sync_stream": _make_sync_stream,
    "async_generator": _make_async_generator,
    "sync_generator": _make_sync_generator,
}
