from pydantic import BaseModel

from rapide import Rapide

app = Rapide(title="Library")


class Book(BaseModel):
    title: str
    pages: int
    note: str | None = None


class BookChanges(BaseModel):
    title: str | None = None
    pages: int | None = None
    note: str | None = None


books = {1: Book(title="Momo", pages=304, note="signed")}


@app.patch("/books/{number}")
async def change_book(number: int, changes: BookChanges) -> Book:
    books[number] = books[number].model_copy(
        update=changes.model_dump(exclude_unset=True)
    )
    return books[number]
