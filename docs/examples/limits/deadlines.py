import anyio

from rapide import Rapide
from rapide.concurrency import time_left

app = Rapide(title="Library", timeout=10)


async def ask_another_library(book: str, timeout: float | None) -> str:
    await anyio.sleep(60)
    return f"{book} is there."


@app.get("/elsewhere/{book}", timeout=0.1)
async def find_elsewhere(book: str) -> str:
    return await ask_another_library(book, timeout=time_left())
