"""Digest access authentication, parsed (RFC 7616).

Nothing is verified: that needs the password, and not its hash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["DigestCredentials", "parse_digest"]

_LONGEST = 4096
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 -- RFC 9110, section 5.6.2
_PARAMETER = re.compile(
    rf'\s*({_TOKEN})\s*=\s*(?:({_TOKEN})|"((?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*)")\s*(,|$)'
)
_NEEDED = ("username", "realm", "nonce", "uri", "response")


@dataclass(frozen=True, kw_only=True)
class DigestCredentials:
    """The parameters of the header, by their names in RFC 7616, section 3.4. What may be absent is None.

    Attributes:
        username: The user name.
        realm: What the credentials are for.
        nonce: The server's text that the response was made with.
        uri: The address that was asked for.
        response: The digest, in hexadecimal digits.
        algorithm: The hash; "MD5" if it is not said.
        qop: The quality of protection, "auth" or "auth-int".
        nc: The number of the request, in 8 hexadecimal digits.
        cnonce: The client's text that the response was made with.
        opaque: What the server had sent to have it sent back.
    """

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str = "MD5"
    qop: str | None = None
    nc: str | None = None
    cnonce: str | None = None
    opaque: str | None = None


def parse_digest(header: str) -> DigestCredentials | None:
    """Return what an `Authorization` header says; None where it is not Digest, or is malformed.

    That is: over 4,096 characters, a parameter twice, one that is needed and is not there, or anything else
    between them.
    """
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "digest" or len(header) > _LONGEST:
        return None
    found: dict[str, str] = {}
    position = 0
    while position < len(rest):
        match = _PARAMETER.match(rest, position)
        if match is None or match[1].lower() in found:
            return None
        found[match[1].lower()] = match[2] if match[2] is not None else re.sub(r"\\(.)", r"\1", match[3])
        position = match.end()
    if not set(_NEEDED) <= set(found):
        return None
    known = {name: found[name] for name in DigestCredentials.__dataclass_fields__ if name in found}
    return DigestCredentials(**known)
