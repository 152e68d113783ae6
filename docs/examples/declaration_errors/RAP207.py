from rapide import Rapide

app = Rapide()


@app.get("/books/{number:integer}")
async def read_book(number: int) -> int:
    return number
