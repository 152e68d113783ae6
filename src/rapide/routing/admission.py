"""What is looked at before anything else: whether the head of a request means one thing to everybody.

Servers differ in what they let through: two `Host` headers, none, a whole URL in place of a path, bytes that
are no UTF-8. Whoever stands in front of the application, a proxy or a cache, may read such a request
otherwise than the application does. Here the answer is the same over all servers.

`Admission.is_odd` is what every request pays: one loop and a handful of searches. What is odd is looked at
more closely, and the hosts that were found right are remembered.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.types import Receive, Send
from starlette.websockets import WebSocketClose

from rapide.behaviour import Behaviour
from rapide.errors import InvalidValueError

__all__ = ["Admission", "Refusal", "admission_of", "allow_hosts", "refuse"]

Scope = MutableMapping[str, Any]
Refusal = tuple[int, str]

_MOST_HOSTS_KNOWN = 1024

# RFC 3986, section 3.2.2, without user information, percent-encoding and what no name on the net has.
_HOST = re.compile(
    rb"([a-z0-9_](?:[a-z0-9._-]{0,252})|\[[0-9a-f:.]{2,45}\])(?::([0-9]{1,5}))?", re.IGNORECASE
)
_ALLOWED = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9._-]{0,252})|\[[0-9a-f:.]+\]|\*", re.IGNORECASE)

# Headers that may be there once (RFC 9110, section 5.3): of two, proxy and application may choose another.
_ONCE = frozenset({b"host", b"authorization", b"content-length", b"transfer-encoding"})
# Headers that every request is looked through for; the forwarded ones change what a server tells of it.
_FORWARDED = frozenset({b"x-forwarded-for", b"x-forwarded-proto"})
_NOTED = frozenset({b"host", b"authorization", b"transfer-encoding", *_FORWARDED})
# Names that mean something to proxies, for which some servers take the spelling with an underscore.
_FOR_PROXIES = (b"x-forwarded-", b"x-real-", b"forwarded")
_ADDRESS = re.compile(r"[0-9.]{7,15}|[0-9a-fA-F:.]{2,45}")
_SCHEMES = frozenset({"http", "https", "ws", "wss"})


def _host_pattern(allowed: Any) -> str:
    if not isinstance(allowed, str) or not _ALLOWED.fullmatch(allowed):
        raise InvalidValueError(
            "RAP210", f"allowed_hosts: {allowed!r} is none of 'example.com', '*.example.com', '[::1]' and '*'"
        )
    return _canonical(allowed)


def _canonical(host: str) -> str:
    """Return the one way to write a host: IPv6 in its short form, and IPv4 inside it as itself."""
    host = host.lower().rstrip(".")
    if host[:1] != "[":
        return host
    try:
        address = ipaddress.IPv6Address(host[1:-1])
    except ValueError:
        return host
    return f"[{address.compressed}]" if address.ipv4_mapped is None else str(address.ipv4_mapped)


class Admission:
    """Decides whether a request may come in.

    Args:
        allowed_hosts: The names under which the application is known: `example.com`, `*.example.com` for all
            names below, an IP address. None allows all.
        strict: Whether what is odd is refused; otherwise only the origin is put in.
        origin: Scheme and host that take the place of the request's own.

    Raises:
        InvalidValueError: An allowed host is no name.
    """

    def __init__(
        self,
        allowed_hosts: Iterable[str] | None,
        *,
        strict: bool = True,
        origin: tuple[str, bytes] | None = None,
    ) -> None:
        # No host is known where all are replaced: every request is looked at then.
        self._known: set[bytes] = set()
        self._origin = origin
        self._strict = strict
        hosts = None if allowed_hosts is None else [_host_pattern(host) for host in allowed_hosts]
        self._all = hosts is None or "*" in hosts
        self._names = frozenset(hosts or ())
        self._suffixes = tuple(host[1:] for host in hosts or () if host.startswith("*."))

    def is_odd(self, scope: Scope) -> bool:
        """Tell whether the head of a request is to be looked at closely; each request pays this call."""
        host: bytes | None = None
        authorized = forwarded = False
        for name, value in scope["headers"]:
            if b"_" in name:
                return True
            if name in _NOTED:
                if name in _FORWARDED:
                    forwarded = True
                elif name == b"host" and host is None:
                    host = value
                elif name == b"authorization" and not authorized:
                    authorized = True
                else:
                    return True
        path = scope["path"]
        return (
            host not in self._known
            or path[:1] != "/"
            or "\0" in path
            or "\ufffd" in path
            or b"%2" in scope.get("raw_path", b"")
            or (forwarded and not _is_plausible(scope))
        )

    def refuses(self, scope: Scope) -> Refusal | None:
        """Return status and reason when a request, which is odd, may not come in.

        Headers that pretend to be others are taken out of the scope, and an address that is none.
        """
        if self._origin is not None:
            _publish(scope, *self._origin)
        headers = scope["headers"]
        if not self._strict:
            return self._refuses_host(headers, scope)
        names = frozenset(name for name, _ in headers)
        if b"_" in b"".join(names):
            headers = scope["headers"] = _without_pretenders(headers, names)
        return (
            self._refuses_path(scope)
            or _refuses_headers(headers, scope)
            or self._refuses_host(headers, scope)
        )

    def _refuses_path(self, scope: Scope) -> Refusal | None:
        path, raw = scope["path"], scope.get("raw_path")
        if path[:1] != "/" and not (path == "*" and scope.get("method") == "OPTIONS"):
            return 400, "The request target is no path."
        if "\0" in path or ("\ufffd" in path and raw is not None and b"%EF%BF%BD" not in raw.upper()):
            return 400, "The path is not UTF-8, or has a NUL."
        if raw is not None and b"%2f" in raw.partition(b"?")[0].lower():
            return 404, "Not Found"
        return None

    def _refuses_host(self, headers: Any, scope: Scope) -> Refusal | None:
        host = next((value for name, value in headers if name == b"host"), None)
        if host in self._known:
            return None
        if host is None:
            missing = scope.get("http_version") == "1.1" or not self._all
            return (400, "The request has no Host.") if missing else None
        found = _HOST.fullmatch(host)
        if found is None or int(found[2] or 0) > 65535 or not _is_address(found[1]):
            return 400, "The Host is not valid."
        if not self._allows(_canonical(found[1].decode("ascii"))):
            return 421, "The Host is not served here."
        if len(self._known) >= _MOST_HOSTS_KNOWN:
            self._known.clear()
        if self._origin is None:
            self._known.add(host)
        return None

    def _allows(self, host: str) -> bool:
        return self._all or host in self._names or host.endswith(self._suffixes or ("\0",))


def _is_address(host: bytes) -> bool:
    """Tell whether what stands in brackets is an IPv6 address; names are taken as they are."""
    if host[:1] != b"[":
        return True
    try:
        ipaddress.IPv6Address(host[1:-1].decode("ascii"))
    except ValueError:
        return False
    return True


def _without_pretenders(headers: Any, names: frozenset[bytes]) -> list[Any]:
    """Return the headers without those whose underscores some would read as dashes."""
    kept = []
    for pair in headers:
        dashed = pair[0].replace(b"_", b"-")
        pretends = dashed in names or dashed in _ONCE or dashed.startswith(_FOR_PROXIES)
        if dashed == pair[0] or not pretends:
            kept.append(pair)
    return kept


def _refuses_headers(headers: Any, scope: Scope) -> Refusal | None:
    seen: set[bytes] = set()
    for name, _ in headers:
        if name in seen and name in _ONCE:
            return 400, f"There is more than one {name.decode('ascii').title()} header."
        seen.add(name)
    if {b"content-length", b"transfer-encoding"} <= seen:
        return 400, "The length of the body is given in two ways."
    if scope.get("scheme", "http") not in _SCHEMES:
        return 400, "The forwarded scheme is none."
    if b"x-forwarded-for" in seen:
        _check_client(scope)
    return None


def _check_client(scope: Scope) -> None:
    """Forget the address of a client that is none: what a trusted proxy forwards is still somebody's text."""
    client = scope.get("client")
    try:
        if client is not None:
            ipaddress.ip_address(client[0])
    except ValueError:
        scope["client"] = None


def _is_plausible(scope: Scope) -> bool:
    client = scope.get("client")
    return scope.get("scheme", "http") in _SCHEMES and (client is None or bool(_ADDRESS.fullmatch(client[0])))


def admission_of(behaviour: Behaviour, allowed_hosts: Any, public_url: Any) -> Admission | None:
    """Return what looks at the requests of an application; None where nothing is to be looked at.

    Raises InvalidValueError for a host or a URL that is none.
    """
    origin = _public_origin(public_url)
    if not behaviour.strict_requests and origin is None and allowed_hosts is None:
        return None
    return Admission(allowed_hosts, strict=behaviour.strict_requests, origin=origin)


def allow_hosts(app: Any, *hosts: str) -> None:
    """Let an application answer only under these names from now on, unless it has said which itself."""
    if app.allowed_hosts is None:
        app._admission = admission_of(app.behaviour, hosts, app.public_url)


def _public_origin(public_url: Any) -> tuple[str, bytes] | None:
    """Return scheme and host of the address under which clients know the application; None for None.

    Raises InvalidValueError for all but an http or https URL without a path.
    """
    if public_url is None:
        return None
    parts = urlsplit(public_url) if isinstance(public_url, str) else None
    if parts is None or parts.scheme not in ("http", "https") or parts.path not in ("", "/") or parts.query:
        raise InvalidValueError(
            "RAP211", f"public_url: {public_url!r} is no URL such as 'https://example.com'"
        )
    host = parts.netloc.encode("ascii", "replace")
    if not _HOST.fullmatch(host):
        raise InvalidValueError("RAP211", f"public_url: {parts.netloc!r} is no host")
    return parts.scheme, host


_SECURE = {"http": "https", "https": "https", "ws": "wss", "wss": "wss"}
_PLAIN = {"http": "http", "https": "http", "ws": "ws", "wss": "ws"}


def _publish(scope: Scope, scheme: str, host: bytes) -> None:
    """Make a request look as if it had come to the public address, so that all links lead there."""
    schemes = _SECURE if scheme == "https" else _PLAIN
    scope["scheme"] = schemes.get(scope.get("scheme", "http"), scheme)
    scope["headers"] = [(b"host", host), *(pair for pair in scope["headers"] if pair[0] != b"host")]


async def refuse(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    """Send the refusal; a WebSocket is closed before it is accepted."""
    answer: Any = WebSocketClose(1008) if scope["type"] == "websocket" else response
    await answer(scope, receive, send)
