# ruff: noqa: B006, C901, D103 -- users write such things, so they are documented too
"""Applications with forms and files."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, Json

from specimens.target import Body, Depends, FastAPI, File, Form, UploadFile, specimen


class Login(BaseModel):
    """Who logs in."""

    username: str
    password: str = Field(json_schema_extra={"format": "password"})
    remember: bool = False


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: int
    aliased: str = Field("x", alias="theAlias")


class Picture(BaseModel):
    title: str
    image: UploadFile
    more: list[UploadFile] = []


class Card(BaseModel):
    method: Literal["card"]
    number: str


class Cash(BaseModel):
    method: Literal["cash"]
    amount: int = 3


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int = 1


class Chosen(BaseModel):
    a: int = Field(validation_alias=AliasChoices("eins", "one"))
    b: int = Field(2, validation_alias=AliasChoices("zwei", "two"))


@specimen
def form_fields() -> Any:
    app = FastAPI()

    @app.post("/one")
    def one(name: Annotated[str, Form()]):
        pass

    @app.post("/two")
    def two(
        name: Annotated[str, Form(description="the name")], age: Annotated[int | None, Form(ge=0)] = None
    ):
        pass

    @app.post("/optional")
    def optional(name: Annotated[str | None, Form()] = None, tags: Annotated[list[str], Form()] = []):
        pass

    @app.post("/multipart")
    def multipart(
        name: Annotated[str, Form(media_type="multipart/form-data")], age: Annotated[int, Form()] = 3
    ):
        pass

    @app.post("/body-too")
    def body_too(name: Annotated[str, Form()], item: Annotated[dict, Body()]):
        pass

    @app.post("/odd-media")
    def odd_media(name: Annotated[str, Form(media_type="application/x-odd")]):
        pass

    @app.post("/json")
    def json_field(value: Annotated[Json[list[int]], Form()]):
        pass

    @app.post("/choices")
    def choices(
        a: Annotated[int, Form(validation_alias=AliasChoices("eins", "one"))],
        b: Annotated[int, Form(validation_alias=AliasChoices("zwei", "two"))] = 2,
        c: Annotated[int, Form(alias="drei")] = 3,
    ):
        pass

    @app.post("/one-choice")
    def one_choice(a: Annotated[int, Form(validation_alias=AliasChoices("eins", "one"))]):
        pass

    @app.post("/hidden")
    def hidden(a: Annotated[int, Form()], b: Annotated[int, Form(include_in_schema=False)] = 1):
        pass

    return app


@specimen
def files() -> Any:
    app = FastAPI()

    @app.post("/bytes")
    def raw(file: Annotated[bytes, File()]):
        pass

    @app.post("/upload")
    def upload(file: UploadFile):
        pass

    @app.post("/upload-marked")
    def upload_marked(file: Annotated[UploadFile, File(description="A file", media_type="image/png")]):
        pass

    @app.post("/optional")
    def optional(file: UploadFile | None = None):
        pass

    @app.post("/many")
    def many(files: list[UploadFile]):
        pass

    @app.post("/many-bytes")
    def many_bytes(files: Annotated[list[bytes], File()]):
        pass

    @app.post("/mixed")
    def mixed(file: UploadFile, name: Annotated[str, Form()], raw: Annotated[bytes | None, File()] = None):
        pass

    @app.post("/optional-bytes")
    def optional_bytes(file: Annotated[bytes | None, File()] = None):
        pass

    return app


@specimen
def form_models() -> Any:
    app = FastAPI()

    @app.post("/one")
    def one(login: Annotated[Login, Form()]):
        pass

    @app.post("/strict")
    def strict(login: Annotated[Strict, Form()]):
        pass

    @app.post("/picture")
    def picture(picture: Annotated[Picture, Form()]):
        pass

    @app.post("/picture-file")
    def picture_file(picture: Annotated[Picture, File()]):
        pass

    @app.post("/two")
    def two(login: Annotated[Login, Form()], strict: Annotated[Strict, Form()]):
        pass

    @app.post("/mixed")
    def mixed(login: Annotated[Login, Form()], extra: Annotated[str, Form()], file: UploadFile | None = None):
        pass

    @app.post("/described")
    def described(
        login: Annotated[Login, Form(description="d", title="t", media_type="multipart/form-data")],
    ):
        pass

    @app.post("/loose")
    def loose(loose: Annotated[Loose, Form()]):
        pass

    @app.post("/chosen")
    def chosen(chosen: Annotated[Chosen, Form()]):
        pass

    @app.post("/chosen-mixed")
    def chosen_mixed(chosen: Annotated[Chosen, Form()], x: Annotated[int, Form()] = 1):
        pass

    @app.post("/default")
    def default(login: Annotated[Login, Form()] = Login(username="a", password="b")):
        pass

    @app.post("/embed")
    def embed(login: Annotated[Login, Form()], body: Annotated[Login, Body()]):
        pass

    return app


@specimen
def optional_form_models() -> Any:
    app = FastAPI()

    @app.post("/one")
    def one(login: Annotated[Login | None, Form()] = None):
        pass

    @app.post("/required-nullable")
    def required_nullable(login: Annotated[Login | None, Form()]):
        pass

    @app.post("/mixed")
    def mixed(extra: Annotated[int, Form()], login: Annotated[Login | None, Form()] = None):
        pass

    @app.post("/two")
    def two(login: Annotated[Login | None, Form()] = None, strict: Annotated[Strict | None, Form()] = None):
        pass

    @app.post("/required-and-optional")
    def required_and_optional(
        strict: Annotated[Strict, Form()], login: Annotated[Login | None, Form()] = None
    ):
        pass

    @app.post("/loose")
    def loose(loose: Annotated[Loose | None, Form()] = None, x: Annotated[int, Form()] = 1):
        pass

    @app.post("/strict")
    def strict(strict: Annotated[Strict | None, Form()] = None, x: Annotated[int, Form()] = 1):
        pass

    @app.post("/strict-alone")
    def strict_alone(strict: Annotated[Strict | None, Form()] = None):
        pass

    @app.post("/loose-alone")
    def loose_alone(loose: Annotated[Loose | None, Form()] = None):
        pass

    @app.post("/with-default")
    def with_default(
        x: Annotated[int, Form()] = 1, strict: Annotated[Strict | None, Form()] = Strict(code=3)
    ):
        pass

    @app.post("/chosen")
    def chosen(chosen: Annotated[Chosen | None, Form()] = None, x: Annotated[int, Form()] = 1):
        pass

    @app.post("/picture")
    def picture(picture: Annotated[Picture | None, Form()] = None, file: UploadFile | None = None):
        pass

    return app


@specimen
def unions_of_form_models() -> Any:
    app = FastAPI()

    @app.post("/plain")
    def plain(pay: Annotated[Card | Cash, Form()]):
        pass

    @app.post("/tagged")
    def tagged(pay: Annotated[Card | Cash, Form(discriminator="method")]):
        pass

    @app.post("/optional")
    def optional(pay: Annotated[Card | Cash | None, Form()] = None):
        pass

    @app.post("/optional-tagged")
    def optional_tagged(pay: Annotated[Card | Cash | None, Form(discriminator="method")] = None):
        pass

    @app.post("/mixed")
    def mixed(pay: Annotated[Card | Cash, Form()], x: Annotated[int, Form()]):
        pass

    @app.post("/mixed-tagged")
    def mixed_tagged(pay: Annotated[Card | Cash, Form(discriminator="method")], x: Annotated[int, Form()]):
        pass

    @app.post("/mixed-optional")
    def mixed_optional(
        x: Annotated[int, Form()], pay: Annotated[Card | Cash | None, Form(discriminator="method")] = None
    ):
        pass

    @app.post("/two")
    def two(pay: Annotated[Card | Cash, Form()], other: Annotated[Login | Strict, Form()]):
        pass

    @app.post("/strict")
    def strict(pay: Annotated[Strict | Cash | None, Form()] = None, x: Annotated[int, Form()] = 3):
        pass

    @app.post("/loose")
    def loose(pay: Annotated[Loose | Cash | None, Form()] = None, x: Annotated[int, Form()] = 3):
        pass

    return app


def login_form(login: Annotated[Login, Form()]) -> Login:
    return login


def one_field(csrf: Annotated[str, Form()]) -> str:
    return csrf


@specimen
def forms_in_dependencies() -> Any:
    app = FastAPI()

    @app.post("/model")
    def model(login: Annotated[Any, Depends(login_form)]):
        pass

    @app.post("/both", dependencies=[Depends(one_field)])
    def both(login: Annotated[Any, Depends(login_form)], strict: Annotated[Strict, Form()]):
        pass

    @app.post("/field")
    def one(csrf: Annotated[Any, Depends(one_field)]):
        pass

    @app.post("/same")
    def same(csrf: Annotated[str, Form()], again: Annotated[Any, Depends(one_field)]):
        pass

    return app
