from rapide import Rapide

app = Rapide()


@app.get("/books/{title}")
async def read_book(title: str) -> str:
    return title


@app.get("/books/{number}")
async def read_book_by_number(number: int) -> int:
    return number
