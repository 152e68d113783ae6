import secrets
from typing import Annotated

from rapide import Depends, HTTPException, Rapide
from rapide.security import APIKeyHeader

KEY = "k-2f9d81"

api_key = APIKeyHeader(name="X-API-Key")


async def require_key(key: Annotated[str, Depends(api_key)]) -> None:
    if not secrets.compare_digest(key.encode(), KEY.encode()):
        raise HTTPException(
            401, "This key is not valid.", headers={"WWW-Authenticate": "APIKey"}
        )


app = Rapide(title="Library", dependencies=[Depends(require_key)])


@app.get("/statistics")
async def read_statistics() -> dict[str, int]:
    return {"books": 5}
