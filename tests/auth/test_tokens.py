"""Signed tokens: what is accepted, and everything that is not."""

import base64
import json
import math
import secrets
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rapide.auth import Claims, InvalidTokenError, Key, Keys, Tokens
from rapide.auth.compact import parse_token
from rapide.errors import AuthDeclarationError

pytestmark = pytest.mark.anyio

_SECRET = secrets.token_urlsafe(48)
_ISSUER, _AUDIENCE = "https://api.example.com", "shop"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Nothing here waits for anything: one event loop is enough."""
    return "asyncio"


class ShopClaims(Claims):
    """Claims of an application."""

    tenant: int = 0


@pytest.fixture(scope="module")
def tokens() -> Tokens[ShopClaims]:
    """Tokens with a secret."""
    return Tokens(_SECRET, issuer=_ISSUER, audience=_AUDIENCE, claims=ShopClaims)


def _encode(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {"iss": _ISSUER, "aud": _AUDIENCE, "sub": "ann", "iat": now, "exp": now + 60, **changes}
    return {name: value for name, value in claims.items() if value is not ...}


def _sign(payload: Any, header: dict[str, Any] | None = None, key: Key | None = None) -> str:
    """A token with the right key, whatever is in it."""
    key = key or Key.from_secret(_SECRET)
    header = {"alg": key.algorithm, "typ": "at+jwt", "kid": key.kid, **(header or {})}
    header = {name: value for name, value in header.items() if value is not ...}
    signed = f"{_encode(header)}.{_encode(payload)}"
    return f"{signed}.{_encode(key.sign(signed.encode()))}"


async def _refused(tokens: Tokens[Any], token: str) -> None:
    with pytest.raises(InvalidTokenError):
        await tokens.verify(token)


async def test_what_was_issued_is_verified(anyio_backend: object, tokens: Tokens[ShopClaims]) -> None:
    """The claims come back typed, with issuer, audience, times and an id of their own."""
    token = tokens.issue("ann", scopes=["books:read", "books:write"], roles=["staff"], tenant=7)
    claims = await tokens.verify(token)
    assert isinstance(claims, ShopClaims)
    assert (claims.sub, claims.iss, claims.aud, claims.tenant) == ("ann", _ISSUER, _AUDIENCE, 7)
    assert claims.scopes == {"books:read", "books:write"}
    assert claims.roles == ("staff",)
    assert claims.exp - claims.iat == 900
    other = await tokens.verify(tokens.issue("ann"))
    assert claims.jti != other.jti
    assert other.scopes == frozenset()


async def test_other_libraries_read_and_write_the_same(anyio_backend: object, tokens: Tokens[Any]) -> None:
    """PyJWT verifies what is issued here, and its tokens are verified here."""
    read = jwt.decode(tokens.issue("ann"), _SECRET, ["HS256"], audience=_AUDIENCE, issuer=_ISSUER)
    assert read["sub"] == "ann"
    written = jwt.encode(_claims(), _SECRET, "HS256", headers={"typ": "at+jwt"})
    assert (await tokens.verify(written)).sub == "ann"


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "RS256", "PS256"])
async def test_every_algorithm_issues_and_verifies(anyio_backend: object, algorithm: str) -> None:
    """Pairs of keys work as secrets do."""
    tokens = Tokens(Keys(Key.generate(algorithm)), issuer=_ISSUER, audience=_AUDIENCE)
    assert (await tokens.verify(tokens.issue("ann"))).sub == "ann"


def test_wrong_claims_are_not_issued(anyio_backend: object, tokens: Tokens[Any]) -> None:
    """What does not fit the model is the application's mistake."""
    with pytest.raises(ValidationError):
        tokens.issue("ann", tenant="seven")
    with pytest.raises(ValidationError):
        tokens.issue("")


async def test_the_example_of_rfc_7515_is_read(anyio_backend: object) -> None:
    """Appendix A.1: its parts are those of the RFC, and its signature that of its key."""
    token = (
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
    parsed = parse_token(token)
    assert (parsed.algorithm, parsed.typ, parsed.kid) == ("HS256", "JWT", None)
    assert parsed.payload == b'{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
    key = Key.from_jwk(
        {
            "kty": "oct",
            "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
        }
    )
    assert key.verify(parsed.signed, parsed.signature)
    # It has expired, and was never meant for this audience.
    await _refused(Tokens(Keys(key), issuer="joe", audience="shop", typ="JWT"), token)


@pytest.mark.row("JWT-01")
@pytest.mark.parametrize(
    "algorithm",
    ["none", "None", "nOnE", "NONE", "", " HS256", "hs256", "HS256 ", "HS512", None, 3, ["HS256"]],
)
async def test_other_algorithms_are_refused(
    anyio_backend: object, tokens: Tokens[Any], algorithm: Any
) -> None:
    """With a signature, with an empty one, and with the right one for the right algorithm."""
    token = _sign(_claims(), {"alg": algorithm})
    await _refused(tokens, token)
    await _refused(tokens, token.rpartition(".")[0] + ".")
    await _refused(tokens, token.rpartition(".")[0])


@pytest.mark.row("JWT-01")
async def test_empty_signatures_are_refused(anyio_backend: object, tokens: Tokens[Any]) -> None:
    """A signature that is missing, cut or changed in one bit is none."""
    token = tokens.issue("ann")
    signed, _, signature = token.rpartition(".")
    for wrong in ("", "AA", signature[:-2], signature[:-1] + ("A" if signature[-1] != "A" else "E")):
        await _refused(tokens, f"{signed}.{wrong}")


@pytest.mark.row("JWT-02")
@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_public_keys_are_no_secrets(anyio_backend: object, algorithm: str) -> None:
    """A token signed with the public key as a secret, in whatever form, is refused by the holder."""
    key = Key.generate(algorithm)
    tokens = Tokens(Keys(key), issuer=_ISSUER, audience=_AUDIENCE)
    private = serialization.load_pem_private_key(key.private_pem().encode(), None)
    public = private.public_key()
    encoding, form = serialization.Encoding, serialization.PublicFormat
    pem = public.public_bytes(encoding.PEM, form.SubjectPublicKeyInfo)
    forms = [
        pem,
        pem.strip(),
        b"\xef\xbb\xbf" + pem,
        public.public_bytes(encoding.DER, form.SubjectPublicKeyInfo),
        public.public_bytes(encoding.OpenSSH, form.OpenSSH),
        json.dumps(key.public_jwk()).encode(),
    ]
    if isinstance(private, rsa.RSAPrivateKey):
        forms.append(public.public_bytes(encoding.PEM, form.PKCS1))
    method = jwt.get_algorithm_by_name("HS256")
    for secret in forms:
        for kid in (key.kid, ...):
            header = {"alg": "HS256", "typ": "at+jwt", "kid": kid}
            header = {name: value for name, value in header.items() if value is not ...}
            signed = f"{_encode(header)}.{_encode(_claims())}"
            await _refused(tokens, f"{signed}.{_encode(method.sign(signed.encode(), secret))}")


@pytest.mark.row("JWT-03")
@pytest.mark.parametrize(
    "kid",
    [
        "../../dev/null",
        "/dev/null",
        "' OR '1'='1",
        "x" * 4000,
        "",
        "\x00",
        3,
        ["a"],
        {"a": 1},
        "file:///etc/passwd",
    ],
    ids=repr,
)
async def test_kid_is_only_looked_up(anyio_backend: object, tokens: Tokens[Any], kid: Any) -> None:
    """Paths, SQL, long and empty ids, and ids that are no text find no key."""
    await _refused(tokens, _sign(_claims(), {"kid": kid}))


@pytest.mark.row("JWT-03")
@pytest.mark.parametrize(
    "member",
    [
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example/cert.pem"},
        {"x5c": ["MIIC"]},
        {"jwk": {"kty": "oct", "k": _encode(_SECRET.encode())}},
    ],
    ids=lambda member: next(iter(member)),
)
async def test_keys_in_the_header_are_refused(
    anyio_backend: object, tokens: Tokens[Any], member: dict[str, Any]
) -> None:
    """A token does not bring its own key, and sends nobody to fetch one."""
    await _refused(tokens, _sign(_claims(), member))


_TOMORROW = int(time.time()) + 24 * 60 * 60
_TIMES_OUT_OF_PLACE: dict[str, dict[str, Any]] = {
    "no expiry": {"exp": ...},
    "null expiry": {"exp": None},
    "text": {"exp": str(_TOMORROW)},
    "list": {"exp": [_TOMORROW]},
    "true": {"exp": True},
    "nan": {"exp": math.nan},
    "infinity": {"exp": math.inf},
    "float beyond years": {"exp": 1e308},
    "integer beyond floats": {"exp": 10**400},
    "negative": {"exp": -1},
    "past": {"exp": int(time.time()) - 11},
    "epoch": {"exp": 0},
    "not before tomorrow": {"nbf": _TOMORROW},
    "not before text": {"nbf": "now"},
    "not before nan": {"nbf": math.nan},
    "issued tomorrow": {"iat": _TOMORROW},
    "issued beyond years": {"iat": 1e308},
    "not issued": {"iat": ...},
    "issued text": {"iat": "now"},
}


@pytest.mark.row("JWT-04")
@pytest.mark.parametrize("changes", _TIMES_OUT_OF_PLACE.values(), ids=_TIMES_OUT_OF_PLACE)
async def test_times_out_of_place_are_refused(
    anyio_backend: object, tokens: Tokens[Any], changes: dict[str, Any]
) -> None:
    """Missing, of another type, not a number, out of all reason, over, or still to come."""
    await _refused(tokens, _sign(_claims(**changes)))


@pytest.mark.row("JWT-04")
async def test_clocks_may_differ_by_the_leeway(anyio_backend: object) -> None:
    """Within the leeway a token is accepted, beyond it is not; more than a minute refuses to start."""
    minute = Tokens(_SECRET, issuer=_ISSUER, audience=_AUDIENCE, leeway=timedelta(seconds=60))
    now = int(time.time())
    await minute.verify(_sign(_claims(exp=now - 50)))
    await minute.verify(_sign(_claims(nbf=now + 50, iat=now + 50, exp=now + 100.5)))
    await _refused(minute, _sign(_claims(exp=now - 61)))
    for leeway in (timedelta(seconds=61), timedelta(seconds=-1)):
        with pytest.raises(AuthDeclarationError, match="RAP505"):
            Tokens(_SECRET, issuer=_ISSUER, audience=_AUDIENCE, leeway=leeway)
    with pytest.raises(AuthDeclarationError, match="RAP505"):
        Tokens(_SECRET, issuer=_ISSUER, audience=_AUDIENCE, lifetime=timedelta(0))


@pytest.mark.row("JWT-05")
@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "other"},
        {"aud": ...},
        {"aud": None},
        {"aud": ""},
        {"aud": "sho"},
        {"aud": "shop2"},
        {"aud": "Shop"},
        {"aud": [_AUDIENCE]},
        {"aud": [_AUDIENCE, "other"]},
        {"aud": {"shop": 1}},
        {"iss": "https://api.example.com.evil.example"},
        {"iss": "https://api.example"},
        {"iss": "https://api.example.com/"},
        {"iss": ...},
        {"iss": [_ISSUER]},
        {"sub": ...},
        {"sub": 3},
        {"sub": ""},
    ],
    ids=repr,
)
async def test_tokens_of_others_and_for_others_are_refused(
    anyio_backend: object, tokens: Tokens[Any], changes: dict[str, Any]
) -> None:
    """Issuer and audience are equal, and not similar, part of, or one of several."""
    await _refused(tokens, _sign(_claims(**changes)))


@pytest.mark.row("JWT-05")
@pytest.mark.parametrize("typ", ["JWT", "rt+jwt", "at+jwt2", "", ..., 3, None])
async def test_tokens_of_another_class_are_refused(
    anyio_backend: object, tokens: Tokens[Any], typ: Any
) -> None:
    """The link of an e-mail, an identity token, or one that does not say, is no access token."""
    await _refused(tokens, _sign(_claims(), {"typ": typ}))
    for same in ("at+jwt", "AT+JWT", "application/at+jwt"):
        await tokens.verify(_sign(_claims(), {"typ": same}))


@pytest.mark.row("JWT-05")
def test_issuer_and_audience_must_be_configured(anyio_backend: object) -> None:
    """Without one of them nothing starts."""
    for issuer, audience in (("", "shop"), ("https://a", ""), (None, "shop"), ("https://a", ["shop"])):
        with pytest.raises(AuthDeclarationError, match="RAP504"):
            Tokens(_SECRET, issuer=issuer, audience=audience)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Tokens(_SECRET)  # type: ignore[call-arg]


async def test_several_audiences_are_accepted_where_asked_for(anyio_backend: object) -> None:
    """Some providers always write a list; ours must be in it."""
    tokens = Tokens(_SECRET, issuer=_ISSUER, audience=_AUDIENCE, several_audiences=True)
    await tokens.verify(_sign(_claims(aud=["other", _AUDIENCE])))
    await tokens.verify(_sign(_claims()))
    await _refused(tokens, _sign(_claims(aud=["other"])))
    await _refused(tokens, _sign(_claims(aud=[])))


@pytest.mark.row("JWT-06")
@pytest.mark.parametrize(
    "member",
    [
        {"crit": ["x"], "x": 1},
        {"crit": ["exp"]},
        {"crit": []},
        {"crit": None},
        {"b64": False, "crit": ["b64"]},
        {"b64": False},
        {"b64": True},
        {"zip": "DEF"},
        {"enc": "A256GCM", "alg": "dir"},
    ],
    ids=repr,
)
async def test_extensions_are_refused(
    anyio_backend: object, tokens: Tokens[Any], member: dict[str, Any]
) -> None:
    """Critical members, payloads without encoding, compression: nothing that is not understood."""
    await _refused(tokens, _sign(_claims(), member))


@pytest.mark.row("JWT-06")
async def test_encrypted_tokens_are_refused(anyio_backend: object, tokens: Tokens[Any]) -> None:
    """Five parts are a JWE: nothing is decrypted, and nothing decompressed."""
    header = _encode({"alg": "dir", "enc": "A256GCM", "zip": "DEF"})
    await _refused(tokens, f"{header}..{_encode(b'iv')}.{_encode(b'text')}.{_encode(b'tag')}")


@pytest.mark.row("JWT-07")
@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "." * 10_000,
        "." * 8000,
        "a.b.c",
        "a" * 5_000_000,
        "aaaa." * 1600,
        "é.é.é",
        "\ud800.a.a",
        "eyJ9 .e30.AAAA",
        "eyJ9.e30.AAAA\n",
        "e30=.e30=.AAAA",
        "e30.e30.AAAB" * 2,
        "AA.AA.AB",
        f"{_encode(b'[' * 3000)}.e30.AAAA",
        f"{_encode(b'null')}.e30.AAAA",
        f"{_encode(bytes([255, 254]))}.e30.AAAA",
        f"{_encode(b'{' + b'1' * 5000 + b'}')}.e30.AAAA",
    ],
    ids=lambda token: ascii(token[:20]),
)
async def test_malformed_tokens_are_refused(anyio_backend: object, tokens: Tokens[Any], token: str) -> None:
    """Three parts of base64url in 8 KiB: all else is refused before anything is done."""
    await _refused(tokens, token)


@pytest.mark.row("JWT-07")
async def test_oversized_tokens_are_refused_whoever_signed_them(
    anyio_backend: object, tokens: Tokens[Any]
) -> None:
    """8,192 bytes are read, and one more is not, though the signature is right."""
    fits = _sign(_claims(x="x" * 5700))
    assert len(fits) < 8192
    await tokens.verify(fits)
    await _refused(tokens, _sign(_claims(x="x" * 6100)))


@pytest.mark.row("JWT-07")
@pytest.mark.parametrize(
    "payload",
    [
        b"[" * 3000 + b"]" * 3000,
        b'{"a":' * 1000 + b"1" + b"}" * 1000,
        b"[]",
        b"null",
        b'"text"',
        b"",
        b"\xff",
        b"{",
        json.dumps(_claims()).encode().replace(b'"sub": "ann"', b'"sub": "ann", "sub": "root"'),
        json.dumps(_claims()).encode().replace(b'"sub": "ann"', b'"sub": "ann", "x": {"a": 1, "a": 2}'),
        json.dumps(_claims()).encode().replace(b'"sub": "ann"', b'"sub": "ann", "x": NaN'),
        json.dumps(_claims()).encode().replace(b'"ann"', b'"\\ud800"'),
    ],
    ids=lambda payload: ascii(payload[:20]),
)
async def test_payloads_that_are_no_claims_are_refused(
    anyio_backend: object, tokens: Tokens[Any], payload: bytes
) -> None:
    """Deep, empty, no object, or with a claim twice: refused, though the signature is right."""
    await _refused(tokens, _sign(payload))


@pytest.mark.row("JWT-07")
async def test_members_of_the_header_come_once(anyio_backend: object, tokens: Tokens[Any]) -> None:
    """A header with two algorithms has none."""
    key = Key.from_secret(_SECRET)
    header = f'{{"alg":"none","typ":"at+jwt","kid":"{key.kid}","alg":"HS256"}}'.encode()
    signed = f"{_encode(header)}.{_encode(_claims())}"
    await _refused(tokens, f"{signed}.{_encode(key.sign(signed.encode()))}")


async def test_rotation_keeps_tokens_valid(anyio_backend: object) -> None:
    """Tokens of the former key are accepted until it is left out."""
    old, new = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    before = Tokens(old, issuer=_ISSUER, audience=_AUDIENCE)
    during = Tokens(Keys(new, former=[old]), issuer=_ISSUER, audience=_AUDIENCE)
    after = Tokens(new, issuer=_ISSUER, audience=_AUDIENCE)
    token = before.issue("ann")
    assert (await during.verify(token)).sub == "ann"
    await _refused(after, token)
    assert (await after.verify(during.issue("ann"))).sub == "ann"


@given(
    st.text(max_size=300)
    | st.binary(max_size=300).map(lambda data: _encode(data) + "." + _encode(data) + ".AA")
)
def test_no_text_makes_the_parser_fail(token: str) -> None:
    """Whatever is sent is parsed or refused."""
    try:
        parse_token(token)
    except InvalidTokenError:
        return
