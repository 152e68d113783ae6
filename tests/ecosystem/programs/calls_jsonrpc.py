"""fastapi-jsonrpc: methods behind one path, with dependencies, errors and batches."""

import fastapi_jsonrpc as jsonrpc
from pydantic import BaseModel

from fastapi import Body, Depends, Header

app = jsonrpc.API()
entrypoint = jsonrpc.Entrypoint("/rpc")


class TooLargeError(jsonrpc.BaseError):
    CODE = 5000
    MESSAGE = "Too large"

    class DataModel(BaseModel):
        limit: int


def get_user(user: str = Header("nobody")) -> str:
    return user


@entrypoint.method(errors=[TooLargeError])
async def double(
    number: int = Body(..., examples=[1]), user: str = Depends(get_user)
) -> dict[str, str | int]:
    if number > 100:
        raise TooLargeError(data={"limit": 100})
    return {"user": user, "number": 2 * number}


app.bind_entrypoint(entrypoint)
