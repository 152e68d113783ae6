"""The compact form of a JSON Web Signature (RFC 7515, section 7.1), read strictly and in bounded time."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

__all__ = ["MAX_TOKEN_BYTES", "InvalidTokenError", "ParsedToken", "parse_token", "serialise_token"]

MAX_TOKEN_BYTES = 8192
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
# Members of the header that nobody needs here and that have cost others dearly: keys and addresses of keys
# from the attacker, compression, extensions that must be understood, payloads that are not encoded.
_REFUSED = frozenset({"crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"})


class InvalidTokenError(Exception):
    """A token that is not accepted. The text says why, for logs; who has sent it must not see it."""


@dataclass(frozen=True, slots=True)
class ParsedToken:
    """A token in its parts, nothing of it verified."""

    algorithm: str
    kid: str | None
    typ: str
    payload: bytes
    signed: bytes
    signature: bytes


def parse_token(token: str) -> ParsedToken:
    """Take a token apart.

    Raises:
        InvalidTokenError: It has over 8,192 bytes, is not three parts of base64url in their one right form,
            or its header is not an object with the text members `alg` and perhaps `kid` and `typ`, has a
            member twice, or one of `crit`, `b64`, `zip`, `enc`, `jwk`, `jku`, `x5u` and `x5c`.
    """
    if len(token) > MAX_TOKEN_BYTES:
        raise InvalidTokenError("longer than 8 KiB")
    match = _COMPACT.fullmatch(token)
    if match is None:
        raise InvalidTokenError("not three parts of base64url")
    header = parse_object(_decode(match[1]))
    if not _REFUSED.isdisjoint(header):
        raise InvalidTokenError("a member of the header that is not accepted")
    algorithm, kid, typ = header.get("alg"), header.get("kid"), header.get("typ", "")
    if not isinstance(algorithm, str) or not isinstance(typ, str) or not isinstance(kid, str | None):
        raise InvalidTokenError("a member of the header that is not text")
    signed = token[: match.end(2)].encode("ascii")
    return ParsedToken(algorithm, kid, typ, _decode(match[2]), signed, _decode(match[3]))


def serialise_token(header: dict[str, Any], payload: bytes) -> bytes:
    """Return what is signed: header and payload, encoded and joined by a dot."""
    encoded = json.dumps(header, separators=(",", ":")).encode()
    return encode_part(encoded) + b"." + encode_part(payload)


def encode_part(data: bytes) -> bytes:
    """Return base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _decode(part: str) -> bytes:
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise InvalidTokenError("not base64url") from None
    # Bits that stand for nothing must be zero: one token has one text.
    if encode_part(data) != part.encode("ascii"):
        raise InvalidTokenError("not base64url in its one form")
    return data


def parse_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object that some bytes are.

    Raises:
        InvalidTokenError: They are not UTF-8, no object, hold NaN or a number without end, or a member twice,
            or are nested too deeply.
    """
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise InvalidTokenError("not an object in JSON") from None
    if not isinstance(value, dict):
        raise InvalidTokenError("not an object in JSON")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
