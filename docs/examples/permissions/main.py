from dataclasses import dataclass, field
from typing import Annotated

from rapide import Depends, HTTPException, Rapide
from rapide.auth import public, requires
from rapide.security import HTTPAuthorizationCredentials, HTTPBearer


@dataclass
class Reader:
    name: str
    roles: list[str] = field(default_factory=list)


readers = {"token-of-ada": Reader("ada", ["librarian"]), "token-of-bob": Reader("bob")}
loans = {1: "ada", 2: "bob"}

bearer = HTTPBearer()


async def current_reader(
    token: Annotated[HTTPAuthorizationCredentials, Depends(bearer)],
) -> Reader:
    if token.credentials not in readers:
        raise bearer.make_not_authenticated_error()
    return readers[token.credentials]


CurrentReader = Annotated[Reader, Depends(current_reader)]

app = Rapide(title="Library", auth=current_reader)


@app.get("/books", auth=public)
async def list_books() -> list[str]:
    return ["Momo", "Emil"]


@app.get("/me")
async def read_me(reader: CurrentReader) -> str:
    return reader.name


async def read_loan(number: int) -> str:
    if number not in loans:
        raise HTTPException(404)
    return loans[number]


def may_see(
    reader: CurrentReader, borrower: Annotated[str, Depends(read_loan)]
) -> bool:
    return borrower == reader.name or "librarian" in reader.roles


@app.get("/loans/{number}", auth=may_see)
async def show_loan(borrower: Annotated[str, Depends(read_loan)]) -> str:
    return borrower


@app.delete("/loans/{number}", auth=requires(current_reader, roles="librarian"))
async def end_loan(number: int) -> None:
    loans.pop(number, None)
