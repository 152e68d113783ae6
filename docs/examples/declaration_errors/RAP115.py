from rapide import Rapide

app = Rapide()


@app.get("/books")
async def list_books(limit: int, /) -> int:
    return limit
