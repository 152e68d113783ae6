from typing import Annotated

from rapide import Cookie, Header, Rapide, Response

app = Rapide(title="Library")


@app.get("/greeting")
async def read_greeting(
    response: Response,
    accept_language: Annotated[str, Header()] = "en",
    x_branch: Annotated[tuple[str, ...], Header()] = (),
    visits: Annotated[int, Cookie(ge=0)] = 0,
) -> dict[str, object]:
    response.headers["Content-Language"] = accept_language
    response.set_cookie(
        "visits", str(visits + 1), httponly=True, secure=True, samesite="lax"
    )
    return {"language": accept_language, "branches": x_branch, "visits": visits}
