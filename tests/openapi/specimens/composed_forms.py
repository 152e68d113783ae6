# ruff: noqa: B006, C901, D103 -- users write such things, so they are documented too
"""Applications whose forms mix models with single fields: the composed components."""

from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, RootModel

from specimens.target import Body, Depends, FastAPI, File, Form, UploadFile, specimen


class Color(Enum):
    red = 1


class Login(BaseModel):
    """Who logs in."""

    username: str


class Second(BaseModel):
    model_config = ConfigDict(title="Own second title")
    number: int = Field(3, alias="theNumber")


class Nested(BaseModel):
    login: Login
    color: Color = Color.red
    tree: "list[Nested]" = []


class Choices(BaseModel):
    """With choices."""

    model_config = ConfigDict(populate_by_name=True)
    first: int = Field(validation_alias=AliasChoices("eins", "one"), description="The first")
    second: int = Field(2, validation_alias=AliasChoices("zwei", "two"))
    third: int = Field(validation_alias=AliasChoices("drei"))
    fourth: str
    fifth: str = Field(validation_alias=AliasChoices(AliasPath("a", 0), "b"))


class ForbidChoices(BaseModel):
    model_config = ConfigDict(extra="forbid")
    first: int = Field(validation_alias=AliasChoices("eins", "one"))
    plain: int = 3


class ByName(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    named: int = Field(alias="theName")
    other: int = Field(1, alias="theOther")


class NameOnly(BaseModel):
    model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)
    named: int = Field(alias="theName")


class Empty(BaseModel):
    pass


class EmptyForbid(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Extra(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"a": 1}], "x-own": None})
    a: int


class CardA(BaseModel):
    kind: Literal["a"]
    value: int = Field(validation_alias=AliasChoices("val", "v"))


class CardB(BaseModel):
    kind: Literal["b"]
    value: str


@specimen
def fields_beside_a_form_model() -> Any:
    app = FastAPI()

    @app.post("/a")
    def a(
        login: Annotated[Login, Form()],
        color: Annotated[Color, Form()],
        described: Annotated[
            str, Form(description="D", title="T", examples=["x"], deprecated=True, min_length=3)
        ],
        choices: Annotated[int, Form(validation_alias=AliasChoices("uno", "un"))],
        extra: Annotated[str, Form(json_schema_extra={"x-a": None, "x-b": 1})],
        body: Annotated[dict[str, Login], Body()],
        model: Annotated[Nested, Body(title="Own")],
        aliased: Annotated[int, Form(alias="theAlias")] = 3,
        nullable: Annotated[Color | None, Form()] = None,
        number: Annotated[float, Form(ge=1)] = 1.5,
        default_choice: Annotated[int, Form(validation_alias=AliasChoices("dos", "deux"))] = 3,
        files: list[UploadFile] = [],
        validation: Annotated[int, Form(validation_alias="val", serialization_alias="ser")] = 3,
        hidden: Annotated[int, Form(include_in_schema=False)] = 3,
        factory: Annotated[list[int], Form(default_factory=list)] = ...,  # type: ignore[assignment]
    ):
        """The operation's text."""

    return app


@specimen
def form_models_side_by_side() -> Any:
    app = FastAPI()

    @app.post("/titles")
    def titles(
        login: Annotated[Login, Form(title="T", description="D")],
        second: Annotated[Second, Form(examples=[{}])],
    ):
        pass

    @app.post("/nested")
    def nested(login: Annotated[Login, Form()], nested: Annotated[Nested, Form()]):
        pass

    @app.post("/choices")
    def choices(login: Annotated[Login, Form()], choices: Annotated[Choices, Form()]):
        pass

    @app.post("/forbid-choices")
    def forbid_choices(login: Annotated[Login, Form()], choices: Annotated[ForbidChoices, Form()]):
        pass

    @app.post("/by-name")
    def by_name(
        login: Annotated[Login, Form()],
        by_name: Annotated[ByName, Form()],
        name_only: Annotated[NameOnly, Form()],
    ):
        pass

    @app.post("/empty")
    def empty(empty: Annotated[Empty, Form()], forbid: Annotated[EmptyForbid, Form()]):
        pass

    @app.post("/extra")
    def extra(
        login: Annotated[Login, Form()], extra: Annotated[Extra, Form(json_schema_extra={"x-marker": 1})]
    ):
        pass

    @app.post("/same")
    def same(login: Annotated[Login, Form()], again: Annotated[Login, Form()]):
        pass

    @app.post("/defaults")
    def defaults(x: Annotated[int, Form()], login: Annotated[Login, Form()] = Login(username="x")):
        pass

    @app.post("/factory")
    def factory(
        x: Annotated[int, Form()], login: Annotated[Login, Form(default_factory=lambda: Login(username="x"))]
    ):
        pass

    @app.post("/media")
    def media(
        x: Annotated[int, Form(media_type="application/x-a")],
        login: Annotated[Login, Form(media_type="application/x-a")],
    ):
        pass

    @app.post("/other-media")
    def other_media(
        x: Annotated[int, Form(media_type="application/x-a")],
        login: Annotated[Login, Form(media_type="application/x-b")],
    ):
        pass

    @app.post("/one-multipart")
    def one_multipart(
        x: Annotated[int, Form()], login: Annotated[Login, Form(media_type="multipart/form-data")]
    ):
        pass

    @app.post("/file-model")
    def file_model(x: Annotated[int, Form()], login: Annotated[Login, File()]):
        pass

    return app


@specimen
def optional_form_models_in_detail() -> Any:
    app = FastAPI()

    @app.post("/titles")
    def titles(
        login: Annotated[
            Login | None, Form(title="T", description="D", examples=[{}], deprecated=True)
        ] = None,
        x: Annotated[int, Form()] = 1,
    ):
        pass

    @app.post("/second")
    def second(second: Annotated[Second | None, Form()] = None):
        pass

    @app.post("/choices")
    def choices(choices: Annotated[Choices | None, Form()] = None):
        pass

    @app.post("/forbid-choices")
    def forbid_choices(choices: Annotated[ForbidChoices | None, Form()] = None):
        pass

    @app.post("/by-name")
    def by_name(
        by_name: Annotated[ByName | None, Form()] = None, name_only: Annotated[NameOnly | None, Form()] = None
    ):
        pass

    @app.post("/empty")
    def empty(empty: Annotated[Empty | None, Form()] = None):
        pass

    @app.post("/empty-forbid")
    def empty_forbid(empty: Annotated[EmptyForbid | None, Form()] = None):
        pass

    @app.post("/nullable-required-loose")
    def nullable_required_loose(
        login: Annotated[Login | None, Form()], forbid: Annotated[ForbidChoices | None, Form()]
    ):
        pass

    @app.post("/default")
    def default(login: Annotated[Login | None, Form()] = Login(username="x")):
        pass

    @app.post("/factory")
    def factory(login: Annotated[Login | None, Form(default_factory=lambda: None)]):
        pass

    @app.post("/not-nullable")
    def not_nullable(login: Annotated[Login, Form()] = None):  # type: ignore[assignment]
        pass

    return app


@specimen
def unions_of_form_models_in_detail() -> Any:
    app = FastAPI()

    @app.post("/choices")
    def choices(card: Annotated[CardA | CardB, Form()], x: Annotated[int, Form()] = 1):
        pass

    @app.post("/choices-alone")
    def choices_alone(card: Annotated[CardA | CardB, Form()]):
        pass

    @app.post("/tagged-choices")
    def tagged_choices(
        card: Annotated[CardA | CardB, Form(discriminator="kind")], x: Annotated[int, Form()] = 1
    ):
        pass

    @app.post("/optional-choices")
    def optional_choices(card: Annotated[CardA | CardB | None, Form(discriminator="kind")] = None):
        pass

    @app.post("/required-nullable")
    def required_nullable(card: Annotated[CardA | CardB | None, Form()]):
        pass

    @app.post("/required-nullable-mixed")
    def required_nullable_mixed(card: Annotated[CardA | Login | None, Form()], x: Annotated[int, Form()]):
        pass

    @app.post("/titles")
    def titles(
        card: Annotated[Login | Second, Form(title="T", description="D")], x: Annotated[int, Form()] = 1
    ):
        pass

    @app.post("/default")
    def default(x: Annotated[int, Form()], card: Annotated[Login | Second, Form()] = Login(username="x")):
        pass

    @app.post("/scalar-member")
    def scalar_member(x: Annotated[int, Form()], card: Annotated[Login | int, Form()]):
        pass

    @app.post("/root")
    def root(x: Annotated[int, Form()], card: Annotated[RootModel[Login], Form()]):
        pass

    return app


def optional_login(login: Annotated[Login | None, Form()] = None) -> Any:
    return login


@specimen
def composed_forms_in_dependencies() -> Any:
    app = FastAPI()

    @app.post("/a")
    def a(x: Annotated[int, Form()], login: Annotated[Any, Depends(optional_login)]):
        pass

    @app.post("/b", operation_id="own.id")
    def b(login: Annotated[Login | None, Form()] = None):
        pass

    return app
