"""Which passwords may be chosen, and passwords chosen at random."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rapide.auth.passwords import MAX_PASSWORD_BYTES

__all__ = ["PasswordPolicy", "WeakPasswordError", "generate_password"]

# Without characters that look like others (0 O o, 1 l I), so that it can be read out on the telephone.
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_ROWS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
)
_WORDS = """
    abc123 admin administrator asdf baseball batman changeme charlie computer default dragon football freedom
    hello hunter iloveyou jordan killer letmein login lovely master michael monkey mustang pass passw passwort
    password pokemon princess qazwsx qwerty secret shadow starwars summer sunshine superman test thomas
    trustno user welcome whatever winter zaqzaq
"""
_COMMON = frozenset(_WORDS.split())
# What people write for letters.
_LEET = str.maketrans("013457@$!", "oleastasi")
_FEWEST_CHARACTERS = 5


class WeakPasswordError(ValueError):
    """A password that should not be chosen. The message says why, and may be shown to who has chosen it."""


def generate_password(length: int = 20) -> str:
    """Return a password made at random of letters and digits that cannot be mistaken for others.

    20 characters hold 116 bits.

    Raises:
        ValueError: `length` is less than 12.
    """
    if length < 12:
        raise ValueError("a password made at random has at least 12 characters")
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _simplify(text: str) -> str:
    """Leave the decorations out: "P@ssw0rd!2026" becomes "password"."""
    return re.sub(r"[\W\d_]+", "", re.sub(r"[\d\W]+$", "", text.casefold()).translate(_LEET))


def _is_run(text: str) -> bool:
    """Tell whether all of it walks along a row of keys, the alphabet or the digits, forwards or backwards."""
    folded = text.casefold()
    return any(folded in row * 4 or folded[::-1] in row * 4 for row in _ROWS)


@dataclass(frozen=True, kw_only=True)
class PasswordPolicy:
    """Which passwords may be chosen.

    Length counts; there are no rules on digits or punctuation (NIST SP 800-63B).

    Args:
        min_length: The fewest characters; 12 by default, never less than 8. NIST asks for 15 where the
            password is all there is.
        is_known: A function that tells whether a password is on a list of known ones, such as one of
            breaches.
    """

    min_length: int = 12
    is_known: Callable[[str], bool] | None = None

    def __post_init__(self) -> None:
        if not 8 <= self.min_length <= 64:
            raise ValueError("min_length is 8 to 64: less is guessed, and 64 characters must do")

    def check(self, password: str, *, about: Iterable[str] = ()) -> None:
        """Raise WeakPasswordError for a password that should not be chosen.

        Args:
            password: The password.
            about: What others know: the user's name, e-mail address, the name of the site.
        """
        for complaint in (self._length(password), self._guessable(password), self._personal(password, about)):
            if complaint:
                raise WeakPasswordError(complaint)

    def _length(self, password: str) -> str | None:
        if len(password) < self.min_length:
            return f"Use at least {self.min_length} characters."
        if len(password.encode("utf-8", "surrogatepass")) > MAX_PASSWORD_BYTES:
            return f"Use at most {MAX_PASSWORD_BYTES} bytes."
        return None

    def _guessable(self, password: str) -> str | None:
        if len(set(password.casefold())) < _FEWEST_CHARACTERS:
            return f"Use at least {_FEWEST_CHARACTERS} different characters."
        if re.fullmatch(r"(.{1,6}?)\1+", password, re.DOTALL):
            return "Do not repeat the same few characters."
        known = self.is_known is not None and self.is_known(password)
        if known or _is_run(password) or _simplify(password) in _COMMON:
            return "Choose a password that is not among the first ones to be guessed."
        return None

    def _personal(self, password: str, about: Iterable[str]) -> str | None:
        simple = _simplify(password)
        words = {word for text in about for word in (_simplify(text), _simplify(text.partition("@")[0]))}
        if simple and any(simple == word for word in words):
            return "Choose a password that is not your name or address."
        return None
