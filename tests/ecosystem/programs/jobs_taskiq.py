"""taskiq-fastapi: tasks with the application's dependencies, in the worker as in the server."""

import os
from contextlib import asynccontextmanager
from typing import Annotated

import taskiq_fastapi
from taskiq import TaskiqDepends
from taskiq_redis import ListQueueBroker, RedisAsyncResultBackend

from fastapi import Depends, FastAPI, Request

broker = ListQueueBroker("redis://127.0.0.1:6379", queue_name=os.environ["TOPIC"]).with_result_backend(
    RedisAsyncResultBackend("redis://127.0.0.1:6379", result_ex_time=60)
)
taskiq_fastapi.init(broker, "jobs_taskiq:app")


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.greeting = "hello"
    if not broker.is_worker_process:
        await broker.startup()
    yield
    if not broker.is_worker_process:
        await broker.shutdown()


app = FastAPI(lifespan=lifespan)


def get_greeting(request: Annotated[Request, TaskiqDepends()]) -> str:
    return request.app.state.greeting


def get_loud(greeting: Annotated[str, Depends(get_greeting)]) -> str:
    return greeting.upper()


@broker.task
async def greet(name: str, greeting: Annotated[str, TaskiqDepends(get_greeting)]) -> str:
    return f"{greeting} {name}"


@app.post("/greet/{name}")
async def ask(name: str, loud: Annotated[str, Depends(get_loud)]):
    task = await greet.kiq(name)
    result = await task.wait_result(timeout=20)
    return {"here": loud, "there": result.return_value}
