"""What a refused declaration tells: the code, the function and the parameter, in one sentence."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest

from rapide._analyse.graph import Place, analyse_call, run_only
from rapide._analyse.returns import ReturnOptions, analyse_output
from rapide.behaviour import RAPIDE
from rapide.declare.defaults import Default
from rapide.declare.depends import Depends
from rapide.declare.params import Header, Query
from rapide.errors import DeclarationError
from rapide.responses import JSONResponse

_HERE = Place((("item_id", False),), frozenset({"GET"}), RAPIDE)


class NotData:
    """No type for Pydantic."""


class Factory:
    """A dependency without a name."""

    def __call__(self, itself: Annotated[Any, Depends()]) -> None: ...

    def __repr__(self) -> str:
        return "<the factory>"


def _scoped() -> Iterator[int]:
    yield 1


def _longer(inner: Annotated[int, Depends(_scoped, scope="function")]) -> Iterator[int]:
    yield inner


def _circle(inner: Annotated[int, Depends(lambda: 1)]) -> int:
    return inner


def _default_inside(q: Annotated[int, Query(default=3)]) -> None: ...


def _two_markers(q: Annotated[int, Query()] = Header()) -> None: ...  # type: ignore[assignment]


def _marker_and_dependency(q: Annotated[int, Query()] = Depends(_scoped)) -> None: ...  # type: ignore[assignment]


def _two_dependencies(q: Annotated[int, Depends(_scoped)] = Depends(_scoped)) -> None: ...  # type: ignore[assignment]


def _unknown_name(q: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821


def _nothing_to_call(q: Annotated[Any, Depends()]) -> None: ...


def _longer_than_its_dependency(q: Annotated[int, Depends(_longer)]) -> None: ...


def _any_number(*numbers: int) -> None: ...


def _path_default(item_id: int = 3) -> None: ...


_MARKERS = "in `Annotated` and default value together for 'q'"
_REFUSED = [
    (
        _default_inside,
        "RAP101",
        "q",
        "`Query` default value cannot be set in `Annotated` for 'q'. Set the default value with `=` instead.",
    ),
    (_two_markers, "RAP102", "q", f"Cannot specify Rapide annotations {_MARKERS}"),
    (
        _marker_and_dependency,
        "RAP102",
        "q",
        "Cannot specify a Rapide annotation in `Annotated` and `Depends` as a default value together for 'q'",
    ),
    (_two_dependencies, "RAP102", "q", f"Cannot specify `Depends` {_MARKERS}"),
    (
        _unknown_name,
        "RAP110",
        "q",
        f"The name 'Nowhere' in the annotation of 'q' of {__name__}._unknown_name is not defined",
    ),
    (_nothing_to_call, "RAP111", "q", "`Depends()` of 'q' has nothing to call"),
    (_any_number, "RAP115", "numbers", "The parameter `*numbers` cannot be given by its name"),
    (_path_default, "RAP103", "item_id", "The path always holds 'item_id': its default is never used"),
]


@pytest.mark.parametrize(
    ("function", "code", "parameter", "message"), _REFUSED, ids=[row[0].__name__ for row in _REFUSED]
)
def test_refusal_names_function_and_parameter(function: Any, code: str, parameter: str, message: str) -> None:
    """Whoever reads the error knows where to look and what is wrong there."""
    with pytest.raises(DeclarationError) as caught:
        analyse_call(function, _HERE, endpoint=True)
    error = caught.value
    assert (error.code, error.parameter, error.message) == (code, parameter, message)
    assert (error.file, error.function) == (__file__, function.__name__)


def test_lifetime_that_is_too_long_is_told_of_the_dependency() -> None:
    """The dependency that outlives what it stands on is the one to change."""
    with pytest.raises(DeclarationError) as caught:
        analyse_call(_longer_than_its_dependency, _HERE, endpoint=True)
    error = caught.value
    assert (error.code, error.function, error.parameter) == ("RAP113", "_longer", "inner")
    assert error.message == (
        'The dependency "_longer" has a scope of "request", '
        'it cannot depend on dependencies with scope "function".'
    )


def test_circle_of_functions_names_the_one_that_it_comes_back_to() -> None:
    """A dependency that leads to itself is refused, not followed for ever."""
    _circle.__annotations__["inner"] = Annotated[int, Depends(_circle)]

    def endpoint(q: Annotated[int, Depends(_circle)]) -> None: ...

    with pytest.raises(DeclarationError, match="The dependency _circle depends on itself") as caught:
        analyse_call(endpoint, _HERE, endpoint=True)
    assert (caught.value.code, caught.value.function) == ("RAP112", "_circle")


def test_circle_of_objects_is_named_by_its_text() -> None:
    """A callable object has no name of its own."""
    factory = Factory()

    def endpoint(q: Annotated[Any, Depends(factory)]) -> None: ...

    Factory.__call__.__annotations__["itself"] = Annotated[Any, Depends(factory)]
    with pytest.raises(DeclarationError, match="The dependency <the factory> depends on itself"):
        analyse_call(endpoint, _HERE, endpoint=True)


def test_dependency_that_is_only_run_must_be_one() -> None:
    """`dependencies=[Depends()]` has nothing to call."""
    with pytest.raises(DeclarationError) as caught:
        run_only(Depends(), _HERE)
    assert caught.value.code == "RAP111"
    assert caught.value.message == "A parameter-less dependency must have a callable dependency"


@pytest.mark.parametrize("model", [..., NotData])
def test_response_type_that_is_no_data_is_named_with_its_endpoint(model: Any) -> None:
    """The error leads to the endpoint, whether its annotation or its option is wrong."""

    def endpoint() -> NotData: ...  # type: ignore[empty-body]

    options = ReturnOptions(Default(None) if model is ... else model, Default(JSONResponse), None)
    with pytest.raises(DeclarationError, match="NotData") as caught:
        analyse_output(endpoint, options, "unique")
    assert caught.value.code == "RAP109"
    assert caught.value.function is not None
    assert caught.value.function.endswith("endpoint")


def test_item_type_that_is_no_data_is_named_with_its_endpoint() -> None:
    """Streams say what their items are, and must be able to."""

    def endpoint() -> Iterator[NotData]:
        yield NotData()

    with pytest.raises(DeclarationError, match="NotData") as caught:
        analyse_output(endpoint, ReturnOptions(Default(None), Default(JSONResponse), None), "unique")
    assert caught.value.function is not None
    assert caught.value.function.endswith("endpoint")
