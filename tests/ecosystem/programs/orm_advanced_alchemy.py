"""advanced-alchemy: sessions, services and filters as dependencies, commits by status."""

from typing import Annotated

from advanced_alchemy.extensions.fastapi import (
    AdvancedAlchemy,
    AsyncSessionConfig,
    SQLAlchemyAsyncConfig,
    base,
    filters,
    repository,
    service,
)
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from fastapi import APIRouter, Depends, FastAPI, HTTPException

config = SQLAlchemyAsyncConfig(
    connection_string="sqlite+aiosqlite:///authors.db",
    session_config=AsyncSessionConfig(expire_on_commit=False),
    create_all=True,
    commit_mode="autocommit",
)
app = FastAPI()
alchemy = AdvancedAlchemy(config=config, app=app)


class AuthorModel(base.BigIntAuditBase):
    __tablename__ = "author"
    name: Mapped[str] = mapped_column(unique=True)


class AuthorService(service.SQLAlchemyAsyncRepositoryService[AuthorModel]):
    class Repo(repository.SQLAlchemyAsyncRepository[AuthorModel]):
        model_type = AuthorModel

    repository_type = Repo


class Author(BaseModel):
    id: int | None = None
    name: str


class AuthorCreate(BaseModel):
    name: str


router = APIRouter(prefix="/authors")
ServiceDep = Annotated[AuthorService, Depends(alchemy.provide_service(AuthorService))]
# Its filters by id, text and order give Query an argument that FastAPI 0.165 refuses, too.
FiltersDep = Annotated[
    list[filters.FilterTypes],
    Depends(
        alchemy.provide_filters(
            {
                "pagination_type": "limit_offset",
                "pagination_size": 2,
                "created_at": True,
            }
        )
    ),
]


@router.get("", response_model=service.OffsetPagination[Author])
async def list_authors(authors: ServiceDep, wanted: FiltersDep):
    rows, total = await authors.list_and_count(*wanted)
    return authors.to_schema(rows, total, filters=wanted, schema_type=Author)


@router.post("", status_code=201)
async def add_author(authors: ServiceDep, data: AuthorCreate) -> Author:
    return authors.to_schema(await authors.create(data), schema_type=Author)


@router.get("/{author_id}")
async def read_author(authors: ServiceDep, author_id: int) -> Author:
    return authors.to_schema(await authors.get(author_id), schema_type=Author)


@router.post("/refused")
async def refuse(session: Annotated[AsyncSession, Depends(alchemy.provide_session())]):
    session.add(AuthorModel(name="never"))
    await session.flush()
    raise HTTPException(409, "rolled back")


app.include_router(router)
