from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rapide import Rapide
from rapide.concurrency import limit_threads


@asynccontextmanager
async def lifespan(app: Rapide) -> AsyncIterator[None]:
    limit_threads(work=100, files=8)
    yield


app = Rapide(title="Library", lifespan=lifespan)
