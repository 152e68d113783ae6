"""Conditional requests: strong entity tags and If-None-Match (RFC 9110, sections 8.8.3 and 13.1.2)."""

import hashlib
import re

from starlette.requests import Request

__all__ = ["is_unchanged", "make_entity_tag"]

_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')


def make_entity_tag(content: bytes) -> str:
    """Return a strong entity tag of these bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def is_unchanged(request: Request, entity_tag: str) -> bool:
    """Tell whether the client has this representation already, so that 304 is the answer.

    If-None-Match compares weakly: a tag that a proxy made weak still matches.
    """
    values = ",".join(request.headers.getlist("if-none-match")).strip()
    return values == "*" or entity_tag in _ENTITY_TAG.findall(values)
