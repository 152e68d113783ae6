from rapide import Rapide

app = Rapide()


class Book:
    """Not a model."""


@app.get("/books/1")
async def read_book() -> Book:
    return Book()
