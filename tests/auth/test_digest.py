"""Digest credentials, parsed by RFC 7616."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapide.auth import parse_digest

# RFC 7616, section 3.9.1.
_HEADER = (
    'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
    'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, '
    'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


def test_the_example_of_the_rfc_is_read() -> None:
    """Quoted and bare values, by their names."""
    parsed = parse_digest(_HEADER)
    assert parsed is not None
    assert (parsed.username, parsed.realm, parsed.uri) == (
        "Mufasa",
        "http-auth@example.org",
        "/dir/index.html",
    )
    assert (parsed.algorithm, parsed.qop, parsed.nc) == ("SHA-256", "auth", "00000001")
    assert parsed.opaque == "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"


def test_quotes_inside_are_unescaped() -> None:
    """A backslash stands before what would end the text; what may be absent is None."""
    parsed = parse_digest('digest username="a\\"b\\\\c,=d", realm=r, nonce=n, uri="/", response="x", x=y')
    assert parsed is not None
    assert parsed.username == 'a"b\\c,=d'
    assert (parsed.algorithm, parsed.qop) == ("MD5", None)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Digest",
        "Digest ",
        "Basic YTpi",
        _HEADER.replace("Digest ", "Digest,"),
        _HEADER + ', nc="2"; x',
        _HEADER + ", username=other",
        _HEADER + ", USERNAME=other",
        _HEADER.replace('nonce="', "nonce="),
        _HEADER.replace("username=", "user="),
        _HEADER + ' x="\x00"',
        _HEADER + ', x="' + "y" * 4000 + '"',
    ],
)
def test_malformed_credentials_are_none(header: str) -> None:
    """Another scheme, a parameter twice or missing, an open quote, too long."""
    assert parse_digest(header) is None


@given(st.text(max_size=200))
def test_no_text_makes_the_parser_fail(text: str) -> None:
    """Whatever is sent is parsed or None."""
    parse_digest("Digest " + text)
