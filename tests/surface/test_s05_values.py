"""Sections 5.4 and 5.5 of the surface document: names, aliases and extraction of single parameters."""

import datetime as dt
import decimal
import enum
import re
import uuid
from typing import Annotated, Literal

import pytest
from pydantic import AliasChoices, AliasPath, Field, Json
from raw_asgi import exchange
from surface_target import Cookie, Depends, FastAPI, Header, Path, Query, TestClient


def client_for(endpoint, path="/x"):
    """Register `endpoint` and return a client."""
    app = FastAPI()
    app.get(path)(endpoint)
    return TestClient(app)


def error_of(response):
    """Return the only error of a 422."""
    assert response.status_code == 422
    (error,) = response.json()["detail"]
    return error


# 5.4 names and aliases


def test_validation_alias_comes_before_alias():
    """5.4.1: the name looked up is validation_alias, else alias, else the parameter's name."""

    def endpoint(
        a: int = Query(1, alias="A"),
        b: int = Query(1, alias="BB", validation_alias="B"),
        c: int = Query(1, serialization_alias="C"),
    ):
        return [a, b, c]

    client = client_for(endpoint)
    assert client.get("/x?A=2&B=3&c=4").json() == [2, 3, 4]
    assert client.get("/x?a=2&BB=3&C=4").json() == [1, 1, 1]


@pytest.mark.parametrize(
    ("marker", "name"),
    [
        (Query(alias="A"), "A"),
        (Query(validation_alias="V"), "V"),
        (Query(alias="A", validation_alias="V"), "V"),
        (Query(serialization_alias="S"), "p_q"),
        (Query(), "p_q"),
    ],
)
def test_errors_show_the_name_looked_up(marker, name):
    """5.4.1: the same name stands in `loc`."""

    def endpoint(p_q: int = marker):
        return p_q

    assert error_of(client_for(endpoint).get("/x"))["loc"] == ["query", name]


def test_header_names_are_converted():
    """5.4.1: underscores become hyphens unless switched off; aliases are literal; case is ignored."""

    def endpoint(
        user_id: str = Header("d"),
        as_it_is: str = Header("d", convert_underscores=False),
        other: str = Header("d", alias="x_alias"),
        CamelCase: str = Header("d"),  # noqa: N803
    ):
        return [user_id, as_it_is, other, CamelCase]

    client = client_for(endpoint)
    good = {"USER-ID": "1", "as_it_is": "2", "X_Alias": "3", "camelcase": "4"}
    assert client.get("/x", headers=good).json() == ["1", "2", "3", "4"]
    wrong = {"user_id": "1", "as-it-is": "2", "x-alias": "3", "camel-case": "4"}
    assert client.get("/x", headers=wrong).json() == ["d"] * 4


@pytest.mark.parametrize(
    ("marker", "name"),
    [
        (Header(), "user-id"),
        (Header(convert_underscores=False), "user_id"),
        (Header(alias="X-Id"), "X-Id"),
        (Header(validation_alias="x_id"), "x_id"),
    ],
)
def test_header_errors_show_the_header_name(marker, name):
    """5.4.1: `loc` shows the name of the header."""

    def endpoint(user_id: int = marker):
        return user_id

    assert error_of(client_for(endpoint).get("/x"))["loc"] == ["header", name]


CHOICES = AliasChoices("one", "two")


@pytest.mark.parametrize(
    ("query", "expected"),
    [("one=1", 1), ("two=2", 2), ("one=1&two=2", 1), ("two=2&one=1", 1), ("one=1&two=x", 1)],
)
def test_first_present_choice_is_used(query, expected):
    """5.4.2: choices are tried in their order; the first one present counts."""

    def endpoint(a: int = Query(validation_alias=CHOICES)):
        return a

    assert client_for(endpoint).get(f"/x?{query}").json() == expected


@pytest.mark.parametrize(
    ("query", "type_", "name"),
    [
        ("two=x", "int_parsing", "two"),
        ("one=x&two=2", "int_parsing", "one"),
        ("", "missing", "one"),
        ("a=1", "missing", "one"),
    ],
)
def test_errors_show_the_choice_used(query, type_, name):
    """5.4.2: the choice that was used is reported; when none is present, the first."""

    def endpoint(a: int = Query(validation_alias=CHOICES)):
        return a

    error = error_of(client_for(endpoint).get(f"/x?{query}"))
    assert (error["type"], error["loc"]) == (type_, ["query", name])


@pytest.mark.parametrize(
    ("marker", "headers"),
    [
        (Header(validation_alias=AliasChoices("x-one", "x_two")), {"x_two": "2"}),
        (Cookie(validation_alias=AliasChoices("one", "two")), {"cookie": "two=2"}),
    ],
)
def test_choices_work_for_headers_and_cookies(marker, headers):
    """5.4.2: header and cookie choices are literal too."""

    def endpoint(a: int = marker):
        return a

    assert client_for(endpoint).get("/x", headers=headers).json() == 2


def test_choices_work_for_sequences():
    """5.4.2: all values of the chosen name, none of the other's."""

    def endpoint(a: list[int] = Query(validation_alias=CHOICES)):
        return a

    client = client_for(endpoint)
    assert [client.get(f"/x?{q}").json() for q in ("one=1&one=2&two=3", "two=3&two=4")] == [[1, 2], [3, 4]]


@pytest.mark.parametrize("alias", [AliasPath("two", 0), AliasChoices("one", AliasPath("two", 0))])
def test_alias_paths_do_not_work_for_single_parameters(alias):
    """5.4.2: with an alias path the extraction is left unchanged: the parameter's own name is read."""

    def endpoint(a: int = Query(5, validation_alias=alias)):
        return a

    client = client_for(endpoint)
    assert [client.get(f"/x?{q}").json() for q in ("one=1", "two=1", "a=1")] == [5, 5, 1]


def test_path_choice_is_bound_at_registration():
    """5.4.3: the first choice that is a name of the path counts, so one dependency serves several paths."""

    def item(id_: Annotated[int, Path(validation_alias=AliasChoices("item_id", "id"))]):
        return id_

    def endpoint(value: int = Depends(item)):
        return value

    app = FastAPI()
    app.get("/items/{item_id}")(endpoint)
    app.get("/legacy/{id}")(endpoint)
    client = TestClient(app)
    assert [client.get("/items/1").json(), client.get("/legacy/2").json()] == [1, 2]
    assert error_of(client.get("/legacy/x"))["loc"] == ["path", "id"]


# 5.5 extraction


def test_scalars_take_one_value():
    """5.5.1: of a repeated key a scalar takes the last value, but the first of a repeated header."""

    def endpoint(q: int, h: str = Header(), c: str = Cookie()):
        return [q, h, c]

    app = FastAPI()
    app.get("/x")(endpoint)
    headers = [(b"h", b"1"), (b"h", b"2"), (b"cookie", b"c=1; c=2")]
    assert exchange(app, "GET", "/x?q=1&q=2", headers=headers).body == b'[2,"1","2"]'


def test_sequences_take_all_values():
    """5.5.1: a sequence takes every value, one per header line."""

    def endpoint(q: list[int] = Query(), h: list[str] = Header()):
        return [q, h]

    app = FastAPI()
    app.get("/x")(endpoint)
    done = exchange(app, "GET", "/x?q=1&q=2", headers=[(b"h", b"a"), (b"h", b"b, c")])
    assert done.body == b'[[1,2],["a","b, c"]]'


@pytest.mark.parametrize("query", ["", "other=1", "q[]=1"])
def test_absent_sequence_is_missing(query):
    """5.5.1: a required sequence without any value is missing."""

    def endpoint(q: list[int] = Query()):
        return q

    assert error_of(client_for(endpoint).get(f"/x?{query}")) == {
        "type": "missing",
        "loc": ["query", "q"],
        "msg": "Field required",
        "input": None,
    }


def test_sequence_items_are_reported_by_index():
    """5.5.1: a wrong item is reported with its index; commas do not split."""

    def endpoint(q: list[int] = Query()):
        return q

    error = error_of(client_for(endpoint).get("/x?q=1&q=2,3"))
    assert (error["type"], error["loc"], error["input"]) == ("int_parsing", ["query", "q", 1], "2,3")


@pytest.mark.parametrize(
    ("query", "expected"),
    [("s=", ""), ("s", ""), ("", None), ("s=null", "null"), ("s=%20", " "), ("s=a%2Bb+c", "a+b c")],
)
def test_empty_query_text_is_a_value(query, expected):
    """5.5.2: an empty text is a value; only absence means the default."""

    def endpoint(s: str | None = None):
        return s

    assert client_for(endpoint).get(f"/x?{query}").json() == expected


def test_empty_header_and_cookie_are_values():
    """5.5.2: the same for headers and cookies."""

    def endpoint(h: str = Header("default"), c: str = Cookie("default")):
        return [h, c]

    client = client_for(endpoint)
    assert client.get("/x", headers={"h": "", "cookie": "c="}).json() == ["", ""]
    assert client.get("/x").json() == ["default", "default"]


def test_empty_text_does_not_become_a_number():
    """5.5.2: an empty text is validated like any other."""

    def endpoint(n: int = 3):
        return n

    assert error_of(client_for(endpoint).get("/x?n="))["type"] == "int_parsing"


def test_defaults_are_deep_copied():
    """5.5.2: each request gets its own deep copy of the default."""

    def endpoint(p: list[str] = Query([["nested"]])):
        p.append("own")
        p[0].append("own")
        return p

    client = client_for(endpoint)
    assert [client.get("/x").json() for _ in range(2)] == [[["nested", "own"], "own"]] * 2


def test_default_factory_is_called_each_time():
    """5.5.2: a factory makes a new value for each request that needs one."""
    made = []

    def make():
        made.append(1)
        return len(made)

    def endpoint(n: int = Query(default_factory=make)):
        return n

    client = client_for(endpoint)
    assert [client.get("/x").json(), client.get("/x?n=9").json(), client.get("/x").json()] == [1, 9, 2]


def test_defaults_are_trusted():
    """5.5.2: a default is not validated unless asked for."""

    def trusted(n: int = Query("text")):
        return n

    def checked(n: int = Query("text", validate_default=True)):
        return n

    assert client_for(trusted).get("/x").json() == "text"
    error = error_of(client_for(checked).get("/x"))
    assert (error["type"], error["loc"], error["input"]) == ("int_parsing", ["query", "n"], "text")


class Colour(enum.Enum):
    """An enumeration."""

    red = "r"


ID = "12345678-1234-5678-1234-567812345678"


@pytest.mark.parametrize(
    ("annotation", "text", "expected"),
    [
        (int, "12", 12),
        (int, "+2", 2),
        (int, " 1", 1),
        (int, "1.0", 1),
        (int, "1_000", 1000),
        (float, "1e3", 1000.0),
        (bool, "true", True),
        (bool, "True", True),
        (bool, "1", True),
        (bool, "on", True),
        (bool, "yes", True),
        (bool, "t", True),
        (bool, "y", True),
        (bool, "0", False),
        (bool, "off", False),
        (bool, "No", False),
        (bool, "f", False),
        (bool, "n", False),
        (bytes, "abc", "abc"),
        (Colour, "r", "r"),
        (Literal["a", "b"], "b", "b"),
        (uuid.UUID, ID, ID),
        (dt.date, "2020-02-29", "2020-02-29"),
        (dt.datetime, "2020-02-29T12:00:00Z", "2020-02-29T12:00:00+00:00"),
        (dt.timedelta, "PT1M", 60.0),
        (decimal.Decimal, "1.5", 1.5),
        (int | str, "5", "5"),
        (bool | int, "7", 7),
        (int | None, "7", 7),
        (re.Pattern, "a.c", "a.c"),
    ],
    ids=str,
)
def test_text_is_converted_by_pydantic(annotation, text, expected):
    """5.5: the conversions of single values are Pydantic's, in lax mode."""

    def endpoint(p: annotation):
        return p

    response = client_for(endpoint).get("/x", params={"p": text})
    assert response.json() == expected


@pytest.mark.parametrize(
    ("annotation", "query", "expected"),
    [
        (list[int], "p=2&p=1&p=2", [2, 1, 2]),
        (set[int], "p=2&p=2", [2]),
        (frozenset[int], "p=2", [2]),
        (tuple[int, ...], "p=2&p=1", [2, 1]),
        (tuple[int, str], "p=2&p=1", [2, "1"]),
    ],
    ids=str,
)
def test_sequence_conversions_are_pydantics(annotation, query, expected):
    """5.5.3: lists, sets and tuples come from Pydantic."""

    def endpoint(p: annotation = Query()):
        return [type(p).__name__, list(p)]

    name = getattr(annotation, "__origin__", annotation).__name__
    assert client_for(endpoint).get(f"/x?{query}").json() == [name, expected]


def test_json_parses_the_text_of_one_value():
    """5.5.4: `Json` parses the raw text of the last value."""

    def endpoint(
        a: Json, b: Annotated[Json[list[int]], Query()], c: Annotated[Json[list[int]], Header()] = ()
    ):
        return [a, b, c]

    client = client_for(endpoint)
    assert client.get('/x?a={"k":1}&b=[1]&b=[2,3]', headers={"c": "[4]"}).json() == [{"k": 1}, [2, 3], [4]]


def test_json_errors_name_the_parameter():
    """5.5.4: broken JSON and wrong content are errors of the parameter."""

    def endpoint(b: Annotated[Json[list[int]], Query()]):
        return b

    client = client_for(endpoint)
    broken, wrong = error_of(client.get("/x?b=x")), error_of(client.get("/x?b=[1,null]"))
    assert (broken["type"], broken["loc"], broken["input"]) == ("json_invalid", ["query", "b"], "x")
    assert (wrong["type"], wrong["loc"]) == ("int_type", ["query", "b", 1])


@pytest.mark.parametrize(
    ("marker", "annotation", "value", "type_", "ctx"),
    [
        (Query(gt=1), int, "1", "greater_than", {"gt": 1}),
        (Query(ge=1), int, "0", "greater_than_equal", {"ge": 1}),
        (Query(lt=1), float, "1", "less_than", {"lt": 1.0}),
        (Query(le=1), float, "2", "less_than_equal", {"le": 1.0}),
        (Query(multiple_of=2), int, "3", "multiple_of", {"multiple_of": 2}),
        (Query(min_length=2), str, "a", "string_too_short", {"min_length": 2}),
        (Query(max_length=1), str, "ab", "string_too_long", {"max_length": 1}),
        (Query(pattern="^a$"), str, "b", "string_pattern_mismatch", {"pattern": "^a$"}),
        (Query(pattern=re.compile("^a$")), str, "b", "string_pattern_mismatch", {"pattern": "^a$"}),
        (Query(allow_inf_nan=False), float, "nan", "finite_number", None),
        (Query(max_digits=3), decimal.Decimal, "1234", "decimal_max_digits", {"max_digits": 3}),
        (Query(decimal_places=1), decimal.Decimal, "1.23", "decimal_max_places", {"decimal_places": 1}),
        (Query(strict=True), int, "1", "int_type", None),
        (
            Query(min_length=2),
            list[int],
            "1",
            "too_short",
            {"field_type": "List", "min_length": 2, "actual_length": 1},
        ),
    ],
    ids=str,
)
def test_constraints_of_the_marker_apply(marker, annotation, value, type_, ctx):
    """5.5 and 2.2: every constraint of a marker is Pydantic's, with its error code and context."""

    def endpoint(p: annotation = marker):
        return p

    error = error_of(client_for(endpoint).get("/x", params={"p": value}))
    assert (error["type"], error.get("ctx")) == (type_, ctx)


def test_union_mode_and_fail_fast_are_passed_on():
    """5.5 and 2.2: union_mode picks the first branch that fits; fail_fast stops at the first bad item."""

    def endpoint(
        u: Annotated[int | str, Query(union_mode="left_to_right")] = 0,
        f: Annotated[list[int], Query(fail_fast=True)] = (),
    ):
        return [u, f]

    client = client_for(endpoint)
    assert client.get("/x?u=1").json() == [1, []]
    assert error_of(client.get("/x?f=a&f=b"))["loc"] == ["query", "f", 0]


def test_validators_in_annotated_run():
    """5.5: any Pydantic metadata in `Annotated` applies."""
    from pydantic import AfterValidator, BeforeValidator

    def endpoint(
        p: Annotated[int, BeforeValidator(lambda v: v.strip("x")), AfterValidator(lambda v: v + 1), Query()],
    ):
        return p

    assert client_for(endpoint).get("/x?p=x5x").json() == 6


def test_discriminators_and_titles_do_not_disturb():
    """5.5: metadata for the document does not change extraction."""

    def endpoint(
        p: Annotated[int, Field(title="T", description="D", examples=[1]), Query(deprecated=True)] = 1,
    ):
        return p

    client = client_for(endpoint)
    assert [client.get("/x").json(), client.get("/x?p=2").json()] == [1, 2]
