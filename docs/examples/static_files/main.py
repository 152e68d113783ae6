from pathlib import Path

from rapide import Rapide, Request, Response
from rapide.staticfiles import StaticFiles
from rapide.templating import Jinja2Templates

HERE = Path(__file__).parent  # and not the working directory, which may be any

app = Rapide(title="Library")

app.mount("/public", StaticFiles(directory=HERE / "public"), name="public")
templates = Jinja2Templates(directory=HERE / "templates")


@app.get("/books/{number}.html", include_in_schema=False)
async def show_book(request: Request, number: int) -> Response:
    return templates.TemplateResponse(
        request, "book.html", {"number": number, "title": "<Momo>"}
    )


app.frontend("/app", directory=HERE / "app", fallback="index.html")
