from pydantic import BaseModel

from rapide import Rapide

app = Rapide()


class Book(BaseModel):
    title: str


@app.delete("/books/{number}", status_code=204)
async def remove_book(number: int) -> Book:
    return Book(title="Momo")
