"""The nodes of a plan: frozen data that many readers share."""

import dataclasses
import functools
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from rapide._pydantic import ModelField
from rapide.plan import BodyPlan, Call, Dependency, Input, Limits, Output, RoutePlan, walk_calls


def _input(kind: Any, name: str = "a", default: Any = ...) -> Input:
    info = FieldInfo(annotation=int) if default is ... else FieldInfo(annotation=int, default=default)
    return Input(kind, name, ModelField(info, name), name)


def _function() -> None: ...


def _call(*inputs: Input, dependencies: tuple[Dependency, ...] = (), function: Any = _function) -> Call:
    return Call(function, "async", inputs, (), dependencies)


@pytest.mark.parametrize("node", [Call, Dependency, Input, BodyPlan, Output, RoutePlan, Limits])
def test_nodes_are_frozen(node: type[Any]) -> None:
    """Nobody changes a plan after it was made."""
    assert node.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_frozen_node_refuses_changes() -> None:
    """A change is an error, not a surprise for another reader."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        _call().color = "sync"  # type: ignore[misc]


def test_input_is_required_without_a_default() -> None:
    """Whether a value must be sent is the field's business."""
    assert _input("query").required
    assert not _input("query", default=3).required


def test_inputs_of_kinds_keep_their_order() -> None:
    """The inputs of some kinds come in the order of the plan."""
    query, body, form = _input("query"), _input("body", "b"), _input("form", "c")
    call = _call(query, body, form)
    assert call.inputs_of("body", "form") == (body, form)
    assert call.inputs_of("query") == (query,)
    assert call.inputs_of("cookie") == ()


@pytest.mark.parametrize(("kind", "needs"), [("body", True), ("form", True), ("query", False)])
def test_call_needs_the_body_when_anything_below_reads_it(kind: str, needs: bool) -> None:
    """A dependency of a dependency counts."""
    deepest = _call(_input(kind))
    between = _call(dependencies=(Dependency("x", deepest),))
    assert deepest.needs_body is needs
    assert between.needs_body is needs
    assert _call(_input("query"), dependencies=(Dependency("y", between),)).needs_body is needs


@pytest.mark.parametrize(
    ("scope", "lifetime"), [(None, "request"), ("request", "request"), ("function", "function")]
)
def test_dependency_lives_as_long_as_the_request_by_default(scope: Any, lifetime: str) -> None:
    """A generator is left with the request, unless it says otherwise."""
    assert Dependency("x", _call(), scope=scope).lifetime == lifetime


def test_body_is_required_when_one_of_its_inputs_is() -> None:
    """One required member makes the body required."""
    optional, required = _input("body", default=3), _input("body", "b")
    assert BodyPlan("json", (optional, required), embed=True).required
    assert not BodyPlan("json", (optional,), embed=False).required


def test_calls_are_walked_dependencies_first() -> None:
    """What something depends on comes before it, as often as it is used."""
    leaf = _call(function=len)
    middle = _call(dependencies=(Dependency("x", leaf),), function=repr)
    root = _call(dependencies=(Dependency("y", middle), Dependency("z", leaf)))
    assert [call.function for call in walk_calls(root)] == [len, repr, len, _function]


class _Callable:
    def __call__(self) -> None: ...


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (_function, f"{__name__}._function"),
        (_Callable, f"{__name__}._Callable"),
        (_Callable(), f"{__name__}._Callable"),
        (functools.partial(_function), "functools.partial"),
    ],
)
def test_call_has_a_name_for_people(function: Any, name: str) -> None:
    """Functions, classes and callable objects are called what they are called in the source."""
    assert _call(function=function).qualified_name.endswith(name)


def test_equal_nodes_are_different_nodes() -> None:
    """Nodes are compared by identity: two routes with the same inputs have each their own."""
    assert _call() != _call()
    assert _input("query") != _input("query")
