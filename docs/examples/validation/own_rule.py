from typing import Annotated

from pydantic import AfterValidator

from rapide import Rapide

app = Rapide(title="Library")


def check_isbn(isbn: str) -> str:
    """Compare the last digit of an ISBN-13 with the sum of the others."""
    digits = [int(character) for character in isbn if character.isdigit()]
    if (
        len(digits) != 13
        or sum(digits[::2] + [3 * digit for digit in digits[1::2]]) % 10
    ):
        raise ValueError("this is not an ISBN-13, or a digit is wrong")
    return "".join(map(str, digits))


ISBN = Annotated[str, AfterValidator(check_isbn)]


@app.get("/isbn/{isbn}")
async def read_isbn(isbn: ISBN) -> dict[str, str]:
    return {"isbn": isbn}
