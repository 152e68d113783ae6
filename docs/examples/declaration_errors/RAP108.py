from typing import Annotated

from rapide import Query, Rapide, Request

app = Rapide()


@app.get("/books")
async def list_books(request: Annotated[Request, Query()]) -> str:
    return request.url.path
