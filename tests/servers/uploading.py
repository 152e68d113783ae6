"""An upload for the servers of this folder, and what their process holds."""

# ruff: noqa: D103 -- the tests say what these endpoints are for

import asyncio
import gc
import os
from typing import Any

from rapide import Rapide, Request, UploadFile

app = Rapide(max_body_size=2**40)
_finished: list[int] = []


@app.get("/notes")
async def notes() -> None: ...


@app.get("/held")
async def held() -> dict[str, Any]:
    gc.collect()
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 -- nothing here waits for a disk
    return {"finished": len(_finished), "tasks": len(asyncio.all_tasks()), "descriptors": descriptors}


@app.post("/upload")
async def upload(file: UploadFile) -> int:
    size = 0
    while part := await file.read(65_536):
        size += len(part)
    _finished.append(size)
    return size


@app.post("/streamed")
async def streamed(request: Request) -> int:
    size = 0
    async for part in request.stream():
        size += len(part)
    _finished.append(size)
    return size
