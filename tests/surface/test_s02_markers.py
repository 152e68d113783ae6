"""Sections 2.2 and 2.3: the marker classes, their options one by one, and the functions that make them."""

import dataclasses
import inspect
import re
from typing import Annotated, Any, Literal

import pytest
from pydantic import AliasChoices, BaseModel, Discriminator, Field, Tag
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from surface_target import FastAPI, FastAPIDeprecationWarning, TestClient, load

params, functions = load("params"), load("param_functions")

NAMES = ["Path", "Query", "Header", "Cookie", "Body", "Form", "File"]


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


def declared(hint, *, method="get", default=inspect.Parameter.empty):
    """Return an application whose only parameter `p` is declared like this and is given back."""
    app = FastAPI()

    def endpoint(**values):
        return {"p": values["p"]}

    parameter = inspect.Parameter("p", inspect.Parameter.KEYWORD_ONLY, annotation=hint, default=default)
    endpoint.__signature__ = inspect.Signature([parameter])
    getattr(app, method)("/")(endpoint)
    return app


def ask(hint, query="", **options):
    """Return status and answer for a query parameter `p`; of errors their types."""
    answer = TestClient(declared(hint, **options)).get(f"/{query}")
    if answer.status_code == 200:
        return answer.json()["p"]
    return [error["type"] for error in answer.json()["detail"]]


def operation(hint, **options):
    """Return the documented operation of a parameter `p`."""
    document = declared(hint, **options).openapi()
    return next(iter(document["paths"]["/"].values()))


def schema(marker, hint=str):
    """Return the documented schema of a query parameter `p`."""
    return operation(Annotated[hint, marker])["parameters"][0]["schema"]


# --- the classes


def test_classes_stand_in_one_tree():
    """2.2.1: parameters and bodies are Pydantic's field descriptions; files are forms, forms are bodies."""
    assert issubclass(params.Param, FieldInfo)
    assert issubclass(params.Body, FieldInfo)
    for name in ("Path", "Query", "Header", "Cookie"):
        assert issubclass(getattr(params, name), params.Param)
    assert issubclass(params.Form, params.Body)
    assert issubclass(params.File, params.Form)
    assert isinstance(functions.File(), params.Form)
    assert isinstance(functions.File(), params.Body)
    places = {member.name: member.value for member in params.ParamTypes}
    assert places == {"query": "query", "header": "header", "path": "path", "cookie": "cookie"}


@pytest.mark.parametrize("name", NAMES)
def test_first_parameter_is_the_default(name):
    """2.2.2: it alone may be positional; missing means that there is none."""
    make = getattr(params, name)
    parameters = list(inspect.signature(make).parameters.values())
    assert parameters[0].name == "default"
    assert {parameter.kind for parameter in parameters[1:]} == {inspect.Parameter.KEYWORD_ONLY}
    if name == "Path":
        assert make().default in (PydanticUndefined, ...)
        with pytest.raises(AssertionError):
            make(1)
    else:
        assert make().default is PydanticUndefined
        assert make(1).default == 1


@pytest.mark.parametrize("name", NAMES)
def test_function_makes_an_instance_of_the_class(name):
    """2.3: the functions take the options of the classes, without `annotation`."""
    function, made_class = getattr(functions, name), getattr(params, name)
    assert type(function(title="T")) is made_class
    assert set(inspect.signature(function).parameters) == set(inspect.signature(made_class).parameters) - {
        "annotation"
    }


def test_dependency_functions_take_their_options():
    """2.3: Security has neither scope nor limit."""
    assert list(inspect.signature(functions.Depends).parameters) == [
        "dependency",
        "use_cache",
        "scope",
        "max_concurrency",
    ]
    assert list(inspect.signature(functions.Security).parameters) == ["dependency", "scopes", "use_cache"]
    assert type(functions.Depends(str)) is params.Depends
    assert type(functions.Security(str, scopes=["a"])) is params.Security


def test_options_left_alone_do_not_hide_those_of_a_field():
    """2.2.3: a `Field` beside the marker keeps its own; what the marker says explicitly wins."""
    hint = Annotated[int, Field(title="Of the field", gt=3), functions.Query()]
    assert operation(hint)["parameters"][0]["schema"] == {
        "type": "integer",
        "title": "Of the field",
        "exclusiveMinimum": 3,
    }
    assert schema(functions.Query(title="Of the marker"), Annotated[int, Field(title="Of the field")])[
        "title"
    ] == ("Of the marker")


@pytest.mark.parametrize("name", NAMES)
def test_unknown_options_are_refused(name):
    """2.2.4: nothing collects what is misspelt."""
    with pytest.raises(TypeError, match="minimum"):
        getattr(functions, name)(minimum=3)


@pytest.mark.parametrize("name", NAMES)
def test_text_of_a_marker_shows_its_default(name):
    """2.2.5: a missing default is shown as Pydantic's undefined value."""
    make = getattr(functions, name)
    assert repr(make()) == f"{name}(PydanticUndefined)"
    if name != "Path":
        assert repr(make("x")) == f"{name}(x)"
        assert repr(make(None)) == f"{name}(None)"
        assert repr(make(...)) == f"{name}(PydanticUndefined)"


def test_dependency_is_a_frozen_value():
    """2.2.6: it can be hashed and copied, and not be changed; its limit is a whole number from one."""
    made = functions.Depends(str, use_cache=False, scope="function")
    assert (made.dependency, made.use_cache, made.scope, made.max_concurrency) == (
        str,
        False,
        "function",
        None,
    )
    assert made == functions.Depends(str, use_cache=False, scope="function")
    assert hash(made) == hash(dataclasses.replace(made))
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.scope = "request"
    for wrong in (0, -1, True, 1.0, "1"):
        with pytest.raises(ValueError, match="max_concurrency"):
            functions.Depends(str, max_concurrency=wrong)


def test_copy_shares_the_limit_that_it_keeps():
    """2.2.6: another number makes another limiter."""
    limited = functions.Depends(str, max_concurrency=2)
    assert dataclasses.replace(limited, use_cache=False)._concurrency is limited._concurrency
    assert dataclasses.replace(limited, max_concurrency=2)._concurrency is limited._concurrency
    assert dataclasses.replace(limited, max_concurrency=3)._concurrency is not limited._concurrency
    assert functions.Depends(str, max_concurrency=2)._concurrency is not limited._concurrency


def test_security_adds_scopes():
    """2.2.7: a dependency with one more field, the last."""
    assert issubclass(params.Security, params.Depends)
    assert [field.name for field in dataclasses.fields(params.Security)][-1] == "scopes"
    assert params.Security(str).scopes is None
    assert params.Security(str, scopes=["a", "b"]).scopes == ["a", "b"]


# --- the options


def test_default_factory_makes_a_default_for_each_request():
    """2.2 default_factory: called without arguments, also inside `Annotated`."""
    counted = iter(range(9))
    app = declared(Annotated[int, functions.Query(default_factory=lambda: next(counted))])
    client = TestClient(app)
    assert [client.get("/").json()["p"] for _ in range(2)] == [0, 1]


def test_annotation_can_be_given_to_the_class():
    """2.2 annotation: a type that the marker carries itself."""
    assert params.Query(annotation=int).annotation is int
    assert params.Body(annotation=int).annotation is int


def test_alias_is_the_public_name():
    """2.2 alias, serialization_alias: the name in requests, and in output unless told otherwise."""
    marker = functions.Query(alias="q")
    assert ask(Annotated[int, marker], "?q=1") == 1
    assert ask(Annotated[int, marker], "?p=1") == ["missing"]
    assert operation(Annotated[int, marker])["parameters"][0]["name"] == "q"
    assert marker.serialization_alias == "q"
    assert functions.Query(alias="q", serialization_alias="s").serialization_alias == "s"


def test_alias_priority_is_handed_on():
    """2.2 alias_priority: it is Pydantic's."""
    assert functions.Query(alias="q", alias_priority=1).alias_priority == 1


@pytest.mark.parametrize("alias", ["v", AliasChoices("v", "w")])
def test_validation_alias_is_the_name_of_the_input(alias):
    """2.2 validation_alias: it overrides the alias; of several the first that is there."""
    hint = Annotated[int, functions.Query(alias="a", validation_alias=alias)]
    assert ask(hint, "?v=1&w=2") == 1
    assert ask(hint, "?a=1") == ["missing"]
    assert operation(hint)["parameters"][0]["name"] == "v"


@pytest.mark.parametrize(("convert", "name"), [(True, "my-key"), (False, "my_key")])
def test_underscores_of_header_names(convert, name):
    """2.2 convert_underscores: hyphens in their place, unless told otherwise."""
    app = FastAPI()

    @app.get("/")
    def read(my_key: Annotated[str, functions.Header(convert_underscores=convert)]):
        return my_key

    assert TestClient(app).get("/", headers={name: "x"}).json() == "x"
    assert app.openapi()["paths"]["/"]["get"]["parameters"][0]["name"] == name


@pytest.mark.parametrize(("embed", "body"), [(True, {"p": 3}), (False, 3), (None, 3)])
def test_embedded_body_is_a_member(embed, body):
    """2.2 embed: a single body parameter can be a member of an object, under its name."""
    client = TestClient(declared(Annotated[int, functions.Body(embed=embed)], method="post"))
    assert client.post("/", json=body).json() == {"p": 3}


@pytest.mark.parametrize(
    ("marker", "media_type"),
    [
        (functions.Body(), "application/json"),
        (functions.Body(media_type="application/vnd.shop+json"), "application/vnd.shop+json"),
        (functions.Form(), "application/x-www-form-urlencoded"),
        (functions.File(), "multipart/form-data"),
    ],
)
def test_media_type_is_documented(marker, media_type):
    """2.2 media_type: it describes the body, and is not asked of requests."""
    described = operation(Annotated[str, marker], method="post")["requestBody"]["content"]
    assert list(described) == [media_type]


def test_media_type_is_not_asked_of_requests():
    """2.2 media_type: any JSON is taken."""
    client = TestClient(
        declared(Annotated[int, functions.Body(media_type="application/vnd.shop+json")], method="post")
    )
    assert client.post("/", json=3).json() == {"p": 3}


DOCUMENTED = {
    "title": ("T", {"title": "T"}),
    "description": ("D", {"description": "D"}),
    "min_length": (2, {"minLength": 2}),
    "max_length": (3, {"maxLength": 3}),
    "pattern": ("^a$", {"pattern": "^a$"}),
    "examples": (["a"], {"examples": ["a"]}),
    "json_schema_extra": ({"x-a": 1}, {"x-a": 1}),
}


@pytest.mark.parametrize("option", DOCUMENTED)
def test_option_is_part_of_the_schema(option):
    """2.2: what it says in the words of JSON Schema.

    Rows: 2.2 title, description, min_length, max_length, pattern, examples, json_schema_extra
    """
    value, expected = DOCUMENTED[option]
    assert schema(functions.Query(**{option: value})).items() >= expected.items()


def test_schema_can_be_changed_by_a_function():
    """2.2 json_schema_extra: a callable changes the schema in place."""
    assert (
        schema(functions.Query(json_schema_extra=lambda made: made.update(format="mine")))["format"] == "mine"
    )


def test_pattern_can_be_compiled():
    """2.2 pattern: text or a compiled expression."""
    hint = Annotated[str, functions.Query(pattern=re.compile("^a+$"))]
    assert ask(hint, "?p=aa") == "aa"
    assert ask(hint, "?p=b") == ["string_pattern_mismatch"]


REJECTED = [
    ({"gt": 1}, int, "1", "greater_than"),
    ({"ge": 1}, int, "0", "greater_than_equal"),
    ({"lt": 1}, int, "1", "less_than"),
    ({"le": 1}, int, "2", "less_than_equal"),
    ({"min_length": 2}, str, "a", "string_too_short"),
    ({"max_length": 2}, str, "abc", "string_too_long"),
    ({"pattern": "^a$"}, str, "b", "string_pattern_mismatch"),
    ({"strict": True}, int, "1", "int_type"),
    ({"multiple_of": 2}, int, "3", "multiple_of"),
    ({"allow_inf_nan": False}, float, "nan", "finite_number"),
]


@pytest.mark.parametrize(("options", "hint", "text", "error"), REJECTED, ids=lambda value: str(value)[:20])
def test_option_rejects(options, hint, text, error):
    """2.2: a value that does not fit has the option's own error.

    Rows: 2.2 gt, ge, lt, le, min_length, max_length, pattern, strict, multiple_of, allow_inf_nan
    """
    assert ask(Annotated[hint, functions.Query(**options)], f"?p={text}") == [error]


@pytest.mark.parametrize(
    ("options", "text", "error"),
    [
        ({"max_digits": 3}, "1.234", "decimal_max_digits"),
        ({"decimal_places": 1}, "1.23", "decimal_max_places"),
    ],
)
def test_option_of_decimals_rejects(options, text, error):
    """2.2 max_digits, decimal_places: for decimals."""
    import decimal

    assert ask(Annotated[decimal.Decimal, functions.Query(**options)], f"?p={text}") == [error]


@pytest.mark.filterwarnings("ignore")
def test_regex_is_the_old_word_for_pattern():
    """2.2 regex: it still works, with a warning."""
    with pytest.warns(FastAPIDeprecationWarning):
        marker = functions.Query(regex="^a$")
    assert ask(Annotated[str, marker], "?p=b") == ["string_pattern_mismatch"]
    assert schema(marker)["pattern"] == "^a$"


def kind_of(value):
    """Return the kind of a pet."""
    return value["kind"] if isinstance(value, dict) else value.kind


@pytest.mark.parametrize("how", ["name", "function"])
def test_discriminator_chooses_the_branch(how):
    """2.2 discriminator: the name of a field, or Pydantic's Discriminator."""
    if how == "name":
        hint: Any = Annotated[Cat | Dog, functions.Body(discriminator="kind")]
    else:
        branches = Annotated[Cat, Tag("cat")] | Annotated[Dog, Tag("dog")]
        hint = Annotated[branches, functions.Body(discriminator=Discriminator(kind_of))]
    client = TestClient(declared(hint, method="post"))
    assert client.post("/", json={"kind": "dog"}).json() == {"p": {"kind": "dog"}}
    refused = client.post("/", json={"kind": "cow"}).json()["detail"][0]
    assert (refused["type"], refused["loc"]) == ("union_tag_invalid", ["body"])


@pytest.mark.parametrize(("validate", "answer"), [(True, ["greater_than"]), (None, 0)])
def test_defaults_are_trusted_unless_told_otherwise(validate, answer):
    """2.2 validate_default: an unfit default is an error of the request only when it is asked for."""
    options = {} if validate is None else {"validate_default": validate}
    assert ask(Annotated[int, functions.Query(gt=3, **options)], default=0) == answer


@pytest.mark.parametrize(("mode", "answer"), [("left_to_right", 1), ("smart", "1")])
def test_union_mode_decides_the_branch(mode, answer):
    """2.2 union_mode: the first that fits, or the one that fits best."""
    assert ask(Annotated[int | str, functions.Query(union_mode=mode)], "?p=1") == answer


@pytest.mark.parametrize(("fast", "errors"), [(True, 1), (False, 2)])
def test_bad_items_end_the_collection(fast, errors):
    """2.2 fail_fast: the first one, if asked for."""
    hint = Annotated[list[int], functions.Query(fail_fast=fast)]
    assert ask(hint, "?p=a&p=b") == ["int_parsing"] * errors


@pytest.mark.filterwarnings("ignore")
def test_example_is_a_member_of_the_parameter():
    """2.2 example: deprecated; it stands beside the schema."""
    with pytest.warns(FastAPIDeprecationWarning):
        marker = functions.Query(example="a")
    parameter = operation(Annotated[str, marker])["parameters"][0]
    assert parameter["example"] == "a"
    assert "example" not in parameter["schema"]


def test_openapi_examples_are_members_of_the_parameter():
    """2.2 openapi_examples: named, with summary, value and further keys."""
    examples = {"one": {"summary": "First", "value": "a", "x-more": 1}}
    marker = functions.Query(openapi_examples=examples)
    assert operation(Annotated[str, marker])["parameters"][0]["examples"] == examples
    body = functions.Body(openapi_examples=examples)
    content = operation(Annotated[str, body], method="post")["requestBody"]["content"]
    assert content["application/json"]["examples"] == examples


@pytest.mark.parametrize("value", [True, "No longer."])
def test_deprecated_is_documented(value):
    """2.2 deprecated: true, also for a text that says why."""
    parameter = operation(Annotated[str, functions.Query(deprecated=value)])["parameters"][0]
    assert parameter["deprecated"] is True
    assert parameter["schema"]["deprecated"] is True


def test_hidden_parameter_works_all_the_same():
    """2.2 include_in_schema: it is only left out of the document."""
    hint = Annotated[int, functions.Query(include_in_schema=False)]
    assert ask(hint, "?p=1") == 1
    assert "parameters" not in operation(hint)
