from typing import Annotated

from rapide import Path, Rapide

app = Rapide()


@app.get("/books/{id}")
async def read_book(number: Annotated[int, Path()]) -> int:
    return number
