from rapide import Rapide

app = Rapide(title="Library")


@app.get("/books/{number}")
async def read_book(number: int) -> int:
    return number


@app.get("/shelves/{shelf}")
async def read_shelf(shelf: list[int]) -> list[int]:
    return shelf
