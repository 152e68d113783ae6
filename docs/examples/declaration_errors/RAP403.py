from typing import Annotated

from rapide import Depends, Rapide
from rapide.security import APIKeyQuery

app = Rapide()
api_key = APIKeyQuery(name="api_key")


@app.get("/books")
async def list_books(key: Annotated[str, Depends(api_key)]) -> list[str]:
    return []
