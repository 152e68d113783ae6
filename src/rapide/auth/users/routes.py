"""The routes of users, each of which can be left out and written by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, SecretStr, StringConstraints
from pydantic_core import PydanticCustomError
from starlette.requests import Request

from rapide._analyse.access import refuse_stranger
from rapide._analyse.graph import Place, analyse_call
from rapide.auth.password_policy import WeakPasswordError
from rapide.auth.passwords import MAX_PASSWORD_BYTES, PasswordError
from rapide.auth.users.storage import normalise_email
from rapide.auth.users.users import InvalidCodeError, Users
from rapide.background import BackgroundTasks
from rapide.behaviour import RAPIDE
from rapide.declare.depends import Depends, public
from rapide.errors import AccessError
from rapide.exceptions import HTTPException
from rapide.routing import APIRouter

__all__ = ["ROUTES", "users_router"]

_LONGEST_EMAIL = 254  # RFC 5321, section 4.5.3.1


def _check_email(email: str) -> str:
    # Characters that nobody sees, and those that become several when case does not count.
    if not email.isprintable() or len(normalise_email(email)) > _LONGEST_EMAIL:
        raise PydanticCustomError("email", "This is no address of e-mail")
    return email


Email = Annotated[
    str,
    StringConstraints(
        max_length=_LONGEST_EMAIL,
        strip_whitespace=True,
        # What mail programs take for several addresses, a name or a comment is none.
        pattern=r'^[^@\s()<>\[\]:;,\\"]{1,64}@[\w-]+(\.[\w-]+)+$',
    ),
    AfterValidator(_check_email),
]
Password = Annotated[SecretStr, Field(max_length=MAX_PASSWORD_BYTES)]
Code = Annotated[str, StringConstraints(max_length=64)]
LogIn = Callable[[Request, Any], Any | Awaitable[Any]]
ROUTES = frozenset(
    {
        "register", "request_verification", "verify", "log_in", "log_out", "request_reset", "reset",
        "read_me", "change_password", "request_new_email", "change_email", "deactivate", "delete",
    }
)  # fmt: skip


class Credentials(BaseModel):
    """Address and password."""

    email: Email
    password: Password


class Address(BaseModel):
    """An address to which a mail shall be sent."""

    email: Email


class Proof(BaseModel):
    """A code from a mail."""

    code: Code


class NewPassword(BaseModel):
    """A code from a mail, and the password to set."""

    code: Code
    password: Password


class ChangedPassword(BaseModel):
    """The password that was, and the one that shall be."""

    old_password: Password
    new_password: Password


class Confirmation(BaseModel):
    """The password, asked again."""

    password: Password


class NewAddress(BaseModel):
    """The address that shall take the place of the present one, and the password, asked again."""

    email: Email
    password: Password


class Me(BaseModel):
    """What users see of themselves."""

    id: str
    email: str
    is_verified: bool


def users_router(
    users: Users[Any],
    *,
    prefix: str = "/users",
    without: Collection[str] = (),
    limit: Callable[..., Any] | Depends | None = None,
    log_in: LogIn | None = None,
) -> APIRouter:
    """Return the routes of users.

    None of them changes anything by GET: the page behind the link in a mail sends the code with POST. Every
    answer to an address is the same, whether it is known or not.

    Args:
        users: The users.
        prefix: Where the routes are.
        without: Names of routes to leave out, because you write them yourself: see `ROUTES`.
        limit: A dependency that runs before each route that strangers may call, and refuses with 429.
        log_in: Called with the request and the user; what it returns is the answer. By default the session
            belongs to the user from then on.

    Raises:
        AccessError: `without` names a route that does not exist.
    """
    unknown = set(without) - ROUTES
    if unknown:
        raise AccessError("RAP608", f"There is no route {min(unknown)!r} of users")
    limits = [] if limit is None else [limit if isinstance(limit, Depends) else Depends(limit)]
    open_to_all = APIRouter(prefix=prefix, tags=["users"], auth=public, dependencies=limits)
    own = APIRouter(prefix=prefix, tags=["users"], auth=users.current)
    _add_registration(open_to_all, users, without)
    _add_login(open_to_all, own, users, without, log_in or _log_into_session)
    _add_passwords(open_to_all, own, users, without)
    _add_new_email(open_to_all, own, users, without)
    _add_leaving(own, users, without)
    router = APIRouter()
    router.include_router(open_to_all)
    router.include_router(own)
    return router


def _add_registration(router: APIRouter, users: Users[Any], without: Collection[str]) -> None:
    async def register(given: Credentials, tasks: BackgroundTasks) -> None:
        """Make an account; a mail with a code proves the address.

        The answer is the same for known addresses.
        """
        tasks.add_task(await _chosen(users.register(given.email, given.password.get_secret_value())))

    async def request_verification(given: Address, tasks: BackgroundTasks) -> None:
        """Send the mail that proves the address again, if there is an account that needs it."""
        tasks.add_task(users.request_verification, given.email)

    async def verify(given: Proof) -> None:
        """Prove the address by the code from the mail."""
        await _taken(users.verify(given.code))

    _add(router, without, "/register", register, status_code=202)
    _add(router, without, "/verify/request", request_verification, status_code=202)
    _add(router, without, "/verify", verify, status_code=204)


def _add_login(
    router: APIRouter, own: APIRouter, users: Users[Any], without: Collection[str], begin: LogIn
) -> None:
    stranger = analyse_call(users.current, Place((), frozenset(), RAPIDE))

    async def log_in(request: Request, given: Credentials) -> Any:
        """Log in. Whatever is wrong, the answer is the same after the same time."""
        user = await users.check(request, given.email, given.password.get_secret_value())
        if user is None:
            raise refuse_stranger(stranger)
        answer = begin(request, user)
        return await answer if isinstance(answer, Awaitable) else answer

    async def log_out(request: Request) -> None:
        """End the session."""
        request.session.logout()  # type: ignore[attr-defined]  # the SessionMiddleware's

    _add(router, without, "/login", log_in)
    if begin is _log_into_session:
        _add(own, without, "/logout", log_out, status_code=204)


def _add_passwords(router: APIRouter, own: APIRouter, users: Users[Any], without: Collection[str]) -> None:
    current = Annotated[Any, Depends(users.current)]

    async def request_reset(given: Address, tasks: BackgroundTasks) -> None:
        """Send a mail with a code for a new password, if there is an account."""
        tasks.add_task(users.request_reset, given.email)

    async def reset(given: NewPassword, tasks: BackgroundTasks) -> None:
        """Set a new password by the code from the mail. All logins end."""
        user = await _taken(_chosen(users.reset(given.code, given.password.get_secret_value())))
        tasks.add_task(users.notify_changed, user)

    async def change_password(user: Any, given: ChangedPassword, tasks: BackgroundTasks) -> None:
        """Change the password. All logins end, this one too."""
        old, new = given.old_password.get_secret_value(), given.new_password.get_secret_value()
        if not await _chosen(users.change_password(user, old, new)):
            raise HTTPException(403)
        tasks.add_task(users.notify_changed, user)

    # Which dependency gives the user is only known here.
    change_password.__annotations__["user"] = current
    _add(router, without, "/reset/request", request_reset, status_code=202)
    _add(router, without, "/reset", reset, status_code=204)
    _add(own, without, "/me/password", change_password, status_code=204)


def _add_new_email(router: APIRouter, own: APIRouter, users: Users[Any], without: Collection[str]) -> None:
    async def request_new_email(user: Any, given: NewAddress, tasks: BackgroundTasks) -> None:
        """Send a mail with a code to another address. The password is asked again."""
        await _confirmed(users, user, Confirmation(password=given.password))
        tasks.add_task(users.request_new_email, user, given.email)

    async def change_email(given: Proof, tasks: BackgroundTasks) -> None:
        """Make the address the user's by the code from the mail to it; the old one is told."""
        _, old = await _taken(users.change_email(given.code))
        tasks.add_task(users.notify_email_changed, old)

    request_new_email.__annotations__["user"] = Annotated[Any, Depends(users.current)]
    _add(own, without, "/me/email", request_new_email, status_code=202)
    _add(router, without, "/email", change_email, status_code=204)


def _add_leaving(own: APIRouter, users: Users[Any], without: Collection[str]) -> None:
    current = Annotated[Any, Depends(users.current)]

    async def read_me(user: Any) -> Me:
        """Who is calling."""
        return Me(id=str(user.id), email=user.email, is_verified=user.is_verified)

    async def deactivate(user: Any, given: Confirmation) -> None:
        """Log in no more, without losing anything. The password is asked again."""
        await _confirmed(users, user, given)
        await users.deactivate(user)

    async def delete(user: Any, given: Confirmation) -> None:
        """Remove the account. The password is asked again."""
        await _confirmed(users, user, given)
        await users.delete(user)

    for endpoint in (read_me, deactivate, delete):
        endpoint.__annotations__["user"] = current
    _add(own, without, "/me", read_me, method="GET")
    _add(own, without, "/me/deactivate", deactivate, status_code=204)
    _add(own, without, "/me/delete", delete, status_code=204)


def _add(
    router: APIRouter,
    without: Collection[str],
    path: str,
    endpoint: Callable[..., Any],
    *,
    method: str = "POST",
    status_code: int = 200,
) -> None:
    if endpoint.__name__ not in without:
        router.add_api_route(path, endpoint, methods=[method], status_code=status_code)


def _log_into_session(request: Request, user: Any) -> None:
    request.session.login(str(user.id))  # type: ignore[attr-defined]  # the SessionMiddleware's


async def _confirmed(users: Users[Any], user: Any, given: Confirmation) -> None:
    if not await users.confirm(user, given.password.get_secret_value()):
        raise HTTPException(403)


async def _chosen(doing: Awaitable[Any]) -> Any:
    """Return what comes of something with a new password; 422 for one that should not be chosen."""
    try:
        return await doing
    except (WeakPasswordError, PasswordError) as exc:
        raise HTTPException(422, str(exc)) from None


async def _taken(doing: Awaitable[Any]) -> Any:
    """Return what comes of something with a code; 403 for one that is not good, whatever the reason."""
    try:
        return await doing
    except InvalidCodeError:
        raise HTTPException(403) from None
