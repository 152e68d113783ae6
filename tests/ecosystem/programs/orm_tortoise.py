"""Tortoise ORM: registered for the application's life, models made from tables, errors of its own."""

from contextlib import asynccontextmanager
from typing import Annotated

from tortoise import Tortoise, fields
from tortoise.contrib.fastapi import RegisterTortoise, tortoise_exception_handlers
from tortoise.contrib.pydantic import PydanticModel, pydantic_model_creator
from tortoise.models import Model

from fastapi import Depends, FastAPI


class Author(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=30, unique=True)
    books: fields.ReverseRelation["Book"]


class Book(Model):
    id = fields.IntField(primary_key=True)
    title = fields.CharField(max_length=30)
    author: fields.ForeignKeyRelation[Author] = fields.ForeignKeyField("models.Author", related_name="books")


Tortoise.init_models(["orm_tortoise"], "models")
AuthorIn = pydantic_model_creator(Author, name="AuthorIn", exclude_readonly=True)
AuthorOut = pydantic_model_creator(Author, name="AuthorOut")
BookOut = pydantic_model_creator(Book, name="BookOut")


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with RegisterTortoise(
        app,
        db_url="sqlite://library.db",
        modules={"models": ["orm_tortoise"]},
        generate_schemas=True,
    ):
        yield


app = FastAPI(lifespan=lifespan, exception_handlers=tortoise_exception_handlers())


@app.post("/authors", response_model=AuthorOut, status_code=201)
async def add_author(author: AuthorIn):
    row = await Author.create(**author.model_dump(exclude_unset=True))
    return await AuthorOut.from_tortoise_orm(row)


@app.get("/authors", response_model=list[AuthorOut])
async def list_authors():
    return await AuthorOut.from_queryset(Author.all().order_by("name"))


async def get_author(author_id: int) -> Author:
    return await Author.get(id=author_id)


AuthorDep = Annotated[Author, Depends(get_author)]


@app.post("/authors/{author_id}/books", status_code=201)
async def add_book(author: AuthorDep, title: str) -> BookOut:
    row = await Book.create(title=title, author=author)
    return await BookOut.from_tortoise_orm(row)


@app.delete("/authors/{author_id}", status_code=204)
async def remove_author(author: AuthorDep) -> None:
    await author.delete()


def is_model(cls: type) -> bool:
    return issubclass(cls, PydanticModel)


@app.get("/made")
async def made() -> bool:
    return is_model(AuthorOut)
