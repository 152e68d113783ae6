from typing import Annotated

from rapide import Query, Rapide

app = Rapide()


@app.get("/books/{number}")
async def read_book(number: Annotated[int, Query()]) -> int:
    return number
