from collections.abc import AsyncIterator

from pydantic import BaseModel

from rapide import Rapide

app = Rapide(title="Library")


class Book(BaseModel):
    number: int
    title: str


@app.get("/export")
async def export_books() -> AsyncIterator[Book]:
    for number, title in enumerate(["Momo", "Emil", "Ronja"], 1):
        yield Book(number=number, title=title)
