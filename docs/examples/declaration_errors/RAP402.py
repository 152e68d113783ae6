from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rapide import Rapide

app = Rapide()


class Book(BaseModel):
    model_config = ConfigDict(regex_engine="python-re")

    isbn: Annotated[str, Field(pattern=r"^(?=[0-9])([0-9]+-?)+$")]


@app.post("/books")
async def add_book(book: Book) -> Book:
    return book
