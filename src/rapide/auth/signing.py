"""Values that somebody else keeps and cannot change: signed, by name, with a time."""

from __future__ import annotations

import base64
import hmac
import re
import time
from collections.abc import Iterable
from datetime import timedelta

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from rapide.auth.keys import Key

__all__ = ["SignedValues"]

_LONGEST = 16_384
_FORM = re.compile(r"([A-Za-z0-9_-]*)\.(\d{1,12})\.([A-Za-z0-9_-]{43})")


class SignedValues:
    """Signs values that go through a cookie, a link or a form, and reads them again. They can be read by all.

    Each name has a key of its own (HKDF, RFC 5869): what was signed as one thing is never taken for another.

    Args:
        secret: What signs; 32 random bytes or more.
        former: Secrets that have signed before, and are still read.

    Raises:
        AuthDeclarationError: A secret is too short or well known (RAP502).
    """

    def __init__(
        self, secret: str | bytes | SecretStr, *, former: Iterable[str | bytes | SecretStr] = ()
    ) -> None:
        self._secrets = [_check(each) for each in (secret, *former)]

    def sign(self, name: str, value: str) -> str:
        """Return the value with the time and a signature, as text that a cookie or a URL may hold."""
        text = base64.urlsafe_b64encode(value.encode()).rstrip(b"=").decode()
        signed = f"{text}.{int(time.time())}"
        return f"{signed}.{_signature(self._secrets[0], name, signed)}"

    def read(self, name: str, signed: str, *, max_age: timedelta) -> str | None:
        """Return the value; None where it was changed, signed with another name or secret, or is too old."""
        match = _FORM.fullmatch(signed) if len(signed) <= _LONGEST else None
        if match is None:
            return None
        body = signed.rpartition(".")[0]
        expected = [_signature(secret, name, body) for secret in self._secrets]
        # All are compared, whichever is right.
        is_right = [hmac.compare_digest(match[3], each) for each in expected]
        if not any(is_right):
            return None
        age = time.time() - int(match[2])
        if not -60 <= age <= max_age.total_seconds():
            return None
        return base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)).decode()


def _check(secret: str | bytes | SecretStr) -> bytes:
    Key.from_secret(secret)
    text = secret.get_secret_value() if isinstance(secret, SecretStr) else secret
    return text.encode() if isinstance(text, str) else text


def _signature(secret: bytes, name: str, signed: str) -> str:
    info = b"rapide.auth.signing " + name.encode()
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)
    digest = hmac.digest(key, signed.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
