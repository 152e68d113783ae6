"""The parameter markers: Pydantic's `FieldInfo` with a place."""

import inspect
from typing import Annotated, Any

import pytest
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen, MultipleOf
from pydantic import AliasChoices, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from rapide.declare.params import (
    Body,
    Cookie,
    File,
    Form,
    Header,
    Param,
    ParamOptions,
    ParamTypes,
    Path,
    Query,
)
from rapide.errors import FastAPIDeprecationWarning, MarkerError

_ALL = [Param, Path, Query, Header, Cookie, Body, Form, File]
_MARKERS = pytest.mark.parametrize("marker", _ALL, ids=lambda marker: marker.__name__)


@_MARKERS
def test_marker_is_a_field_info(marker: Any) -> None:
    """Constraints and metadata mean what they mean in Pydantic."""
    assert isinstance(marker(), FieldInfo)
    assert TypeAdapter(Annotated[int, marker(ge=3)]).validate_python("3") == 3


@_MARKERS
def test_marker_without_default_is_required(marker: Any) -> None:
    """Nothing, and the ellipsis, say that a value must be sent."""
    assert marker().is_required()
    assert marker(...).is_required()


@pytest.mark.parametrize("marker", [each for each in _ALL if each is not Path])
def test_marker_keeps_its_default(marker: Any) -> None:
    """The default is the first argument."""
    assert marker(None).default is None
    assert marker(3).get_default() == 3
    assert marker(default_factory=list).get_default(call_default_factory=True) == []


def test_path_has_no_default() -> None:
    """A path always holds its parameters."""
    with pytest.raises(MarkerError) as caught:
        Path(3)
    assert caught.value.code == "RAP103"
    assert caught.value.file == __file__


@_MARKERS
def test_marker_refuses_unknown_options(marker: Any) -> None:
    """A misspelt option is a TypeError, as for every function."""
    with pytest.raises(TypeError, match=r"got an unexpected keyword argument 'descripton'"):
        marker(descripton="…")


@_MARKERS
def test_marker_takes_every_option(marker: Any) -> None:
    """Each option that the table lists is taken."""
    names = set(ParamOptions.__annotations__)
    assert names <= set(inspect.signature(marker).parameters)


@_MARKERS
def test_signature_shows_options_with_their_defaults(marker: Any) -> None:
    """Editors and `help` see every option, not `**options`."""
    parameters = inspect.signature(marker).parameters
    assert next(iter(parameters)) == "default"
    assert "options" not in parameters
    assert parameters["include_in_schema"].default is True
    assert all(each.kind is each.KEYWORD_ONLY for name, each in parameters.items() if name != "default")


@pytest.mark.parametrize(
    ("options", "constraint"),
    [
        ({"gt": 1}, Gt(1)),
        ({"ge": 1}, Ge(1)),
        ({"lt": 1}, Lt(1)),
        ({"le": 0}, Le(0)),
        ({"min_length": 0}, MinLen(0)),
        ({"max_length": 2}, MaxLen(2)),
        ({"multiple_of": 2}, MultipleOf(2)),
    ],
)
def test_constraint_becomes_metadata(options: dict[str, Any], constraint: Any) -> None:
    """A constraint is there, zero included."""
    assert constraint in Query(**options).metadata


def test_constraint_of_none_is_no_constraint() -> None:
    """None says "not given" for bounds."""
    assert Query(gt=None, max_length=None, pattern=None).metadata == []


@pytest.mark.parametrize(
    ("marker", "place"),
    [(Path, "path"), (Query, "query"), (Header, "header"), (Cookie, "cookie")],
)
def test_marker_knows_its_place(marker: Any, place: str) -> None:
    """Parameters outside the body say where they stand, as OpenAPI spells it."""
    assert marker.in_ is ParamTypes[place]
    assert marker.in_.value == place


@pytest.mark.parametrize(
    ("marker", "media_type"),
    [
        (Body, "application/json"),
        (Form, "application/x-www-form-urlencoded"),
        (File, "multipart/form-data"),
    ],
)
def test_marker_of_the_body_has_a_media_type(marker: Any, media_type: str) -> None:
    """The documented media type has a default for each marker, and can be set."""
    assert marker().media_type == media_type
    assert marker(media_type="x/y").media_type == "x/y"


def test_markers_of_forms_are_markers_of_the_body() -> None:
    """`File` is a `Form`, which is a `Body`; a `Param` is none of them."""
    assert issubclass(File, Form)
    assert issubclass(Form, Body)
    assert not issubclass(Body, Param)


@pytest.mark.parametrize(
    ("options", "embed"), [({}, None), ({"embed": True}, True), ({"embed": False}, False)]
)
def test_body_says_whether_it_is_embedded(options: dict[str, Any], embed: bool | None) -> None:
    """None leaves it to the number of body parameters."""
    assert Body(**options).embed is embed


def test_header_says_whether_underscores_are_converted() -> None:
    """Python names have underscores where headers have hyphens."""
    assert Header().convert_underscores is True
    assert Header(convert_underscores=False).convert_underscores is False


def test_alias_is_the_name_on_input_and_output() -> None:
    """One alias serves both directions, unless they are given apart."""
    marker = Query(alias="a")
    assert (marker.alias, marker.validation_alias, marker.serialization_alias) == ("a", "a", "a")
    marker = Query(alias="a", validation_alias="v", serialization_alias="s")
    assert (marker.alias, marker.validation_alias, marker.serialization_alias) == ("a", "v", "s")


def test_alias_choices_are_for_input() -> None:
    """Several names can be accepted; only text can be the name on output."""
    choices = AliasChoices("a", "b")
    marker = Query(validation_alias=choices)
    assert marker.validation_alias == choices
    assert marker.serialization_alias is None


def test_examples_are_kept_apart() -> None:
    """`examples` belong to the schema, `openapi_examples` to the parameter."""
    marker = Query(examples=["a"], openapi_examples={"one": {"value": "b"}}, include_in_schema=False)
    assert marker.examples == ["a"]
    assert marker.openapi_examples == {"one": {"value": "b"}}
    assert marker.include_in_schema is False


@pytest.mark.parametrize("options", [{"regex": "^a"}, {"example": "a"}])
def test_deprecated_option_warns_at_the_users_line(options: dict[str, Any]) -> None:
    """The warning points to the line that uses the option."""
    with pytest.warns(FastAPIDeprecationWarning) as caught:
        Query(**options)
    assert [warning.filename for warning in caught] == [__file__]


def test_regex_is_a_pattern() -> None:
    """The deprecated spelling does the same; an explicit pattern wins."""
    with pytest.warns(FastAPIDeprecationWarning):
        adapter = TypeAdapter(Annotated[str, Query(regex="^a$")])
    assert adapter.validate_python("a") == "a"
    with pytest.warns(FastAPIDeprecationWarning):
        both = TypeAdapter(Annotated[str, Query(regex="^a$", pattern="^b$")])
    assert both.validate_python("b") == "b"


@pytest.mark.parametrize(
    ("marker", "text"),
    [(Query(3), "Query(3)"), (Body(None), "Body(None)"), (Path(), f"Path({PydanticUndefined})")],
)
def test_marker_shows_its_default(marker: Any, text: str) -> None:
    """The text of a marker is short: its kind and its default."""
    assert repr(marker) == text
