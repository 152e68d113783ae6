"""The same routes for both faces: a router takes on that of its application."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel

from rapide import APIRouter, Depends, Header, HTTPException, Response
from rapide.responses import PlainTextResponse

router = APIRouter()


class Book(BaseModel):
    title: str
    pages: int


async def require_card(x_card: Annotated[str | None, Header()] = None) -> None:
    if x_card is None:
        raise HTTPException(
            401, "Show your card.", headers={"WWW-Authenticate": "Card"}
        )


async def transaction() -> AsyncIterator[None]:
    yield
    raise RuntimeError("the commit failed")


@router.post("/books")
async def add_book(book: Book) -> Book:
    return book


@router.post("/wishes", dependencies=[Depends(require_card)])
async def add_wish(book: Book) -> Book:
    return book


@router.put("/books/{number}", dependencies=[Depends(transaction)])
async def replace_book(number: int) -> int:
    return number


@router.get("/books/{title}")
async def read_book(title: str) -> str:
    return title


@router.get("/books/newest")
async def read_newest_book() -> str:
    return "the newest book"


@router.get("/shelves/")
async def list_shelves() -> list[int]:
    return [1, 2]


@router.get("/fines")
async def read_fines():  # type: ignore[no-untyped-def]  # no model on purpose
    return {"sum": Decimal("0.10")}


@router.get("/search")
async def search(tag: list[str] = []) -> list[str]:  # noqa: B006 -- as users write it
    return tag


@router.get("/label")
async def read_label(response: Response) -> PlainTextResponse:
    response.headers["X-Shelf"] = "3"
    return PlainTextResponse("00007")


@router.get("/broken")
async def read_broken() -> None:
    raise RuntimeError("a fault")
