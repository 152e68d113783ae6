"""The cheap dataclasses behave as the standard library's do."""

import copy
import dataclasses
import inspect
import pickle
from typing import Any

import pytest

from rapide._dataclass import dataclass


def _declare(decorate: Any) -> Any:
    class Point:
        """A place."""

        x: int
        y: int = 2
        tags: list[str] = dataclasses.field(default_factory=list)
        secret: str = dataclasses.field(default="s", repr=False, compare=False)

        def shifted(self) -> Any:
            return dataclasses.replace(self, x=self.x + 1)

    return decorate(Point)


Point = _declare(dataclass(frozen=True, slots=True))
Standard = _declare(dataclasses.dataclass(frozen=True, slots=True))
Point.__qualname__ = "Point"  # where pickle finds it


@dataclass(frozen=True, slots=True)
class Compared:
    name: str
    number: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Same:
    name: str


def test_constructor_has_the_standard_signature() -> None:
    """Names, order, defaults and types of the parameters are those of the standard library."""
    ours, theirs = inspect.signature(Point.__init__), inspect.signature(Standard.__init__)
    assert list(ours.parameters) == list(theirs.parameters)
    assert [p.kind for p in ours.parameters.values()] == [p.kind for p in theirs.parameters.values()]
    assert Point.__init__.__annotations__ == Standard.__init__.__annotations__
    assert (Point(1).y, Point(1, y=3).y) == (2, 3)


@pytest.mark.parametrize("call", [lambda of: of(), lambda of: of(1, z=2), lambda of: of(1, 2, [], "", 5)])
def test_wrong_arguments_are_refused(call: Any) -> None:
    """What the standard library refuses is refused."""
    for kind in (Point, Standard):
        with pytest.raises(TypeError):
            call(kind)


def test_factory_makes_a_new_value_each_time() -> None:
    """A default factory runs for each object that is not given the value."""
    assert Point(1).tags == []
    assert Point(1).tags is not Point(1).tags
    given = ["a"]
    assert Point(1, tags=given).tags is given


def test_tools_of_the_standard_library_work() -> None:
    """`fields`, `replace`, `asdict` and patterns know it as a dataclass."""
    point = Point(1)
    assert dataclasses.is_dataclass(Point)
    assert [field.name for field in dataclasses.fields(Point)] == ["x", "y", "tags", "secret"]
    assert dataclasses.asdict(point) == {"x": 1, "y": 2, "tags": [], "secret": "s"}
    assert (point.shifted().x, point.x) == (2, 1)
    match point:
        case Point(x, y):
            assert (x, y) == (1, 2)


def test_nothing_can_be_assigned_or_deleted() -> None:
    """The objects are frozen and have no room for anything else."""
    point = Point(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.x = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        del point.x
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.other = 2
    assert not hasattr(point, "__dict__")


def test_objects_compare_by_the_fields_that_are_compared() -> None:
    """Equal fields make equal objects of one class, with equal hashes."""
    assert Compared("a") == Compared("a", 0)
    assert hash(Compared("a")) == hash(Compared("a", 0))
    assert Compared("a") != Compared("b")
    assert Compared("a") != ("a", 0)
    assert Point(1, secret="x") == Point(1, secret="y")
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point(1))  # a list inside


def test_objects_are_themselves_when_comparing_is_off() -> None:
    """With `eq=False` an object equals itself alone."""
    same = Same("a")
    assert same != Same("a")
    assert {same: 1}[same] == 1


def test_text_is_the_standard_one() -> None:
    """The class and its fields, without the hidden ones; one that holds the object itself does no harm."""
    assert repr(Compared("a", 3)) == "Compared(name='a', number=3)"
    assert "secret" not in repr(Point(1))
    point = Point(1)
    point.tags.append(point)
    assert "..." in repr(point)


def test_objects_can_be_copied_and_pickled() -> None:
    """Copies are equal, and deep ones share nothing."""
    point = Point(1, tags=["a"])
    assert copy.copy(point) == point
    assert copy.copy(point).tags is point.tags
    assert copy.deepcopy(point) == point
    assert copy.deepcopy(point).tags is not point.tags
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(point, protocol)) == point


@pytest.mark.parametrize("options", [{"frozen": False, "slots": True}, {"frozen": True, "slots": False}])
def test_other_kinds_are_refused(options: Any) -> None:
    """A class that wants something else takes the standard library's decorator."""
    with pytest.raises(TypeError):
        dataclass(**options)
