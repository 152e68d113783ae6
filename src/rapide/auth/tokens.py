"""Signed tokens: issued and verified, with algorithm, issuer, audience, expiry and class always checked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Generic, cast

from pydantic import SecretStr, ValidationError
from typing_extensions import TypeVar

from rapide.auth.claims import Claims
from rapide.auth.compact import InvalidTokenError, encode_part, parse_object, parse_token, serialise_token
from rapide.auth.keys import Key, Keys, KeySource
from rapide.auth.opaque import generate_secret
from rapide.errors import AuthDeclarationError

__all__ = ["InvalidTokenError", "Tokens"]

ClaimsT = TypeVar("ClaimsT", bound=Claims, default=Claims)
_MOST_LEEWAY = timedelta(seconds=60)


class Tokens(Generic[ClaimsT]):
    """Issues and verifies tokens of one class.

    They are JSON Web Tokens (RFC 7519) by the rules of RFC 8725 and RFC 9068.

    A token is accepted that one of the keys has signed with the one algorithm of that key, that this issuer
    has made for this audience, that is of this class, and that has not expired. Nothing of that can be left
    out.

    Args:
        keys: What signs and verifies: a secret of 32 random bytes or more, a PEM file, a `Keys`, or the
            `RemoteKeys` of somebody else, whose tokens are verified only.
        issuer: Who issues the tokens, the claim `iss`: usually the address of the application.
        audience: For whom they are, the claim `aud`: usually the name or the address of the API.
        claims: What they say; a subclass of `Claims` with claims of your own.
        lifetime: How long they are valid; 15 minutes by default.
        leeway: How far clocks may differ; 10 seconds by default, 60 at most.
        typ: The class of the tokens, which keeps them apart from others with the same keys, such as those of
            links in e-mails. By default "at+jwt", which access tokens have by RFC 9068; many providers write
            "JWT".
        several_audiences: Whether a token may be meant for others, too. It may not by default: one of them
            could use it here.

    Raises:
        AuthDeclarationError: A secret is too short or well known (RAP502); a key cannot be read (RAP503);
            issuer or audience are empty (RAP504); lifetime or leeway are out of bounds (RAP505).
    """

    def __init__(
        self,
        keys: Any,
        *,
        issuer: str,
        audience: str,
        claims: type[ClaimsT] | None = None,
        lifetime: timedelta = timedelta(minutes=15),
        leeway: timedelta = timedelta(seconds=10),
        typ: str = "at+jwt",
        several_audiences: bool = False,
    ) -> None:
        for name, value in (("issuer", issuer), ("audience", audience), ("typ", typ)):
            if not value or type(value) is not str:
                raise AuthDeclarationError("RAP504", f"Tokens need an {name}", parameter=name)
        if lifetime <= timedelta(0) or not timedelta(0) <= leeway <= _MOST_LEEWAY:
            raise AuthDeclarationError("RAP505", "A lifetime is positive, and a leeway at most 60 seconds")
        is_material = isinstance(keys, str | bytes | SecretStr | Mapping | Key)
        self.keys: KeySource = Keys(keys) if is_material else keys
        self.issuer = issuer
        self.audience = audience
        self.claims = cast("type[ClaimsT]", claims or Claims)
        self.lifetime = lifetime
        self.typ = typ
        self.several_audiences = several_audiences
        self._leeway = leeway.total_seconds()
        # The OAuth 2.0 flows that issue them, for the document; they enter themselves.
        self.flows: dict[str, dict[str, Any]] = {}

    def issue(
        self,
        subject: str,
        *,
        scopes: Iterable[str] = (),
        lifetime: timedelta | None = None,
        **claims: Any,
    ) -> str:
        """Return a new token about `subject`, usually the id of a user.

        Args:
            subject: Whom it is about.
            scopes: What it may be used for.
            lifetime: How long it is valid; that of all tokens by default.
            claims: Other claims by name, such as `roles`, and those of your own model.

        Raises:
            pydantic.ValidationError: The claims do not fit the model.
            TypeError: The keys are those of somebody else.
        """
        if not isinstance(self.keys, Keys):
            raise TypeError("the tokens of somebody else can be verified, and not issued")
        now = int(time.time())
        said = self.claims.model_validate(
            {
                "iss": self.issuer,
                "sub": subject,
                "aud": self.audience,
                "iat": now,
                "exp": now + int((lifetime or self.lifetime).total_seconds()),
                "jti": generate_secret(16),
                "scope": " ".join(scopes),
                **claims,
            }
        )
        key = self.keys.current
        header = {"alg": key.algorithm, "typ": self.typ, "kid": key.kid}
        signed = serialise_token(header, said.model_dump_json(exclude_none=True, by_alias=True).encode())
        return (signed + b"." + encode_part(key.sign(signed))).decode("ascii")

    async def verify(self, token: str) -> ClaimsT:
        """Return what a token says.

        Raises:
            InvalidTokenError: It is not accepted. The reason is for logs alone.
        """
        parsed = parse_token(token)
        if not self.is_of_class(parsed.typ):
            raise InvalidTokenError("a token of another class")
        # The header chooses among the keys that there are, and nothing else.
        key = await self.keys.find(parsed.kid, parsed.algorithm)
        if key is None:
            raise InvalidTokenError("no such key")
        if not key.verify(parsed.signed, parsed.signature):
            raise InvalidTokenError("the signature is wrong")
        parse_object(parsed.payload)  # Pydantic takes the last of two members with one name
        try:
            claims = self.claims.model_validate_json(parsed.payload)
        except ValidationError:
            raise InvalidTokenError("claims that are missing or have the wrong type") from None
        self._check(claims)
        return claims

    def is_of_class(self, typ: str) -> bool:
        """Tell whether the member `typ` of a header names the class of these tokens."""
        return _bare(typ) == _bare(self.typ)

    def _check(self, claims: Claims) -> None:
        now = time.time()
        if claims.exp <= now - self._leeway:
            raise InvalidTokenError("expired")
        if claims.iat > now + self._leeway or (claims.nbf or 0) > now + self._leeway:
            raise InvalidTokenError("not valid yet")
        if claims.iss != self.issuer:
            raise InvalidTokenError("another issuer")
        audience = claims.aud
        if audience != self.audience and not (
            self.several_audiences and isinstance(audience, tuple) and self.audience in audience
        ):
            raise InvalidTokenError("another audience")


def _bare(typ: str) -> str:
    """Leave out what RFC 7515, section 4.1.9 lets a media type leave out, and the case."""
    return typ.lower().removeprefix("application/")
