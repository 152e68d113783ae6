"""sqladmin: a signed-in administrator lists, creates, edits and deletes rows."""

from rapide.fastapi import alias_fastapi

alias_fastapi()

from contextlib import asynccontextmanager

from sqladmin import Admin, ModelView, action
from sqladmin.authentication import AuthenticationBackend
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.responses import RedirectResponse

from fastapi import FastAPI, Request

engine = create_async_engine("sqlite+aiosqlite:///admin.db")
make_session = async_sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    pages: Mapped[int]


class Login(AuthenticationBackend):
    async def login(self, request: Request) -> bool:
        form = await request.form()
        if form["password"] != "right":
            return False
        request.session["user"] = form["username"]
        return True

    async def logout(self, request: Request) -> bool:
        request.session.clear()
        return True

    async def authenticate(self, request: Request) -> bool:
        return "user" in request.session


class BookAdmin(ModelView, model=Book):
    column_list = ["id", "title", "pages"]
    column_searchable_list = ["title"]
    column_sortable_list = ["pages"]

    @action(name="double", label="Double the pages")
    async def double(self, request: Request) -> RedirectResponse:
        async with make_session() as session, session.begin():
            for number in request.query_params["pks"].split(","):
                book = await session.get_one(Book, int(number))
                book.pages *= 2
        return RedirectResponse(request.url_for("admin:list", identity=self.identity))


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
admin = Admin(app, engine, authentication_backend=Login(secret_key="a secret"))
admin.add_view(BookAdmin)


@app.get("/books")
async def books() -> list[dict[str, str | int]]:
    async with make_session() as session:
        return [{"title": book.title, "pages": book.pages} for book in await session.scalars(select(Book))]
