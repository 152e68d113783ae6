"""fastapi-async-sqlalchemy: a session for each request, made by middleware."""

from contextlib import asynccontextmanager

from fastapi_async_sqlalchemy import SQLAlchemyMiddleware, db
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from fastapi import FastAPI, HTTPException


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with db():
        connection = await db.session.connection()
        await connection.run_sync(Base.metadata.create_all)
        await db.session.commit()
    yield


app = FastAPI(lifespan=lifespan)
app.add_middleware(SQLAlchemyMiddleware, db_url="sqlite+aiosqlite:///notes.db", commit_on_exit=True)


@app.post("/notes/{text}")
async def add(text: str):
    db.session.add(Note(text=text))
    await db.session.flush()
    if text == "no":
        raise HTTPException(400, "no")
    return text


@app.get("/notes")
async def read() -> list[str]:
    return [*(await db.session.scalars(select(Note.text)))]
