from dataclasses import dataclass
from typing import Annotated

from rapide import Depends, Query, Rapide

app = Rapide(title="Library")

TITLES = ["Emil", "Krabat", "Matilda", "Momo", "Ronja"]


@dataclass
class Page:
    """Which part of a list is wanted."""

    skip: Annotated[int, Query(ge=0)] = 0
    limit: Annotated[int, Query(ge=1, le=100)] = 2


async def find_titles(search: str = "") -> list[str]:
    return [title for title in TITLES if search.lower() in title.lower()]


@app.get("/books")
async def list_books(
    page: Annotated[Page, Depends()], titles: Annotated[list[str], Depends(find_titles)]
) -> list[str]:
    return titles[page.skip : page.skip + page.limit]


@app.get("/books/count")
async def count_books(titles: Annotated[list[str], Depends(find_titles)]) -> int:
    return len(titles)
