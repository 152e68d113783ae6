from typing import Annotated

from rapide import Query, Rapide

app = Rapide()


@app.get("/books")
async def list_books(filters: Annotated[dict[str, list[str]], Query()]) -> int:
    return len(filters)
