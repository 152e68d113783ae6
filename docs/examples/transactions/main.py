from collections.abc import AsyncIterator
from typing import Annotated

from rapide import Depends, HTTPException, Rapide

app = Rapide(title="Library")
log: list[str] = []


class Transaction:
    """Stands for the session of a database."""

    def __init__(self) -> None:
        self.titles: list[str] = []

    def add(self, title: str) -> None:
        self.titles.append(title)

    async def commit(self) -> None:
        if "Necronomicon" in self.titles:
            raise RuntimeError("the database refuses")
        log.append(f"commit {self.titles}")

    async def rollback(self) -> None:
        log.append("rollback")


async def transaction() -> AsyncIterator[Transaction]:
    opened = Transaction()
    try:
        yield opened
    except BaseException:
        await opened.rollback()
        raise
    await opened.commit()


@app.post("/books", status_code=201)
async def add_book(
    title: str, opened: Annotated[Transaction, Depends(transaction)]
) -> str:
    opened.add(title)
    if title == "":
        raise HTTPException(422, "A book has a title.")
    return title


@app.get("/log")
async def read_log() -> list[str]:
    return log
