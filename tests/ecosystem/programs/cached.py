"""fastapi-cache2: answers kept in memory and on Redis; TOPIC separates runs."""

import os
from contextlib import asynccontextmanager

from fastapi_cache import FastAPICache
from fastapi_cache.backends.inmemory import InMemoryBackend
from fastapi_cache.backends.redis import RedisBackend
from fastapi_cache.decorator import cache
from pydantic import BaseModel
from redis import asyncio as redis

from fastapi import FastAPI, Request, Response


@asynccontextmanager
async def lifespan(app: FastAPI):
    backend = InMemoryBackend()
    if os.environ["BACKEND"] == "redis":
        backend = RedisBackend(redis.from_url("redis://127.0.0.1:6379"))
    FastAPICache.init(backend, prefix=os.environ["TOPIC"])
    yield


app = FastAPI(lifespan=lifespan)
counts = {"async": 0, "sync": 0}


class Count(BaseModel):
    number: int
    path: str


@app.get("/async/{name}")
@cache(expire=60)
async def cached(name: str, request: Request, response: Response) -> Count:
    counts["async"] += 1
    response.headers["x-made"] = "yes"
    return Count(number=counts["async"], path=request.url.path)


@app.get("/sync")
@cache(expire=60)
def cached_too(q: int = 1):
    counts["sync"] += 1
    return {"number": counts["sync"], "q": q}


@app.delete("/")
async def clear():
    return await FastAPICache.clear()
