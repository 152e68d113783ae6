from typing import Annotated

from pydantic import BaseModel

from rapide import Body, Rapide

app = Rapide(title="Library")


class Book(BaseModel):
    title: str
    pages: int


class Reader(BaseModel):
    name: str


@app.put("/shelves/{shelf}/loan")
async def lend_book(
    shelf: int,
    book: Book,
    reader: Reader,
    days: Annotated[int, Body(ge=1)] = 28,
    notify: bool = False,
) -> dict[str, object]:
    return {
        "shelf": shelf,
        "title": book.title,
        "to": reader.name,
        "days": days,
        "notify": notify,
    }
