from collections.abc import AsyncIterator
from typing import Annotated

from rapide import Depends, Rapide
from rapide.health import health_router

app = Rapide(title="Library")


async def get_connection() -> AsyncIterator[str]:
    raise OSError("The database does not answer.")
    yield "a connection"


async def check_database(
    connection: Annotated[str, Depends(get_connection)],
) -> bool:
    return connection == "a connection"


app.include_router(health_router(checks=[check_database]))
