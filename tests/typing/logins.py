"""Logins, permissions, sessions, users and probes as a user's type checker sees them.

Nothing here runs; `application.py` says how to read it.
"""

# pyright: reportUnusedFunction=false

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated, assert_type

from sqlalchemy import MetaData, Table
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped

from rapide import Depends, Rapide, Request, Response
from rapide.auth import (
    MAX_PASSWORD_BYTES,
    Account,
    APIKey,
    APIKeyLogin,
    APIKeys,
    Attempts,
    Basic,
    BasicLogin,
    Claims,
    Client,
    CodeFlow,
    CSRFMiddleware,
    CSRFPolicy,
    DigestCredentials,
    Grant,
    Identity,
    InvalidGrantError,
    InvalidTokenError,
    Key,
    Keys,
    KeySource,
    Login,
    MemoryStore,
    OpenIDLogin,
    PasswordError,
    PasswordFlow,
    PasswordPolicy,
    Passwords,
    RedisStore,
    RefreshTokens,
    RemoteKeys,
    Session,
    SessionMiddleware,
    Sessions,
    SessionTooLargeError,
    SessionUser,
    SignedValues,
    SQLStore,
    Store,
    Token,
    TokenBearer,
    Tokens,
    VerifiedAPIKey,
    WeakPasswordError,
    all_of,
    any_of,
    constant_time_equal,
    csrf_token,
    generate_password,
    generate_secret,
    hash_password,
    hash_secret,
    jwks_router,
    parse_digest,
    public,
    requires,
    store_table,
    verify_password,
)
from rapide.auth.users import (
    EmailTakenError,
    InvalidCodeError,
    SQLUsers,
    UserColumns,
    UserMail,
    Users,
    UserStorage,
    users_router,
)
from rapide.health import health_router


class Staff(Claims):
    """Claims of one's own."""

    desk: int = 0


async def find_account(name: str) -> Account | None:
    """Look somebody up."""
    return Account(subject="1", scopes=("read",), roles=("staff",)) if name == "ann" else None


store: Store = MemoryStore(max_entries=10)
stores: tuple[Store, ...] = (SQLStore("sqlite+aiosqlite://"), RedisStore("redis://127.0.0.1:6379/0"))
keys = Keys(Key.generate("ES256"), former=[generate_secret()])
source: KeySource = RemoteKeys("https://id.example/jwks.json", lifetime=timedelta(hours=1))
tokens = Tokens(keys, issuer="https://api.example.com", audience="shop", claims=Staff)
plain = Tokens(generate_secret(), issuer="https://api.example.com", audience="shop")
refresh = RefreshTokens(store, idle=timedelta(days=1))
passwords = Passwords(threads=2)
login = Login(find_account, passwords=passwords, attempts=Attempts(store, limit=5))
api_keys = APIKeys(store, prefix="shop")

longest: int = MAX_PASSWORD_BYTES
assert_type(tokens, Tokens[Staff])
assert_type(plain, Tokens[Claims])
assert_type(keys.current, Key)
assert_type(generate_password(), str)
assert_type(hash_secret("secret"), str)
assert_type(constant_time_equal("a", b"a"), bool)
assert_type(parse_digest("Digest …"), DigestCredentials | None)
assert_type(store_table(MetaData()), Table)

Tokens(generate_secret())  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Tokens("x", issuer="i", audience="a", claims=int)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
Client("https://app.example.com/")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
CSRFPolicy(without_origin="maybe")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def call_by_hand(request: Request) -> None:
    """What the parts give without a route."""
    assert_type(await hash_password("correct horse"), str)
    assert_type(await verify_password("correct horse", None), bool)
    assert_type(await login.check(request, "ann", "correct horse"), Account | None)
    assert_type(await login.find("ann"), Account | None)
    assert_type(await api_keys.create("ann"), tuple[str, APIKey])
    assert_type(await api_keys.verify("shop_1_2"), APIKey | None)
    assert_type(await refresh.start(Grant(subject="1", login="ann")), str)
    assert_type(await refresh.exchange("token"), tuple[Grant, str])
    assert_type(await refresh.find("token"), Grant | None)
    assert_type(tokens.issue("1", scopes=["read"]), str)
    assert_type(SignedValues(generate_secret()).read("name", "x", max_age=timedelta(1)), str | None)
    try:
        assert_type(await tokens.verify("x"), Staff)
        PasswordPolicy(min_length=15).check("x", about=["ann"])
    except (InvalidTokenError, InvalidGrantError, PasswordError, WeakPasswordError, SessionTooLargeError):
        return


async def welcome(request: Request, identity: Identity) -> Response:
    """Take somebody in who comes from a provider."""
    session = request.session
    if isinstance(session, Session):
        session.login(identity.sub)
        assert_type(session.user, str | None)
        assert_type(session.csrf_token, str)
    return Response(identity.email or "")


password_flow = PasswordFlow(plain, find_account=find_account, refresh=refresh)
code_flow = CodeFlow(
    tokens,
    find_account=find_account,
    clients={"web": Client(("https://app.example.com/",), secret_hashes=(hash_secret("secret"),))},
    store=store,
)
openid = OpenIDLogin(
    "https://id.example",
    client_id="shop",
    redirect_uri="https://shop.example/auth/openid/callback",
    on_login=welcome,
    store=store,
)


class Base(DeclarativeBase):
    """The tables of the application."""


class Reader(UserColumns, Base):
    """A user of one's own."""

    __tablename__ = "readers"

    nickname: Mapped[str | None]


async def send(mail: UserMail) -> None:
    """Send a mail."""
    assert_type(mail.to, str)
    assert_type(mail.code, str | None)


engine = create_async_engine("sqlite+aiosqlite://")
storage: UserStorage[Reader] = SQLUsers(Reader, async_sessionmaker(engine, expire_on_commit=False))
sessions = Sessions(store, idle=timedelta(hours=1))
users = Users(storage, codes=store, send=send, caller=SessionUser(), revoke=sessions.revoke)
assert_type(users, Users[Reader])


async def call_users(request: Request) -> None:
    """What can be done with users without routes."""
    try:
        assert_type(await users.check(request, "ann@example.com", "correct horse"), Reader | None)
        assert_type(await users.verify("code"), Reader)
        assert_type(await users.change_email("code"), tuple[Reader, str])
    except (InvalidCodeError, EmailTakenError):
        return


@asynccontextmanager
async def lifespan(app: Rapide) -> AsyncIterator[None]:
    """Nothing to open."""
    yield


def is_staff(claims: Annotated[Staff | None, Token(tokens, optional=True)]) -> bool:
    """A policy."""
    return claims is not None and "staff" in claims.roles


def knows_password(account: Annotated[Account | None, Basic(BasicLogin(login, auto_error=False))]) -> bool:
    """Another one."""
    return account is not None


app = Rapide(auth=is_staff, lifespan=lifespan)
app.include_router(password_flow.router)
app.include_router(code_flow.router)
app.include_router(openid.router)
app.include_router(jwks_router(keys))
app.include_router(users_router(users, without=["delete"]))
app.include_router(health_router())
app.add_middleware(SessionMiddleware, sessions=sessions, csrf=CSRFPolicy(field="token"))
app.add_middleware(CSRFMiddleware, secrets=[generate_secret()])


@app.get("/books", auth=any_of(is_staff, knows_password))
async def read_books(
    claims: Annotated[Staff, Token(TokenBearer(tokens), scopes=["books:read"])],
    key: Annotated[APIKey, VerifiedAPIKey(APIKeyLogin(api_keys), scopes=["books:read"])],
    proof: Annotated[str, Depends(csrf_token)],
) -> dict[str, int]:
    """Read books."""
    assert_type(claims.desk, int)
    assert_type(claims.scopes, frozenset[str])
    assert_type(key.owner, str)
    return {proof: claims.desk}


@app.get("/papers", auth=all_of(is_staff, requires(Token(tokens), roles="editor")))
async def read_papers(reader: Annotated[Reader, Depends(users.current)]) -> str | None:
    """Read papers."""
    return reader.nickname


@app.get("/news", auth=public)
async def read_news() -> str:
    """Read news."""
    return "none"
