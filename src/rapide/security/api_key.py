"""API keys in the query, a header or a cookie."""

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from rapide._redaction import hide_parameter
from rapide.security.base import Scheme, is_text

if TYPE_CHECKING:
    from rapide.security.schemes import APIKey, APIKeyIn

__all__ = ["APIKeyBase", "APIKeyCookie", "APIKeyHeader", "APIKeyQuery"]


class APIKeyBase(Scheme):
    """What the API key schemes share.

    Args:
        location: Where the key is sent: query, header or cookie.
        name: The name of the parameter, header or cookie.
        description: A description for the document.
        scheme_name: The name of the scheme in the document; the name of the class by default.
        auto_error: Whether an absent key is answered with 401; otherwise the result is None.
    """

    model: "APIKey"

    def __init__(
        self,
        location: "APIKeyIn | str",
        name: str,
        description: str | None,
        scheme_name: str | None,
        auto_error: bool,
    ) -> None:
        self._location = location
        self._name = name
        super().__init__(
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
            valid=is_text(location, name),
        )

    def describe(self) -> "APIKey":
        """Return a new model of the scheme."""
        from rapide.security.schemes import APIKey  # noqa: PLC0415 -- only documents need the models

        return APIKey.model_validate(
            {"in": self._location, "name": self._name, "description": self._description}
        )

    def _key_name(self) -> str:
        # A model that somebody assigned has the last word.
        model = self.__dict__.get("model")
        name: str = self._name if model is None else model.name
        return name

    def make_authenticate_headers(self) -> dict[str, str]:
        """Return the challenge. Every 401 needs one and keys have no registered one; this is FastAPI's."""
        return {"WWW-Authenticate": "APIKey"}

    def check_api_key(self, api_key: str | None) -> str | None:
        """Return the key; where it is absent or empty raise 401, or return None without `auto_error`."""
        return self._accept(api_key or None)


class APIKeyQuery(APIKeyBase):
    """An API key in a query parameter. The result of the dependency is the key.

    Our own logs and traces leave its value out. Still, addresses end up in the logs of others, in histories
    and in `Referer` headers; prefer `APIKeyHeader`.

    Args:
        name: The name of the query parameter.
        scheme_name: The name of the scheme in the document; the name of the class by default.
        description: A description for the document.
        auto_error: Whether an absent key is answered with 401; otherwise the result is None.
    """

    def __init__(
        self,
        *,
        name: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__("query", name, description, scheme_name, auto_error)
        if isinstance(name, str):  # anything else is reported when somebody uses the scheme
            hide_parameter(name)

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Return the key of the connection."""
        return self.check_api_key(request.query_params.get(self._key_name()))


class APIKeyHeader(APIKeyBase):
    """An API key in a header. The result of the dependency is the key.

    Args:
        name: The name of the header.
        scheme_name: The name of the scheme in the document; the name of the class by default.
        description: A description for the document.
        auto_error: Whether an absent key is answered with 401; otherwise the result is None.
    """

    def __init__(
        self,
        *,
        name: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__("header", name, description, scheme_name, auto_error)

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Return the key of the connection."""
        return self.check_api_key(request.headers.get(self._key_name()))


class APIKeyCookie(APIKeyBase):
    """An API key in a cookie. The result of the dependency is the key.

    Args:
        name: The name of the cookie.
        scheme_name: The name of the scheme in the document; the name of the class by default.
        description: A description for the document.
        auto_error: Whether an absent key is answered with 401; otherwise the result is None.
    """

    def __init__(
        self,
        *,
        name: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__("cookie", name, description, scheme_name, auto_error)

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Return the key of the connection."""
        return self.check_api_key(request.cookies.get(self._key_name()))
