"""fastcrud: a router made from a table and its models."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastcrud import FilterConfig, crud_router
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from fastapi import FastAPI

engine = create_async_engine("sqlite+aiosqlite:///items.db")
make_session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    price: Mapped[int]


class ItemCreate(BaseModel):
    name: str
    price: int = 1


class ItemUpdate(BaseModel):
    name: str | None = None
    price: int | None = None


async def get_session() -> AsyncIterator[AsyncSession]:
    async with make_session() as session:
        yield session


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
app.include_router(
    crud_router(
        session=get_session,
        model=Item,
        create_schema=ItemCreate,
        update_schema=ItemUpdate,
        path="/items",
        tags=["items"],
        filter_config=FilterConfig(name=None, price__gt=None),
    )
)
