from typing import Annotated

from rapide import Path, Query, Rapide

app = Rapide(title="Library")


@app.get("/shelves/{shelf}/books")
async def list_books(
    shelf: Annotated[
        int, Path(ge=1, le=400, description="As it is painted on the wood.")
    ],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    starts_with: Annotated[
        str | None, Query(alias="starts-with", min_length=1, max_length=50)
    ] = None,
    isbn: Annotated[str | None, Query(pattern=r"^97[89]\d{10}$")] = None,
) -> dict[str, object]:
    return {"shelf": shelf, "limit": limit, "starts_with": starts_with, "isbn": isbn}
