from rapide import Rapide

app = Rapide(title="Library", openapi_url=None)


@app.get("/books")
async def list_books() -> list[str]:
    return ["Momo", "Emil"]
