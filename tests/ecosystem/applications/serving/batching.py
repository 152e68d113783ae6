"""One call of the model for requests that arrive together."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Self


class Batcher:
    """Collects inputs until there are enough, or it took too long."""

    def __init__(self, call: Callable[[Sequence[Any]], Sequence[Any]], size: int, seconds: float) -> None:
        self._call, self._size, self._seconds = call, size, seconds
        self._queue: asyncio.Queue[tuple[Any, asyncio.Future]] = asyncio.Queue()
        self._task: asyncio.Task | None = None
        self.batches: list[int] = []

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def __call__(self, value: Any) -> Any:
        future = asyncio.get_running_loop().create_future()
        await self._queue.put((value, future))
        return await future

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    while len(batch) < self._size:
                        batch.append(await self._queue.get())
            results = await asyncio.to_thread(self._call, [value for value, _ in batch])
            self.batches.append(len(batch))
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)
