"""Giving parameters to kinds: equal ones share a node."""

from typing import Any

import pytest

from rapide import APIRouter
from rapide.errors import MarkerError
from rapide.plan.nodes import Input


def _inputs(function: Any, path: str = "/", method: str = "GET") -> list[Input]:
    router = APIRouter()
    router.add_api_route(path, function, methods=[method])
    return list(router.routes[0].plan.endpoint.inputs)


async def _one(limit: int = 20, q: str | None = None) -> None: ...


async def _two(q: str | None = None, limit: int = 20) -> None: ...


def test_equal_parameters_of_two_routes_are_one() -> None:
    """What is made for the first serves all others."""
    assert {id(item) for item in _inputs(_one)} == {id(item) for item in _inputs(_two)}


async def _true(limit: int = True) -> None: ...


async def _number(limit: int = 1) -> None: ...


async def _union(value: int | bool = 0) -> None: ...


async def _other_union(value: bool | int = 0) -> None: ...


async def _zero(value: float = 0.0) -> None: ...


async def _minus_zero(value: float = -0.0) -> None: ...


@pytest.mark.parametrize(
    ("first", "second"), [(_true, _number), (_union, _other_union), (_zero, _minus_zero)]
)
def test_parameters_that_are_merely_equal_are_not(first: Any, second: Any) -> None:
    """1 is equal to True, and a union to the union the other way round."""
    (one,), (other,) = _inputs(first), _inputs(second)
    assert one is not other
    assert repr(one.field.default) == repr(first.__defaults__[0])
    assert repr(other.field.default) == repr(second.__defaults__[0])


async def _item(item_id: int) -> None: ...


def test_place_of_the_route_decides_with() -> None:
    """A name of the path is a path parameter there, and a query parameter elsewhere."""
    (in_path,), (in_query,) = _inputs(_item, "/{item_id}"), _inputs(_item)
    (converted,) = _inputs(_item, "/{item_id:int}")
    assert (in_path.kind, in_query.kind) == ("path", "query")
    assert (in_path.converted, converted.converted) == (False, True)


async def _wrong(item_id: list[int]) -> None: ...


async def _as_wrong(item_id: list[int]) -> None: ...


@pytest.mark.parametrize("function", [_wrong, _as_wrong])
def test_errors_name_the_function_that_is_wrong(function: Any) -> None:
    """A declaration error is never that of another function."""
    with pytest.raises(MarkerError) as caught:
        _inputs(function, "/{item_id}")
    assert function.__name__ in str(caught.value)
