"""Piccolo: its endpoints for a table, made with FastAPI's names."""

from contextlib import asynccontextmanager

from piccolo.columns import Integer, Varchar
from piccolo.engine.sqlite import SQLiteEngine
from piccolo.table import Table, create_db_tables
from piccolo.utils.pydantic import create_pydantic_model

from fastapi import FastAPI

DB = SQLiteEngine(path="piccolo.db")


class Task(Table, db=DB):
    name = Varchar(length=20)
    rank = Integer(default=1)


TaskIn = create_pydantic_model(Task, model_name="TaskIn")
TaskOut = create_pydantic_model(Task, include_default_columns=True, model_name="TaskOut")


@asynccontextmanager
async def lifespan(app: FastAPI):
    await create_db_tables(Task, if_not_exists=True)
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/tasks", response_model=TaskOut, status_code=201)
async def add(task: TaskIn):
    row = Task(**task.model_dump(exclude_unset=True))
    await row.save()
    return row.to_dict()


@app.get("/tasks", response_model=list[TaskOut])
async def read():
    return await Task.select().order_by(Task.id)
