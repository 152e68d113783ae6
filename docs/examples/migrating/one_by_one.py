from dataclasses import replace

from rapide import RAPIDE, Rapide

app = Rapide(
    title="Library", behaviour=replace(RAPIDE, errors="detail", slashes="strict")
)


@app.get("/books")
async def list_books() -> list[str]:
    return ["Momo"]
