from typing import Annotated

from rapide import Query, Rapide

app = Rapide()


@app.get("/books")
async def list_books(limit: Annotated[int, Query(20)]) -> int:
    return limit
