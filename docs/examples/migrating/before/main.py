from collections.abc import Iterator
from typing import Annotated

from fastapi.security import HTTPBearer

from fastapi import Depends, FastAPI, HTTPException, UploadFile

app = FastAPI(title="Library", redirect_slashes=False)
token = HTTPBearer()


def get_session() -> Iterator[dict[str, int]]:
    session = {"Momo": 304}
    yield session
    session.clear()


Session = Annotated[dict[str, int], Depends(get_session)]


@app.get("/books/{title}")
def read_book(title: str, session: Session) -> dict[str, int]:
    if title not in session:
        raise HTTPException(404, "No such book")
    return {"pages": session[title]}


@app.get("/books/newest")
def newest_book() -> str:
    return "Momo"


@app.get("/search", dependencies=[Depends(token)])
def search(tag: list[str]) -> list[str]:
    return tag


@app.put("/covers")
def add_cover(cover: UploadFile) -> int | None:
    return cover.size
