"""A server in Python that speaks MongoDB's protocol, where none of MongoDB's own can be installed."""

import asyncio
import os

from mongoeco.wire import AsyncMongoEcoProxyServer


async def serve() -> None:
    async with AsyncMongoEcoProxyServer(host="127.0.0.1", port=int(os.environ["MONGO_PORT"])):
        await asyncio.Event().wait()


asyncio.run(serve())
