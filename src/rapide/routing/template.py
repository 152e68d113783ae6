"""What routes with a path share: the parsed template under Starlette's attribute names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from starlette.convertors import Convertor
from starlette.routing import Match

from rapide._analyse.route import check_path_names
from rapide._run.paths import PathTemplate, parse_path
from rapide.behaviour import RAPIDE, Behaviour
from rapide.errors import RouteError
from rapide.plan.nodes import Call

__all__ = ["TemplatePath", "with_route"]


class TemplatePath:
    """A mixin that keeps `path` and derives the rest when it is asked for."""

    path: str
    endpoint: Callable[..., Any]
    behaviour: Behaviour = RAPIDE
    """The face under which a route is analysed: its class's, until an application binds it."""
    whole: bool = False
    """Whether nothing more can come in front of the path: the route is an application's own."""

    @property
    def template(self) -> PathTemplate:
        """The parsed path."""
        return parse_path(self.path)

    def check_path(self, behaviour: Behaviour) -> None:
        """Refuse a path that no request has; for paths that are whole. Raises RouteError.

        On routers it may still get a prefix, and webhooks and callbacks have other paths.
        """
        if behaviour.strict_declarations and self.path and not self.path.startswith("/"):
            message = f"The path {self.path!r} does not start with '/'"
            raise RouteError("RAP204", message, function=self.endpoint)

    def check_path_names(self, call: Call) -> None:
        """Refuse path parameters that no path holds, once the whole path is known. Raises MarkerError."""
        if self.behaviour.strict_declarations and self.whole:
            check_path_names(call, self.path)

    @property
    def path_regex(self) -> re.Pattern[str]:
        """The regular expression of the path."""
        return self.template.regex

    @property
    def path_format(self) -> str:
        """The path without convertors."""
        return self.template.format

    @property
    def param_convertors(self) -> dict[str, Convertor[Any]]:
        """The convertors by parameter name."""
        return self.template.convertors


def with_route(route: Any, match: Match, child: Any) -> tuple[Match, Any]:
    """Return a match whose scope also names the route."""
    return match, child if match is Match.NONE else {**child, "route": route}
