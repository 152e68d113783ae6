from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

from rapide import Depends, Rapide, Request


class Catalogue:
    """Stands for a connection pool, a model, a client: what is opened once."""

    def __init__(self) -> None:
        self.is_open = True
        self.titles = ["Momo", "Ronja"]

    async def close(self) -> None:
        self.is_open = False


class State(TypedDict):
    catalogue: Catalogue


@asynccontextmanager
async def lifespan(app: Rapide) -> AsyncIterator[State]:
    catalogue = Catalogue()
    try:
        yield {"catalogue": catalogue}
    finally:
        await catalogue.close()


app = Rapide(title="Library", lifespan=lifespan)


async def get_catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.state.catalogue
    return catalogue


@app.get("/books")
async def list_books(
    catalogue: Annotated[Catalogue, Depends(get_catalogue)],
) -> list[str]:
    return catalogue.titles
