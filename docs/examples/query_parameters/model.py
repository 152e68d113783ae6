from typing import Annotated, Literal

from pydantic import BaseModel, Field

from rapide import Query, Rapide

app = Rapide(title="Library")


class Search(BaseModel):
    model_config = {"extra": "forbid"}

    text: str = ""
    limit: int = Field(default=20, ge=1, le=100)
    order: Literal["title", "year"] = "title"


@app.get("/books")
async def list_books(search: Annotated[Search, Query()]) -> Search:
    return search
