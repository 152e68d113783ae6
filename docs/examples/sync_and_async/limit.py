import time
from collections.abc import Iterator
from typing import Annotated

from rapide import Depends, Rapide

app = Rapide(title="Library")


def connection() -> Iterator[str]:
    time.sleep(0.001)
    yield "a connection"


Connection = Annotated[str, Depends(connection, max_concurrency=5)]


@app.get("/books")
def list_books(connection: Connection) -> str:
    return f"read through {connection}"
