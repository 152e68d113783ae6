"""What is fuzzed: every reader of a client's bytes that is Rapide's own.

A target gets bytes and may raise nothing but what a request is answered 4xx for. Where there is a second way
to the same result, both have to agree. `tests/test_fuzz_targets.py` runs each over a few inputs, so that none
of them is broken when somebody needs it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from rapide._outgoing import check_cookie, check_header, check_outgoing
from rapide._run.json_body import JsonReading, is_modest, is_plain_json, load_body, load_strictly
from rapide._run.multipart import parse_strictly
from rapide._run.values import cookies_of, parse_query, query_of, single_query_of
from rapide.exceptions import RequestValidationError
from rapide.responses import redirect_local
from rapide.routing.admission import Admission

__all__ = ["TARGETS"]

_ANSWERED = (HTTPException, RequestValidationError)


def fuzz_json(data: bytes) -> None:
    """A document that is taken is JSON for the standard library, too, and can be written again."""
    try:
        value = load_strictly(data, 64)
    except _ANSWERED:
        return
    assert is_modest(data, 64)
    json.loads(data.decode("utf-8"))
    json.dumps(value)


def fuzz_content_type(data: bytes) -> None:
    """However a body is declared, it is read or refused."""
    scope = {"headers": [(b"content-type", data)]}
    is_plain_json(b"{}", scope, strict=True)
    try:
        assert load_body(b"{}", scope, JsonReading()) == {}
    except _ANSWERED:
        return


def fuzz_query(data: bytes) -> None:
    """A query is read as the standard library reads it, in both of our ways."""
    text = data.decode("latin-1")
    expected = parse_qsl(text, keep_blank_values=True, max_num_fields=None)
    assert list(parse_query(text)) == expected
    scope = {"query_string": data}
    assert query_of(scope) == dict(expected)
    assert dict(single_query_of(scope)) == dict(expected)


def fuzz_cookies(data: bytes) -> None:
    """Any Cookie header is read; no name or value is made longer than what was sent."""
    cookies = cookies_of({"headers": [(b"cookie", data)]})
    assert sum(map(len, cookies)) + sum(map(len, cookies.values())) <= len(data)


def fuzz_admission(data: bytes) -> None:
    """Any head is let in or refused, and what was let in is no longer odd."""
    path, _, rest = data.partition(b"\n")
    headers = [tuple(line.partition(b":")[::2]) for line in rest.split(b"\n")]
    text = path.decode("utf-8", "replace")
    scope = {
        "type": "http",
        "method": "GET",
        "http_version": "1.1",
        "path": text,
        "raw_path": path,
        "headers": headers,
    }
    admission = Admission(["example.com", "*.example.org"])
    if admission.is_odd(scope):
        admission.refuses(scope)


def fuzz_form(data: bytes) -> None:
    """Any form is read or refused; its files are closed."""
    boundary = (
        b"multipart/form-data; boundary=B" if data[:1] == b"-" else b"application/x-www-form-urlencoded"
    )

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": data, "more_body": False}

    async def read() -> None:
        request = Request({"type": "http", "headers": [(b"content-type", boundary)]}, receive)
        try:
            form = await parse_strictly(
                request, {"max_fields": 100, "max_files": 10, "max_part_size": 10_000}
            )
        except (MultiPartException, *_ANSWERED):
            return
        await form.close()

    asyncio.run(read())


def fuzz_headers(data: bytes) -> None:
    """What is let out as a header or a cookie stays within its line."""
    name, _, value = data.decode("latin-1").partition(":")
    try:
        check_header(name, value)
    except ValueError:
        return
    if name.lower() != "content-length":
        check_outgoing([(name.lower().encode("latin-1"), value.encode("latin-1"))])
    assert not set(value) & set("\r\n\0")
    try:
        check_cookie(name, "", {"path": value})
    except ValueError:
        return
    assert ";" not in value


def fuzz_redirect(data: bytes) -> None:
    """A local redirect is a path, as every browser reads it."""
    try:
        location = redirect_local(data.decode("utf-8", "replace")).headers["location"]
    except ValueError:
        return
    assert location.startswith("/")
    assert location[1:2] not in ("/", "\\")


TARGETS: dict[str, Callable[[bytes], None]] = {
    name.removeprefix("fuzz_"): function
    for name, function in list(globals().items())
    if name.startswith("fuzz_")
}
