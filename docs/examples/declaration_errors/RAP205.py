from rapide import Rapide

app = Rapide()


@app.get("/books", operation_id="list")
async def list_books() -> list[str]:
    return []


@app.get("/readers", operation_id="list")
async def list_readers() -> list[str]:
    return []
