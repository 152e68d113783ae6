"""starlette-admin: lists, creates, edits and deletes rows of SQLModel."""

from sqlalchemy import create_engine
from sqlmodel import Field, Session, SQLModel, select
from starlette_admin.contrib.sqlmodel import Admin, ModelView

from fastapi import FastAPI

engine = create_engine("sqlite:///admin.db", connect_args={"check_same_thread": False})


class Book(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(min_length=3)
    pages: int


SQLModel.metadata.create_all(engine)

app = FastAPI()
admin = Admin(engine, title="Books", secret_key="a secret")
admin.add_view(ModelView(Book))
admin.mount_to(app)


@app.get("/books")
def books() -> list[Book]:
    with Session(engine) as session:
        return list(session.exec(select(Book)))
