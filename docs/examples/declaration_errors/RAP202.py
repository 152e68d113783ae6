from rapide import Rapide

app = Rapide()


@app.get("/books", responses={404: "No such book"})  # type: ignore[dict-item]
async def list_books() -> list[str]:
    return []
