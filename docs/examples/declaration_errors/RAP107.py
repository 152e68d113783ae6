from pydantic import Field

from rapide import Rapide

app = Rapide()


@app.get("/books")
async def list_books(limit: int = Field(20, ge=1)) -> int:
    return limit
