from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from rapide import Depends, HTTPException, Rapide, Request


# --8<-- [start:tables]
class Base(DeclarativeBase):
    pass


class BookRow(Base):
    __tablename__ = "books"

    number: Mapped[int] = mapped_column(primary_key=True)
    isbn: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]


# --8<-- [end:tables]
# --8<-- [start:engine]
class State(TypedDict):
    sessions: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: Rapide) -> AsyncIterator[State]:
    engine = create_async_engine("sqlite+aiosqlite:///library.db")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield {"sessions": async_sessionmaker(engine, expire_on_commit=False)}
    await engine.dispose()


async def open_session(request: Request) -> AsyncIterator[AsyncSession]:
    sessions: async_sessionmaker[AsyncSession] = request.state.sessions
    async with sessions.begin() as session:
        yield session


Session = Annotated[AsyncSession, Depends(open_session)]


# --8<-- [end:engine]
# --8<-- [start:routes]
class NewBook(BaseModel):
    isbn: str
    title: str


class Book(NewBook):
    model_config = ConfigDict(from_attributes=True)

    number: int


app = Rapide(title="Library", lifespan=lifespan)


@app.post("/books", status_code=201)
async def add_book(session: Session, book: NewBook) -> Book:
    row = BookRow(**book.model_dump())
    session.add(row)
    try:
        await session.flush()
    except IntegrityError:
        raise HTTPException(409, "Another book has this ISBN.") from None
    return Book.model_validate(row)


@app.get("/books")
async def list_books(session: Session, after: int = 0, limit: int = 20) -> list[Book]:
    rows = await session.scalars(
        select(BookRow)
        .where(BookRow.number > after)
        .order_by(BookRow.number)
        .limit(limit)
    )
    return [Book.model_validate(row) for row in rows]


# --8<-- [end:routes]
