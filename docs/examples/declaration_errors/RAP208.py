from rapide import Rapide

app = Rapide()


@app.get("/shelves/{number}/books/{number}")
async def read_book(number: int) -> int:
    return number
