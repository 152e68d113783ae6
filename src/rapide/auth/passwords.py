"""Passwords: hashed with Argon2id, verified in the same time for those who exist and those who do not."""

from __future__ import annotations

import os
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from pwdlib.hashers.argon2 import Argon2Hasher

from rapide.auth.password_schemes import Scheme, other_schemes
from rapide.errors import AuthDeclarationError

__all__ = ["MAX_PASSWORD_BYTES", "PasswordError", "Passwords", "hash_password", "verify_password"]

T = TypeVar("T")

MAX_PASSWORD_BYTES = 4096
# What OWASP takes for equally strong: memory in KiB -> iterations, with one lane.
# https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
_OWASP = {47_104: 1, 19_456: 2, 12_288: 3, 9_216: 4, 7_168: 5}
_MOST_THREADS = 4


class PasswordError(ValueError):
    """A password that cannot be kept: it is empty, has over 4,096 bytes, or is no text."""


def _prepare(password: str) -> bytes:
    """Return the bytes to hash: UTF-8 in the form NFC, as RFC 7617 and RFC 8265 have it, never cut.

    One keyboard sends an accented letter as one character, another as two; both are the same password.
    """
    if len(password) > MAX_PASSWORD_BYTES:
        raise PasswordError(f"a password has at most {MAX_PASSWORD_BYTES} bytes")
    try:
        prepared = unicodedata.normalize("NFC", password).encode("utf-8")
    except UnicodeEncodeError:
        raise PasswordError("a password is text: this one holds half a character") from None
    if not 0 < len(prepared) <= MAX_PASSWORD_BYTES:
        raise PasswordError(f"a password has 1 to {MAX_PASSWORD_BYTES} bytes")
    return prepared


class Passwords:
    """Hashes and verifies passwords. The functions of this module use one with OWASP's parameters.

    Hashing runs on threads of its own, so that however many people log in at once, no other route waits for a
    thread. Whoever hashes may also be asked to verify hashes of other makers: bcrypt, scrypt and PBKDF2 in
    the formats of passlib and Django; they are replaced at the next login, see `verify_and_update`.

    Args:
        memory_kib: The memory that one hash takes, in KiB; 19,456 by default (19 MiB).
        time_cost: How many times it goes over the memory; 2 by default.
        parallelism: How many lanes; 1 by default.
        threads: How many hashes are computed at once in this process; by default one for each processor, 4 at
            most.

    Raises:
        AuthDeclarationError: The parameters are weaker than OWASP's (RAP501).
    """

    def __init__(
        self,
        *,
        memory_kib: int = 19_456,
        time_cost: int = 2,
        parallelism: int = 1,
        threads: int | None = None,
    ) -> None:
        if not any(memory_kib >= memory and time_cost >= time for memory, time in _OWASP.items()):
            raise AuthDeclarationError(
                "RAP501", f"Argon2id with {memory_kib} KiB and {time_cost} iterations is too quick to guess"
            )
        self._current = Argon2Hasher(time_cost, memory_kib, parallelism)
        self._schemes: Sequence[Scheme] = (self._current, *other_schemes())
        self._threads = threads or min(_MOST_THREADS, os.cpu_count() or 1)
        self._limiter: RunVar[CapacityLimiter] = RunVar("rapide.passwords")
        # Nobody has this password. It is hashed at once: the first who asks for an absent user waits no
        # longer.
        self._nobodys = self._current.hash(secrets.token_bytes(32))

    async def hash(self, password: str) -> str:
        """Return the hash of a password, with a salt of its own, in the usual format `$argon2id$…`.

        Raises:
            PasswordError: The password is empty, longer than 4,096 bytes, or no text.
        """
        return await self._on_thread(self.hash_sync, password)

    def hash_sync(self, password: str) -> str:
        """Return the hash of a password, for scripts and migrations: it holds up the thread that calls it."""
        return self._current.hash(_prepare(password))

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Tell whether this is the password. For an absent user pass None: it takes as long and is False."""
        is_right, _ = await self.verify_and_update(password, hashed)
        return is_right

    async def verify_and_update(self, password: str, hashed: str | None) -> tuple[bool, str | None]:
        """Tell whether this is the password, and return a new hash where the kept one should be replaced.

        That is the case at the first login after the parameters were raised, or after users came from
        elsewhere. A password that nobody can have, or a hash in no known format, is False.
        """
        try:
            prepared = _prepare(password)
        except PasswordError:
            return False, None
        return await self._on_thread(self._verify, prepared, hashed)

    def _verify(self, password: bytes, hashed: str | None) -> tuple[bool, str | None]:
        hashed = (hashed or "").removeprefix("argon2")  # which Django writes before it
        scheme = next((scheme for scheme in self._schemes if scheme.identify(hashed)), None)
        if scheme is None:
            self._current.verify(password, self._nobodys)
            return False, None
        if not scheme.verify(password, hashed):
            return False, None
        is_current = scheme is self._current and not scheme.check_needs_rehash(hashed)
        return True, None if is_current else self._current.hash(password)

    async def _on_thread(self, function: Callable[..., T], *args: Any) -> T:
        try:
            limiter = self._limiter.get()
        except LookupError:
            limiter = CapacityLimiter(self._threads)
            self._limiter.set(limiter)
        return await to_thread.run_sync(function, *args, limiter=limiter)


_default: list[Passwords] = []


def _passwords() -> Passwords:
    if not _default:
        _default.append(Passwords())
    return _default[0]


async def hash_password(password: str) -> str:
    """Return the hash of a password with OWASP's parameters for Argon2id; see `Passwords.hash`."""
    return await _passwords().hash(password)


async def verify_password(password: str, hashed: str | None) -> bool:
    """Tell whether this is the password; for an absent user pass None. See `Passwords.verify`."""
    return await _passwords().verify(password, hashed)
