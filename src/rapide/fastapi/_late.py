"""Late binding: what third parties change on routes, and what they put in the place of functions.

FastAPI looks all of it up when a request comes. Here a route runs its generated handler until something is
changed; then the routers look at their routes again, and the route is compiled again, or runs on what stands
in `rapide.fastapi.routing` then.
"""

from __future__ import annotations

import sys
from abc import ABCMeta
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any, ClassVar, NamedTuple

from starlette.types import Receive, Scope, Send

from rapide import sse
from rapide._run.respond import watched
from rapide.behaviour import Behaviour
from rapide.fastapi.dependencies._graph import call_of, dependant_of, snapshot_of
from rapide.fastapi.dependencies.models import Dependant, publish
from rapide.plan import Call
from rapide.routing.dispatch import forget_tables
from rapide.routing.overrides import active_overrides

__all__ = ["LateRoute", "Settable", "WatchedClass", "WatchedModule", "current", "make_settable", "replaced"]

# What decides, on a route or its class, about what runs.
_DECISIVE = frozenset(
    {
        "_embed_body_fields", "app", "body_field", "dependant", "get_route_handler", "handle", "matches",
        "methods", "path", "path_regex", "response_model",
    }
)  # fmt: skip
# What an inclusion leaves behind: FastAPI makes it anew for each.
_OWN = ("_custom", "_dependant", "_embed_body_fields", "_late", "app", "body_field")

Handler = Callable[[Scope, Receive, Send], Any]


class Settable:
    """An attribute that is worked out where it was not set."""

    def __init__(self, read: property | Callable[[Any], Any]) -> None:
        self._read = read.fget if isinstance(read, property) else read
        self.__doc__ = read.__doc__

    def __get__(self, instance: Any, owner: type) -> Any:
        # Without __set__ this descriptor stands behind what the instance holds.
        if instance is None:
            return self
        assert self._read is not None  # noqa: S101 -- properties here can be read
        return self._read(instance)


def make_settable(cls: type, *names: str) -> None:
    """Let instances hold what the properties of these names work out otherwise."""
    for name in names:
        setattr(cls, name, Settable(getattr(cls, name)))


class WatchedClass(ABCMeta):
    """The class of route classes: tells when one of their decisive methods is replaced.

    An ABCMeta, so that route classes can still be abstract ones.
    """

    def __setattr__(cls, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in _DECISIVE:
            forget_tables()


class WatchedModule(ModuleType):
    """A module whose functions third parties replace. Each replacement begins a new `edition`."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "_PING_INTERVAL":
            sse._PING_INTERVAL = value
        elif name in self.__dict__["_ORIGINALS"]:
            self.__dict__["_edition"] += 1
            forget_tables()


class _Late(NamedTuple):
    """A plan, and the state of everything changeable that it was made of."""

    state: tuple[Any, ...]
    plan: Any


class LateRoute:
    """What HTTP and WebSocket routes share of late binding: a mixin in front of the engine's route class."""

    _MODULE: ClassVar[str] = "rapide.fastapi.routing"
    _SEAMS: ClassVar[frozenset[str]] = frozenset()
    """The functions of that module that decide about routes of this kind."""
    _STANDARD: ClassVar[Mapping[str, Any]] = {}
    """The methods as they are when nobody replaced them."""

    __dict__: dict[str, Any]
    # Of the engine's route class.
    behaviour: Behaviour
    dependency_overrides_provider: Any
    handler: Callable[..., Handler]

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in _DECISIVE and "_handlers" in self.__dict__:
            self.__dict__.pop("_custom", None)
            forget_tables()

    def _reset(self) -> None:
        super()._reset()  # type: ignore[misc]  # a mixin: the route behind it has it
        for name in _OWN:
            self.__dict__.pop(name, None)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()  # type: ignore[assignment]  # a mixin: the route behind it says so
        return {key: value for key, value in state.items() if key not in ("_custom", "_late")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[misc]  # a mixin: the route behind it has it
        self.__dict__.update({name: state[name] for name in _OWN if name in state})
        if "_dependant" in self.__dict__:
            publish(self.__dict__["_dependant"], forget_tables)

    # ------------------------------------------------------------------------------------------ the plan

    def _declared_plan(self) -> Any:
        """Return the plan of the route as it was declared."""
        raise NotImplementedError

    def _changed_plan(self, plan: Any, call: Call) -> Any:
        """Return the declared plan with a changed graph."""
        raise NotImplementedError

    @property
    def dependant(self) -> Dependant:
        """The graph as extensions of FastAPI know it: made when first asked for, and free to be changed."""
        known: Dependant | None = self.__dict__.get("_dependant")
        if known is None:
            path: str = self.path_format  # type: ignore[attr-defined]  # a mixin: the route behind it has it
            known = dependant_of(self._declared_plan().endpoint, path, scope="function")
            publish(known, forget_tables)
            self.__dict__["_dependant"] = known
        return known

    @dependant.setter
    def dependant(self, dependant: Dependant) -> None:
        publish(dependant, forget_tables)
        self.__dict__["_dependant"] = dependant

    @property
    def plan(self) -> Any:
        """What the route needs and gives, with all that was changed on its dependant."""
        held = self.__dict__
        plan = self._declared_plan()
        if "_dependant" not in held:
            return plan
        state = (plan, snapshot_of(self.dependant))
        late: _Late | None = held.get("_late")
        if late is None or late.state != state:
            call = call_of(self.dependant, self.behaviour)
            late = _Late(state, plan if call is plan.endpoint else self._changed_plan(plan, call))
            held["_late"] = late
            held["_handlers"].clear()
        return late.plan

    # ------------------------------------------------------------------------------------------ what runs

    def _runs_own(self, name: str) -> bool:
        """Tell whether a method was overridden or replaced."""
        return name in self.__dict__ or getattr(type(self), name) is not self._STANDARD[name]

    def _is_custom(self) -> bool:
        """Tell whether functions of the module decide what runs."""
        return replaced(self._SEAMS)

    def entry(self, overrides: Mapping[Any, Any] | None = None) -> Handler:
        """Return what runs for a request that matched: the handler, unless somebody has another way."""
        if self._runs_own("handle"):
            return _noting(self, "handle")
        if "app" in self.__dict__:
            return _noting(self, "app")
        return self._custom_app() if self._is_custom() else self.handler(overrides)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that was matched."""
        if self._is_custom():
            await self._custom_app()(scope, receive, send)
            return
        handler = self.handler(active_overrides(self.dependency_overrides_provider))
        await handler(scope, receive, send)

    def _custom_app(self) -> Handler:
        """Return what the module's functions make of the route; once for each edition of the module."""
        edition = _module().__dict__["_edition"]
        known: tuple[int, Handler] | None = self.__dict__.get("_custom")
        if known is None or known[0] != edition:
            known = self.__dict__["_custom"] = (edition, self._make_app())
        return known[1]

    def _make_app(self) -> Handler:
        raise NotImplementedError


def _noting(route: Any, name: str) -> Handler:
    """Return what runs in the place of a handler, with a note of when its response begins."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        await getattr(route, name)(scope, receive, watched(scope, send))

    return run


def _module() -> ModuleType:
    return sys.modules[LateRoute._MODULE]


def current(name: str) -> Any:
    """Return what stands in the module under a name now."""
    return _module().__dict__[name]


def replaced(names: Iterable[str]) -> bool:
    """Tell whether somebody has put something in the place of one of these functions of the module."""
    held = _module().__dict__
    originals = held["_ORIGINALS"]
    return any(held.get(name) is not originals[name] for name in names)
