from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped

from rapide import Depends, Rapide
from rapide.auth import MemoryStore, SessionMiddleware, Sessions, SessionUser
from rapide.auth.users import (
    SQLUsers,
    UserColumns,
    UserMail,
    Users,
    users_router,
)


class Base(DeclarativeBase):
    pass


class Reader(UserColumns, Base):
    __tablename__ = "readers"

    nickname: Mapped[str | None]


async def send(mail: UserMail) -> None:
    print(f"To {mail.to}: {mail.kind} {mail.code or ''}")


engine = create_async_engine("sqlite+aiosqlite://")
store = MemoryStore()
sessions = Sessions(store)
users = Users(
    SQLUsers(Reader, async_sessionmaker(engine, expire_on_commit=False)),
    codes=store,
    send=send,
    caller=SessionUser(),
    revoke=sessions.revoke,
)


@asynccontextmanager
async def lifespan(app: Rapide) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = Rapide(title="Library", auth=users.current, lifespan=lifespan)
app.add_middleware(SessionMiddleware, sessions=sessions, development=True)
app.include_router(users_router(users))

CurrentReader = Annotated[Reader, Depends(users.current)]


@app.get("/nickname")
async def read_nickname(reader: CurrentReader) -> str | None:
    return reader.nickname
