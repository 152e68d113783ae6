from datetime import date
from typing import Annotated

from rapide import Query, Rapide

app = Rapide()


@app.get("/news")
async def list_news(
    since: Annotated[date, Query(default_factory=date.today)] = date.min,
) -> date:
    return since
