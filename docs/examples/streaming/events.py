from collections.abc import AsyncIterator
from typing import Annotated

from pydantic import BaseModel

from rapide import Header, Rapide
from rapide.sse import EventSourceResponse, ServerSentEvent

app = Rapide(title="Library")


class Returned(BaseModel):
    title: str


RETURNED = ["Momo", "Emil", "Ronja"]


@app.get("/returns", response_class=EventSourceResponse)
async def watch_returns() -> AsyncIterator[Returned]:
    for title in RETURNED:
        yield Returned(title=title)


@app.get("/returns/numbered", response_class=EventSourceResponse)
async def watch_numbered(
    last_event_id: Annotated[int, Header()] = 0,
) -> AsyncIterator[ServerSentEvent]:
    for number, title in enumerate(RETURNED[last_event_id:], last_event_id + 1):
        yield ServerSentEvent(event="returned", id=str(number), data={"title": title})
