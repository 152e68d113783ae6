from typing import Annotated

from rapide import Path, Rapide

app = Rapide()


@app.get("/books/{number}")
async def read_book(number: Annotated[int, Path()] = 7) -> int:
    return number
