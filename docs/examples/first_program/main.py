from typing import Annotated

from pydantic import BaseModel

from rapide import HTTPException, Query, Rapide

app = Rapide(title="Library")


class Book(BaseModel):
    title: str
    pages: int


books: dict[int, Book] = {1: Book(title="Momo", pages=304)}


@app.get("/books")
async def list_books(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[Book]:
    return list(books.values())[:limit]


@app.get("/books/{number}")
async def read_book(number: int) -> Book:
    if number not in books:
        raise HTTPException(404, "No book has this number.")
    return books[number]


@app.post("/books", status_code=201)
async def add_book(book: Book) -> Book:
    books[len(books) + 1] = book
    return book
