"""Opaque secrets: made at random, kept as hashes, compared in constant time."""

import hashlib

import pytest

from rapide.auth import constant_time_equal, generate_secret, hash_secret


def test_secrets_are_long_and_differ() -> None:
    """32 random bytes are 43 characters that a URL takes."""
    made = {generate_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(secret) for secret in made} == {43}
    assert all(
        set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for secret in made
    )


def test_short_secrets_are_refused() -> None:
    """What could be guessed is not made."""
    with pytest.raises(ValueError, match="16"):
        generate_secret(15)


def test_hash_is_sha_256() -> None:
    """A store keeps 64 hexadecimal digits."""
    assert hash_secret("abc") == hashlib.sha256(b"abc").hexdigest()


@pytest.mark.row("AUT-04")
@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ("pässword", "pässword", True),
        ("pässword", "pässword".encode(), True),
        (b"\xff\x00", b"\xff\x00", True),
        ("", b"", True),
        ("pässword", "password", False),
        ("a", "ab", False),
        ("\ud800", "\ud800", True),
        ("\ud800", "\ud801", False),
        ("ж", b"\xd0", False),
    ],
)
def test_any_text_and_bytes_can_be_compared(left: str | bytes, right: str | bytes, equal: bool) -> None:
    """Text beyond ASCII, halves of characters and bytes are compared, and never a TypeError."""
    assert constant_time_equal(left, right) is equal
    assert constant_time_equal(right, left) is equal
