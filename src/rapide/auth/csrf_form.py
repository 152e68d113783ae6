"""The token of a form, found in its body before anybody else reads it."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import anyio
from starlette.types import Message, Receive, Scope

from rapide.security.origins import header_values

__all__ = ["find_form_token", "has_form"]

# How much of a body is read for the token, and for how long: nobody has been let in yet.
_MOST_BYTES = 64 * 1024
_MOST_FIELDS = 1000
_SECONDS = 10.0
_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


def has_form(scope: Scope) -> bool:
    """Tell whether a request says that its body is a form of a page."""
    return _media_type(scope) in {_URLENCODED, _MULTIPART}


def _media_type(scope: Scope) -> str:
    types = header_values(scope, b"content-type")
    return types[0].partition(";")[0].strip().lower() if len(types) == 1 else ""


async def find_form_token(scope: Scope, receive: Receive, field: str) -> tuple[str | None, Receive]:
    """Return the one token in the field of a form, and what gives the whole body again.

    It has to be in the first 64 KiB, in a form with files therefore before them. A page that does not know a
    token cannot have it anywhere in its body; so it is enough to find it, and not to read the form right.
    """
    read: list[Message] = []
    body = bytearray()
    with anyio.move_on_after(_SECONDS):
        while len(body) <= _MOST_BYTES:
            message = await receive()
            read.append(message)
            body += message.get("body", b"")
            if message["type"] != "http.request" or not message.get("more_body", False):
                break
    start = bytes(body[:_MOST_BYTES])
    found = _in_multipart(start, field) if _media_type(scope) == _MULTIPART else _in_urlencoded(start, field)

    async def receive_again() -> Message:
        return read.pop(0) if read else await receive()

    return (found[0] if len(found) == 1 else None), receive_again


def _in_urlencoded(body: bytes, field: str) -> list[str]:
    try:
        pairs = parse_qsl(body.decode("ascii"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return []
    return [value for name, value in pairs if name == field]


def _in_multipart(body: bytes, field: str) -> list[str]:
    pattern = rb'\r\nContent-Disposition: form-data; name="%b"\r\n\r\n([A-Za-z0-9_-]+)\r\n--'
    matches = re.findall(pattern % re.escape(field.encode()), b"\r\n" + body, re.IGNORECASE)
    return [match.decode("ascii") for match in matches]
