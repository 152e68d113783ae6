"""Operation ids: the name of the function, with words of its path where several functions have the name.

What somebody has said, as `operation_id` or by a `generate_unique_id_function`, is taken as it is. The others
give way, all that share a name alike: no order of declaration decides what a client's method is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from rapide._dataclass import dataclass
from rapide.declare.defaults import DefaultPlaceholder
from rapide.errors import locate
from rapide.plan import plan_of

if TYPE_CHECKING:
    from rapide.openapi.members import Pace

__all__ = ["OperationIds", "describe_clash", "function_operation_id", "operation_ids"]


def function_operation_id(route: Any) -> str:
    """Return the route's name as an identifier; `operation_ids` makes it unique."""
    return re.sub(r"\W", "_", str(route.name))


@dataclass(frozen=True, slots=True)
class OperationIds:
    """The ids of routes.

    `names` maps the identity of a route to the id that its operations share, `clashes` are routes whose id
    is also that of another: (id, the first route, the second).
    """

    names: dict[int, str]
    clashes: tuple[tuple[str, Any, Any], ...]

    def of_route(self, route: Any) -> str:
        """Return what names a route: the id of its only operation, or what the ids of several begin with."""
        return self.names.get(id(route)) or str(route.operation_id or route.unique_id)

    def of_operation(self, route: Any, method: str) -> str:
        """Return the id of an operation; ids of functions tell the methods of one route apart."""
        return _by_method(route, self.of_route(route), method)


def _by_method(route: Any, name: str, method: str) -> str:
    plan = plan_of(route)
    several = len(route.methods) > 1 and plan is not None and plan.behaviour.operation_ids == "function"
    return f"{name}_{method.lower()}" if several else name


def _words(text: str) -> str:
    return "_".join(re.findall(r"\w+", text))


def _choices(route: Any) -> tuple[str, ...]:
    """Return the names that a route may have, the shortest first; only one where somebody has said it."""
    function = route.generate_unique_id_function
    function = function.value if isinstance(function, DefaultPlaceholder) else function
    if route.operation_id or function is not function_operation_id:
        return (str(route.operation_id or route.unique_id),)
    name = function_operation_id(route)
    with_path = f"{name}_{_words(route.path_format)}".rstrip("_")
    return name, with_path, f"{with_path}_{_words(' '.join(sorted(route.methods))).lower()}"


def _go_on() -> None:
    """Nobody waits."""


def operation_ids(
    routes: Iterable[Any], webhooks: Iterable[Any] = (), *, pace: Pace | None = None
) -> OperationIds:
    """Return the ids of the routes that a document shows; `pace` is called often."""
    pace = pace or _go_on
    shown: list[tuple[Any, str]] = []
    choices: dict[int, tuple[str, ...]] = {}
    for part, several in (("paths", routes), ("webhooks", webhooks)):
        for route in several:
            pace()
            if plan_of(route) is not None and route.include_in_schema:
                shown.append((route, part))
                choices[id(route)] = _choices(route)
    lengths = dict.fromkeys(choices, 0)
    while True:
        names = {key: choices[key][length] for key, length in lengths.items()}
        clashes = tuple(_clashes(shown, names, pace))
        yielding = {
            id(route)
            for _, *routes_of_clash in clashes
            for route in routes_of_clash
            if lengths[id(route)] + 1 < len(choices[id(route)])
        }
        if not yielding:
            return OperationIds(names, clashes)
        for key in yielding:
            lengths[key] += 1


def _clashes(
    shown: list[tuple[Any, str]], names: dict[int, str], pace: Pace
) -> Iterator[tuple[str, Any, Any]]:
    """Yield the routes that share an id with one before them.

    Of two with the same path and method the document shows one: they are one operation.
    """
    seen: dict[str, tuple[Any, tuple[str, ...]]] = {}
    for route, part in shown:
        pace()
        for method in sorted(route.methods):
            operation_id, place = (
                _by_method(route, names[id(route)], method),
                (part, route.path_format, method),
            )
            first, first_place = seen.setdefault(operation_id, (route, place))
            if first is not route and first_place != place:
                yield operation_id, first, route


def describe_clash(operation_id: str, first: Any, second: Any) -> str:
    """Return the sentence about two routes with one id."""
    file, line = locate(first.endpoint)
    place = f" ({PurePath(file).name}, line {line})" if file else ""
    return f"The operation id {operation_id!r} of {second.path} is also that of {first.path}{place}"
