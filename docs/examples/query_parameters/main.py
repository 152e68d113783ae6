from rapide import Rapide

app = Rapide(title="Library")

TITLES = ["Momo", "Ronja", "Emil", "Matilda", "Krabat"]


@app.get("/books")
async def list_books(search: str, skip: int = 0, limit: int = 2) -> list[str]:
    found = [title for title in TITLES if search.lower() in title.lower()]
    return found[skip : skip + limit]
