"""One parameter of a signature: taken apart, and checked for contradictions."""

import inspect
from typing import Annotated, Any

import pytest
from pydantic import Field
from typing_extensions import TypeAliasType

from rapide._analyse.parameter import take_apart
from rapide._analyse.signature import resolve_annotation
from rapide._pydantic import Undefined
from rapide.behaviour import FASTAPI, RAPIDE, Behaviour
from rapide.declare.depends import Depends
from rapide.declare.params import Body, Cookie, Header, Query
from rapide.errors import DefaultsError, MarkerError, UnresolvedAnnotationError
from rapide.inputs.base import Parameter

_EMPTY = inspect.Parameter.empty


def _function() -> None: ...


def _taken(annotation: Any = _EMPTY, default: Any = _EMPTY, behaviour: Behaviour = RAPIDE) -> Parameter:
    raw = inspect.Parameter("p", inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
    return take_apart(raw, _function, {}, behaviour, frozenset())


def test_nothing_said_is_anything_without_default() -> None:
    """An unannotated parameter has the type Any."""
    parameter = _taken()
    assert parameter.type_ is Any
    assert parameter.marker is None
    assert parameter.depends is None
    assert parameter.default is Undefined


def test_plain_default_is_kept() -> None:
    """None is a default like others."""
    assert _taken(int, 3).default == 3
    assert _taken(int, None).default is None


def test_marker_in_annotated_decides() -> None:
    """Type and marker are taken apart, the default stands behind the equals sign."""
    marker = Query(gt=3)
    parameter = _taken(Annotated[int, marker], 5)
    assert (parameter.type_, parameter.marker, parameter.default) == (int, marker, 5)


def test_marker_as_default_decides() -> None:
    """A marker behind the equals sign holds the default itself."""
    marker = Query(5)
    parameter = _taken(int, marker)
    assert parameter.marker is marker
    assert parameter.default is Undefined


def test_last_marker_decides() -> None:
    """Of several markers the last one says where the value is; the metadata of all is kept."""
    first, last = Query(gt=3), Header(lt=6)
    parameter = _taken(Annotated[int, first, last])
    assert parameter.marker is last
    assert parameter.metadata == (first, last)


def test_plain_field_in_annotated_is_metadata() -> None:
    """Pydantic's own Field constrains, and leaves the place open."""
    field = Field(gt=3)
    parameter = _taken(Annotated[int, field])
    assert parameter.marker is None
    assert parameter.metadata == (field,)


@pytest.mark.parametrize("depends", [Depends(len), Depends()])
def test_dependency_is_found_in_both_places(depends: Depends) -> None:
    """`Depends` stands in `Annotated`, or behind the equals sign."""
    assert _taken(Annotated[int, depends]).depends == depends
    parameter = _taken(int, depends)
    assert parameter.depends is depends
    assert parameter.default is Undefined


@pytest.mark.parametrize(
    ("metadata", "kind"), [((Depends(len), Query()), "marker"), ((Query(), Depends(len)), "depends")]
)
def test_last_of_marker_and_dependency_decides(metadata: Any, kind: str) -> None:
    """A dependency behind a marker is a dependency, and the other way round."""
    parameter = _taken(Annotated[(int, *metadata)])
    assert (parameter.depends is not None) is (kind == "depends")
    assert (parameter.marker is not None) is (kind == "marker")


def test_alias_of_a_type_is_looked_through() -> None:
    """`type X = ...` says what its value says, one level deep."""
    marker = Query(gt=3)
    alias = TypeAliasType("alias", Annotated[int, marker])  # type: ignore[valid-type]
    assert _taken(alias).marker is marker
    plain = TypeAliasType("plain", int)
    assert _taken(plain).type_ is int
    assert _taken(TypeAliasType("outer", plain)).type_ is plain  # type: ignore[valid-type]


@pytest.mark.parametrize(
    ("annotation", "default", "code"),
    [
        (Annotated[int, Query(3)], _EMPTY, "RAP101"),
        (Annotated[int, Body(None)], _EMPTY, "RAP101"),
        (Annotated[int, Query()], Query(), "RAP102"),
        (Annotated[int, Query()], Cookie(3), "RAP102"),
        (Annotated[int, Query()], Depends(len), "RAP102"),
        (Annotated[int, Depends(len)], Depends(len), "RAP102"),
        (int, Field(3), "RAP107"),
    ],
)
def test_contradictions_are_refused(annotation: Any, default: Any, code: str) -> None:
    """Markers that say two things are an error that names the parameter."""
    with pytest.raises(MarkerError) as caught:
        _taken(annotation, default)
    assert caught.value.code == code
    assert caught.value.parameter == "p"
    assert caught.value.function == "_function"


@pytest.mark.parametrize("default", [..., None, 3])
def test_factory_and_ellipsis_are_no_defaults_in_a_marker(default: Any) -> None:
    """The ellipsis says "required"; a factory belongs to the marker."""
    assert _taken(Annotated[int, Query(...)], default).default == default
    assert _taken(Annotated[list[int], Query(default_factory=list)]).marker is not None


@pytest.mark.parametrize("text", ["Missing", "list[Missing]", "Missing | None", "Annotated[Missing, 3]"])
def test_unresolved_type_is_an_error(text: str) -> None:
    """A name that stands for nothing is named, with function and parameter."""
    with pytest.raises(UnresolvedAnnotationError, match="'Missing' in the annotation of 'p'"):
        _taken(resolve_annotation(text, globals()))


def test_unresolved_type_is_ignored_on_fastapis_face() -> None:
    """FastAPI takes such a parameter as one without a type."""
    assert _taken(resolve_annotation("Missing", globals()), behaviour=FASTAPI).type_ is Any


def test_unresolved_type_of_a_dependency_does_not_matter() -> None:
    """The result of a dependency is not validated, so its type need not be there at run time."""
    parameter = _taken(resolve_annotation("Annotated[Missing, Depends(len)]", globals()))
    assert parameter.depends == Depends(len)


def test_unresolved_type_matters_when_it_is_the_dependency() -> None:
    """`Depends()` calls the type."""
    with pytest.raises(UnresolvedAnnotationError):
        _taken(resolve_annotation("Annotated[Missing, Depends()]", globals()))


@pytest.mark.parametrize("behaviour", [RAPIDE, FASTAPI])
@pytest.mark.parametrize(
    "marker", [Query(default_factory=int), Body(default_factory=int), Field(default_factory=int)]
)
def test_default_and_factory_are_refused(marker: Any, behaviour: Behaviour) -> None:
    """One of them would be hidden; FastAPI says so with a TypeError, and so does this."""
    with pytest.raises(DefaultsError) as caught:
        _taken(Annotated[int, marker], 3, behaviour)
    assert (caught.value.code, caught.value.parameter) == ("RAP118", "p")
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("default", [_EMPTY, ...])
def test_factory_alone_is_the_default(default: Any) -> None:
    """Without a value behind the equals sign there is nothing to hide."""
    assert _taken(Annotated[int, Query(default_factory=int)], default).marker is not None


@pytest.mark.parametrize(
    ("behaviour", "framework"), [(RAPIDE, "Rapide annotations"), (FASTAPI, "FastAPI annotations")]
)
def test_error_names_the_framework_that_the_user_knows(behaviour: Behaviour, framework: str) -> None:
    """Each face speaks of its own markers."""
    with pytest.raises(MarkerError, match=framework):
        _taken(Annotated[int, Query()], Query(3), behaviour)
