from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel

from rapide import Depends, Header, Rapide

app = Rapide(title="Library")


class Book(BaseModel):
    title: str
    pages: int


def connection() -> Iterator[list[Book]]:
    yield []


async def current_reader(x_card: Annotated[str, Header()]) -> str:
    return x_card


@app.put("/shelves/{shelf}/books")
def put_book(
    shelf: int,
    book: Book,
    reader: Annotated[str, Depends(current_reader)],
    books: Annotated[list[Book], Depends(connection)],
    notify: bool = False,
) -> Book:
    books.append(book)
    return book
