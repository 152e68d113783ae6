"""Cookies that only this host over TLS can set and read (RFC 6265bis, section 4.1.3.2)."""

from __future__ import annotations

import re
from typing import Literal

from starlette.types import Scope

from rapide.errors import AccessError
from rapide.security.origins import header_values

__all__ = ["SafeCookie"]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?\Z", re.IGNORECASE)
_PREFIX = "__Host-"


class SafeCookie:
    """A cookie with the prefix `__Host-`, and `Secure`, `HttpOnly`, `SameSite` and `Path=/`.

    Args:
        name: The name without the prefix. development: Whether plain http on this machine gets the cookie
        without prefix and `Secure`; every other
            host gets the safe one all the same.
        same_site: "lax" sends it along when somebody follows a link from elsewhere, "strict" does not.

    Raises:
        AccessError: the name, or `same_site`, cannot be.
    """

    def __init__(
        self, name: str, *, development: bool = False, same_site: Literal["lax", "strict"] = "lax"
    ) -> None:
        if _NAME.match(name) is None:
            raise AccessError("RAP606", f"{name!r} is no name of a cookie without its prefix")
        if same_site not in {"lax", "strict"}:
            raise AccessError("RAP606", f'same_site is "lax" or "strict", not {same_site!r}')
        self._name = name
        self._development = development
        self._same_site = same_site.capitalize()

    def name_for(self, scope: Scope) -> str:
        """Return the name of the cookie on a connection."""
        return self._name if self._is_local(scope) else _PREFIX + self._name

    def _is_local(self, scope: Scope) -> bool:
        if not self._development or scope.get("scheme") not in {"http", "ws"}:
            return False
        hosts = header_values(scope, b"host")
        return len(hosts) == 1 and _LOCAL.match(hosts[0]) is not None

    def read(self, scope: Scope) -> str | None:
        """Return the value; None where there is none, and where there are several different ones."""
        name = self.name_for(scope)
        values = set()
        for header in header_values(scope, b"cookie"):
            for pair in header.split(";"):
                found, equals, value = pair.strip(" \t").partition("=")
                if equals and found == name:
                    values.add(value)
        return values.pop() if len(values) == 1 else None

    def written(self, scope: Scope, value: str, *, max_age: int | None = None) -> str:
        """Return the `Set-Cookie` header; without `max_age`, in seconds, a closed browser forgets it."""
        parts = [f"{self.name_for(scope)}={value}", "Path=/"]
        if max_age is not None:
            parts.append(f"Max-Age={max_age}")
        if not self._is_local(scope):
            parts.append("Secure")
        return "; ".join([*parts, "HttpOnly", f"SameSite={self._same_site}"])

    def removed(self, scope: Scope) -> str:
        """Return the `Set-Cookie` header that takes the cookie away."""
        return self.written(scope, "", max_age=0)
