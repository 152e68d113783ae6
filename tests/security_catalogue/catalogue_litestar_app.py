"""The small application of the catalogue in Litestar's words, with msgspec's models, its own and fastest."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import msgspec
from litestar import Litestar, get, post, put
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter


class Number(msgspec.Struct):
    n: int = 0
    f: float = 0.0


class Login(msgspec.Struct):
    name: str
    password: str


class Text(msgspec.Struct):
    a: str


@dataclass
class TextForm:
    a: str
    b: str | None = None


@dataclass
class NumbersForm:
    n: list[int]


_URLENCODED = Body(media_type=RequestEncodingType.URL_ENCODED)
_MULTIPART = Body(media_type=RequestEncodingType.MULTI_PART)


@post("/any", status_code=200)
async def take_any(data: Any) -> dict[str, bool]:
    return {"ok": True}


@post("/number", status_code=200)
async def take_number(data: Number) -> Number:
    return data


@post("/login", status_code=200)
async def take_login(data: Login) -> dict[str, str]:
    return {"name": data.name}


@post("/text", status_code=200)
async def take_text(data: Text) -> dict[str, str]:
    return {"a": data.a}


@post("/ints", status_code=200)
async def take_ints(data: list[int]) -> dict[str, int]:
    return {"count": len(data)}


@put("/nothing")
async def take_nothing() -> dict[str, bool]:
    return {"ok": True}


@post("/form", status_code=200)
async def take_form(data: Annotated[TextForm, _MULTIPART]) -> TextForm:
    return data


@post("/form-urlencoded", status_code=200)
async def take_urlencoded(data: Annotated[TextForm, _URLENCODED]) -> TextForm:
    return data


@post("/upload", status_code=200)
async def take_upload(data: Annotated[UploadFile, _MULTIPART]) -> dict[str, Any]:
    return {"name": data.filename, "size": len(await data.read()), "type": data.content_type}


@get("/floats/{f:float}")
async def read_float(f: float) -> dict[str, float]:
    return {"f": f}


@get("/search")
async def read_search(f: float = 0.0, x: int = 0, api_key: str | None = None) -> dict[str, Any]:
    return {"f": f, "x": x}


@get("/people/{name:str}")
async def read_person(name: str) -> dict[str, str]:
    return {"name": name}


@get(["/numbers/{n:int}", "/convertor/{n:int}"])
async def read_number(n: int) -> dict[str, int]:
    return {"n": n}


@get("/admin")
async def read_admin() -> dict[str, bool]:
    return {"admin": True}


@get("/slash/")
async def read_slash() -> dict[str, bool]:
    return {"slash": True}


@get("/cookies")
async def read_cookies(a: Annotated[str | None, Parameter(cookie="a")] = None) -> dict[str, Any]:
    return {"a": a}


@get("/credentials")
async def read_credentials(
    authorization: Annotated[str | None, Parameter(header="authorization")] = None,
) -> dict[str, Any]:
    return {"authorization": authorization}


@get("/fails")
async def fail() -> None:
    raise RuntimeError("dsn postgres://u:p@h")


@cache
def make(_: Any) -> Litestar:
    """Return the application, made once."""
    return Litestar(
        [
            take_any,
            take_number,
            take_login,
            take_text,
            take_ints,
            take_nothing,
            take_form,
            take_urlencoded,
            take_upload,
            read_float,
            read_search,
            read_person,
            read_number,
            read_admin,
            read_slash,
            read_cookies,
            read_credentials,
            fail,
        ]
    )
