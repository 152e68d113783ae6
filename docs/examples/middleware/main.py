from collections.abc import Awaitable, Callable

from rapide import Rapide, Request, Response
from rapide.middleware.cors import CORSMiddleware

app = Rapide(title="Library")

app.add_middleware(
    CORSMiddleware, allow_origins=["https://library.example"], allow_methods=["GET"]
)


@app.middleware("http")
async def name_branch(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await call_next(request)
    response.headers["X-Branch"] = "harbour"
    return response


@app.get("/books")
async def list_books() -> list[str]:
    return ["Momo"]


@app.get("/broken")
async def read_broken() -> None:
    raise RuntimeError("a fault")
