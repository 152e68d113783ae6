import secrets
from typing import Annotated, Any

from rapide import Depends, HTTPException, Rapide, Response
from rapide.docs import serve_asset, swagger_page
from rapide.security import HTTPBasic, HTTPBasicCredentials

app = Rapide(title="Library", openapi_url=None)
basic = HTTPBasic(realm="documentation")


async def require_staff(sent: Annotated[HTTPBasicCredentials, Depends(basic)]) -> None:
    expected, given = b"ada:correct horse", f"{sent.username}:{sent.password}".encode()
    if not secrets.compare_digest(given, expected):
        challenge = {"WWW-Authenticate": 'Basic realm="documentation"'}
        raise HTTPException(401, headers=challenge)


staff_only: dict[str, Any] = {
    "dependencies": [Depends(require_staff)],
    "include_in_schema": False,
}


@app.get("/internal/openapi.json", **staff_only)
def read_document() -> dict[str, Any]:
    return app.openapi()


@app.get("/internal/docs", **staff_only)
async def show_docs() -> Response:
    return swagger_page(
        openapi_url="/internal/openapi.json",
        title="Library",
        assets_url="/internal/assets",
    )


app.add_route("/internal/assets/{asset}", serve_asset, include_in_schema=False)


@app.get("/books")
async def list_books() -> list[str]:
    return ["Momo"]
