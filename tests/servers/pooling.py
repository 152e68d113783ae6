"""Many requests at the same moment, over connections of their own."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from itertools import cycle, islice


async def _ask(port: int, path: str, moment: asyncio.Event) -> tuple[str, float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await moment.wait()
        began = time.monotonic()
        writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
        answer = await reader.read()
        return answer[9:12].decode() or "none", time.monotonic() - began
    finally:
        writer.close()


async def _ask_all(port: int, paths: Sequence[str], count: int) -> list[tuple[str, float]]:
    moment, asked = asyncio.Event(), islice(cycle(paths), count)
    tasks = [asyncio.create_task(_ask(port, path, moment)) for path in asked]
    await asyncio.sleep(0.5)
    moment.set()
    return await asyncio.gather(*tasks)


def ask_together(port: int, paths: Sequence[str], count: int) -> tuple[Counter[str], float]:
    """Return how often each status came, and the seconds of the slowest answer."""
    answers = asyncio.run(_ask_all(port, paths, count))
    return Counter(status for status, _ in answers), max(seconds for _, seconds in answers)


if __name__ == "__main__":  # for figures: python tests/servers/pooling.py PORT COUNT PATH...
    import sys

    print(*ask_together(int(sys.argv[1]), sys.argv[3:], int(sys.argv[2])))
