from __future__ import annotations

from typing import TYPE_CHECKING

from rapide import Rapide

if TYPE_CHECKING:
    from decimal import Decimal

app = Rapide()


@app.get("/fines")
async def read_fine(sum: Decimal) -> str:  # noqa: A002 -- the query has this name
    return str(sum)


app.prepare()  # `rapide run` and `rapide check` do this
