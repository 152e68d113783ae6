"""What a token says: the registered claims, typed. Subclass `Claims` for your own."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr

__all__ = ["Claims", "NumericDate"]

# Up to the year 9999: what cannot be a date is not one.
NumericDate = Annotated[StrictInt | StrictFloat, Field(ge=0, le=253_402_300_799, allow_inf_nan=False)]
_Text = Annotated[StrictStr, Field(min_length=1, max_length=255)]


class Claims(BaseModel):
    """The claims of an access token (RFC 7519, RFC 9068). Add your own in a subclass; all else is left out.

    Attributes:
        iss: Who has issued it.
        sub: Whom it is about: the id of the user, usually.
        aud: For whom it is meant.
        exp: When it expires, in seconds since 1970.
        iat: When it was issued.
        nbf: Before when it is not valid yet, or None.
        jti: An id of its own, or None.
        client_id: The client that asked for it, or None.
        scope: What it may be used for, in words separated by spaces; see `scopes`.
        roles: The roles of the user.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    iss: _Text
    sub: _Text
    aud: _Text | tuple[_Text, ...]
    exp: NumericDate
    iat: NumericDate
    nbf: NumericDate | None = None
    jti: _Text | None = None
    client_id: _Text | None = None
    scope: StrictStr = ""
    roles: tuple[StrictStr, ...] = ()

    @property
    def scopes(self) -> frozenset[str]:
        """The words of `scope`."""
        return frozenset(self.scope.split())
