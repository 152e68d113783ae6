from rapide import Rapide, Request, Response
from rapide.problems import problem_response

app = Rapide(title="Library")


class NotOnShelfError(Exception):
    """Somebody has the book at home."""

    def __init__(self, number: int, days: int) -> None:
        super().__init__(f"Book {number} is lent.")
        self.days = days


@app.exception_handler(NotOnShelfError)
async def answer_not_on_shelf(request: Request, error: NotOnShelfError) -> Response:
    return problem_response(
        409,
        str(error),
        title="Not on the shelf",
        type="https://library.example/problems/not-on-shelf",
        days_left=error.days,
    )


@app.post("/books/{number}/loans", responses={409: {"description": "Not on the shelf"}})
async def lend_book(number: int) -> None:
    raise NotOnShelfError(number, days=3)
