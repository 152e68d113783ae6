from __future__ import annotations

from typing import Annotated

from rapide import Depends, Rapide

app = Rapide()


async def reader(card: Annotated[str, Depends(card)]) -> str:
    return card


async def card(reader: Annotated[str, Depends(reader)]) -> str:
    return reader


@app.get("/me")
async def read_me(name: Annotated[str, Depends(reader)]) -> str:
    return name


app.prepare()  # `rapide run` and `rapide check` do this
