"""The routes that all programs of packages that watch applications have."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from pydantic import BaseModel

from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, HTTPException, WebSocket

router = APIRouter(prefix="/shop/{shop}")
told: list[str] = []


class Item(BaseModel):
    name: str
    price: float = 1


async def open_store() -> AsyncIterator[str]:
    yield "store"


@router.get("/items/{item_id}")
async def read_item(shop: str, item_id: int, store: Annotated[str, Depends(open_store)]) -> Item:
    if item_id == 0:
        raise HTTPException(404, "no such item")
    return Item(name=f"{shop} {item_id} {store}")


@router.post("/items", status_code=201)
def add_item(shop: str, item: Item, tasks: BackgroundTasks) -> Item:
    tasks.add_task(told.append, item.name)
    return item


@router.get("/plain")
def plain(shop: str):
    return {"shop": shop}


@router.get("/boom")
async def boom(shop: str):
    await asyncio.sleep(0)
    raise ValueError(f"broken: {shop}")


@router.websocket("/live")
async def live(websocket: WebSocket, shop: str):
    await websocket.accept()
    await websocket.send_text(shop)
    await websocket.close()


def add_routes(app: FastAPI) -> None:
    app.include_router(router)
