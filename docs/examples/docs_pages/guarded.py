import secrets
from typing import Annotated

from rapide import Depends, HTTPException, Rapide
from rapide.security import HTTPBasic, HTTPBasicCredentials

basic = HTTPBasic(realm="documentation")


async def require_staff(sent: Annotated[HTTPBasicCredentials, Depends(basic)]) -> None:
    expected, given = b"ada:correct horse", f"{sent.username}:{sent.password}".encode()
    if not secrets.compare_digest(given, expected):
        challenge = {"WWW-Authenticate": 'Basic realm="documentation"'}
        raise HTTPException(401, headers=challenge)


app = Rapide(title="Library", docs_dependencies=[Depends(require_staff)])


@app.get("/books")
async def list_books() -> list[str]:
    return ["Momo"]
