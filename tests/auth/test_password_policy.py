"""Which passwords may be chosen."""

import pytest

from rapide.auth import PasswordPolicy, WeakPasswordError, generate_password


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "at least 12"),
        ("x" * 12, "different"),
        ("abababababab", "different"),
        ("abcdeabcdeabcde", "repeat"),
        ("qwertyuiopqwerty", "first ones"),
        ("0123456789012", "first ones"),
        ("zyxwvutsrqponm", "first ones"),
        ("P@ssw0rd!20261122", "first ones"),
        ("letmein1234567", "first ones"),
        ("ann.lee@example.com", "your name"),
        ("Annabel-Lee-1849", "your name"),
        ("ä" * 1000 + "abcdef" * 400, "at most"),
    ],
)
def test_passwords_that_are_guessed_first_are_refused(password: str, why: str) -> None:
    """Short, repeated, common, walked along the keyboard, or one's own name: the message says which."""
    with pytest.raises(WeakPasswordError, match=why):
        PasswordPolicy().check(password, about=["annabel lee", "ann.lee@example.com"])


@pytest.mark.parametrize(
    "password",
    ["correct horse battery staple", "пароль на каждый день", "x7-Qp!02vv#L", "it is my birthday today"],
)
def test_long_passwords_of_any_characters_are_taken(password: str) -> None:
    """There are no rules on digits, capitals or punctuation."""
    PasswordPolicy().check(password, about=["ann", ""])


def test_a_list_of_known_passwords_counts() -> None:
    """What the application knows to be known is refused."""
    policy = PasswordPolicy(is_known={"correct horse battery staple"}.__contains__)
    with pytest.raises(WeakPasswordError, match="first ones"):
        policy.check("correct horse battery staple")
    policy.check("correct horse battery stable")


@pytest.mark.parametrize("length", [7, 65])
def test_least_lengths_out_of_reason_are_refused(length: int) -> None:
    """Seven characters are guessed, and 64 must be enough."""
    with pytest.raises(ValueError, match="min_length"):
        PasswordPolicy(min_length=length)


def test_generated_passwords_pass() -> None:
    """They are long, differ, and hold no character that looks like another."""
    made = {generate_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        PasswordPolicy(min_length=15).check(password)
        assert len(password) == 20
        assert not set(password) & set("0O1lI")
    with pytest.raises(ValueError, match="12"):
        generate_password(11)
