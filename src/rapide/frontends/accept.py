"""Does a client ask for a page?"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["asks_for_page"]

_PAGES = frozenset({"text/html", "application/xhtml+xml"})


def asks_for_page(accept: Iterable[str]) -> bool:
    """Tell whether Accept headers (RFC 9110, section 12.5.1) name a type of page.

    Browsers name one when they navigate, and not when a script or a stylesheet is loaded: wildcards do not
    count. A weight of 0 refuses a type; one that is no number is ignored.
    """
    return any(_is_page(media_range) for value in accept for media_range in value.split(","))


def _is_page(media_range: str) -> bool:
    name, *parameters = media_range.split(";")
    return name.strip().lower() in _PAGES and not any(_refuses(parameter) for parameter in parameters)


def _refuses(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return False
    try:
        return float(value) == 0
    except ValueError:
        return False
