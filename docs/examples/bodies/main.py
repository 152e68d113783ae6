from datetime import date

from pydantic import BaseModel, Field

from rapide import Rapide

app = Rapide(title="Library")


class Author(BaseModel):
    name: str
    born: date | None = None


class Book(BaseModel):
    title: str = Field(min_length=1, max_length=200)
    pages: int = Field(gt=0)
    authors: list[Author] = []


@app.post("/books")
async def add_book(book: Book) -> dict[str, object]:
    names = ", ".join(author.name for author in book.authors)
    return {"added": f"{book.title} by {names or 'nobody'}", "pages": book.pages}
