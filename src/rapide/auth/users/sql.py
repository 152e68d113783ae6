"""Users in a SQL database, over SQLAlchemy's asynchronous sessions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from rapide.auth.users.storage import EmailTakenError

__all__ = ["SQLUsers", "UserColumns"]


class UserColumns:
    """The columns of a user: a mixin for your own model.

    ::

        class User(UserColumns, Base):
            __tablename__ = "users"

            name: Mapped[str | None]
    """

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_verified: Mapped[bool] = mapped_column(default=False)


ModelT = TypeVar("ModelT", bound=UserColumns)


class SQLUsers(Generic[ModelT]):
    """A `UserStorage` in a table.

    Args:
        model: The class of the users, with `UserColumns`. What it adds has defaults, or `make` sets it.
        sessions: Opens a session, such as an `async_sessionmaker` with `expire_on_commit=False`.
        make: Makes a new user of an address and the hash of a password; the class itself by default.
    """

    def __init__(
        self,
        model: type[ModelT],
        sessions: Callable[[], AbstractAsyncContextManager[AsyncSession]],
        *,
        make: Callable[[str, str], ModelT] | None = None,
    ) -> None:
        self._model = model
        self._sessions = sessions
        make_any: Any = model  # its constructor takes the columns, which type checkers do not see in a mixin
        self._make = make or (lambda email, password_hash: make_any(email=email, password_hash=password_hash))

    async def get(self, id_: str) -> ModelT | None:
        """Return the user whose `str(id)` this is, or None, also for a text that is no id."""
        key = _key(id_)
        if key is None:
            return None
        async with self._sessions() as session:
            return await session.get(self._model, key)

    async def find(self, email: str) -> ModelT | None:
        """Return the user with a normalised address, or None."""
        async with self._sessions() as session:
            found: ModelT | None = await session.scalar(select(self._model).where(self._model.email == email))
            return found

    async def add(self, email: str, password_hash: str) -> ModelT:
        """Add a user, active and not verified. Raises EmailTakenError."""
        user = self._make(email, password_hash)
        try:
            async with self._sessions() as session, session.begin():
                session.add(user)
        except IntegrityError as exc:
            if await self.find(email) is None:
                raise  # another constraint, of the application's own
            raise EmailTakenError from exc
        return user

    async def change(self, id_: str, **values: Any) -> ModelT | None:
        """Set attributes of a user, and return it; None where it is not there any more.

        Raises EmailTakenError where `email` is among them and another user has it.
        """
        try:
            async with self._sessions() as session, session.begin():
                user = await session.get(self._model, _key(id_))
                for name, value in values.items() if user is not None else ():
                    setattr(user, name, value)
                return user
        except IntegrityError as exc:
            owner = await self.find(values["email"]) if "email" in values else None
            if owner is None or owner.id == _key(id_):
                raise  # another constraint, of the application's own
            raise EmailTakenError from exc

    async def remove(self, id_: str) -> bool:
        """Remove a user, and tell whether it was there."""
        async with self._sessions() as session, session.begin():
            user = await session.get(self._model, _key(id_))
            if user is not None:
                await session.delete(user)
            return user is not None


def _key(id_: str) -> UUID | None:
    try:
        return UUID(id_)
    except ValueError:
        return None
