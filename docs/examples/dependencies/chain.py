from typing import Annotated

from rapide import Depends, Header, HTTPException, Rapide

app = Rapide(title="Library")

CARDS = {"ada-1815": "Ada", "alan-1912": "Alan"}
STAFF = {"Ada"}


async def current_reader(x_card: Annotated[str, Header()]) -> str:
    if x_card not in CARDS:
        raise HTTPException(
            401, "Nobody has this card.", headers={"WWW-Authenticate": "Card"}
        )
    return CARDS[x_card]


Reader = Annotated[str, Depends(current_reader)]


async def require_staff(reader: Reader) -> None:
    if reader not in STAFF:
        raise HTTPException(403, "Only for staff.")


@app.get("/me")
async def read_me(reader: Reader) -> str:
    return reader


@app.delete("/books/{number}", dependencies=[Depends(require_staff)])
async def remove_book(number: int, reader: Reader) -> dict[str, object]:
    return {"removed": number, "by": reader}
