from typing import Annotated

from rapide import Depends, Rapide
from rapide.auth import any_of
from rapide.security import APIKeyHeader, HTTPBearer

Token = Annotated[object, Depends(HTTPBearer())]
Key = Annotated[str | None, Depends(APIKeyHeader(name="X-Key", auto_error=False))]


def by_token(token: Token) -> bool:
    return token is not None


def by_key(key: Key) -> bool | None:
    return None if key is None else key == "secret"


app = Rapide(auth=any_of(by_token, by_key))
