from pydantic import BaseModel

from rapide import Rapide, Response, status
from rapide.responses import PlainTextResponse, RedirectResponse

app = Rapide(title="Library")


class Book(BaseModel):
    title: str
    subtitle: str | None = None
    pages: int = 0


books = {
    1: Book(title="Momo"),
    2: Book(title="Emil", subtitle="and the Detectives", pages=150),
}


@app.get("/books/{number}", response_model_exclude_unset=True)
async def read_book(number: int) -> Book:
    return books[number]


@app.delete("/books/{number}", status_code=status.HTTP_204_NO_CONTENT)
async def remove_book(number: int) -> None:
    books.pop(number, None)


@app.get("/books/{number}/label")
async def read_label(number: int) -> PlainTextResponse:
    return PlainTextResponse(f"{number:05}")


@app.get("/random", response_model=None)
async def read_any_book() -> Response | Book:
    return RedirectResponse("/books/1")
