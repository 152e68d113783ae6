"""faststream: subscribers beside routes, with FastAPI's dependencies; BROKER says on what, TOPIC where."""

import os
from typing import Annotated

from pydantic import BaseModel

from fastapi import Depends, FastAPI, Header

TOPIC = os.environ["TOPIC"]
match os.environ["BROKER"]:
    case "redis":
        from faststream.redis.fastapi import RedisRouter

        router = RedisRouter("redis://127.0.0.1:6379")
    case "nats":
        from faststream.nats.fastapi import NatsRouter

        router = NatsRouter("nats://127.0.0.1:4222")
    case "rabbit":
        from faststream.rabbit.fastapi import RabbitRouter

        router = RabbitRouter("amqp://guest:guest@127.0.0.1:5672/")

received: list[str] = []
left: list[str] = []


class Order(BaseModel):
    item: str
    amount: int


async def get_desk():
    yield "desk 1"
    left.append("desk 1")


@router.subscriber(TOPIC)
@router.publisher(f"{TOPIC}-done")
async def handle(order: Order, desk: Annotated[str, Depends(get_desk)]) -> str:
    received.append(f"{desk}: {order.amount} {order.item}")
    return order.item


@router.subscriber(f"{TOPIC}-done")
async def finish(item: str, note: Annotated[str, Header()] = "no note") -> None:
    received.append(f"done: {item}, {note}")


@router.post("/orders")
async def add(order: Order) -> str:
    await router.broker.publish(order, TOPIC)
    return "sent"


@router.get("/received")
async def get_received():
    return {"received": received, "left": left}


app = FastAPI()
app.include_router(router)
