"""Redis: history in lists, messages over pub/sub."""

import asyncio
import json
import os
from collections import defaultdict
from contextlib import suppress

from redis.asyncio import Redis

from fastapi import WebSocket

from .models import Said

PREFIX = os.environ.get("CHAT_PREFIX", "chat")


class Bus:
    """What is said in one process is heard in all."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.sockets: dict[str, set[WebSocket]] = defaultdict(set)
        self._listener: asyncio.Task | None = None

    async def start(self) -> None:
        subscribed = asyncio.Event()
        self._listener = asyncio.create_task(self._listen(subscribed))
        await subscribed.wait()

    async def stop(self) -> None:
        self._listener.cancel()
        with suppress(asyncio.CancelledError):
            await self._listener

    async def _listen(self, subscribed: asyncio.Event) -> None:
        async with self.redis.pubsub() as pubsub:
            await pubsub.psubscribe(f"{PREFIX}:room:*")
            async for message in pubsub.listen():
                if message["type"] == "psubscribe":
                    subscribed.set()
                elif message["type"] == "pmessage":
                    room = message["channel"].rsplit(":", 1)[1]
                    for socket in list(self.sockets[room]):
                        with suppress(RuntimeError):
                            await socket.send_json(json.loads(message["data"]))

    async def say(self, room: str, by: str, text: str) -> Said:
        number = await self.redis.incr(f"{PREFIX}:count:{room}")
        said = Said(number=number, room=room, by=by, text=text)
        await self.redis.rpush(f"{PREFIX}:history:{room}", said.model_dump_json())
        await self.redis.publish(f"{PREFIX}:room:{room}", said.model_dump_json())
        return said

    async def announce(self, room: str, **event: str) -> None:
        await self.redis.publish(f"{PREFIX}:room:{room}", json.dumps(event))

    async def history(self, room: str, after: int, limit: int) -> list[Said]:
        lines = await self.redis.lrange(f"{PREFIX}:history:{room}", after, after + limit - 1)
        return [Said.model_validate_json(line) for line in lines]
