"""Hashes of other makers, verified so that users can move here: bcrypt, scrypt and PBKDF2.

The formats are those of passlib (`$pbkdf2-sha256$…`, `$scrypt$…`, `$2b$…`) and of Django (`pbkdf2_sha256$…`,
`scrypt$…`). Nothing new is hashed with them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode
from typing import Any, Protocol

__all__ = ["Bcrypt", "Pbkdf2", "Scheme", "Scrypt", "other_schemes"]

# A hash comes from the application's own database. Still, one entry must not hold a thread for minutes.
_MOST_ITERATIONS = 10_000_000
_MOST_SCRYPT_MEMORY = 256 * 1024 * 1024


class Scheme(Protocol):
    """One way of hashing; pwdlib's hashers are such."""

    def identify(self, hash: str) -> bool:  # noqa: A002 -- pwdlib's names
        """Tell whether a hash is of this kind."""
        ...

    def verify(self, password: bytes, hash: str) -> bool:  # noqa: A002 -- the name in pwdlib's protocol
        """Tell whether a hash, which is of this kind, is that of the password."""
        ...

    def check_needs_rehash(self, hash: str) -> bool:  # noqa: A002 -- the name in pwdlib's protocol
        """Tell whether a hash, which is of this kind, should be replaced."""
        ...


class _Former:
    """What all schemes share that are only verified."""

    pattern: re.Pattern[str]

    def identify(self, hash: str) -> bool:  # noqa: A002 -- the name in pwdlib's protocol
        return self.pattern.fullmatch(hash) is not None

    def check_needs_rehash(self, hash: str) -> bool:  # noqa: A002 -- the name in pwdlib's protocol
        return True

    def verify(self, password: bytes, hash: str) -> bool:  # noqa: A002 -- the name in pwdlib's protocol
        match = self.pattern.fullmatch(hash)
        if match is None:
            return False
        try:
            return self.compare(password, match)
        except ValueError:  # base64 or parameters that cannot be
            return False

    def compare(self, password: bytes, match: re.Match[str]) -> bool:
        raise NotImplementedError


def _decode(text: str) -> bytes:
    """Decode base64 with or without padding, "." for "+" as passlib writes it."""
    return b64decode(text.replace(".", "+") + "=" * (-len(text) % 4), validate=True)


class Pbkdf2(_Former):
    """PBKDF2 with HMAC (RFC 8018) and SHA-1, SHA-256 or SHA-512."""

    pattern = re.compile(
        r"\$pbkdf2(?:-(?P<digest>sha256|sha512))?\$(?P<rounds>\d{1,8})"
        r"\$(?P<salt>[A-Za-z0-9./]*)\$(?P<sum>[A-Za-z0-9./]+)"
        r"|pbkdf2_(?P<digest2>sha1|sha256)\$(?P<rounds2>\d{1,8})\$(?P<salt2>[^$]*)\$(?P<sum2>[A-Za-z0-9+/]+={0,2})"
    )

    def compare(self, password: bytes, match: re.Match[str]) -> bool:
        """Compute the hash again and compare."""
        if match["rounds"]:
            digest, rounds, salt = match["digest"] or "sha1", int(match["rounds"]), _decode(match["salt"])
            expected = _decode(match["sum"])
        else:
            digest, rounds, salt = match["digest2"], int(match["rounds2"]), match["salt2"].encode()
            expected = _decode(match["sum2"])
        if not 0 < rounds <= _MOST_ITERATIONS:
            return False
        return hmac.compare_digest(
            hashlib.pbkdf2_hmac(digest, password, salt, rounds, len(expected)), expected
        )


class Scrypt(_Former):
    """The function scrypt (RFC 7914)."""

    pattern = re.compile(
        r"\$scrypt\$ln=(?P<ln>\d{1,2}),r=(?P<r>\d{1,3}),p=(?P<p>\d{1,3})"
        r"\$(?P<salt>[A-Za-z0-9./+]*)\$(?P<sum>[A-Za-z0-9./+]+)"
        r"|scrypt\$(?P<salt2>[^$]*)\$(?P<n2>\d{1,9})\$(?P<r2>\d{1,3})\$(?P<p2>\d{1,3})\$(?P<sum2>[A-Za-z0-9+/]+={0,2})"
    )

    def compare(self, password: bytes, match: re.Match[str]) -> bool:
        """Compute the hash again and compare."""
        parameters: dict[str, Any]
        if match["ln"]:
            parameters = {"n": 2 ** int(match["ln"]), "r": int(match["r"]), "p": int(match["p"])}
            salt, expected = _decode(match["salt"]), _decode(match["sum"])
        else:
            parameters = {"n": int(match["n2"]), "r": int(match["r2"]), "p": int(match["p2"])}
            salt, expected = match["salt2"].encode(), _decode(match["sum2"])
        computed = hashlib.scrypt(
            password, salt=salt, dklen=len(expected), maxmem=_MOST_SCRYPT_MEMORY, **parameters
        )
        return hmac.compare_digest(computed, expected)


class Bcrypt(_Former):
    """The function bcrypt, by the package of that name; also Django's form, which hashes with SHA-256 before.

    It reads 72 bytes. A longer password is refused, and not cut.
    """

    pattern = re.compile(r"(?P<django>bcrypt(?P<sha>_sha256)?\$)?(?P<hash>\$2[aby]\$\d\d\$[./A-Za-z0-9]{53})")

    def compare(self, password: bytes, match: re.Match[str]) -> bool:
        """Compute the hash again and compare."""
        import bcrypt  # noqa: PLC0415 -- only whoever has such hashes needs the package

        if match["sha"]:
            password = hashlib.sha256(password).hexdigest().encode()
        return len(password) <= 72 and bcrypt.checkpw(password, match["hash"].encode())


def other_schemes() -> tuple[Scheme, ...]:
    """Return the schemes that are verified and no longer used."""
    return Bcrypt(), Scrypt(), Pbkdf2()
