"""Addresses as logs and traces may show them: without the values of parameters that are secrets."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

from rapide.exceptions import is_secret

__all__ = ["hide_parameter", "redact_query", "redact_target"]

_REDACTED = "REDACTED"
# Names that `is_secret` leaves out: codes and states of logins, and short words.
_SHORT = re.compile(
    r"api-?key|auth|code|key|jwt|nonce|otp|pwd|pass|assertion|samlresponse|session(?:_?id)?|sid|signature|"
    r"state|ticket",
    re.IGNORECASE,
)
# Signatures and credentials of clouds, which are written so and not otherwise.
_CLOUDS = frozenset({"X-Amz-Credential", "X-Amz-Signature", "X-Goog-Credential", "X-Goog-Signature", "sig"})
_declared: set[str] = set()


def hide_parameter(name: str) -> None:
    """Let no address show the value of this query parameter: a scheme reads keys from it."""
    _declared.add(name.lower())


def redact_query(query: str) -> str:
    """Return a query string in which the values of secrets are `REDACTED`."""
    return "&".join(map(_redact_parameter, query.split("&")))


def redact_target(target: str) -> str:
    """Return an address, or the target of a request, whose query shows no secrets."""
    path, mark, query = target.partition("?")
    return path + mark + redact_query(query) if mark else target


def _redact_parameter(part: str) -> str:
    written, _, _ = part.partition("=")
    name = unquote_plus(written)
    hidden = is_secret((name,)) or _SHORT.fullmatch(name) or name in _CLOUDS or name.lower() in _declared
    return f"{written}={_REDACTED}" if hidden else part
