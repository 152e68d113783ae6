"""What an endpoint gives: return annotation and response options."""

import typing
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
)
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Discriminator, Field
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from rapide._analyse.returns import ReturnOptions, analyse_output, check_type, response_type, stream_item_type
from rapide._pydantic import ModelField
from rapide.declare.defaults import Default
from rapide.declare.params import Query
from rapide.errors import UnsupportedTypeError
from rapide.plan.nodes import Output
from rapide.sse import EventSourceResponse


class Item(BaseModel):
    name: str


class NotData:
    """No type for Pydantic."""


def _output(
    annotation: Any = ...,
    model: Any = ...,
    response_class: Any = None,
    make: Callable[..., Any] | None = None,
    **options: Any,
) -> Output:
    def endpoint() -> Any: ...

    function = make or endpoint
    if annotation is not ...:
        function.__annotations__["return"] = annotation
    else:
        function.__annotations__.pop("return", None)
    return analyse_output(
        function,
        ReturnOptions(
            Default(None) if model is ... else model,
            Default(JSONResponse) if response_class is None else response_class,
            **{"status_code": None, **options},
        ),
        "unique",
    )


def _type_of(field: ModelField | None) -> Any:
    return None if field is None else field.field_info.annotation


@pytest.mark.parametrize(
    ("annotation", "model", "expected"),
    [
        (..., ..., None),
        (None, ..., None),
        (Item, ..., Item),
        (list[Item], ..., list[Item]),
        (Item | None, ..., Item | None),
        (Any, ..., Any),
        (Response, ..., None),
        (HTMLResponse, ..., None),
        (Item, None, None),
        (Item, dict[str, Any], dict[str, Any]),
        (..., Item, Item),
        (Response, Item, Item),
        (Iterable[Item], ..., Iterable[Item]),
    ],
)
def test_response_model_is_the_option_or_the_annotation(annotation: Any, model: Any, expected: Any) -> None:
    """The option wins, None turns it off; a response says nothing about data."""
    output = _output(annotation, model)
    assert output.kind == ("plain" if expected is None else "model")
    assert _type_of(output.field) == expected


@pytest.mark.parametrize("annotation", [NotData, Response | dict, list[NotData]])
def test_type_that_is_no_data_is_refused(annotation: Any) -> None:
    """The error says how to go without a response model."""
    with pytest.raises(UnsupportedTypeError, match="response_model=None") as caught:
        _output(annotation)
    assert caught.value.code == "RAP109"


def test_response_type_resolves_text() -> None:
    """An annotation as text is read where the endpoint was written."""

    def endpoint() -> "list[Item]": ...  # type: ignore[empty-body]

    assert response_type(endpoint, Default(None)) == list[Item]


@pytest.mark.parametrize(
    ("annotation", "item"),
    [
        (AsyncIterable[Item], Item),
        (AsyncIterator[int], int),
        (AsyncGenerator[Item, None], Item),
        (Iterable[Item], Item),
        (Iterator[Item], Item),
        (Generator[Item, None, None], Item),
        (list[Item], None),
        (Item, None),
        (AsyncIterable, None),
        (typing.Iterable, Any),
    ],
)
def test_stream_item_type_is_what_the_annotation_holds(annotation: Any, item: Any) -> None:
    """Iterables and generators of both colours have items."""
    assert stream_item_type(annotation) == item


async def _stream() -> Any:
    yield 1


def _plain_stream() -> Any:
    yield 1


_STREAMS = pytest.mark.parametrize("make", [_stream, _plain_stream], ids=["async", "plain"])


@_STREAMS
@pytest.mark.parametrize(
    ("response_class", "kind"),
    [
        (None, "json_lines"),
        (EventSourceResponse, "events"),
        (Default(EventSourceResponse), "events"),
        (StreamingResponse, "stream"),
        (Default(StreamingResponse), "json_lines"),
    ],
)
def test_generator_streams_what_its_response_class_says(
    make: Callable[..., Any], response_class: Any, kind: str
) -> None:
    """JSON Lines by default, events or raw chunks where they are asked for."""
    output = _output(AsyncIterator[Item], response_class=response_class, make=make)
    assert output.kind == kind
    assert output.field is None
    assert _type_of(output.item) == (None if kind == "stream" else Item)


@_STREAMS
def test_generator_without_annotation_streams_untyped_items(make: Callable[..., Any]) -> None:
    """Nothing is validated where nothing is declared."""
    assert _output(make=make).item is None


def test_options_are_kept_as_they_were_given() -> None:
    """The output carries all that shapes it."""
    output = _output(
        Item,
        response_class=HTMLResponse,
        status_code=201,
        include={"name"},
        exclude={"note"},
        by_alias=False,
        exclude_unset=True,
        exclude_defaults=True,
        exclude_none=True,
    )
    assert output.response_class is HTMLResponse
    assert (output.status_code, output.include, output.exclude) == (201, {"name"}, {"note"})
    assert not output.by_alias
    assert output.exclude_unset
    assert output.exclude_defaults
    assert output.exclude_none


@pytest.mark.parametrize("response_class", [None, Default(JSONResponse)])
def test_default_response_class_is_none(response_class: Any) -> None:
    """Where nobody asked for a class, bytes are sent without one."""
    assert _output(Item, response_class=response_class).response_class is None


def test_explicit_default_class_is_explicit() -> None:
    """Whoever asks for JSONResponse gets JSONResponse."""
    assert _output(Item, response_class=JSONResponse).response_class is JSONResponse


def _built(annotation: Any, info: Any = None) -> bool:
    """Check a type; tell whether Pydantic had to build something for it."""
    info = info or Query()
    info.annotation = annotation
    field = ModelField(info, "x")
    check_type(field, None)
    return "_plain" in field.__dict__


@pytest.mark.parametrize(
    ("annotation", "built"),
    [
        (int, False),
        (Item, False),
        (list[Item], False),
        (dict[str, Item | None], False),
        (tuple[int, ...], False),
        (Any, False),
        (Annotated[int, Field(gt=3)], True),
        (Callable[[], int], True),
    ],
)
def test_check_builds_only_what_it_must(annotation: Any, built: bool) -> None:
    """Types that Pydantic certainly handles cost nothing at declaration."""
    assert _built(annotation) is built


@pytest.mark.parametrize("info", [Query(discriminator="kind"), Query(discriminator=Discriminator(str))])
def test_discriminator_is_checked(info: Any) -> None:
    """A discriminator that the members do not have is found at declaration."""
    with pytest.raises(UnsupportedTypeError):
        _built(Item | NotDataModel, info)


class NotDataModel(BaseModel):
    other: int


def test_unfinished_model_waits_for_its_names() -> None:
    """A model may name what is defined after the route, so nobody refuses it at declaration."""

    class Unfinished(BaseModel):
        other: "Nowhere"  # type: ignore[name-defined]  # noqa: F821

    assert _built(Unfinished)


@pytest.mark.parametrize(
    ("annotation", "make", "name"),
    [(Item, None, "Response_unique"), (AsyncIterator[Item], _stream, "StreamItem_unique")],
)
def test_fields_are_named_after_the_route(annotation: Any, make: Any, name: str) -> None:
    """Pydantic names what it makes for a response after the route, so that no two are mixed up."""
    output = _output(annotation, make=make)
    made = output.field or output.item
    assert made is not None
    assert (made.name, made.mode) == (name, "serialization")


@_STREAMS
def test_model_for_the_whole_stream_says_nothing_about_its_items(make: Any) -> None:
    """A generator with `response_model=` streams items without a type; the model is documented."""
    output = _output(AsyncIterator[Item], dict[str, Any], make=make)
    assert output.kind == "json_lines"
    assert output.item is None
    assert _type_of(output.field) == dict[str, Any]


@_STREAMS
def test_stream_without_annotation_has_items_without_type(make: Any) -> None:
    """Nothing is known, so nothing is checked."""
    output = _output(make=make)
    assert (output.kind, output.item, output.field) == ("json_lines", None, None)


def test_stream_keeps_the_class_that_was_asked_for() -> None:
    """An explicit response class is the one that streams."""
    output = _output(AsyncIterator[bytes], make=_stream, response_class=StreamingResponse)
    assert (output.kind, output.response_class) == ("stream", StreamingResponse)


@pytest.mark.parametrize("annotation", [None, type(None)])
def test_nothing_is_no_model(annotation: Any) -> None:
    """`-> None` declares that there is nothing to shape."""

    def endpoint() -> None: ...

    endpoint.__annotations__["return"] = annotation
    assert response_type(endpoint, Default(None)) is None
