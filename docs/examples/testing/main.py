from typing import Annotated

from rapide import Depends, HTTPException, Rapide

app = Rapide(title="Library")


async def find_title(number: int) -> str:
    raise HTTPException(503, "The database is far away.")


@app.get("/books/{number}")
async def read_book(title: Annotated[str, Depends(find_title)]) -> dict[str, str]:
    return {"title": title}
