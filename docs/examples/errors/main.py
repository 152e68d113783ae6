from rapide import HTTPException, Rapide

app = Rapide(title="Library")

books = {1: "Momo"}


@app.get("/books/{number}")
async def read_book(number: int) -> str:
    if number not in books:
        raise HTTPException(404, "No book has this number.")
    return books[number]


@app.get("/attic")
async def read_attic() -> str:
    raise HTTPException(
        503, "The attic is being painted.", headers={"Retry-After": "3600"}
    )


@app.get("/average")
async def read_average() -> float:
    return sum(len(title) for title in books.values()) / 0
