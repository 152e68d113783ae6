from collections.abc import Awaitable, Callable

import anyio

from rapide import Rapide
from rapide.lifecycle import wait_for_drain

app = Rapide(title="Library")
news: list[str] = []
news_came = anyio.Event()


async def wait_for_first(*waits: Callable[[], Awaitable[None]]) -> None:
    async with anyio.create_task_group() as group:

        async def wait_for(wait: Callable[[], Awaitable[None]]) -> None:
            await wait()
            group.cancel_scope.cancel()

        for wait in waits:
            group.start_soon(wait_for, wait)


@app.get("/news")
async def read_news() -> list[str]:
    await wait_for_first(news_came.wait, wait_for_drain)
    return news
