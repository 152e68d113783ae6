"""The interpreter: a slow, obvious walk over a plan.

It does what a generated handler does, one node at a time. Property tests compare the two; custom route
classes and the unofficial seams of `rapide.fastapi`, which look into the solving of dependencies, run on
it.

The order of a request:

1. Dependencies that need no body, with all that they depend on: depth first, in the order of declaration.
2. The body is read.
3. Everything else, depth first, in the order of declaration.

The first use of a dependency with a cache key makes the result that later uses share, failures included.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from starlette.background import BackgroundTasks as StarletteBackgroundTasks
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from rapide._analyse.graph import Place, analyse_call
from rapide._run.call import slot_of
from rapide._run.respond import injected_response
from rapide._run.sources import MISSING, Sources
from rapide._run.threads import adopt, in_thread, thread_context
from rapide.background import BackgroundTasks, ChainedBackgroundTasks
from rapide.concurrency import contextmanager_in_threadpool
from rapide.inputs.base import Errors
from rapide.inputs.body import read_whole
from rapide.inputs.connection import is_foreign
from rapide.inputs.table import read_input
from rapide.plan.nodes import Call, Dependency, Input
from rapide.security.scopes import SecurityScopes

__all__ = ["Solved", "Solver", "call_on_thread"]

# Where an edge stands in the graph: the positions of the edges that lead to it from the root.
_Path = tuple[int, ...]


@dataclass(slots=True)
class Solved:
    """What a walk over a graph gave: the arguments of its root, all errors, and what the calls share."""

    values: dict[str, Any]
    errors: Errors
    background_tasks: StarletteBackgroundTasks | None
    response: Response
    dependency_cache: dict[Any, Any]


@dataclass(slots=True)
class _Arguments:
    """The arguments of a call.

    `errors` are those to report. A call that has `failed` lacks an argument; its error stands here or
    elsewhere.
    """

    values: dict[str, Any] = field(default_factory=dict)
    errors: Errors = field(default_factory=list)
    failed: bool = False


@dataclass(slots=True)
class _Outcome:
    """What one use of a dependency gave; see `_Arguments`."""

    value: Any
    errors: Errors
    failed: bool


@dataclass(eq=False)
class Solver:
    """Walks the graph of one request.

    `body` is parsed data, a form, or MISSING; `embed` tells whether values are members of it. `read_body`
    gives the body when the walk comes to where it is needed. Generators that live as long as the request
    are entered into `request_stack`, the others into `function_stack`. `overrides` and `place` analyse the
    replacements of dependencies. `exit_failed` tells afterwards whether leaving a generator has failed,
    even when one further out swallowed the failure.
    """

    connection: Request | WebSocket
    request_stack: AsyncExitStack
    function_stack: AsyncExitStack
    place: Place
    body: Any = MISSING
    embed: bool = True
    overrides: Mapping[Any, Callable[..., Any]] = field(default_factory=dict)
    background: StarletteBackgroundTasks | None = None
    response: Response = field(default_factory=injected_response)
    cache: dict[Any, Any] = field(default_factory=dict)
    read_body: Callable[[], Awaitable[Any]] | None = None
    exit_failed: bool = False
    _outcomes: dict[_Path, _Outcome] = field(default_factory=dict)
    _failures: dict[Any, Errors] = field(default_factory=dict)

    async def solve(self, call: Call, scopes: tuple[str, ...] = ()) -> Solved:
        """Return the arguments of a call, after calling everything that it depends on."""
        await self._run_ahead(call, (), set())
        if self.read_body is not None:
            self.body = await self.read_body()
        arguments = await self._arguments(call, scopes, ())
        return Solved(arguments.values, arguments.errors, self.background, self.response, self.cache)

    # ---------------------------------------------------------------------------------------------- the
    # walk

    async def _run_ahead(self, call: Call, path: _Path, seen: set[Any]) -> None:
        """Call what needs no body, so that a client that is refused is refused before its body is read.

        `seen` are the keys met so far: below a later use of a shared dependency nothing runs again, unless
        the later use is solved again.
        """
        for number, edge in enumerate(call.dependencies):
            inner, here = self._overridden(edge), (*path, number)
            if not inner.needs_body:
                await self._outcome(edge, here)
            elif self.place.behaviour.repeated_errors or not (edge.use_cache and edge.cache_key in seen):
                seen.add(edge.cache_key)
                await self._run_ahead(inner, here, seen)

    async def _arguments(self, call: Call, scopes: tuple[str, ...], path: _Path) -> _Arguments:
        """Return the arguments of a call: errors of its dependencies come before its own."""
        arguments = _Arguments()
        for number, edge in enumerate(call.dependencies):
            outcome = await self._outcome(edge, (*path, number))
            arguments.errors.extend(outcome.errors)
            arguments.failed |= outcome.failed
            if edge.name is not None:
                arguments.values[edge.name] = outcome.value
        sources = self._sources()
        for item in call.inputs:
            value, errors = self._read(item, sources)
            arguments.errors.extend(errors)
            arguments.failed |= bool(errors)
            arguments.values[item.name] = value
        socket = isinstance(self.connection, WebSocket)
        for special in call.connections:
            if not is_foreign(special.kind, socket=socket):
                arguments.values[special.name] = self._special(special.kind, scopes)
        return arguments

    def _sources(self) -> Sources:
        return Sources(self.connection.scope, self.body)

    async def _outcome(self, edge: Dependency, path: _Path) -> _Outcome:
        known = self._outcomes.get(path)
        if known is None:
            known = self._outcomes[path] = await self._follow(edge, path)
        return known

    async def _follow(self, edge: Dependency, path: _Path) -> _Outcome:
        key = edge.cache_key
        call = self._overridden(edge)
        if edge.use_cache and (key in self._failures or key in self.cache):
            errors: Errors = []
            if self.place.behaviour.repeated_errors:
                # The later use is solved like the first before its result is looked up.
                errors = (await self._arguments(call, edge.scopes, path)).errors
            return _Outcome(self.cache.get(key), errors, failed=key in self._failures)
        arguments = await self._arguments(call, edge.scopes, path)
        if arguments.failed:
            self._failures.setdefault(key, arguments.errors)
            return _Outcome(None, arguments.errors, failed=True)
        result = await self._call_within_limit(edge, call, arguments.values)
        self.cache.setdefault(key, result)
        return _Outcome(result, [], failed=False)

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
                isolated = self.place.behaviour.isolated_tasks
                self.background = BackgroundTasks() if isolated else ChainedBackgroundTasks()
            return self.background
        return self.connection

    # ---------------------------------------------------------------------------------------------- calls

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
            return await self._enter(edge, asynccontextmanager(function)(**values))
        if call.color == "sync_generator":
            return await self._enter(edge, contextmanager_in_threadpool(contextmanager(function)(**values)))
        if call.color == "async":
            return await function(**values)
        if call.color == "inline":
            return function(**values)
        return await call_on_thread(function, values)

    async def _enter(self, edge: Dependency, manager: AbstractAsyncContextManager[Any]) -> Any:
        """Enter a generator, and look at how it is left."""
        stack = self._stack(edge)
        value = await manager.__aenter__()

        async def leave(
            kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
        ) -> bool:
            try:
                return bool(await manager.__aexit__(kind, error, traceback))
            except BaseException as raised:
                self.exit_failed |= raised is not error
                raise

        stack.push_async_exit(leave)
        return value


async def call_on_thread(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """Call a plain function on a worker thread; what it sets in context variables is seen here afterwards."""
    context = thread_context()
    result = await in_thread(lambda: function(**values), context=context)
    adopt(context)
    return result
