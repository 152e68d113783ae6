from rapide import Rapide

app = Rapide()


@app.get("/books/{number}")
async def read_book(number: list[int]) -> None: ...
