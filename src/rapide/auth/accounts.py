"""What logins need to know of an account, and how they check its password."""

from __future__ import annotations

import inspect
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import HTTPConnection

from rapide.auth.attempts import Attempts
from rapide.auth.passwords import Passwords
from rapide.concurrency import run_in_threadpool

__all__ = ["Account", "FindAccount", "Login", "UpdateHash"]


_LONGEST_LOGIN = 320  # the longest e-mail address


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who may log in.

    Attributes:
        subject: The id that never changes: the claim `sub` of the tokens.
        password_hash: The hash of the password; None for who cannot log in with one.
        scopes: What tokens of the account may be used for.
        roles: The roles of the account.
        claims: Claims of your own for the tokens.
    """

    subject: str
    password_hash: str | None = None
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    claims: Mapping[str, Any] = field(default_factory=dict)


FindAccount = Callable[[str], Awaitable[Account | None] | Account | None]
UpdateHash = Callable[[Account, str], Any]


async def call(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function of the application: `async def` here, `def` on a thread."""
    if inspect.iscoroutinefunction(function):
        return await function(*args)
    result = await run_in_threadpool(function, *args)
    return await result if inspect.isawaitable(result) else result


def _may_exist(login: str) -> bool:
    """Tell whether a database can be asked for a name: not every one takes every character."""
    return 0 < len(login) <= _LONGEST_LOGIN and login.isprintable()


def _plain(login: str) -> str:
    """Return a name without what applications leave out when they look it up, or a guesser would vary it."""
    return "".join(unicodedata.normalize("NFKC", login).casefold().split())


class Login:
    """Finds accounts and checks their passwords, no quicker for names that do not exist.

    Args:
        find_account: Returns the account with a login name, or None. It must return None for who may not log
            in any more: refreshing asks it, too. `def` runs on a thread.
        update_hash: Called with the account and a new hash where the kept one should be replaced.
        passwords: What verifies the passwords; with OWASP's parameters by default.
        attempts: The brake on guessing; 10 attempts in 15 minutes by default, counted in memory.
    """

    def __init__(
        self,
        find_account: FindAccount,
        *,
        update_hash: UpdateHash | None = None,
        passwords: Passwords | None = None,
        attempts: Attempts | None = None,
    ) -> None:
        self._find_account = find_account
        self._update_hash = update_hash
        self._passwords = passwords or Passwords()
        self._attempts = attempts or Attempts()

    async def find(self, login: str) -> Account | None:
        """Return the account with a login name, or None."""
        account: Account | None = await call(self._find_account, login)
        return account

    async def check(self, connection: HTTPConnection, login: str, password: str) -> Account | None:
        """Return the account if this is its password, and None otherwise; 429 after too many attempts."""
        key = (_plain(login), connection.client.host if connection.client else "")
        await self._attempts.begin(*key)
        account = await self.find(login) if _may_exist(login) else None
        is_right, new_hash = await self._passwords.verify_and_update(
            password, None if account is None else account.password_hash
        )
        if account is None or not is_right:
            return None
        await self._attempts.succeeded(*key)
        if new_hash is not None and self._update_hash is not None:
            await call(self._update_hash, account, new_hash)
        return account
