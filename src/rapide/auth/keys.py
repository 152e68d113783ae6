"""Keys that sign tokens: each with its one algorithm and its id, a current one and those that came before."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.exceptions import PyJWTError
from pydantic import SecretStr

from rapide.errors import AuthDeclarationError

__all__ = ["ALGORITHMS", "Key", "KeySource", "Keys"]

# Algorithm -> the type of its key in a JWK, and for elliptic curves which one (RFC 7518, RFC 8037).
ALGORITHMS: Mapping[str, tuple[str, str | None]] = {
    "HS256": ("oct", None),
    "HS384": ("oct", None),
    "HS512": ("oct", None),
    "EdDSA": ("OKP", "Ed25519"),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "RS256": ("RSA", None),
    "RS384": ("RSA", None),
    "RS512": ("RSA", None),
    "PS256": ("RSA", None),
    "PS384": ("RSA", None),
    "PS512": ("RSA", None),
}
# As long as the hash (RFC 7518, section 3.2).
_SECRET_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}
_RSA_BITS = 2048
_FEWEST_BYTES = 8
# Secrets that stand in tutorials, and words that templates of settings are filled with.
_PUBLISHED = frozenset(
    {
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
        "a-string-secret-at-least-256-bits-long",
    }
)
_PLACEHOLDER = re.compile(
    r"change|replace|your|my|this|here|me|in|to|a|the|for|with|jwt|key|secret|super|very|long|random|string|"
    r"password|insecure|unsafe|example|default|django|flask|fastapi|rapide|dev|development|production|test|"
    r"please|must|be|at|least|bits|bytes|characters|256|512|32|64|[^a-z0-9]|\d{1,3}$"
)

Material = "Key | str | bytes | SecretStr | Mapping[str, Any]"


class KeySource(Protocol):
    """Where the keys of tokens are looked up."""

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        """Return the key with this id and algorithm; without an id the only key. None where there is none."""
        ...


class Key:
    """One key with its one algorithm. A token that names another algorithm is not one of this key.

    Make one with `from_secret`, `from_pem`, `from_jwk` or `generate`.

    Attributes:
        kid: The id of the key, which tokens name; by default computed from the key.
        algorithm: The algorithm, a key of `ALGORITHMS`.
        can_sign: Whether it holds the private half, or the secret.
    """

    __slots__ = ("_method", "_signing", "_verifying", "algorithm", "can_sign", "kid")

    def __init__(self, algorithm: str, signing: Any, verifying: Any, kid: str | None = None) -> None:
        self._method = jwt.get_algorithm_by_name(algorithm)
        self.algorithm = algorithm
        try:
            self._signing = None if signing is None else self._method.prepare_key(signing)
            self._verifying = self._method.prepare_key(verifying)
        except (PyJWTError, TypeError, ValueError):
            raise AuthDeclarationError("RAP503", f"The key does not fit the algorithm {algorithm}") from None
        self.can_sign = signing is not None
        self.kid = kid or self._thumbprint()

    def __repr__(self) -> str:
        return f"Key(kid={self.kid!r}, algorithm={self.algorithm!r})"

    @classmethod
    def from_secret(
        cls, secret: str | bytes | SecretStr, *, algorithm: str = "HS256", kid: str | None = None
    ) -> Key:
        """Return the key of a secret that signs and verifies; 32 random bytes or more.

        Raises:
            AuthDeclarationError: The secret is too short or well known (RAP502), or not a secret (RAP503).
        """
        if algorithm not in _SECRET_BYTES:
            raise AuthDeclarationError("RAP503", f"{algorithm} is no algorithm of secrets")
        text = secret.get_secret_value() if isinstance(secret, SecretStr) else secret
        value = text.encode() if isinstance(text, str) else text
        _check_secret(value, _SECRET_BYTES[algorithm])
        return cls(algorithm, value, value, kid)

    @classmethod
    def from_pem(
        cls,
        pem: str | bytes,
        *,
        algorithm: str | None = None,
        kid: str | None = None,
        password: str | bytes | None = None,
    ) -> Key:
        """Return the key of a PEM file: RSA (2,048 bits or more), P-256, P-384, P-521 or Ed25519.

        A public key can only verify. By default RSA signs with RS256, the others with the algorithm of their
        curve.

        Raises:
            AuthDeclarationError: It is no such file, or does not fit the algorithm (RAP503).
        """
        data = pem.encode() if isinstance(pem, str) else pem
        secret = password.encode() if isinstance(password, str) else password
        try:
            if b"PRIVATE" in data:
                private: Any = serialization.load_pem_private_key(data, secret)
                return cls._of_pair(private, private.public_key(), algorithm, kid)
            return cls._of_pair(None, serialization.load_pem_public_key(data), algorithm, kid)
        except AuthDeclarationError:
            raise
        except Exception:  # noqa: BLE001 -- whatever the library says may quote the key
            raise AuthDeclarationError("RAP503", "The PEM file holds no key that can be read") from None

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any], *, algorithm: str | None = None, kid: str | None = None) -> Key:
        """Return the key of a JSON Web Key (RFC 7517).

        Its `alg` must be the algorithm where both are given.

        Raises:
            AuthDeclarationError: It is no such key, or does not fit the algorithm (RAP502, RAP503).
        """
        named = jwk.get("alg")
        if algorithm is not None and named is not None and named != algorithm:
            raise AuthDeclarationError("RAP503", f"The key is one of {named}, not of {algorithm}")
        algorithm = algorithm or named
        kid = kid or jwk.get("kid")
        try:
            if jwk.get("kty") == "oct":
                secret = base64.urlsafe_b64decode(jwk["k"] + "==")
                return cls.from_secret(secret, algorithm=algorithm or "HS256", kid=kid)
            key: Any = jwt.PyJWK(dict(jwk), algorithm or _algorithm_of(jwk)).key
        except (PyJWTError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, AuthDeclarationError):
                raise
            raise AuthDeclarationError("RAP503", "The JWK is not one that can be read") from None
        is_private = hasattr(key, "public_key")
        return cls._of_pair(
            key if is_private else None, key.public_key() if is_private else key, algorithm, kid
        )

    @classmethod
    def generate(cls, algorithm: str = "EdDSA") -> Key:
        """Return a new key made at random; for tests, or to write down its `private_pem()`.

        Raises:
            AuthDeclarationError: The algorithm does not exist, or is one of secrets (RAP503).
        """
        kind, curve = ALGORITHMS.get(algorithm, (None, None))
        private: Any
        if kind == "RSA":
            private = rsa.generate_private_key(65537, _RSA_BITS)
        elif kind == "OKP":
            private = ed25519.Ed25519PrivateKey.generate()
        elif kind == "EC":
            private = ec.generate_private_key(_CURVES[str(curve)])
        else:
            raise AuthDeclarationError("RAP503", f"No pair of keys can be made for {algorithm}")
        return cls._of_pair(private, private.public_key(), algorithm, None)

    @classmethod
    def _of_pair(cls, private: Any, public: Any, algorithm: str | None, kid: str | None) -> Key:
        found = _algorithms_of(public)
        if not found or (algorithm is not None and algorithm not in found):
            fits = f"; it fits {', '.join(found)}" if found else ""
            raise AuthDeclarationError("RAP503", f"The key does not fit the algorithm {algorithm}{fits}")
        return cls(algorithm or found[0], private, public, kid)

    def sign(self, data: bytes) -> bytes:
        """Return the signature of some bytes. Raises TypeError for a key that can only verify."""
        if not self.can_sign:
            raise TypeError("a public key cannot sign")
        return self._method.sign(data, self._signing)

    def verify(self, data: bytes, signature: bytes) -> bool:
        """Tell whether the signature is one of this key for these bytes."""
        return self._method.verify(data, self._verifying, signature)

    def public_jwk(self) -> dict[str, Any] | None:
        """Return the public half as a JSON Web Key (RFC 7517); None for a secret, which has none."""
        if self.algorithm in _SECRET_BYTES:
            return None
        jwk = dict(self._method.to_jwk(self._verifying, as_dict=True))
        jwk.pop("key_ops", None)
        return {**jwk, "kid": self.kid, "alg": self.algorithm, "use": "sig"}

    def private_pem(self) -> str:
        """Return the private half as a PEM file (PKCS 8), not encrypted. Raises TypeError for others."""
        if not self.can_sign or self.algorithm in _SECRET_BYTES:
            raise TypeError("only a private key has a PEM file")
        private: Any = self._signing
        pem: bytes = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return pem.decode()

    def _thumbprint(self) -> str:
        """Return an id that is the same everywhere (RFC 7638); that of a secret tells nothing of it."""
        if self.algorithm in _SECRET_BYTES:
            digest = hmac.digest(self._verifying, b"rapide.auth kid", "sha256")
        else:
            members = self._method.to_jwk(self._verifying, as_dict=True)
            required = {name: members[name] for name in ("crv", "e", "kty", "n", "x", "y") if name in members}
            digest = hashlib.sha256(
                json.dumps(required, separators=(",", ":"), sort_keys=True).encode()
            ).digest()
        return base64.urlsafe_b64encode(digest[:12]).decode()


class Keys:
    """The keys of an application: the current one signs, and tokens of the former ones stay valid.

    To change the key, let the new one be the current one and the old one a former one; when the last token of
    the old one has expired, leave it out.

    Args:
        current: The key that signs. A secret as text or bytes (HS256), the text of a PEM file, a JWK as dict,
            or a `Key`.
        former: Keys that are only verified, in the same forms.

    Raises:
        AuthDeclarationError: A secret is too short or well known (RAP502); a key cannot be read, cannot sign,
            or two have one id (RAP503).
    """

    def __init__(self, current: Any, *, former: Iterable[Any] = ()) -> None:
        self.current = _key(current)
        self._all = (self.current, *map(_key, former))
        if not self.current.can_sign:
            raise AuthDeclarationError("RAP503", "The current key is a public one, which cannot sign")
        self._by_id = {(key.kid, key.algorithm): key for key in self._all}
        if len({key.kid for key in self._all}) < len(self._all):
            raise AuthDeclarationError("RAP503", "Two keys have the same id")

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        """Return the key with this id and algorithm; without an id the only key. None where there is none."""
        if kid is None:
            only = self._all[0]
            return only if len(self._all) == 1 and only.algorithm == algorithm else None
        return self._by_id.get((kid, algorithm))

    def jwks(self) -> dict[str, Any]:
        """Return the public halves as a JWK set (RFC 7517). Secrets are in none."""
        public = (key.public_jwk() for key in self._all)
        return {"keys": [jwk for jwk in public if jwk is not None]}


_CURVES: Mapping[str, ec.EllipticCurve] = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
}
_ALGORITHM_OF_CURVE = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


def _algorithms_of(public: Any) -> list[str]:
    """Return the algorithms that a public key can be used with, the default first."""
    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= _RSA_BITS:
        return [name for name, (kind, _) in ALGORITHMS.items() if kind == "RSA"]
    if isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name in _ALGORITHM_OF_CURVE:
        return [_ALGORITHM_OF_CURVE[public.curve.name]]
    return ["EdDSA"] if isinstance(public, ed25519.Ed25519PublicKey) else []


def _algorithm_of(jwk: Mapping[str, Any]) -> str | None:
    """Return the algorithm that only the type of a JWK decides: PyJWK needs one to read it."""
    kind = (jwk.get("kty"), jwk.get("crv"))
    return next((name for name, of in ALGORITHMS.items() if of == kind), None)


def _key(material: Any) -> Key:
    if isinstance(material, Key):
        return material
    if isinstance(material, SecretStr):
        material = material.get_secret_value()
    if isinstance(material, Mapping):
        return Key.from_jwk(material)
    if isinstance(material, str | bytes):
        text = material if isinstance(material, str) else material.decode("latin-1")
        return Key.from_pem(material) if "-----BEGIN" in text else Key.from_secret(material)
    raise AuthDeclarationError(
        "RAP503", f"A key is text, bytes, a JWK or a Key, not {type(material).__name__}"
    )


def _check_secret(secret: bytes, least: int) -> None:
    text = secret.decode("utf-8", "replace").strip().lower()
    if len(secret) < least:
        raise AuthDeclarationError("RAP502", f"The secret has {len(secret)} bytes; {least} are the least")
    # What is left of "change-me-please-this-is-a-secret-key" without such words is next to nothing.
    is_known = text in _PUBLISHED or len(_PLACEHOLDER.sub("", text)) < _FEWEST_BYTES
    if is_known or len(set(secret)) < _FEWEST_BYTES:
        raise AuthDeclarationError(
            "RAP502", "The secret can be guessed: it is a well-known one, or a pattern"
        )
