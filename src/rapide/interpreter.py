"""The interpreter: a slow, obvious walk over a plan.

It does what a generated handler does, one node at a time and in FastAPI's order of things. Property tests compare the two; the
unofficial seams of `rapide.fastapi`, which look into the solving of dependencies, run on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.background import BackgroundTasks
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from rapide._analyse.graph import Place, analyse_call
from rapide._run.call import slot_of
from rapide._run.respond import injected_response
from rapide._run.sources import MISSING, Sources
from rapide.concurrency import contextmanager_in_threadpool
from rapide.inputs.base import Errors
from rapide.inputs.body import read_whole
from rapide.inputs.table import read_input
from rapide.plan.nodes import Call, Dependency, Input
from rapide.security.scopes import SecurityScopes

__all__ = ["Solved", "Solver"]


@dataclass(slots=True)
class Solved:
    """What a walk over a graph gave: the arguments of its root, all errors, and what the calls share."""

    values: dict[str, Any]
    errors: Errors
    background_tasks: BackgroundTasks | None
    response: Response
    dependency_cache: dict[Any, Any]


@dataclass(eq=False)
class Solver:
    """Walks the graph of one request.

    `body` is parsed data, a form, or MISSING; `embed` tells whether values are members of it. Generators that live as long as
    the request are entered into `request_stack`, the others into `function_stack`. `overrides` and `place` analyse the
    replacements of dependencies.
    """

    connection: Request | WebSocket
    request_stack: AsyncExitStack
    function_stack: AsyncExitStack
    place: Place
    body: Any = MISSING
    embed: bool = True
    overrides: Mapping[Any, Callable[..., Any]] = field(default_factory=dict)
    background: BackgroundTasks | None = None
    response: Response = field(default_factory=injected_response)
    cache: dict[Any, Any] = field(default_factory=dict)

    async def solve(self, call: Call, scopes: tuple[str, ...] = ()) -> Solved:
        """Return the arguments of a call, after calling everything that it depends on."""
        values: dict[str, Any] = {}
        errors: Errors = []
        for edge in call.dependencies:
            await self._follow(edge, values, errors)
        sources = Sources(self.connection.scope, self.body)
        for item in call.inputs:
            value, found = self._read(item, sources)
            errors.extend(found)
            values[item.name] = value
        for special in call.connections:
            values[special.name] = self._special(special.kind, scopes)
        return Solved(values, errors, self.background, self.response, self.cache)

    async def _follow(self, edge: Dependency, values: dict[str, Any], errors: Errors) -> None:
        call = self._overridden(edge)
        solved = await self.solve(call, edge.scopes)
        if solved.errors:
            errors.extend(solved.errors)
            return
        if edge.use_cache and edge.cache_key in self.cache:
            result = self.cache[edge.cache_key]
        else:
            result = await self._call_within_limit(edge, call, solved.values)
            self.cache.setdefault(edge.cache_key, result)
        if edge.name is not None:
            values[edge.name] = result

    def _overridden(self, edge: Dependency) -> Call:
        try:
            replacement = self.overrides.get(edge.call.function)
        except TypeError:  # an unhashable callable cannot be a key
            replacement = None
        return analyse_call(replacement, self.place, edge.scopes) if replacement is not None else edge.call

    def _read(self, item: Input, sources: Sources) -> tuple[Any, Errors]:
        if item.kind == "body" and not self.embed:
            return read_whole(item, sources)
        return read_input(item, sources)

    def _special(self, kind: str, scopes: tuple[str, ...]) -> Any:
        if kind == "response":
            return self.response
        if kind == "scopes":
            return SecurityScopes(list(scopes))
        if kind == "background":
            if self.background is None:
                self.background = BackgroundTasks()
            return self.background
        return self.connection

    async def _call_within_limit(self, edge: Dependency, call: Call, values: dict[str, Any]) -> Any:
        if edge.concurrency is None:
            return await self._call(edge, call, values)
        slot = slot_of(edge.concurrency)
        await slot.acquire()
        if call.color.endswith("generator"):
            self._stack(edge).callback(slot.release)
            return await self._call(edge, call, values)
        try:
            return await self._call(edge, call, values)
        finally:
            slot.release()

    def _stack(self, edge: Dependency) -> AsyncExitStack:
        return self.function_stack if edge.lifetime == "function" else self.request_stack

    async def _call(self, edge: Dependency, call: Call, values: dict[str, Any]) -> Any:
        function = call.function
        if call.color == "async_generator":
            return await self._stack(edge).enter_async_context(asynccontextmanager(function)(**values))
        if call.color == "sync_generator":
            manager = contextmanager_in_threadpool(contextmanager(function)(**values))
            return await self._stack(edge).enter_async_context(manager)
        if call.color == "async":
            return await function(**values)
        if call.color == "inline":
            return function(**values)
        return await run_in_threadpool(function, **values)
