"""What can be done with users, without HTTP: routes, scripts and tests call the same methods."""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Generic, Literal

from starlette.requests import HTTPConnection

from rapide._analyse.access import check_auth, refuse_stranger
from rapide._analyse.graph import Place, analyse_call
from rapide.auth.accounts import Account
from rapide.auth.attempts import Attempts
from rapide.auth.opaque import generate_secret, hash_secret
from rapide.auth.password_policy import PasswordPolicy
from rapide.auth.passwords import Passwords
from rapide.auth.stores.base import Store
from rapide.auth.users.mail import SendMail, UserMail
from rapide.auth.users.storage import EmailTakenError, UserStorage, UserT, normalise_email
from rapide.behaviour import RAPIDE
from rapide.declare.depends import Depends
from rapide.exceptions import HTTPException
from rapide.logger import logger

__all__ = ["InvalidCodeError", "Users"]

_LONGEST_CODE = 64
# Mails that only the user causes; all others can be asked for by strangers.
_NEWS = frozenset({"changed", "email_changed"})


class InvalidCodeError(Exception):
    """A code that was never given out, was used, or has expired."""


class Users(Generic[UserT]):
    """Users and their passwords.

    Whether an address is known is told to nobody but its owner: the answers are equal, and mail is made after
    them.

    Args:
        storage: Where the users are.
        codes: Where one-time codes are kept, by their hashes.
        send: Sends a mail. It is called after the answer; what it raises is logged.
        caller: The dependency that gives the id of whoever is calling, such as `SessionUser()`.
        revoke: Called with the id of a user whose password has changed, or who has left: it ends all logins,
            such as `sessions.revoke`.
        passwords: What hashes passwords; with OWASP's parameters by default.
        policy: Which passwords may be chosen.
        attempts: The brake on guessing passwords, and on mails to one address; 10 in 15 minutes by default,
            counted in memory.
        verified_only: Whether only users with a proved address may log in.
        verify_within: How long a code for a proof is good, one for a new address too.
        reset_within: How long a code for a new password is good.

    Attributes:
        current: The dependency that gives the user who is calling, known and active; 401 for everybody else.
    """

    def __init__(
        self,
        storage: UserStorage[UserT],
        *,
        codes: Store,
        send: SendMail,
        caller: Any,
        revoke: Callable[[str], Awaitable[Any]],
        passwords: Passwords | None = None,
        policy: PasswordPolicy | None = None,
        attempts: Attempts | None = None,
        verified_only: bool = True,
        verify_within: timedelta = timedelta(days=1),
        reset_within: timedelta = timedelta(hours=1),
    ) -> None:
        check_auth(caller)
        self.storage = storage
        self._codes = codes
        self._send = send
        self._revoke = revoke
        self._passwords = passwords or Passwords()
        self._policy = policy or PasswordPolicy()
        self._attempts = attempts or Attempts()
        self._verified_only = verified_only
        self._lifetimes = {"verify": verify_within, "reset": reset_within, "new_email": verify_within}
        self.current = self._make_current(caller)

    def _make_current(self, caller: Any) -> Callable[..., Awaitable[UserT]]:
        depends = caller if isinstance(caller, Depends) else Depends(caller)

        async def current_user(caller: Any) -> UserT:
            user = None if caller is None else await self.storage.get(str(getattr(caller, "sub", caller)))
            if user is None or not self.may_log_in(user):
                raise refuse_stranger(analyse_call(current_user, Place((), frozenset(), RAPIDE)))
            return user

        parameter = inspect.Parameter("caller", inspect.Parameter.KEYWORD_ONLY, default=depends)
        signature = inspect.Signature([parameter], return_annotation=object)
        current_user.__signature__ = signature  # type: ignore[attr-defined]  # it is read instead of the above
        return current_user

    def may_log_in(self, user: UserT) -> bool:
        """Tell whether a user is active and, where that is asked for, has proved the address."""
        return user.is_active and (user.is_verified or not self._verified_only)

    # --------------------------------------------------------------------------------------------- logging in

    async def check(self, connection: HTTPConnection, email: str, password: str) -> UserT | None:
        """Return the user if this is the password, and it may log in; None otherwise, after the same time.

        Raises:
            HTTPException: 429, with `Retry-After`, after too many attempts.
        """
        email = normalise_email(email)
        key = (email, connection.client.host if connection.client else "")
        await self._attempts.begin(*key)
        user = await self.storage.find(email)
        is_right, new_hash = await self._passwords.verify_and_update(
            password, None if user is None else user.password_hash
        )
        if user is None or not is_right or not self.may_log_in(user):
            return None
        await self._attempts.succeeded(*key)
        if new_hash is not None:
            await self.storage.change(str(user.id), password_hash=new_hash)
        return user

    async def find_account(self, login: str) -> Account | None:
        """Return who may log in with an address, for `PasswordFlow` and `CodeFlow`; None for who may not."""
        user = await self.storage.find(normalise_email(login))
        if user is None or not self.may_log_in(user):
            return None
        return Account(
            subject=str(user.id),
            password_hash=user.password_hash,
            scopes=tuple(getattr(user, "scopes", ())),
            roles=tuple(getattr(user, "roles", ())),
        )

    # -------------------------------------------------------------------------------------------- registering

    async def register(self, email: str, password: str) -> Callable[[], Awaitable[None]]:
        """Return what adds a user and sends the mail, to be called after the answer.

        So neither what is answered nor when tells whether the address is known.

        While nobody has proved an address, whoever registers it last has its password: a stranger who was
        there before the owner keeps nothing.

        Raises:
            WeakPasswordError: The password should not be chosen.
        """
        email = normalise_email(email)
        self._policy.check(password, about=[email])
        hashed = await self._passwords.hash(password)

        async def add() -> None:
            try:
                user = await self.storage.add(email, hashed)
            except EmailTakenError:
                await self._register_again(email, hashed)
            else:
                await self._mail_code("verify", user, hashed)

        return add

    async def _register_again(self, email: str, hashed: str) -> None:
        user = await self.storage.find(email)
        # Where users may log in without a proof, it may be in use: nobody else sets its password.
        if user is None or user.is_verified or not user.is_active or not self._verified_only:
            await self._mail(UserMail("exists", email))
        else:
            await self.storage.change(str(user.id), password_hash=hashed)
            await self._mail_code("verify", user, hashed)

    async def request_verification(self, email: str) -> None:
        """Send a code that proves an address, if it is that of a user who has not.

        Call it after the answer.
        """
        user = await self.storage.find(normalise_email(email))
        if user is not None and user.is_active and not user.is_verified:
            await self._mail_code("verify", user, user.password_hash)

    async def verify(self, code: str) -> UserT:
        """Take a code from a mail as proof of the address. Raises InvalidCodeError.

        The password is that of the registration that the mail came from.
        """
        user, hashed = await self._take("verify", code)
        if user.is_verified:
            return user
        await self._codes.delete_group("users.verify", str(user.id))
        return await self._change(user, is_verified=True, password_hash=hashed)

    # --------------------------------------------------------------------------------------------- passwords

    async def request_reset(self, email: str) -> None:
        """Send a code for a new password, if the address is a user's. Call it after the answer."""
        user = await self.storage.find(normalise_email(email))
        if user is not None and user.is_active:
            await self._mail_code("reset", user)

    async def reset(self, code: str, password: str) -> UserT:
        """Set a new password by a code from a mail, which proves the address too, and end all logins.

        The code is used up only by a password that may be chosen.

        Raises:
            WeakPasswordError: The password should not be chosen.
            InvalidCodeError: The code is not good, or not any more.
        """
        self._policy.check(password)
        await self._peek("reset", code)  # who has none makes nobody hash
        hashed = await self._passwords.hash(password)
        user, _ = await self._take("reset", code)
        return await self._set_password(user, hashed, is_verified=True)

    async def change_password(self, user: UserT, old: str, new: str) -> bool:
        """Set a new password if the old one is right, and end all logins.

        Raises:
            WeakPasswordError: The new one should not be chosen.
            HTTPException: 429, with `Retry-After`, after too many attempts.
        """
        self._policy.check(new, about=[user.email])
        if not await self.confirm(user, old):
            return False
        await self._set_password(user, await self._passwords.hash(new))
        return True

    async def _set_password(self, user: UserT, hashed: str, **values: Any) -> UserT:
        user = await self._change(user, password_hash=hashed, **values)
        await self._codes.delete_group("users.reset", str(user.id))
        await self._revoke(str(user.id))
        return user

    async def confirm(self, user: UserT, password: str) -> bool:
        """Tell whether this is the user's password: asked again before what cannot be undone.

        Raises:
            HTTPException: 429, with `Retry-After`, after too many attempts: a session may be stolen.
        """
        key = ("confirm", str(user.id))
        await self._attempts.begin(*key)
        is_right = await self._passwords.verify(password, user.password_hash)
        if is_right:
            await self._attempts.succeeded(*key)
        return is_right

    # -------------------------------------------------------------------------------------- another address

    async def request_new_email(self, user: UserT, email: str) -> None:
        """Send a code to an address that shall become the user's. Call it after the answer.

        An address that somebody has is told that there is an account; who asks learns nothing.
        """
        email = normalise_email(email)
        if await self.storage.find(email) is None:
            await self._mail_code("new_email", user, email, to=email)
        elif email != user.email:
            await self._mail(UserMail("exists", email))

    async def change_email(self, code: str) -> tuple[UserT, str]:
        """Take a code as proof of a new address, which becomes the user's; return the user and the old one.

        Codes for the old address are worth nothing afterwards. Sessions go on; refresh tokens, which know the
        user by the old address, do not.

        Raises:
            InvalidCodeError: The code is not good, or not any more, or the address is taken by now.
        """
        user, email = await self._take("new_email", code)
        old = user.email
        try:
            changed = await self._change(user, email=email, is_verified=True)
        except EmailTakenError:
            raise InvalidCodeError("the address is taken") from None
        for kind in self._lifetimes:
            await self._codes.delete_group(f"users.{kind}", str(user.id))
        return changed, old

    async def notify_email_changed(self, old: str) -> None:
        """Tell the address before that another one has taken its place. Call it after the answer."""
        await self._mail(UserMail("email_changed", old))

    # ------------------------------------------------------------------------------------------------ leaving

    async def deactivate(self, user: UserT) -> None:
        """Keep a user, let it log in no more, and end all logins."""
        await self._change(user, is_active=False)
        await self._forget(user)

    async def delete(self, user: UserT) -> None:
        """Remove a user, its codes and all logins."""
        await self._forget(user)
        await self.storage.remove(str(user.id))

    async def _forget(self, user: UserT) -> None:
        for kind in self._lifetimes:
            await self._codes.delete_group(f"users.{kind}", str(user.id))
        await self._revoke(str(user.id))

    # -------------------------------------------------------------------------------------------------- codes

    async def _change(self, user: UserT, **values: Any) -> UserT:
        changed = await self.storage.change(str(user.id), **values)
        if changed is None:
            raise InvalidCodeError("the user is not there any more")
        return changed

    async def _mail_code(
        self,
        kind: Literal["verify", "reset", "new_email"],
        user: UserT,
        value: str | None = None,
        *,
        to: str | None = None,
    ) -> None:
        """Send a code that is good for one thing; `value` is what it will set."""
        code = generate_secret()
        kept = json.dumps([str(user.id), user.email, value]).encode()
        await self._codes.put(
            f"users.{kind}",
            hash_secret(code),
            kept,
            expires_in=self._lifetimes[kind],
            group=str(user.id),
        )
        await self._mail(UserMail(kind, to or user.email, code))

    async def _peek(self, kind: str, code: str) -> None:
        if not 0 < len(code) <= _LONGEST_CODE or not await self._codes.get(
            f"users.{kind}", hash_secret(code)
        ):
            raise InvalidCodeError(kind)

    async def _take(self, kind: str, code: str) -> tuple[UserT, Any]:
        """Return the user of a code, and what it sets; once, and only while the address is the same."""
        kept = None
        if 0 < len(code) <= _LONGEST_CODE:
            kept = await self._codes.take(f"users.{kind}", hash_secret(code))
        if kept is None:
            raise InvalidCodeError(kind)
        id_, email, value = json.loads(kept)
        user = await self.storage.get(id_)
        if user is None or not user.is_active or user.email != email:
            raise InvalidCodeError(kind)
        return user, value

    async def notify_changed(self, user: UserT) -> None:
        """Tell a user by mail that the password was changed. Call it after the answer."""
        await self._mail(UserMail("changed", user.email))

    async def _mail(self, mail: UserMail) -> None:
        try:
            if mail.kind not in _NEWS:
                await self._attempts.begin("mail", mail.kind, mail.to)
            await self._send(mail)
        except HTTPException:
            logger.warning("Mails of kind %r to one address were asked for too often", mail.kind)
        except Exception:  # noqa: BLE001 -- it is logged, whatever it is
            # The answer is gone. It must not depend on the mail server either: that would tell who is known.
            logger.exception("A mail of kind %r could not be sent", mail.kind)
