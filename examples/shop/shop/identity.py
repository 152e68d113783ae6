"""Who is calling: a user with a token, or the warehouse with its key. And what they may do."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from sqlalchemy import select

from rapide import Depends, Request
from rapide.auth import (
    Account,
    APIKeys,
    Claims,
    InvalidTokenError,
    PasswordFlow,
    RefreshTokens,
    SQLStore,
    Tokens,
    requires,
)
from rapide.security import APIKeyHeader, OAuth2PasswordBearer
from shop.database import Database
from shop.dependencies import Session
from shop.models import Base, Order, Role, User
from shop.routers.parameters import OrderId
from shop.settings import Settings

WAREHOUSE = "warehouse"

bearer = OAuth2PasswordBearer("auth/token", refreshUrl="auth/token", auto_error=False)
api_key = APIKeyHeader(name="X-API-Key", scheme_name="WarehouseKey", auto_error=False)


class ShopClaims(Claims):
    """What a token of the shop says of its user."""

    email: str


@dataclass(frozen=True)
class Caller:
    """Somebody who is known. The warehouse has no address."""

    roles: tuple[str, ...]
    email: str | None = None


class Identity:
    """Tokens, logins and keys of one application."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.database_url
        self._database: Database | None = None
        self.store = SQLStore(self._url, metadata=Base.metadata)
        self.keys = APIKeys(self.store, prefix="shop")
        self.tokens = Tokens(
            settings.token_secret, issuer="https://shop.example", audience="shop", claims=ShopClaims
        )
        self.login = PasswordFlow(
            self.tokens,
            find_account=self._find_account,
            refresh=RefreshTokens(self.store, lifetime=timedelta(days=14)),
        )

    def open(self, database: Database) -> None:
        """Look users up here from now on."""
        self._database = database

    async def close(self) -> None:
        """Let go of the database."""
        self._database = None
        await self.store.aclose()

    async def _find_account(self, email: str) -> Account | None:
        if self._database is None:
            raise RuntimeError("the shop is not open")
        async with self._database.transaction(write=False) as session:
            user = await session.scalar(select(User).where(User.email == email.strip().casefold()))
        if user is None or not user.is_active:
            return None
        return Account(
            subject=str(user.id),
            password_hash=user.password_hash,
            roles=(user.role.value,),
            claims={"email": user.email},
        )


async def current_caller(
    request: Request,
    token: Annotated[str | None, Depends(bearer)],
    key: Annotated[str | None, Depends(api_key)],
) -> Caller | None:
    """Who is calling; None for strangers, and for credentials that are not right."""
    identity: Identity = request.state.identity
    if token is not None:
        try:
            claims = await identity.tokens.verify(token)
        except InvalidTokenError:
            return None
        return Caller(roles=claims.roles, email=claims.email)
    if key is not None and await identity.keys.verify(key) is not None:
        return Caller(roles=(WAREHOUSE,))
    return None


CurrentCaller = Annotated[Caller | None, Depends(current_caller)]

is_staff = requires(current_caller, roles=Role.STAFF.value)
is_staff_or_warehouse = requires(current_caller, roles=[Role.STAFF.value, WAREHOUSE])


def may_see(caller: Caller, order: Order | None) -> bool:
    """Staff sees all orders, customers see their own; of others' nobody learns whether they exist."""
    if Role.STAFF in caller.roles:
        return True
    return order is not None and order.customer_email.casefold() == caller.email


async def may_see_order(caller: CurrentCaller, session: Session, order_id: OrderId) -> bool | None:
    """The policy of the routes of one order."""
    if caller is None:
        return None
    return may_see(caller, await session.get(Order, order_id))
