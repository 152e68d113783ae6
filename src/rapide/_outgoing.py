"""What responses may carry: checked where it is set, and once more before it is sent.

A line break in a header lets whoever chose its value write headers, or a whole response, of their own. Some
servers drop the connection then, others pass it on. Here it is an error of the line that set it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = [
    "FOR_PAGES",
    "NOSNIFF",
    "NO_STORE",
    "add_nosniff",
    "check_cookie",
    "check_header",
    "check_headers",
    "check_outgoing",
    "keep_private",
    "protect",
]

Headers = list[tuple[bytes, bytes]]
NOSNIFF = (b"x-content-type-options", b"nosniff")
NO_STORE = (b"cache-control", b"no-store")

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_BREAK = re.compile(r"[\r\n\0]")
# What frames a message, and is the server's (RFC 9112, sections 6 and 9).
_FRAMING = frozenset({b"transfer-encoding", b"connection", b"keep-alive", b"proxy-connection", b"upgrade"})
# What streams say of their connection in many libraries: it changes nothing, or ends the connection.
_HARMLESS = frozenset({(b"connection", b"keep-alive"), (b"connection", b"close")})
_CHUNKED = (b"transfer-encoding", b"chunked")
_USUAL = frozenset(
    {
        b"content-type", b"location", b"set-cookie", b"cache-control", b"etag", b"last-modified", b"vary",
        b"x-content-type-options", b"content-disposition", b"www-authenticate", b"allow", b"retry-after",
        b"accept-ranges", b"content-range", b"content-security-policy", b"access-control-allow-origin",
    }
)  # fmt: skip
# What protects a page (OWASP's list of headers, and RFC 9110 for those who set none).
FOR_PAGES: Headers = [
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
]


# ------------------------------------------------------------------------------------------- as they are set


def check_header(name: str, value: str, *, framing: bool = False) -> None:
    """Check a header as it is set.

    Raises ValueError for a name that is no token, a value with a line break or NUL, one beyond Latin-1, and
    for what frames the message.
    """
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a header")
    if _BREAK.search(value):
        raise ValueError(f"The value of the header {name!r} has a line break or a NUL")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError as exc:
        raise ValueError(
            f"The value of the header {name!r} has characters that no header can hold; "
            "encode it, for parameters as RFC 8187 says"
        ) from exc
    if not framing and name.lower().encode() in _FRAMING:
        raise ValueError(f"The header {name!r} is the server's: it frames the message")


def check_headers(headers: Mapping[str, str] | None, *, framing: bool = False) -> None:
    """Check headers as they are set; see `check_header`. `framing` allows those of the connection."""
    for name, value in (headers or {}).items():
        check_header(name, value, framing=framing)


_COOKIE_OCTETS = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")  # RFC 6265, section 4.1.1
_DOMAIN = re.compile(r"\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_LONGEST_COOKIE = 4096  # RFC 6265, section 6.1, and what browsers keep


def check_cookie(name: str, value: str, attributes: Mapping[str, Any]) -> None:
    """Check a cookie as it is set: `attributes` are `max_age`, `path`, `domain`, `secure`, `samesite`.

    Raises ValueError for a name that is no token, an attribute that would bring in another, a prefix whose
    promise is not kept, SameSite=None without Secure, and more bytes than browsers keep.
    """
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a cookie")
    if len(name.encode()) + len(value.encode()) > _LONGEST_COOKIE:
        raise ValueError(f"The cookie {name!r} has over {_LONGEST_COOKIE} bytes: browsers would drop it")
    path, domain, max_age = attributes.get("path"), attributes.get("domain"), attributes.get("max_age")
    if path is not None and (not path.startswith("/") or re.search(r"[\x00-\x1f\x7f;]", path)):
        raise ValueError(f"{path!r} is no path of a cookie")
    if domain is not None and not _DOMAIN.fullmatch(domain):
        raise ValueError(f"{domain!r} is no domain of a cookie")
    if max_age is not None and (isinstance(max_age, bool) or not isinstance(max_age, int)):
        raise ValueError(f"max_age is seconds, not {max_age!r}")
    expires = attributes.get("expires")
    if isinstance(expires, str) and re.search(r"[\x00-\x1f\x7f;]", expires):
        raise ValueError(f"{expires!r} is no date")
    _check_promises(name, attributes)


def _check_promises(name: str, attributes: Mapping[str, Any]) -> None:
    secure, lower = attributes.get("secure"), name.lower()
    if lower.startswith(("__host-", "__secure-")) and not secure:
        raise ValueError(f"The prefix of {name!r} promises Secure: say secure=True")
    if lower.startswith("__host-") and (
        attributes.get("domain") is not None or attributes.get("path") != "/"
    ):
        raise ValueError(f"The prefix of {name!r} promises the path '/' and no domain")
    if str(attributes.get("samesite") or "").lower() == "none" and not secure:
        raise ValueError(f"The cookie {name!r} has SameSite=None without Secure: browsers would drop it")


# -------------------------------------------------------------------------------------------- before sending


def check_outgoing(
    headers: Iterable[tuple[bytes, bytes]],
    length: int | None = None,
    *,
    injected: bool = False,
    foreign: bool = False,
) -> None:
    """Check the headers of a response that is about to be sent.

    `length` is that of its body, where it is known; an `injected` response has none of its own. A stream may
    say that it comes in chunks, as one does that is passed on with its headers. What is `foreign` may talk to
    the server about its connection.

    Raises ValueError for what no server should send, also where it was put in past all other checks.
    """
    lengths = 1 if injected else 0
    for name, value in headers:
        if b"\n" in value or b"\r" in value or b"\0" in value:
            raise ValueError(f"The value of the header {name!r} has a line break or a NUL")
        if name in _USUAL:
            continue
        lower = name.lower()
        if lower == b"content-length" or (lower, value) == _CHUNKED:
            lengths += 1
            if lengths > 1 or (length is not None and value != b"%d" % length):
                raise ValueError(f"{name!r} says {value!r}, which is not the length of the body")
        elif not _TOKEN.fullmatch(name.decode("latin-1")) or (
            lower in _FRAMING and not foreign and (lower, value) not in _HARMLESS
        ):
            raise ValueError(f"{name!r} is no header that an application may send")


def protect(headers: Headers) -> None:
    """Add what protects a response, unless it is set: no guessing of its type, and what a page needs."""
    names = dict(headers)
    if NOSNIFF[0] not in names:
        headers.append(NOSNIFF)
    if names.get(b"content-type", b"").startswith(b"text/html"):
        headers.extend(pair for pair in FOR_PAGES if pair[0] not in names)


def add_nosniff(headers: Headers) -> None:
    """Add nosniff, unless it is set; for what may have pages with rules of their own."""
    if all(name.lower() != NOSNIFF[0] for name, _ in headers):
        headers.append(NOSNIFF)


def keep_private(headers: Headers) -> None:
    """Forbid caches to keep a response (RFC 9111, section 5.2.2.5), unless something is said about it."""
    if all(name.lower() != NO_STORE[0] for name, _ in headers):
        headers.append(NO_STORE)
