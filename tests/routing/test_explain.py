"""What `explain` says of a plan."""

from typing import Annotated

import pytest
from annotated_types import Gt
from pydantic import BaseModel

from rapide import Query, Rapide


class Book(BaseModel):
    title: str


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, "int"),
        (list[int], "list[int]"),
        (int | None, "int | None"),
        (dict[str, list[Book]], "dict[str, list[Book]]"),
        (Annotated[float, Gt(3.5)], "Annotated[float, Gt(gt=3.5)]"),
    ],
)
def test_types_are_shown_as_they_are_written(annotation: object, text: str) -> None:
    """With their arguments, without their modules."""
    app = Rapide()

    async def read(value: Annotated[str, Query()]) -> None: ...

    read.__annotations__["return"] = annotation
    app.get("/x")(read)
    assert f"output: model {text}, status 200" in app.explain("GET", "/x")


def test_types_of_inputs_have_their_arguments() -> None:
    """A list of numbers is not any list."""
    app = Rapide()

    @app.put("/x")
    async def read(numbers: Annotated[list[int], Query()], books: list[Book]) -> None: ...

    text = app.explain("PUT", "/x")
    assert "numbers: query 'numbers', list[int], required" in text
    assert "books: body 'books', list[Book], required" in text
