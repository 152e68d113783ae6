"""Beanie: documents that are models, with links, indexes and queries."""

import os
from contextlib import asynccontextmanager
from typing import Annotated

from beanie import Document, Indexed, Link, PydanticObjectId, WriteRules, init_beanie
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError

from fastapi import Depends, FastAPI, HTTPException, Query


class Author(Document):
    name: Annotated[str, Indexed(unique=True)]


class Book(Document):
    title: str
    pages: int = 0
    author: Link[Author] | None = None


@asynccontextmanager
async def lifespan(app: FastAPI):
    client = AsyncMongoClient("127.0.0.1", int(os.environ["MONGO_PORT"]))
    await init_beanie(database=client.library, document_models=[Author, Book])
    yield
    await client.close()


app = FastAPI(lifespan=lifespan)


@app.post("/authors", status_code=201)
async def add_author(author: Author) -> Author:
    try:
        return await author.insert()
    except DuplicateKeyError:
        raise HTTPException(409, f"{author.name} is here") from None


@app.post("/books", status_code=201)
async def add_book(book: Book) -> Book:
    return await book.insert(link_rule=WriteRules.DO_NOTHING)


async def get_book(book_id: PydanticObjectId) -> Book:
    book = await Book.get(book_id, fetch_links=True)
    if book is None:
        raise HTTPException(404, "No such book")
    return book


BookDep = Annotated[Book, Depends(get_book)]


@app.get("/books/{book_id}")
async def read_book(book: BookDep) -> Book:
    return book


@app.patch("/books/{book_id}")
async def change_book(book: BookDep, pages: int) -> Book:
    book.pages = pages
    await book.save()
    return book


@app.delete("/books/{book_id}", status_code=204)
async def delete_book(book: BookDep) -> None:
    await book.delete()


@app.get("/books")
async def list_books(at_least: Annotated[int, Query(ge=0)] = 0) -> list[Book]:
    return await Book.find(Book.pages >= at_least).sort("title").to_list()
