"""What routes with a path share: the parsed template under Starlette's attribute names."""

from __future__ import annotations

import re
from typing import Any

from starlette.convertors import Convertor
from starlette.routing import Match

from rapide._run.paths import PathTemplate, parse_path

__all__ = ["TemplatePath", "with_route"]


class TemplatePath:
    """A mixin that keeps `path` and derives the rest when it is asked for."""

    path: str

    @property
    def template(self) -> PathTemplate:
        """The parsed path."""
        return parse_path(self.path)

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
