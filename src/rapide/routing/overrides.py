"""Replacing dependencies: for an application as a whole, or for the code inside a `with` block."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any

from starlette.routing import Mount

from rapide._analyse import plan_route, plan_socket, replace_functions
from rapide._analyse.graph import Place, analyse_call
from rapide._analyse.route import check_types, place_of
from rapide.errors import locate
from rapide.plan.nodes import Call, RoutePlan, SocketPlan, walk_calls

__all__ = [
    "HandlerCache",
    "ScopedOverrides",
    "UnknownDependencyError",
    "active_overrides",
    "replaced_plan",
    "replaced_socket_plan",
    "require_known",
]

Overrides = Mapping[Any, Callable[..., Any]]
Handler = Callable[..., Any]

# Sets of replacements for which a route keeps its handler. Tests make fakes anew each time: what was used
# longest ago goes.
_KEPT_HANDLERS = 32


class UnknownDependencyError(KeyError):
    """What is to be replaced is no dependency of any route: replacing it would do nothing."""

    def __str__(self) -> str:
        return str(self.args[0])


# ---------------------------------------------------------------------------------------- what is in force


class _Layer:
    """The replacements of one `with` block.

    It is over as soon as the block ends, for every context that has seen it: for tasks started inside too.
    """

    __slots__ = ("over", "provider", "replacements")

    def __init__(self, provider: Any, replacements: Overrides) -> None:
        self.provider = provider
        self.replacements = dict(replacements)
        self.over = False


_layers: ContextVar[tuple[_Layer, ...]] = ContextVar("rapide.overrides", default=())
# How many blocks are open in the whole process: one look at it keeps requests without overrides fast.
_open = 0
_counting = threading.Lock()


def _count(change: int) -> None:
    global _open  # noqa: PLW0603 -- what the dispatcher looks at
    with _counting:
        _open += change


def _in_force() -> tuple[_Layer, ...]:
    return tuple(layer for layer in _layers.get() if not layer.over)


class ScopedOverrides(AbstractContextManager[None]):
    """Replaces dependencies of `provider` in this context only.

    Blocks nest. Parallel contexts, which is to say tasks and threads, do not see each other's.
    """

    def __init__(self, provider: Any, replacements: Overrides) -> None:
        self._provider = provider
        self._replacements = dict(replacements)
        self._layer: _Layer | None = None

    def __enter__(self) -> None:
        """Begin. Raises RuntimeError when the block is entered already."""
        if self._layer is not None:
            raise RuntimeError("This block of overrides is entered already: call app.override() again")
        _count(1)
        self._layer = _Layer(self._provider, self._replacements)
        _layers.set((*_in_force(), self._layer))

    def __exit__(self, *exc_info: object) -> None:
        """End, in whatever context: fixtures may be left in another one than they were entered in."""
        if self._layer is not None:
            self._layer.over = True
            self._layer = None
            _count(-1)
        _layers.set(_in_force())


def active_overrides(provider: Any) -> Overrides | None:
    """Return the replacements in force, None when there are none."""
    general: Overrides | None = provider.dependency_overrides if provider is not None else None
    if _open:
        scoped: dict[Any, Callable[..., Any]] = {}
        for layer in _in_force():
            if layer.provider is provider:
                scoped.update(layer.replacements)
        if scoped:
            return {**(general or {}), **scoped}
    return general or None


# ---------------------------------------------------------------------------------------- plans and handlers


def replaced_plan(plan: RoutePlan, overrides: Overrides) -> RoutePlan:
    """Return a plan with other dependencies.

    Raises a DeclarationError for a replacement that cannot be, TypeError for one that cannot be called.
    """
    place = place_of(plan.path, frozenset(plan.methods), plan.behaviour)
    return plan_route(
        path=plan.path,
        methods=plan.methods,
        name=plan.name,
        endpoint=replace_functions(plan.endpoint, overrides, place),
        output=plan.output,
        limits=plan.limits,
        strict_content_type=plan.strict_content_type,
        behaviour=plan.behaviour,
    )


def replaced_socket_plan(plan: SocketPlan, overrides: Overrides) -> SocketPlan:
    """Return the plan of a WebSocket route with other dependencies. Raises as `replaced_plan` does."""
    place = place_of(plan.path, frozenset(), plan.behaviour)
    endpoint = replace_functions(plan.endpoint, overrides, place)
    return plan_socket(plan.path, plan.name, endpoint, plan.behaviour)


# One for all routes, which are many: what waits is the compiler, and that does one thing at a time anyway.
_COMPILING = threading.RLock()


class HandlerCache:
    """The handlers of one route: the one as declared, and those for the sets of replacements used last."""

    __slots__ = ("_functions", "_plain", "_replaced")

    def __init__(self) -> None:
        self._plain: Handler | None = None
        self._functions: frozenset[Any] | None = None
        self._replaced: dict[frozenset[tuple[int, int]], tuple[Handler, Overrides]] = {}

    def get(
        self, endpoint: Call, overrides: Overrides | None, make: Callable[[Overrides | None], Handler]
    ) -> Handler:
        """Return the handler of a graph under `overrides`; `make` compiles it when it is not known.

        Replacements can bring dependencies that are replaced too, so with any hit all of them count.
        """
        if overrides:
            if self._functions is None:
                self._functions = frozenset(_dependencies(endpoint))
            overrides = dict(overrides)  # another thread may change the application's while we look
            if not self._functions.isdisjoint(overrides):
                return self._get_replaced(overrides, make)
        if self._plain is None:
            with _COMPILING:
                if self._plain is None:
                    self._plain = make(None)
        return self._plain

    def clear(self) -> None:
        """Forget all handlers: the graph has changed."""
        with _COMPILING:
            self._plain = self._functions = None
            self._replaced.clear()

    def _get_replaced(self, overrides: Overrides, make: Callable[[Overrides | None], Handler]) -> Handler:
        # By identity: equal fakes may be different ones, and not all can be hashed. An entry keeps its fakes
        # alive, so that their identities stay theirs.
        key = frozenset((id(function), id(fake)) for function, fake in overrides.items())
        with _COMPILING:
            entry = self._replaced.pop(key, None) or (make(overrides), overrides)
            while len(self._replaced) >= _KEPT_HANDLERS:
                del self._replaced[next(iter(self._replaced))]
            self._replaced[key] = entry
        return entry[0]


def _dependencies(endpoint: Call) -> Iterator[Any]:
    """Yield the functions that stand below an endpoint and could be keys."""
    for call in walk_calls(endpoint):
        if call is not endpoint and _is_hashable(call.function):
            yield call.function


def _is_hashable(function: Any) -> bool:
    try:
        hash(function)
    except TypeError:
        return False
    return True


# ---------------------------------------------------------------------------------------- mistakes


def require_known(app: Any, replacements: Overrides) -> None:
    """Look over replacements before they are in force.

    Raises UnknownDependencyError, a KeyError, for a callable that is no dependency of any route, TypeError
    for a replacement that cannot be called, and a DeclarationError for one whose parameters cannot be.
    """
    for function, fake in replacements.items():
        if not callable(fake):
            raise TypeError(f"The replacement of {_describe(function)} cannot be called: {fake!r}")
    graphs = [route.plan.endpoint for route in _planned(app)]
    known = {function for graph in graphs for function in _dependencies(graph)}
    place = Place((), frozenset(), app.behaviour)
    for fake in {**(active_overrides(app) or {}), **replacements}.values():
        call = analyse_call(fake, place)
        check_types(call)
        known.update(_dependencies(call))
    for function in replacements:
        if function not in known:
            raise UnknownDependencyError(_unknown(app, function, known))


def _planned(app: Any) -> Iterable[Any]:
    """Yield the routes that have a plan."""
    routes = [*app.routes, *app.frontends.routes] if hasattr(app, "frontends") else getattr(app, "routes", ())
    return (route for route in routes if hasattr(route, "plan"))


def _name(function: Any) -> str:
    return str(getattr(function, "__qualname__", None) or type(function).__qualname__)


def _describe(function: Any) -> str:
    name = f"{getattr(function, '__module__', None) or type(function).__module__}.{_name(function)}"
    file, line = locate(function)
    return f"{name} ({file}:{line})" if file else name


def _unknown(app: Any, function: Any, known: set[Any]) -> str:
    """Return the text of the error: what is wrong, and what was meant perhaps."""
    text = (
        f"{_describe(function)} is not a dependency of any route of this application, "
        "so replacing it would change nothing."
    )
    if any(route.endpoint is function for route in _planned(app)):
        return f"{text} It is an endpoint: only what stands in Depends() or Security() can be replaced."
    for mount in app.routes:
        if isinstance(mount, Mount) and any(
            function in _dependencies(route.plan.endpoint) for route in _planned(mount.app)
        ):
            return (
                f"{text} It is one of the application mounted at {mount.path!r}: call override() of that one."
            )
    same = next((other for other in known if _name(other) == _name(function)), None)
    if same is not None:
        return (
            f"{text} There is another object of the same name, {_describe(same)}: "
            "a module that was imported twice, or a function that was decorated again?"
        )
    names = {_name(other): other for other in known}
    import difflib  # noqa: PLC0415 -- only an error needs it

    close = difflib.get_close_matches(_name(function), names, n=3)
    if close:
        return f"{text} Similar ones: {', '.join(_describe(names[name]) for name in close)}."
    return text
