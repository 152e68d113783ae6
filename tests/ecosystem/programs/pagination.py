"""fastapi-pagination: pages by number, offset and cursor; of lists and of SQLAlchemy's selections."""

from contextlib import asynccontextmanager
from typing import Annotated

from fastapi_pagination import LimitOffsetPage, Page, add_pagination, paginate
from fastapi_pagination.cursor import CursorPage
from fastapi_pagination.ext.sqlalchemy import apaginate
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from fastapi import APIRouter, Depends, FastAPI

engine = create_async_engine("sqlite+aiosqlite:///books.db")
make_session = async_sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class BookRow(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]


class Book(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    title: str


async def get_session():
    async with make_session() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with make_session() as session, session.begin():
        session.add_all(BookRow(id=number, title=f"Book {number}") for number in range(1, 101))
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
router = APIRouter(prefix="/stored")


@app.get("/listed")
async def listed() -> Page[Book]:
    return paginate([Book(id=number, title=f"Book {number}") for number in range(1, 101)])


@router.get("/pages", response_model=Page[Book])
async def stored(session: Session):
    return await apaginate(session, select(BookRow).order_by(BookRow.id))


@router.get("/offsets")
async def offsets(session: Session) -> LimitOffsetPage[Book]:
    return await apaginate(session, select(BookRow).order_by(BookRow.id))


@router.get("/cursors")
async def cursors(session: Session) -> CursorPage[Book]:
    return await apaginate(session, select(BookRow).order_by(BookRow.id))


app.include_router(router)
add_pagination(app)
