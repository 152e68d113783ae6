"""fastmcp: the routes of an application as tools of the Model Context Protocol."""

from contextlib import AsyncExitStack, asynccontextmanager

from fastmcp import FastMCP

from fastapi import FastAPI, HTTPException

books = {1: "Emma"}
routes = FastAPI(title="Books")


@routes.get("/books/{number}", operation_id="read_book")
async def read_book(number: int) -> dict[str, str]:
    if number not in books:
        raise HTTPException(404, "no such book")
    return {"title": books[number]}


@routes.post("/books", operation_id="add_book")
async def add_book(title: str) -> int:
    books[len(books) + 1] = title
    return len(books)


mcp = FastMCP.from_fastapi(routes, name="Books").http_app(path="/mcp", stateless_http=True)


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(mcp.lifespan(app))
        yield


app = FastAPI(title="All", routes=[*routes.routes, *mcp.routes], lifespan=lifespan)
