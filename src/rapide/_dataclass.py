"""Frozen dataclasses that are cheap to declare.

`dataclasses.dataclass(frozen=True, slots=True)` compiles six functions for each class, which took a third of
the time of `import rapide`. Here one is compiled, the constructor; the other methods are closures. `fields`,
`replace`, copies and pickles work as for every dataclass.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool, slots: bool, eq: bool = True) -> Any:
        """Make a class a dataclass. Only frozen ones with slots, whose fields are all in the constructor."""
        if not frozen or not slots:
            raise TypeError("only frozen dataclasses with slots are cheaper here")

        def decorate(plain: type[Any]) -> type[Any]:
            # Text is searched for `ClassVar` and `InitVar`, which took longer than all the rest.
            written = plain.__annotations__
            plain.__annotations__ = dict.fromkeys(written, object)
            cls = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(plain)
            cls.__annotations__ = written
            for field in dataclasses.fields(cls):
                field.type = written[field.name]
            cls.__dataclass_params__.frozen, cls.__dataclass_params__.eq = True, eq
            fields = dataclasses.fields(cls)
            methods = [_constructor(cls, fields), *_frozen_methods(fields), *_copying_methods(fields)]
            if eq:
                methods += _comparing_methods(cls, fields)
            for method in methods:
                if method.__name__ not in plain.__dict__:
                    method.__qualname__ = f"{cls.__qualname__}.{method.__name__}"
                    setattr(cls, method.__name__, method)
            return cls

        return decorate


def _constructor(cls: type[Any], fields: tuple[dataclasses.Field[Any], ...]) -> Any:
    """Compile the constructor: it writes through the slots, since the class refuses every assignment."""
    names: dict[str, Any] = {"missing": dataclasses.MISSING}
    parameters, lines = [], []
    for field in fields:
        name = field.name
        names[f"set_{name}"] = cls.__dict__[name].__set__
        value = name
        if field.default_factory is not dataclasses.MISSING:
            names[f"make_{name}"] = field.default_factory
            parameters.append(f"{name}=missing")
            value = f"make_{name}() if {name} is missing else {name}"
        elif field.default is not dataclasses.MISSING:
            names[f"default_{name}"] = field.default
            parameters.append(f"{name}=default_{name}")
        else:
            parameters.append(name)
        lines.append(f"    set_{name}(self, {value})")
    exec("\n".join([f"def __init__(self, {', '.join(parameters)}):", *lines]), names)  # noqa: S102 -- names of fields
    constructor = names["__init__"]
    constructor.__module__ = cls.__module__
    constructor.__annotations__ = {**{field.name: field.type for field in fields}, "return": None}
    return constructor


def _frozen_methods(fields: tuple[dataclasses.Field[Any], ...]) -> list[Any]:
    def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: N807 -- becomes a method
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self: Any, name: str) -> None:  # noqa: N807 -- becomes a method
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")

    @recursive_repr()
    def __repr__(self: Any) -> str:  # noqa: N807 -- becomes a method
        shown = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields if field.repr)
        return f"{type(self).__qualname__}({shown})"

    return [__setattr__, __delattr__, __repr__]


def _copying_methods(fields: tuple[dataclasses.Field[Any], ...]) -> list[Any]:
    def __getstate__(self: Any) -> list[Any]:  # noqa: N807 -- becomes a method
        return [getattr(self, field.name) for field in fields]

    def __setstate__(self: Any, state: list[Any]) -> None:  # noqa: N807 -- becomes a method
        for field, value in zip(fields, state, strict=True):
            object.__setattr__(self, field.name, value)

    return [__getstate__, __setstate__]


def _comparing_methods(cls: type[Any], fields: tuple[dataclasses.Field[Any], ...]) -> list[Any]:
    compared = attrgetter(*(field.name for field in fields if field.compare))

    def __eq__(self: Any, other: object) -> Any:  # noqa: N807 -- becomes a method
        if other.__class__ is not self.__class__:
            return NotImplemented
        return compared(self) == compared(other)

    def __hash__(self: Any) -> int:  # noqa: N807 -- becomes a method
        return hash((cls, compared(self)))

    return [__eq__, __hash__]
