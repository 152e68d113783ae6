from collections.abc import Iterator
from typing import Annotated

from rapide import Depends, Rapide

app = Rapide()


def connection() -> Iterator[str]:
    yield "connection"


def session(
    connection: Annotated[str, Depends(connection, scope="function")],
) -> Iterator[str]:
    yield f"session on a {connection}"


@app.get("/books")
def list_books(session: Annotated[str, Depends(session)]) -> str:
    return session
