from rapide import Rapide

app = Rapide(title="Library")


@app.get("/books/{title}")
async def read_book(title: str) -> dict[str, str]:
    return {"title": title}


@app.get("/books/newest")
async def read_newest_book() -> dict[str, str]:
    return {"newest": "Momo"}


@app.get("/files/{path:path}")
async def read_file(path: str) -> dict[str, str]:
    return {"path": path}
