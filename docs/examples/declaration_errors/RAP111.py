from typing import Annotated, Any

from rapide import Depends, Rapide

app = Rapide()


@app.get("/books")
async def list_books(session: Annotated[Any, Depends()]) -> int:
    return len(session)
