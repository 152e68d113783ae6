from pydantic import BaseModel

from rapide.fastapi import FastAPI, HTTPException

app = FastAPI(title="Library")


class Book(BaseModel):
    title: str


@app.get("/books/{number}")
async def read_book(number: int) -> Book:
    raise HTTPException(status_code=404, detail="No book has this number.")
