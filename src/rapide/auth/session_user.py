"""Who is logged in, as a security scheme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from rapide.auth.sessions import Session
from rapide.security.base import Scheme

if TYPE_CHECKING:
    from rapide.security.schemes import SecurityBase as SecurityBaseModel

__all__ = ["SessionUser"]


class SessionUser(Scheme):
    """A scheme whose result is the user who is logged in, as `session.login` was told.

    Args:
        cookie: The name of the cookie, as `SessionMiddleware` has it, for the document.
        scheme_name: The name of the scheme in the document; the name of the class by default.
        description: A description for the document.
        auto_error: Whether nobody is answered with 401; otherwise the result is None.
    """

    def __init__(
        self,
        *,
        cookie: str = "session",
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self._cookie = f"__Host-{cookie}"
        super().__init__(scheme_name=scheme_name, description=description, auto_error=auto_error, valid=True)

    def describe(self) -> SecurityBaseModel:
        """Return a new model of the scheme."""
        from rapide.security.schemes import APIKey  # noqa: PLC0415 -- only documents need the models

        return APIKey.model_validate({"in": "cookie", "name": self._cookie, "description": self._description})

    def make_authenticate_headers(self) -> dict[str, str]:
        """Return the challenge. None is registered for cookies; this one names the cookie."""
        return {"WWW-Authenticate": f'Cookie cookie-name="{self._cookie}"'}

    async def __call__(self, connection: HTTPConnection) -> str | None:
        """Return the user of the connection. Raises TypeError where the middleware is another one."""
        session = connection.session
        if not isinstance(session, Session):
            raise TypeError("SessionUser needs the SessionMiddleware of rapide.auth")
        return self._accept(session.user)
