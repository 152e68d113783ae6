"""Which hosts a docs page may talk to: its Content Security Policy and the other headers that protect it.

A page may run and style itself with what carries its nonce, and nothing else: no inline handler, no script
that someone uploaded to the same host. It may load data from its own host, and from the origins that the API
description itself declares as servers or token endpoints, because "Try it out" has to reach them.

Content Security Policy Level 3: https://www.w3.org/TR/CSP3/
"""

import itertools
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

__all__ = ["declared_origins", "make_nonce", "origin_of", "page_headers"]

# A host as a source may be written (section 2.3.1 of CSP3); anything else could end it and begin another one.
_HOST = re.compile(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*", re.IGNORECASE)
# Visible ASCII but for comma and semicolon, which separate policies and directives.
_SOURCE = re.compile(r"[!-+\--:<-~]+")
_DIRECTIVE = re.compile(r"[a-z-]+")

# The most URLs that the variables of one server may make; a description with more gets the first ones.
_SERVER_URLS = 64

_OAUTH_ENDPOINTS = ("tokenUrl", "refreshUrl")


def make_nonce() -> str:
    """Return the nonce of one page: 128 random bits, as CSP3 asks for in section 7.1."""
    return secrets.token_urlsafe(16)


def page_headers(
    nonce: str,
    *,
    connect: Iterable[str] = (),
    sources: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, str]:
    """Return the headers of a docs page.

    Args:
        nonce: What the page's own scripts and styles carry.
        connect: Further origins that the page may fetch from.
        sources: What to add to the policy, by directive: `{"img-src": ["https://cdn.example.com"]}`.

    Raises:
        ValueError: `sources` holds something that is no source of a policy.
    """
    directives = {
        "default-src": ["'none'"],
        "script-src": [f"'nonce-{nonce}'"],
        "style-src": [f"'nonce-{nonce}'"],
        "img-src": ["'self'", "data:", "blob:"],  # icons in style sheets; image answers of "Try it out"
        "media-src": ["'self'", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'", *connect],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    for name, added in (sources or {}).items():
        _check_sources(name, added)
        kept = [source for source in directives.get(name, ()) if source != "'none'"]
        directives[name] = [*kept, *added]
    return {
        "content-security-policy": "; ".join(
            " ".join((name, *values)) for name, values in directives.items()
        ),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        # The nonce belongs to one answer: a shared cache that repeated it would make it known.
        "cache-control": "private, no-cache",
    }


def _check_sources(name: str, sources: Sequence[str]) -> None:
    wrong = [source for source in sources if not _SOURCE.fullmatch(source)]
    if isinstance(sources, str) or wrong or not _DIRECTIVE.fullmatch(name):
        raise ValueError(
            f"Not sources of a Content Security Policy: {name!r}: {sources!r}. "
            'Write a directive with a list of sources, such as {"img-src": ["https://cdn.example.com"]}.'
        )


def origin_of(url: object) -> str | None:
    """Return the origin of an absolute http or https URL as a source of a policy; None for anything else."""
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        return None
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")


def declared_origins(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the origins that the UI has to reach for an OpenAPI document, sorted.

    These are the servers of the document, of its paths and of its operations, and the endpoints that OAuth2
    flows and OpenID Connect fetch. An authorization endpoint is opened as a page, not fetched, and needs no
    permission.
    """
    urls = itertools.chain(_server_urls(document), _security_urls(document))
    return tuple(sorted(set(filter(None, map(origin_of, urls)))))


def _server_urls(document: Mapping[str, Any]) -> Iterator[str]:
    paths = _mapping(document.get("paths"))
    operations = (member for path in paths.values() for member in _mapping(path).values())
    for holder in itertools.chain((document,), paths.values(), operations):
        servers = _mapping(holder).get("servers")
        for server in servers if isinstance(servers, list) else ():
            yield from _expand_server(_mapping(server))


def _expand_server(server: Mapping[str, Any]) -> Iterator[str]:
    """Put every combination of its variables' values into a server's URL."""
    url = str(server.get("url", ""))
    variables = _mapping(server.get("variables"))
    choices = [_variable_values(_mapping(variable)) for variable in variables.values()]
    for values in itertools.islice(itertools.product(*choices), _SERVER_URLS):
        expanded = url
        for name, value in zip(variables, values, strict=True):
            expanded = expanded.replace(f"{{{name}}}", value)
        yield expanded


def _variable_values(variable: Mapping[str, Any]) -> list[str]:
    enumerated = variable.get("enum")
    values = [variable.get("default", ""), *(enumerated if isinstance(enumerated, list) else ())]
    return list(dict.fromkeys(map(str, values)))


def _security_urls(document: Mapping[str, Any]) -> Iterator[object]:
    schemes = _mapping(_mapping(document.get("components")).get("securitySchemes"))
    for scheme in map(_mapping, schemes.values()):
        yield scheme.get("openIdConnectUrl")
        for flow in map(_mapping, _mapping(scheme.get("flows")).values()):
            yield from map(flow.get, _OAUTH_ENDPOINTS)


def _mapping(value: object) -> Mapping[str, Any]:
    """A user may have written anything into the document: what is no object has no members."""
    return value if isinstance(value, Mapping) else {}
