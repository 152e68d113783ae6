"""Keys: each with its one algorithm; weak ones refuse to start; former ones verify."""

import base64
import json
import secrets
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pydantic import SecretStr

from rapide.auth import Key, Keys
from rapide.errors import AuthDeclarationError

_SECRET = secrets.token_urlsafe(32)

# RFC 7517 and RFC 8037: keys that everybody has.
_RSA_MODULUS = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3"
    "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
    "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
    "kEgU8awapJzKnqDKgw"
)
_RSA_JWK = {
    "kty": "RSA",
    "n": _RSA_MODULUS,
    "e": "AQAB",
}
_ED25519_PRIVATE = {
    "kty": "OKP",
    "crv": "Ed25519",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}


@pytest.mark.row("JWT-09")
@pytest.mark.parametrize(
    "secret",
    [
        "",
        "changeme",
        b"x" * 31,
        "x" * 32,
        "changeme" * 8,
        "change-me-please-this-is-a-super-secret-key-for-jwt",
        "your-256-bit-secret-your-256-bit-secret",
        "django-insecure-change-this-in-production-123",
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
        "abcabcabcabcabcabcabcabcabcabcabcabc",
    ],
)
def test_weak_secrets_refuse_to_start(secret: str | bytes) -> None:
    """Short ones, patterns, placeholders, those of tutorials: a code, and nothing of the secret."""
    with pytest.raises(AuthDeclarationError) as caught:
        Keys(secret)
    assert caught.value.code == "RAP502"
    assert "token_urlsafe" in caught.value.remedy
    assert len(secret) < 3 or str(secret) not in str(caught.value)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_longer_hashes_need_longer_secrets(algorithm: str) -> None:
    """A secret is as long as the hash (RFC 7518, section 3.2)."""
    with pytest.raises(AuthDeclarationError, match="RAP502"):
        Key.from_secret(secrets.token_bytes(47), algorithm=algorithm)
    assert Key.from_secret(secrets.token_bytes(64), algorithm=algorithm).algorithm == algorithm


@pytest.mark.row("JWT-02")
def test_a_public_key_is_never_a_secret() -> None:
    """In whatever form, it is read as a public key or refused, and never the bytes of a secret."""
    public = rsa.generate_private_key(65537, 2048).public_key()
    encoding, form = serialization.Encoding, serialization.PublicFormat
    pem = public.public_bytes(encoding.PEM, form.SubjectPublicKeyInfo)
    others = [
        public.public_bytes(encoding.DER, form.SubjectPublicKeyInfo),
        public.public_bytes(encoding.OpenSSH, form.OpenSSH),
        json.dumps(_RSA_JWK).encode(),
        b"\xef\xbb\xbf" + json.dumps(_RSA_JWK).encode(),
    ]
    for text in (pem, pem.decode(), b"\xef\xbb\xbf" + pem, b"\n\n" + pem, *others):
        with pytest.raises(AuthDeclarationError) as caught:
            Keys(text)
        assert caught.value.code == "RAP503"
    for text in (pem, *others):
        with pytest.raises(AuthDeclarationError):
            Key.from_secret(text)
    key = Key.from_pem(pem)
    assert (key.algorithm, key.can_sign) == ("RS256", False)
    with pytest.raises(TypeError, match="public"):
        key.sign(b"")


@pytest.mark.parametrize(
    ("algorithm", "material"),
    [
        pytest.param("none", _SECRET, id="none-secret"),
        ("HS256", {**_RSA_JWK, "alg": "HS256"}),
        ("RS256", {**_RSA_JWK, "alg": "none"}),
        ("ES256", _RSA_JWK),
        ("EdDSA", _RSA_JWK),
        ("RS256", {**_RSA_JWK, "alg": "PS256"}),
        (None, {"kty": "oct"}),
        (None, {"kty": "oct", "k": 3}),
        (None, {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}),
        (None, {}),
        (None, 3),
    ],
)
@pytest.mark.row("JWT-01", "JWT-02")
def test_keys_do_not_fit_other_algorithms(algorithm: str | None, material: Any) -> None:
    """A key has the algorithms of its type, and `none` is no algorithm."""
    make = Key.from_jwk if isinstance(material, dict) else Key.from_secret
    with pytest.raises(AuthDeclarationError) as caught:
        make(material, algorithm=algorithm) if algorithm else Keys(material)
    assert caught.value.code == "RAP503"


@pytest.mark.parametrize(
    "make", [lambda: rsa.generate_private_key(65537, 1024), lambda: ec.generate_private_key(ec.SECP256K1())]
)
def test_weak_pairs_refuse_to_start(make: Any) -> None:
    """RSA of 1,024 bits, and curves that no algorithm here has."""
    pem = make().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(AuthDeclarationError, match="RAP503"):
        Keys(pem)
    with pytest.raises(AuthDeclarationError, match="RAP503"):
        Keys("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n")


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "ES384", "ES512", "RS256", "PS512"])
def test_pairs_sign_and_verify(algorithm: str) -> None:
    """Each algorithm signs with the private half and verifies with the public one, read from PEM and JWK."""
    key = Key.generate(algorithm)
    signature = key.sign(b"data")
    again = Key.from_pem(key.private_pem(), algorithm=algorithm)
    assert again.kid == key.kid
    assert again.verify(b"data", signature)
    public = Key.from_jwk(key.public_jwk() or {})
    assert (public.kid, public.algorithm, public.can_sign) == (key.kid, algorithm, False)
    assert public.verify(b"data", signature)
    assert not public.verify(b"other", signature)
    assert not public.verify(b"data", signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not public.verify(b"data", b"")


def test_a_key_that_needs_a_password_gets_one() -> None:
    """An encrypted PEM file is read with its password, and without is a mistake."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"open sesame"),
    )
    assert Key.from_pem(pem, password="open sesame").algorithm == "ES256"
    with pytest.raises(AuthDeclarationError, match="RAP503"):
        Key.from_pem(pem)


def test_thumbprint_is_that_of_rfc_8037() -> None:
    """The id of a key begins as the thumbprint in the RFC does."""
    key = Key.from_jwk(_ED25519_PRIVATE)
    assert key.can_sign
    assert "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k".startswith(key.kid)


def test_signature_is_that_of_rfc_8037() -> None:
    """The example of RFC 8037, appendix A.4 is signed as the RFC signs it."""
    key = Key.from_jwk(_ED25519_PRIVATE)
    data = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    expected = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    assert base64.urlsafe_b64encode(key.sign(data)).rstrip(b"=").decode() == expected


@pytest.mark.anyio
async def test_former_keys_verify_and_do_not_sign(anyio_backend: object) -> None:
    """After a rotation the new key signs, and both are found by their ids, each with its algorithm alone."""
    old, new = Key.generate("ES256"), Key.generate()
    keys = Keys(new, former=[old, _SECRET])
    assert keys.current is new
    assert await keys.find(old.kid, "ES256") is old
    assert await keys.find(new.kid, "EdDSA") is new
    assert await keys.find(old.kid, "EdDSA") is None
    assert await keys.find(None, "EdDSA") is None
    assert await keys.find("../../dev/null", "EdDSA") is None
    assert await Keys(new).find(None, "EdDSA") is new
    assert await Keys(new).find(None, "HS256") is None


def test_two_keys_with_one_id_refuse_to_start() -> None:
    """Nobody could tell which one a token means."""
    with pytest.raises(AuthDeclarationError, match="RAP503"):
        Keys(_SECRET, former=[_SECRET])


def test_the_published_set_holds_public_halves_only() -> None:
    """No secret and no private member leaves the application."""
    private = Key.generate("RS256")
    keys = Keys(private, former=[Key.generate(), _SECRET])
    published = keys.jwks()["keys"]
    assert [jwk["alg"] for jwk in published] == ["RS256", "EdDSA"]
    assert published[0]["kid"] == private.kid
    for jwk in published:
        assert jwk["use"] == "sig"
        assert not set(jwk) & {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}


def test_no_key_shows_itself() -> None:
    """The text of a key holds no secret."""
    for key in (Key.from_secret(SecretStr(_SECRET)), Key.generate()):
        assert repr(key) == f"Key(kid={key.kid!r}, algorithm={key.algorithm!r})"
        assert _SECRET not in repr(vars(Keys(key)))
