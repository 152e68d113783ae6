"""fastapi-utils: class-based views, repeated tasks, timings, camel case."""

import asyncio
from contextlib import asynccontextmanager

from fastapi_utils.api_model import APIModel
from fastapi_utils.cbv import cbv
from fastapi_utils.inferring_router import InferringRouter
from fastapi_utils.tasks import repeat_every
from fastapi_utils.timing import add_timing_middleware

from fastapi import Depends, FastAPI, Query

ticks: list[int] = []
timings: list[str] = []


@repeat_every(seconds=0.05, max_repetitions=3)
async def tick() -> None:
    ticks.append(1)


@asynccontextmanager
async def lifespan(app: FastAPI):
    ticking = asyncio.create_task(tick())
    yield
    ticking.cancel()


class Book(APIModel):
    book_title: str
    page_count: int


def get_library(library: str = Query("city")) -> str:
    return library


router = InferringRouter()


@cbv(router)
class Books:
    library: str = Depends(get_library)

    @router.get("/books/{number}")
    def read(self, number: int) -> Book:
        return Book(book_title=f"{self.library} {number}", page_count=number)

    @router.post("/books")
    async def add(self, book: Book) -> Book:
        return book


app = FastAPI(lifespan=lifespan)
app.include_router(router)
add_timing_middleware(app, record=timings.append, prefix="app", exclude="seen")


@app.get("/seen")
async def seen():
    return {"ticks": len(ticks), "timed": [line for line in timings if "read" in line]}
