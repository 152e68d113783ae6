"""Documents of others, read over the network in bounded time and space."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx2

from rapide.auth.compact import InvalidTokenError, parse_object
from rapide.errors import AuthDeclarationError

__all__ = ["FetchError", "check_address", "fetch_document"]

_HEADERS = {"Accept": "application/json, application/jwk-set+json", "Accept-Encoding": "identity"}


class FetchError(Exception):
    """A document that could not be read."""


def check_address(url: str, *, allow_http: bool) -> None:
    """Raise RAP506 for an address that is not https, or http where that is allowed."""
    parts = urlsplit(url)
    schemes = {"https", "http"} if allow_http else {"https"}
    if parts.scheme not in schemes or not parts.hostname or parts.username is not None:
        raise AuthDeclarationError(
            "RAP506", f"{parts.scheme or 'no scheme'}: an address of a provider is https"
        )


async def fetch_document(
    url: str, *, timeout: float, max_bytes: int, transport: httpx2.AsyncBaseTransport | None = None
) -> dict[str, Any]:
    """Return the JSON object at an address. No redirect is followed.

    Args:
        url: The address.
        timeout: How many seconds all of it may take.
        max_bytes: The largest document that is read.
        transport: What sends the request instead of the network, for tests.

    Raises:
        FetchError: It could not be read: an outage, another status than 200, too large, too slow, no object.
    """
    try:
        with anyio.fail_after(timeout):
            client = httpx2.AsyncClient(follow_redirects=False, timeout=timeout, transport=transport)
            async with client, client.stream("GET", url, headers=_HEADERS) as response:
                return parse_object(await _read(response, max_bytes))
    except (httpx2.HTTPError, httpx2.InvalidURL, InvalidTokenError, OSError, ValueError) as error:
        raise FetchError(f"{url} not read: {type(error).__name__}: {error}") from error


async def _read(response: httpx2.Response, max_bytes: int) -> bytes:
    if response.status_code != 200 or response.headers.get("Content-Encoding", "identity") != "identity":
        raise ValueError(f"status {response.status_code}, or an encoding that was not asked for")
    body = bytearray()
    async with aclosing(response.aiter_raw()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > max_bytes:
                raise ValueError(f"more than {max_bytes} bytes")
    return bytes(body)
