"""fastapi-filter: filters, nested filters, ordering and search on SQLAlchemy, from the query."""

from contextlib import asynccontextmanager
from typing import Annotated

from fastapi_filter import FilterDepends, with_prefix
from fastapi_filter.contrib.sqlalchemy import Filter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from fastapi import Depends, FastAPI

engine = create_async_engine("sqlite+aiosqlite:///people.db")
make_session = async_sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class Town(Base):
    __tablename__ = "towns"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Person(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    age: Mapped[int]
    town_id: Mapped[int] = mapped_column(ForeignKey("towns.id"))
    town: Mapped[Town] = relationship(lazy="joined")


class TownOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class PersonOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    age: int
    town: TownOut


class TownFilter(Filter):
    name: str | None = None
    name__in: list[str] | None = None

    class Constants(Filter.Constants):
        model = Town


class PersonFilter(Filter):
    name__ilike: str | None = None
    age__lt: int | None = None
    age__gte: int = Field(default=0, alias="at_least")
    town: TownFilter | None = FilterDepends(with_prefix("town", TownFilter))
    order_by: list[str] = ["age"]
    search: str | None = None

    class Constants(Filter.Constants):
        model = Person
        search_model_fields = ["name"]

    model_config = ConfigDict(populate_by_name=True)


async def get_session():
    async with make_session() as session:
        yield session


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with make_session() as session, session.begin():
        lyon, bern = Town(name="Lyon"), Town(name="Bern")
        session.add_all(
            [
                Person(name="Ada", age=36, town=lyon),
                Person(name="Ben", age=20, town=bern),
                Person(name="Adam", age=51, town=bern),
            ]
        )
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/people")
async def people(
    session: Annotated[AsyncSession, Depends(get_session)],
    person_filter: PersonFilter = FilterDepends(PersonFilter, by_alias=True),
) -> list[PersonOut]:
    query = person_filter.sort(person_filter.filter(select(Person).join(Town)))
    return list((await session.scalars(query)).all())
