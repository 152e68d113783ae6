"""Component names, and schemas that fields share."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

from rapide._pydantic import ModelField, merge_field
from rapide.declare.params import Query
from rapide.openapi.components import Generator, Mode, short_names
from rapide.openapi.constants import REF_TEMPLATE
from rapide.openapi.flat_models import flat_models, model_names
from rapide.openapi.fragments import plain
from rapide.openapi.schemas import MappedSchemas, Schemas, public_name


def _local(name: str, **fields: Any) -> type[BaseModel]:
    return type(name, (BaseModel,), {"__annotations__": fields, "__module__": "somewhere"})


class Inner(BaseModel):
    a: int = 1


class Outer(BaseModel):
    inner: Inner
    money: Decimal = Decimal(1)


class Same(BaseModel):
    same: int


class Holder(BaseModel):
    outer: Outer
    same: Same


class Tree(BaseModel):
    children: list["Tree"] = []
    value: Decimal = Decimal(2)


class Kind(Enum):
    one = 1


_MODELS: list[Any] = [
    Inner, Outer, Same, Holder, Tree, Kind, list[Outer], dict[str, Tree],
    _local("Same", other=int), _local("Same", same=int), _local("Outer", a=int), _local("Outer", a=str),
]  # fmt: skip


@pytest.mark.parametrize(
    "chosen",
    [_MODELS, _MODELS[:2], _MODELS[:8], _MODELS[4:], list(reversed(_MODELS)), [*_MODELS[2:4], _MODELS[9]]],
)
def test_names_are_those_that_pydantic_chooses(chosen: list[Any]) -> None:
    """Comparing only what could clash gives the names, and the components, of Pydantic's own way."""
    inputs: list[tuple[Any, Mode, Any]] = []
    modes: tuple[Mode, ...] = ("validation", "serialization")
    for index, model in enumerate(chosen):
        core_schema = TypeAdapter(model).core_schema
        inputs.extend(((index, mode), mode, core_schema) for mode in modes)
    _, expected = GenerateJsonSchema(ref_template=REF_TEMPLATE).generate_definitions(inputs)

    generator = Generator()
    for _, mode, core_schema in inputs:
        generator.make(core_schema, mode)
    names = short_names(generator.definitions, generator.choices)
    assert set(names.values()) == set(expected)

    fields = [ModelField(FieldInfo(annotation=model), "x", mode) for model in chosen for mode in modes]
    assert Schemas(fields).definitions == json.loads(json.dumps(expected))


def test_fields_of_one_type_share_its_schema_and_add_what_is_theirs() -> None:
    """What a marker says is on its own field only, even where the type's schema was made once."""
    silent = ModelField(FieldInfo(annotation=int), "silent")
    marker = Query(3, description="D", title="T", examples=[1], deprecated=True)
    told = ModelField(merge_field(marker, int, ()), "told")
    schemas = Schemas([silent, told])
    assert schemas.schema(silent, "plain_one") == {"type": "integer", "title": "Plain One"}
    assert schemas.schema(told, "told") == {
        "type": "integer",
        "default": 3,
        "description": "D",
        "title": "T",
        "examples": [1],
        "deprecated": True,
    }


_MARKERS: list[Callable[[], FieldInfo]] = [
    Query,
    lambda: Query(3),
    lambda: Query("x", title="T", description=""),
    lambda: Query(None, deprecated=""),
    lambda: Query(default_factory=int),
    lambda: Query(1.5, examples=[Kind.one]),
    lambda: Query(Kind.one),
    lambda: Query(json_schema_extra={"a": 1}),
    lambda: Query(json_schema_extra=lambda schema: schema.update(b=1)),
    lambda: Query(deprecated="why", alias="other"),
]


@pytest.mark.parametrize(
    "annotation", [int, int | None, Inner, list[Inner], Kind, Any, Annotated[int, Field(ge=3)]]
)
@pytest.mark.parametrize("make", _MARKERS)
def test_schema_made_from_a_shared_one_is_the_whole_one(
    annotation: Any, make: Callable[[], FieldInfo]
) -> None:
    """Adding to the schema of the bare type gives what Pydantic makes of type and marker together."""
    field = ModelField(merge_field(make(), annotation, ()), "x")
    inputs: list[tuple[Any, Mode, Any]] = [("x", "validation", field._type_adapter.core_schema)]
    made, _ = GenerateJsonSchema(ref_template=REF_TEMPLATE).generate_definitions(inputs)
    expected = plain(made[("x", "validation")])
    if "$ref" not in expected:
        expected["title"] = field.field_info.title or "X"
    assert Schemas([field]).schema(field, "x") == expected


def test_schema_objects_are_the_callers_own() -> None:
    """Changing the schema of one operation does not change that of another."""
    field = ModelField(FieldInfo(annotation=list[int]), "x")
    schemas = Schemas([field])
    schemas.schema(field, "x")["items"]["type"] = "changed"
    assert schemas.schema(field, "x") == {"type": "array", "items": {"type": "integer"}, "title": "X"}


def test_schemas_made_elsewhere_are_looked_up_by_field_and_mode() -> None:
    """A mapping gives titled copies; without separate schemas the input schema serves the output."""
    out = ModelField(FieldInfo(annotation=int), "out", "serialization")
    assert MappedSchemas({(out, "validation"): {"type": "integer"}}, separate=False).schema(out, "o_ut") == {
        "type": "integer",
        "title": "O Ut",
    }
    with pytest.raises(KeyError):
        MappedSchemas({}).schema(out, "out")


@pytest.mark.parametrize(
    ("info", "name"),
    [
        (Field(), "x"),
        (Field(alias="a"), "a"),
        (Field(alias="a", validation_alias="v"), "v"),
    ],
)
def test_public_name_is_the_one_that_requests_use(info: FieldInfo, name: str) -> None:
    """The validation alias comes before the alias, and that before the Python name."""
    assert public_name(ModelField(info, "x")) == name


def test_flat_models_are_all_models_and_enums_behind_fields() -> None:
    """Models are found at any depth, also behind themselves."""

    class Deep(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        kinds: dict[str, list[Kind | None]]
        tree: Tree

    fields = [ModelField(FieldInfo(annotation=list[Deep] | None), "x")]
    assert flat_models(fields, {Same}) == {Deep, Kind, Tree, Same}


def test_model_names_have_the_module_where_classes_share_a_name() -> None:
    """Only names that clash are long."""
    other = _local("Same", other=int)
    assert model_names([Inner, Same, other]) == {
        Inner: "Inner",
        Same: f"{__name__}__Same".replace(".", "__"),
        other: "somewhere__Same",
    }


_PROGRAM = """
import json, sys, warnings
warnings.simplefilter("ignore")
from specimens.catalogue import documents_of
for module in ("bodies", "responses", "components", "applications", "composed_forms"):
    for name, make in documents_of(module).items():
        print(name, json.dumps(make().openapi()))
"""


def test_documents_are_the_same_bytes_under_every_hash_seed() -> None:
    """Nothing in a document depends on the order of a set."""
    here = str(Path(__file__).parent)
    texts = {
        subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([here, *sys.path])},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(texts) == 1
    assert len(texts.pop()) > 100_000
