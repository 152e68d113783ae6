from enum import StrEnum
from uuid import UUID

from rapide import Rapide

app = Rapide(title="Library")


class Genre(StrEnum):
    novel = "novel"
    poetry = "poetry"
    history = "history"


@app.get("/genres/{genre}")
async def read_genre(genre: Genre) -> dict[str, object]:
    return {"genre": genre, "rhymes": genre is Genre.poetry}


@app.get("/cards/{card}")
async def read_card(card: UUID) -> dict[str, object]:
    return {"card": card, "version": card.version}
