"""Tests of `rapide.docs.policy`."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_reading import HOSTILE_TEXT

from rapide.docs.policy import declared_origins, make_nonce, origin_of, page_headers


def _directives(**arguments: Any) -> dict[str, list[str]]:
    policy = page_headers("n0nce", **arguments)["content-security-policy"]
    return {name: sources for name, *sources in map(str.split, policy.split("; "))}


def test_policy_names_no_other_host_when_nothing_is_declared() -> None:
    """Everything is refused but the page's own scripts and styles, images, media and data of its own host."""
    assert _directives() == {
        "default-src": ["'none'"],
        "script-src": ["'nonce-n0nce'"],
        "style-src": ["'nonce-n0nce'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


def test_headers_protect_the_page_beside_the_policy() -> None:
    """A page is not sniffed, tells other hosts no address, and is kept by no shared cache."""
    headers = page_headers("n0nce")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "private, no-cache"


def test_policy_grows_when_sources_are_added() -> None:
    """Added sources join those of a directive, replace 'none', or make a directive that was not there."""
    sources = {
        "img-src": ["https://cdn.example.com"],
        "frame-ancestors": ["'self'"],
        "worker-src": ["blob:"],
    }
    directives = _directives(connect=["https://api.example.com"], sources=sources)
    assert directives["connect-src"] == ["'self'", "https://api.example.com"]
    assert directives["img-src"] == ["'self'", "data:", "blob:", "https://cdn.example.com"]
    assert directives["frame-ancestors"] == ["'self'"]
    assert directives["worker-src"] == ["blob:"]
    assert directives["script-src"] == ["'nonce-n0nce'"]


@pytest.mark.parametrize(
    "sources",
    [
        {"img-src": ["https://a.example; script-src *"]},
        {"img-src": ["https://a.example,default-src *"]},
        {"img-src": ["https://a.example *"]},
        {"img-src": ["line\nbreak"]},
        {"img-src": [""]},
        {"img-src": ["é"]},
        {"img-src": "https://a.example"},
        {"img-src; script-src": ["*"]},
        {"": ["*"]},
    ],
)
def test_policy_is_refused_when_a_source_is_none(sources: Any) -> None:
    """A source that could end its directive or its policy is a mistake, not a wider policy."""
    with pytest.raises(ValueError, match="Not sources of a Content Security Policy"):
        page_headers("n0nce", sources=sources)


def test_nonces_differ_when_pages_do() -> None:
    """Every page has a nonce of its own, of 128 bits."""
    nonces = {make_nonce() for _ in range(100)}
    assert len(nonces) == 100
    assert {len(nonce) for nonce in nonces} == {22}


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.example.com/v1?x=1", "https://api.example.com"),
        ("HTTPS://API.Example.com", "https://api.example.com"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("https://user:password@api.example.com", "https://api.example.com"),
        ("https://*.example.com", "https://*.example.com"),
        ("/v1", None),
        ("", None),
        ("//api.example.com", None),
        ("ftp://api.example.com", None),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("https://*", None),
        ("https://a;script-src *", None),
        ("https://a,b", None),
        ("https://{region}.example.com", None),
        ("https://[::1]:8000", None),
        ("https://[", None),
        ("https://a:port", None),
        ("https://a:99999", None),
        (None, None),
        (7, None),
    ],
)
def test_origin_is_known_when_a_url_has_one(url: object, origin: str | None) -> None:
    """Only an absolute http or https URL with a host that a policy can name has an origin."""
    assert origin_of(url) == origin


@given(HOSTILE_TEXT)
def test_origin_cannot_widen_the_policy_when_a_url_is_hostile(text: str) -> None:
    """Whatever a document's URL holds, its origin is one source."""
    for url in (text, f"https://{text}", f"https://a.example{text}", f"https://a.example:{text}"):
        origin = origin_of(url)
        assert origin is None or not set(origin) & set(" ;,'\"\n\t")


def test_origins_are_those_of_all_servers_when_declared_anywhere() -> None:
    """Servers of the document, of a path and of an operation count; relative ones add nothing."""
    document = {
        "servers": [{"url": "https://one.example/v1"}, {"url": "/v2"}, {"url": "https://one.example/v3"}],
        "paths": {
            "/a": {
                "servers": [{"url": "https://two.example"}],
                "get": {"servers": [{"url": "http://three.example:8080/x"}]},
                "parameters": [],
            }
        },
    }
    assert declared_origins(document) == (
        "http://three.example:8080",
        "https://one.example",
        "https://two.example",
    )


def test_origins_are_those_of_every_value_when_a_server_has_variables() -> None:
    """A variable's default and its enumerated values each make a server."""
    server = {
        "url": "https://{region}.example.com:{port}",
        "variables": {"region": {"default": "eu", "enum": ["eu", "us"]}, "port": {"default": "8443"}},
    }
    assert declared_origins({"servers": [server]}) == (
        "https://eu.example.com:8443",
        "https://us.example.com:8443",
    )


def test_origins_are_few_when_variables_make_millions() -> None:
    """A server whose variables multiply does not make the header grow without end."""
    variables = {name: {"default": "0", "enum": [str(digit) for digit in range(10)]} for name in "abcdefgh"}
    url = "https://" + "".join(f"{{{name}}}" for name in variables) + ".example"
    assert len(declared_origins({"servers": [{"url": url, "variables": variables}]})) == 64


def test_origins_are_those_of_token_endpoints_when_schemes_have_them() -> None:
    """What the page fetches to log in is declared; the page that the user logs in on is not fetched."""
    flow = {
        "authorizationUrl": "https://login.example/authorize",
        "tokenUrl": "https://token.example/token",
        "refreshUrl": "https://refresh.example/token",
        "scopes": {},
    }
    schemes = {
        "oauth": {"type": "oauth2", "flows": {"authorizationCode": flow, "password": {"tokenUrl": "token"}}},
        "oidc": {"type": "openIdConnect", "openIdConnectUrl": "https://id.example/.well-known/x"},
        "key": {"type": "apiKey", "in": "header", "name": "x"},
    }
    assert declared_origins({"components": {"securitySchemes": schemes}}) == (
        "https://id.example",
        "https://refresh.example",
        "https://token.example",
    )


_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "servers",
                    "url",
                    "variables",
                    "enum",
                    "paths",
                    "components",
                    "securitySchemes",
                    "flows",
                    "a",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["servers", "paths", "components"]), _ANY_JSON))
def test_origins_are_found_when_a_document_is_malformed(document: dict[str, Any]) -> None:
    """A document that a user changed into anything at all still has its page."""
    assert isinstance(declared_origins(document), tuple)
