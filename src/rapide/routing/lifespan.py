"""The life of an application: start-up and shutdown of routers, and of applications mounted below them."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from types import TracebackType
from typing import Any

from starlette._utils import is_async_callable
from starlette.routing import Router

__all__ = ["DefaultLifespan", "Lifespan", "as_lifespan", "merged", "runs_something", "with_mounted"]

Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]

# What a router of Starlette's has when it was given nothing.
_STARLETTES_DEFAULT: type[Any] = type(Router().lifespan_context)


class DefaultLifespan:
    """Runs the start-up and shutdown functions of a router. It is the context of one run itself, too."""

    def __init__(self, router: Any) -> None:
        self.router = router

    @asynccontextmanager
    async def __call__(self, app: Any) -> AsyncIterator[None]:
        """Return the context of one run."""
        for function in list(self.router.on_startup):
            await _call(function)
        try:
            yield
        finally:
            for function in list(self.router.on_shutdown):
                await _call(function)

    async def __aenter__(self) -> None:
        self._run = self(None)
        await self._run.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._run.__aexit__(kind, error, traceback)


async def _call(function: Callable[[], Any]) -> None:
    if is_async_callable(function):
        await function()
    else:
        function()


def as_lifespan(lifespan: Any) -> Lifespan | None:
    """Return a factory of contexts for what users give: one, a generator function, or nothing."""
    if inspect.isasyncgenfunction(lifespan):
        return asynccontextmanager(lifespan)
    if inspect.isgeneratorfunction(lifespan):
        return _lifted(contextmanager(lifespan))
    return lifespan  # type: ignore[no-any-return]  # whatever the user's lifespan is


def _lifted(factory: Callable[[Any], Any]) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[Any]:
        with factory(app) as state:
            yield state

    return lifespan


def merged(outer: Lifespan, inner: Lifespan) -> Lifespan:
    """Return a lifespan that enters `outer`, then `inner`; on a clash of state, what `outer` yielded wins."""

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[Mapping[str, Any] | None]:
        async with outer(app) as outer_state, inner(app) as inner_state:
            if outer_state is None and inner_state is None:
                yield None
            else:
                yield {**(inner_state or {}), **(outer_state or {})}

    lifespan.parts = lambda: [outer, inner]  # type: ignore[attr-defined]  # for runs_something
    return lifespan


def with_mounted(lifespan: Lifespan, mounted: Callable[[], list[Any]]) -> Lifespan:
    """Return a lifespan that also runs those of mounted applications, inside its own.

    It unwinds when one fails.
    """

    @asynccontextmanager
    async def composed(app: Any) -> AsyncIterator[Any]:
        async with AsyncExitStack() as stack:
            state = await stack.enter_async_context(lifespan(app))
            foreign: dict[str, Any] = {}
            for inner in mounted():
                foreign.update(await _enter_mounted(stack, inner))
            yield {**foreign, **(state or {})} if foreign else state

    def parts() -> list[Any]:
        return [lifespan, *(_context_of(inner) for inner in mounted())]

    composed.parts = parts  # type: ignore[attr-defined]  # for runs_something
    return composed


async def _enter_mounted(stack: AsyncExitStack, app: Any) -> Mapping[str, Any]:
    """Start a mounted application; return the state that it cannot keep, for the server to hand round."""
    context = _context_of(app)
    state = await stack.enter_async_context(context(app)) if context is not None else None
    if not state:
        return {}
    if hasattr(app, "lifespan_state"):
        app.lifespan_state = dict(state)
        return {}
    return state  # type: ignore[no-any-return]  # what a lifespan yields is a mapping


def _context_of(app: Any) -> Lifespan | None:
    router = getattr(app, "router", app)
    return getattr(router, "lifespan_context", None)


def runs_something(lifespan: Lifespan | None) -> bool:
    """Tell whether a lifespan runs anything of the user's."""
    if isinstance(lifespan, DefaultLifespan):
        return bool(lifespan.router.on_startup or lifespan.router.on_shutdown)
    parts: Callable[[], list[Any]] | None = getattr(lifespan, "parts", None)
    if parts is not None:
        return any(runs_something(part) for part in parts())
    return lifespan is not None and not isinstance(lifespan, _STARLETTES_DEFAULT)
