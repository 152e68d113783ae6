from library.routers import books, readers
from rapide import APIRouter, Rapide

app = Rapide(title="Library")

api = APIRouter(prefix="/api")
api.include_router(books.router)
api.include_router(readers.router)

app.include_router(api)
app.include_router(
    books.router,
    prefix="/v0",
    deprecated=True,
    generate_unique_id_function=lambda route: f"{route.name}_v0",
)
