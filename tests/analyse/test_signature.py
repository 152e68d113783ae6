"""Reading signatures: what to call, how it runs, and what its annotations mean."""

import asyncio
import functools
import inspect
import sys
import types
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any, ForwardRef

import pytest

from rapide._analyse.signature import (
    Unresolved,
    color_of,
    resolve_annotation,
    signature_marks,
    typed_return,
    typed_signature,
    unwrap,
)
from rapide.declare.depends import Depends


def _plain() -> None: ...


async def _coroutine() -> None: ...


def _generator() -> Iterator[int]:
    yield 1


async def _async_generator() -> AsyncIterator[int]:
    yield 1


class _Class:
    def __init__(self, a: int = 0) -> None: ...

    def method(self) -> None: ...

    async def async_method(self) -> None: ...

    @classmethod
    def class_method(cls) -> None: ...

    @staticmethod
    async def static_method() -> None: ...

    def generator_method(self) -> Iterator[int]:
        yield 1


class _Callable:
    def __call__(self, a: int) -> str:
        return ""


class _AsyncCallable:
    async def __call__(self) -> None: ...


class _GeneratorCallable:
    async def __call__(self) -> AsyncIterator[int]:
        yield 1


def _wrapper(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapped


async def _async_call() -> None: ...


@pytest.mark.parametrize(
    ("function", "color"),
    [
        (_plain, "sync"),
        (_coroutine, "async"),
        (_generator, "sync_generator"),
        (_async_generator, "async_generator"),
        (len, "sync"),
        (lambda: None, "sync"),
        (_Class().method, "sync"),
        (_Class().async_method, "async"),
        (_Class.class_method, "sync"),
        (_Class.static_method, "async"),
        (_Class().generator_method, "sync_generator"),
        (_Callable(), "sync"),
        (_AsyncCallable(), "async"),
        (_GeneratorCallable(), "async_generator"),
        (functools.partial(_coroutine), "async"),
        (functools.partial(functools.partial(_async_generator)), "async_generator"),
        (functools.partial(_AsyncCallable()), "async"),
        (_wrapper(_coroutine), "async"),
        (_wrapper(_generator), "sync_generator"),
        (functools.partial(_wrapper(_coroutine)), "async"),
        (_wrapper(functools.partial(_coroutine)), "async"),
        (_wrapper(_plain), "sync"),
    ],
)
def test_color_says_how_a_callable_runs(function: Any, color: str) -> None:
    """Partials, wrappers, methods and `__call__` are looked through."""
    assert color_of(function) == color


@pytest.mark.parametrize(("inline", "color"), [(False, "sync"), (True, "inline")])
def test_color_of_a_class_depends_on_where_it_is_constructed(inline: bool, color: str) -> None:
    """Classes are constructed in place, or like plain functions."""
    assert color_of(_Class, inline_classes=inline) == color
    assert color_of(functools.partial(_Class), inline_classes=inline) == color


def test_class_with_an_async_call_is_still_constructed() -> None:
    """The `__call__` of instances says nothing of the class."""
    assert color_of(_AsyncCallable, inline_classes=True) == "inline"


@pytest.mark.parametrize(
    "function",
    [
        _plain,
        functools.partial(_plain),
        _wrapper(_plain),
        functools.partial(_wrapper(functools.partial(_plain))),
    ],
)
def test_unwrap_finds_the_function(function: Any) -> None:
    """Partials and wrappers in any order lead to the function."""
    assert unwrap(function) is _plain


# ------------------------------------------------------------------------------------------- annotations


@pytest.mark.parametrize(
    ("annotation", "resolved"),
    [
        (int, int),
        ("int", int),
        ("list[int]", list[int]),
        ("int | None", int | None),
        (ForwardRef("int"), int),
        (list["int"], list[int]),
        (Annotated["int", 3], Annotated[int, 3]),
        ("Annotated[int, 3]", Annotated[int, 3]),
        (None, None),
        ("None", None),
        ("_Class", _Class),
        (Any, Any),
    ],
)
def test_annotation_is_resolved(annotation: Any, resolved: Any) -> None:
    """Text becomes the type that it stands for where the function was written."""
    assert resolve_annotation(annotation, globals()) == resolved


def test_text_in_metadata_stays_text() -> None:
    """What stands behind the type in `Annotated` is no type."""
    assert resolve_annotation(Annotated[int, "text"], globals()) == Annotated[int, "text"]


@pytest.mark.parametrize("annotation", ["Missing", "missing.Name", "Missing[int]", "Missing | int", "a b"])
def test_unknown_name_becomes_a_stand_in(annotation: str) -> None:
    """What is not there is named by what stands in its place."""
    resolved = resolve_annotation(annotation, globals())
    found = [resolved, *getattr(resolved, "__args__", ())]
    stand_ins = [item for item in found if isinstance(item, type) and issubclass(item, Unresolved)]
    assert stand_ins[0].name in {"Missing", "missing", "a b"}


def test_known_part_of_an_annotation_is_kept() -> None:
    """A type that is only there for type checkers does not take its dependency with it."""
    resolved = resolve_annotation("Annotated[Missing, Depends(_plain)]", globals())
    assert issubclass(resolved.__origin__, Unresolved)
    assert resolved.__metadata__ == (Depends(_plain),)


@pytest.mark.parametrize(
    "annotation", ["Annotated[int, Depends(missing)]", "Annotated[int, missing()]", "Missing(3)"]
)
def test_unknown_name_in_a_call_takes_the_annotation_with_it(annotation: str) -> None:
    """A stand-in must not be called, and must not become a dependency."""
    resolved = resolve_annotation(annotation, globals())
    assert issubclass(resolved, Unresolved)
    assert resolved.name.lower() == "missing"


# -------------------------------------------------------------------------------------------- signatures


def _annotated(a: "int", b: "_Class", *, c: "str" = "x") -> "list[int]":
    return []


def test_signature_has_resolved_annotations() -> None:
    """Names, kinds and defaults stay, annotations are types."""
    parameters = typed_signature(_annotated).parameters
    assert [parameter.annotation for parameter in parameters.values()] == [int, _Class, str]
    assert parameters["c"].default == "x"
    assert parameters["c"].kind is inspect.Parameter.KEYWORD_ONLY


def test_parameter_without_annotation_stays_so() -> None:
    """Nothing is not the same as `None`."""
    assert typed_signature(lambda a: None).parameters["a"].annotation is inspect.Parameter.empty


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (_Class, ["a"]),
        (_Callable(), ["a"]),
        (_Class().method, []),
        (functools.partial(_annotated, 1), ["b", "c"]),
        (_wrapper(_annotated), ["a", "b", "c"]),
    ],
)
def test_signature_is_that_of_the_call(function: Any, names: list[str]) -> None:
    """What is bound already is no parameter."""
    assert list(typed_signature(function).parameters) == names


def test_annotations_of_a_wrapped_function_are_read_where_it_was_written() -> None:
    """A decorator of another module does not change what names mean."""
    wrapped = asyncio.iscoroutinefunction  # any function of another module
    namespace = dict(wrapped.__globals__)
    assert "_Class" not in namespace
    exec(
        "import functools\n"
        "def decorate(f):\n"
        "    @functools.wraps(f)\n"
        "    def g(*a, **k): return f(*a, **k)\n"
        "    return g",
        namespace,
    )
    decorated = namespace["decorate"](_annotated)
    assert typed_signature(decorated).parameters["b"].annotation is _Class


def test_signature_that_was_given_explicitly_counts() -> None:
    """`__signature__` is how libraries say what a function takes."""

    def function(**kwargs: Any) -> None: ...

    parameter = inspect.Parameter("given", inspect.Parameter.KEYWORD_ONLY, annotation="int")
    function.__signature__ = inspect.Signature([parameter])  # type: ignore[attr-defined]
    assert typed_signature(function).parameters["given"].annotation is int


@pytest.mark.parametrize(
    ("function", "annotation"),
    [
        (_annotated, list[int]),
        (_plain, None),
        (lambda: None, inspect.Signature.empty),
        (_Callable(), str),
        (functools.partial(_annotated), list[int]),
    ],
)
def test_return_annotation_is_resolved(function: Any, annotation: Any) -> None:
    """The return annotation is a type, None, or not there."""
    assert typed_return(function) == annotation


def _written_elsewhere() -> Any:
    """Return callables whose module knows a name that this one does not."""
    module = types.ModuleType("elsewhere")
    source = """
from __future__ import annotations
class Known: pass
class Made:
    def __init__(self, a: Known, b: Made) -> None: ...
    def method(self, a: Known) -> Known: ...
class Callable:
    def __call__(self, a: Known) -> Known: ...
"""
    sys.modules["elsewhere"] = module
    exec(source, vars(module))
    return module


@pytest.fixture
def elsewhere() -> Iterator[Any]:
    """A module with names that this one does not know."""
    yield _written_elsewhere()
    del sys.modules["elsewhere"]


@pytest.mark.parametrize(
    "callable_of",
    [
        lambda module: module.Made,
        lambda module: module.Made(1, 2).method,
        lambda module: module.Callable(),
        lambda module: functools.partial(module.Callable()),
        lambda module: _wrapper(module.Callable()),
    ],
    ids=["class", "method", "object", "partial", "wrapped"],
)
def test_text_is_read_where_the_callable_was_written(elsewhere: Any, callable_of: Any) -> None:
    """Names of the module that defines a class, a method or an object mean what they mean there."""
    parameters = typed_signature(callable_of(elsewhere)).parameters
    assert parameters["a"].annotation is elsewhere.Known


def test_class_that_is_not_in_its_module_yet_knows_itself(elsewhere: Any) -> None:
    """A class defined in a function, or replaced in its module, may name itself."""
    made = elsewhere.Made
    del elsewhere.Made
    assert typed_signature(made).parameters["b"].annotation is made


def test_class_of_an_unknown_module_has_only_builtin_names() -> None:
    """What was made without a module is still read."""
    made = type("Made", (), {"__module__": "nowhere", "__init__": _class_init})
    assert typed_signature(made).parameters["a"].annotation is int


def _class_init(self: Any, a: "int") -> None: ...


class _WrappedCall:
    @_wrapper
    async def __call__(self) -> None: ...


@pytest.mark.parametrize(
    ("function", "color"),
    [
        (_WrappedCall(), "async"),
        (_AsyncCallable(), "async"),
        (_Callable(), "sync"),
        (len, "sync"),
        (_Class, "sync"),
    ],
    ids=["wrapped call", "async call", "call", "builtin", "class"],
)
def test_color_looks_through_what_wraps_a_call(function: Any, color: str) -> None:
    """A wrapper around `__call__` changes nothing; classes are called on threads."""
    assert color_of(function) == color


def test_marks_change_with_each_part_of_a_signature() -> None:
    """Whoever rewrites a signature, its defaults or its annotations is noticed."""

    def function(a: int = 1, *, b: int = 2) -> None: ...

    seen = [signature_marks(function)]

    def note() -> None:
        marks = signature_marks(function)
        assert marks not in seen
        seen.append(marks)

    function.__defaults__ = (3,)
    note()
    function.__kwdefaults__ = {"b": 4}
    note()
    function.__annotations__ = {"a": str, "b": int}
    note()
    function.__signature__ = inspect.Signature()  # type: ignore[attr-defined]
    note()


@pytest.mark.parametrize("function", [len, functools.partial(_plain), _Callable()])
def test_marks_of_what_has_no_annotations_are_there(function: Any) -> None:
    """Callables without annotations of their own have marks that do not change."""
    assert signature_marks(function) == signature_marks(function)


def test_text_inside_a_type_is_one() -> None:
    """`list["Item"]` and `Annotated["Item", ...]` name a class."""
    assert resolve_annotation(list["Known"], {"Known": int}) == list[int]  # type: ignore[name-defined]  # noqa: F821
    assert resolve_annotation(Annotated["Known", 1], {"Known": int}) == Annotated[int, 1]  # type: ignore[name-defined]  # noqa: F821


def test_resolving_leaves_the_namespace_as_it_was() -> None:
    """Evaluating text adds builtins to a namespace: to a copy."""
    namespace = {"Known": int}
    resolve_annotation("list[Known]", namespace)
    assert namespace == {"Known": int}


def test_stand_in_has_a_name_for_messages() -> None:
    """What cannot be resolved says what it was."""
    found: Any = resolve_annotation("Nowhere", {})
    assert (found.__name__, found.name) == ("Unresolved", "Nowhere")
