"""The small application of the catalogue, for Rapide's faces and for FastAPI; Litestar's stands beside it."""

from typing import Annotated, Any

from pydantic import BaseModel


class Number(BaseModel):
    n: int = 0
    f: float = 0.0


class Login(BaseModel):
    name: str
    password: str


class Text(BaseModel):
    a: str


class Option0(BaseModel):
    v0: int


class Option1(BaseModel):
    v1: int


class Option2(BaseModel):
    v2: int


class Option3(BaseModel):
    v3: int


class Option4(BaseModel):
    v4: int


class Option5(BaseModel):
    v5: int


class Option6(BaseModel):
    v6: int


class Option7(BaseModel):
    v7: int


class Option8(BaseModel):
    v8: int


class Option9(BaseModel):
    v9: int


Choice = Option0 | Option1 | Option2 | Option3 | Option4 | Option5 | Option6 | Option7 | Option8 | Option9


def make(face: Any) -> Any:
    """Return the application, made once for each face."""
    return _make(face.name, face)


_made: dict[str, Any] = {}


def _make(name: str, face: Any) -> Any:
    if name not in _made:
        _made[name] = _declare(face)
    return _made[name]


def _declare(face: Any) -> Any:
    app = face.app()
    _declare_bodies(app, face)
    _declare_forms(app, face)
    _declare_reading(app, face)
    _declare_reading_of_headers(app, face)
    return app


def _declare_bodies(app: Any, face: Any) -> None:
    @app.post("/any")
    def take_any(value: Annotated[Any, face.Body()]):
        return {"ok": True}

    @app.post("/number")
    def take_number(number: Number):
        return number

    @app.post("/login")
    def take_login(login: Login):
        return {"name": login.name}

    @app.post("/text")
    def take_text(text: Text):
        return {"a": text.a}

    @app.post("/ints")
    def take_ints(values: list[int]):
        return {"count": len(values)}

    @app.post("/choices")
    def take_choices(values: list[Choice]):
        return {"count": len(values)}

    @app.put("/nothing")
    def take_nothing():
        return {"ok": True}


def _declare_forms(app: Any, face: Any) -> None:
    @app.post("/form")
    def take_form(a: Annotated[str, face.Form()], b: Annotated[str | None, face.Form()] = None):
        return {"a": a, "b": b}

    @app.post("/form-numbers")
    def take_numbers(n: Annotated[list[int], face.Form()]):
        return {"n": n}

    @app.post("/upload")
    async def take_upload(file: face.UploadFile):
        content = await file.read()
        return {"name": file.filename, "size": len(content), "type": file.content_type}


def _declare_reading(app: Any, face: Any) -> None:
    @app.get("/floats/{f}")
    def read_float(f: float):
        return {"f": f}

    @app.get("/search")
    def read_search(
        f: float = 0.0,
        x: int = 0,
        api_key: str | None = None,
        xs: Annotated[list[int], face.Query()] = [],  # noqa: B006
    ):
        return {"f": f, "x": x, "xs": xs}

    @app.get("/people/{name}")
    def read_person(name: str):
        return {"name": name}

    @app.get("/numbers/{n}")
    def read_number(n: int):
        return {"n": n}

    @app.get("/convertor/{n:int}")
    def read_converted(n: int):
        return {"n": n}

    @app.get("/admin")
    def read_admin():
        return {"admin": True}


def _declare_reading_of_headers(app: Any, face: Any) -> None:
    @app.get("/slash/")
    def read_slash():
        return {"slash": True}

    @app.get("/cookies")
    def read_cookies(a: Annotated[str | None, face.Cookie()] = None):
        return {"a": a}

    @app.get("/credentials")
    def read_credentials(authorization: Annotated[str | None, face.Header()] = None):
        return {"authorization": authorization}

    @app.get("/fails")
    def fail():
        raise RuntimeError("dsn postgres://u:p@h")
