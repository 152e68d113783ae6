"""`fastapi.dependencies.models`: the dependency graph as extensions know it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Literal, SupportsIndex

from rapide._analyse.signature import color_of
from rapide._pydantic import ModelField
from rapide.declare.depends import Concurrency
from rapide.plan.nodes import Call, Dependency
from rapide.security.base import SecurityBase
from rapide.types import DependencyCacheKey

__all__ = [
    "Dependant",
    "DependencyCacheKey",
    "ModelField",
    "SecurityBase",
    "_is_async_gen_callable",
    "_is_coroutine_callable",
    "_is_gen_callable",
    "publish",
]


def _is_gen_callable(call: Callable[..., Any] | None) -> bool:
    """Tell whether calling it makes a plain generator."""
    return call is not None and color_of(call) == "sync_generator"


def _is_async_gen_callable(call: Callable[..., Any] | None) -> bool:
    """Tell whether calling it makes an asynchronous generator."""
    return call is not None and color_of(call) == "async_generator"


def _is_coroutine_callable(call: Callable[..., Any] | None) -> bool:
    """Tell whether what it returns is awaited."""
    return call is not None and color_of(call) == "async"


class _Watched:
    """What a `Dependant` keeps besides its fields: where it comes from, and whom it tells of changes.

    `_origin` is the plan node that it was made of, with the field values of that moment. `_changed` is called
    after every change, once the dependant has been handed out by a route.
    """

    __slots__ = ("_changed", "_origin")

    _changed: Callable[[], None] | None
    _origin: tuple[Call, Dependency | None, tuple[Any, ...]] | None

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        changed = getattr(self, "_changed", None)
        if changed is not None and name[0] != "_":
            publish_value(self, name, value, changed)
            changed()

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        """Return the fields alone: a copy is nobody's yet."""
        return None, {item.name: getattr(self, item.name) for item in fields(self)}  # type: ignore[arg-type]  # always a dataclass


@dataclass(slots=True)
class Dependant(_Watched):
    """A callable and all that it needs: the endpoint, or a dependency.

    Routes make theirs when it is first asked for. What is changed on it counts from the next request on.
    """

    path_params: list[ModelField] = field(default_factory=list)
    query_params: list[ModelField] = field(default_factory=list)
    header_params: list[ModelField] = field(default_factory=list)
    cookie_params: list[ModelField] = field(default_factory=list)
    body_params: list[ModelField] = field(default_factory=list)
    dependencies: list[Dependant] = field(default_factory=list)
    name: str | None = None
    call: Callable[..., Any] | None = None
    request_param_name: str | None = None
    websocket_param_name: str | None = None
    http_connection_param_name: str | None = None
    response_param_name: str | None = None
    background_tasks_param_name: str | None = None
    security_scopes_param_name: str | None = None
    own_oauth_scopes: list[str] | None = None
    parent_oauth_scopes: list[str] | None = None
    use_cache: bool = True
    path: str | None = None
    scope: Literal["function", "request"] | None = None
    concurrency: Concurrency | None = None


class _PublishedList(list[Any]):
    """A list of a published dependant: tells of every change, and publishes what joins it."""

    def __init__(self, items: Iterable[Any], changed: Callable[[], None]) -> None:
        super().__init__(items)
        self._changed = changed

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return list, (list(self),)


def _telling(name: str) -> Callable[..., Any]:
    original = getattr(list, name)

    def change(self: _PublishedList, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        _publish_items(self, self._changed)
        self._changed()
        return result

    change.__name__ = name
    change.__doc__ = original.__doc__
    return change


for _name in (
    *("__setitem__", "__delitem__", "__iadd__", "append", "clear", "extend"),
    *("insert", "pop", "remove", "reverse", "sort"),
):
    setattr(_PublishedList, _name, _telling(_name))


def _publish_items(items: Iterable[Any], changed: Callable[[], None]) -> None:
    for item in items:
        if isinstance(item, Dependant):
            publish(item, changed)


def publish_value(dependant: Any, name: str, value: Any, changed: Callable[[], None]) -> None:
    """Make a list tell of its changes, and publish the dependants in it."""
    if isinstance(value, list) and not isinstance(value, _PublishedList):
        value = _PublishedList(value, changed)
        object.__setattr__(dependant, name, value)
    if name == "dependencies":
        _publish_items(value, changed)


def publish(dependant: Dependant, changed: Callable[[], None]) -> None:
    """Call `changed` from now on after every change of a dependant, and of those below it."""
    if getattr(dependant, "_changed", None) is changed:
        return
    dependant._changed = changed
    for item in fields(dependant):
        publish_value(dependant, item.name, getattr(dependant, item.name), changed)
