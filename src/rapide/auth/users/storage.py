"""What a storage of users can do."""

from __future__ import annotations

import unicodedata
from typing import Any, Protocol, TypeVar

__all__ = ["EmailTakenError", "StoredUser", "UserStorage", "normalise_email"]


class EmailTakenError(Exception):
    """Another user has this address."""


class StoredUser(Protocol):
    """What every user has, whatever the application adds.

    Attributes:
        id: Never changes, and `str(id)` names the user in sessions and tokens.
        email: As `normalise_email` gives it; no two users have the same.
        password_hash: As `hash_password` gives it; None for who has no password.
        is_active: Whether the user may log in.
        is_verified: Whether the address was proved.
    """

    @property
    def id(self) -> Any:
        """A UUID, a number or a text."""

    # Type checkers see columns of SQLAlchemy where these texts and truths are: so they are whatever they are.
    @property
    def email(self) -> Any:
        """A text."""

    @property
    def password_hash(self) -> Any:
        """A text or None."""

    @property
    def is_active(self) -> Any:
        """True or False."""

    @property
    def is_verified(self) -> Any:
        """True or False."""


UserT = TypeVar("UserT", bound=StoredUser)
UserT_co = TypeVar("UserT_co", bound=StoredUser, covariant=True)


class UserStorage(Protocol[UserT_co]):
    """Keeps users. Each method is one transaction; errors of the database pass."""

    async def get(self, id_: str) -> UserT_co | None:
        """Return the user whose `str(id)` this is, or None, also for a text that is no id."""
        ...

    async def find(self, email: str) -> UserT_co | None:
        """Return the user with a normalised address, or None."""
        ...

    async def add(self, email: str, password_hash: str) -> UserT_co:
        """Add a user, active and not verified. Raises EmailTakenError."""
        ...

    async def change(self, id_: str, **values: Any) -> UserT_co | None:
        """Set attributes of a user, and return it; None where it is not there any more.

        Raises EmailTakenError where `email` is among them and another user has it.
        """
        ...

    async def remove(self, id_: str) -> bool:
        """Remove a user, and tell whether it was there."""
        ...


def normalise_email(email: str) -> str:
    """Return an address as it is compared: without spaces around it, and without regard to case."""
    return unicodedata.normalize("NFC", email.strip()).casefold()
