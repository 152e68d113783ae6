"""Opaque secrets: made at random, kept as hashes, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import secrets

__all__ = ["constant_time_equal", "generate_secret", "hash_secret"]


def generate_secret(size: int = 32) -> str:
    """Return a new secret of `size` random bytes as URL-safe text (base64url); 32 bytes are 43 characters.

    Raises:
        ValueError: `size` is less than 16, which could be guessed.
    """
    if size < 16:
        raise ValueError("a secret has at least 16 random bytes")
    return secrets.token_urlsafe(size)


def hash_secret(secret: str) -> str:
    """Return what a store may keep of a secret from `generate_secret`: its SHA-256, in 64 hexadecimal digits.

    For passwords use `hash_password`: they can be guessed, and need a hash that is slow.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def constant_time_equal(left: str | bytes, right: str | bytes) -> bool:
    """Tell whether two values are equal, in a time that tells neither where they differ nor how long one is.

    Text is compared as UTF-8, whatever characters it has; `secrets.compare_digest` takes only ASCII.
    """
    return hmac.compare_digest(_digest(left), _digest(right))


def _digest(value: str | bytes) -> bytes:
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    return hashlib.sha256(value).digest()
