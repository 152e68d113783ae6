from pydantic import BaseModel

from rapide import Rapide

app = Rapide(title="Library")


class Book(BaseModel):
    title: str
    pages: int


@app.get("/books/1")
async def read_book() -> Book:
    return {"title": "Momo"}  # type: ignore[return-value]  # the mistake
