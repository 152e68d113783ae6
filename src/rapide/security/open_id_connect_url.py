"""OpenID Connect."""

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from rapide.security.base import Scheme, is_text

if TYPE_CHECKING:
    from rapide.security.schemes import OpenIdConnect as OpenIdConnectModel

__all__ = ["OpenIdConnect"]


class OpenIdConnect(Scheme):
    """OpenID Connect, documented by its discovery URL. The result of the dependency is the whole header.

    Args:
        openIdConnectUrl: The URL of the provider's discovery document (OpenID Connect Discovery 1.0).
        scheme_name: The name of the scheme in the document; the name of the class by default.
        description: A description for the document.
        auto_error: Whether an absent header is answered with 401; otherwise the result is None.
    """

    model: "OpenIdConnectModel"

    def __init__(
        self,
        *,
        openIdConnectUrl: str,  # noqa: N803 -- OpenAPI's name
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self._url = openIdConnectUrl
        super().__init__(
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
            valid=is_text(openIdConnectUrl),
        )

    def describe(self) -> "OpenIdConnectModel":
        """Return a new model of the scheme."""
        from rapide.security.schemes import OpenIdConnect as Model  # noqa: PLC0415 -- only documents need it

        return Model(openIdConnectUrl=self._url, description=self._description)

    def make_authenticate_headers(self) -> dict[str, str]:
        """Return the challenge: OpenID Connect's tokens are bearer tokens."""
        return {"WWW-Authenticate": "Bearer"}

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Return the `Authorization` header of the connection."""
        return self._accept(request.headers.get("Authorization") or None)
