from rapide import Rapide, Request, Response
from rapide.exceptions import RequestValidationError
from rapide.problems import problem_response, public_errors

app = Rapide(title="Library")


@app.exception_handler(RequestValidationError)
async def answer_bad_request(
    request: Request, error: RequestValidationError
) -> Response:
    return problem_response(
        400, "Please look at the documentation.", errors=public_errors(error.errors())
    )


@app.get("/books/{number}")
async def read_book(number: int) -> int:
    return number
