from rapide import Rapide

app = Rapide(title="Library")


@app.get("/books/{number}")
async def read_book(number: int) -> dict[str, int]:
    return {"number": number}
