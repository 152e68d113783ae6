"""The flat list of routes, which tools read and change like any list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, SupportsIndex

__all__ = ["RouteList"]

_REARRANGING = (
    "__setitem__",
    "__delitem__",
    "__iadd__",
    "insert",
    "pop",
    "remove",
    "clear",
    "sort",
    "reverse",
)


class RouteList(list[Any]):
    """A list that tells its router when somebody changes it.

    Appended routes join what the router has; any other change makes the list, as it is then, the router's
    order.
    """

    def __init__(
        self, routes: Iterable[Any], added: Callable[[list[Any]], None], rearranged: Callable[[], None]
    ) -> None:
        super().__init__(routes)
        self._added = added
        self._rearranged = rearranged

    def append(self, route: Any) -> None:
        """Add one route at the end."""
        super().append(route)
        self._added([route])

    def extend(self, routes: Iterable[Any]) -> None:
        """Add several routes at the end."""
        new = list(routes)
        super().extend(new)
        self._added(new)

    def show(self, routes: Iterable[Any]) -> None:
        """Hold `routes`, without telling anybody."""
        super().__setitem__(slice(None), list(routes))

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return list, (list(self),)


def _telling(name: str) -> Callable[..., Any]:
    original = getattr(list, name)

    def change(self: RouteList, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        self._rearranged()
        return result

    change.__name__ = name
    change.__doc__ = original.__doc__
    return change


for _name in _REARRANGING:
    setattr(RouteList, _name, _telling(_name))
