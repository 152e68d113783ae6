"""fasthx: HTML for htmx, data for everybody else; scalar: another page for the document."""

from fastapi.templating import Jinja2Templates
from fasthx.jinja import Jinja
from jinja2 import DictLoader, Environment
from scalar_fastapi import get_scalar_api_reference

from fastapi import FastAPI

environment = Environment(loader=DictLoader({"book.html": "<b>{{ title }}</b>"}), autoescape=True)
jinja = Jinja(Jinja2Templates(env=environment))
app = FastAPI()


@app.get("/book")
@jinja.hx("book.html")
async def book(title: str = "Emma") -> dict[str, str]:
    return {"title": title}


@app.get("/scalar", include_in_schema=False)
async def scalar():
    return get_scalar_api_reference(openapi_url=app.openapi_url, title=app.title)
