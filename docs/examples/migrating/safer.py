from dataclasses import replace

from rapide import FASTAPI
from rapide.fastapi import FastAPI

behaviour = replace(
    FASTAPI,
    echo_input=False,
    dependency_exit="before_response",
    max_json_size=1024 * 1024,
)
app = FastAPI(title="Library", behaviour=behaviour)


@app.get("/books/{number}")
async def read_book(number: int) -> int:
    return number
