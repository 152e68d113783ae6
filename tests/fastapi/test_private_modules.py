"""FastAPI's private modules that extensions import, and `fastapi.utils` (compatibility 13.2)."""

from enum import Enum
from typing import Annotated, Any, ForwardRef

import pytest
from pydantic import VERSION, BaseModel, Field

from rapide.fastapi import Body, FastAPI, Query, UploadFile, _body_limit, _compat, _form_limits, utils
from rapide.fastapi._compat import shared, v2
from rapide.fastapi.datastructures import Default
from rapide.fastapi.exceptions import FastAPIDeprecationWarning, FastAPIError, PydanticV1NotSupportedError
from rapide.fastapi.testclient import TestClient


class Colour(Enum):
    """An enum."""

    RED = "red"


class Item(BaseModel):
    """A model."""

    name: str = Field("x", alias="Name")
    colour: Colour | None = None


# ------------------------------------------------------------------------------------------ annotations


@pytest.mark.parametrize(
    ("annotation", "scalar", "sequence", "scalar_sequence"),
    [
        (int, True, False, False),
        (int | None, True, False, False),
        (Item, False, False, False),
        (dict, False, False, False),
        (list[int], False, True, True),
        (list[int] | None, False, True, False),
        (set[Item], False, True, False),
        (tuple[int, ...], False, True, True),
        (str, True, False, False),
        (Any, True, False, False),
    ],
)
def test_annotations_are_scalars_or_sequences(annotation, scalar, sequence, scalar_sequence):
    """What fits into one text, and what into several."""
    assert _compat.field_annotation_is_scalar(annotation) is scalar
    assert shared.field_annotation_is_complex(annotation) is not scalar
    assert _compat.field_annotation_is_sequence(annotation) is sequence
    assert _compat.field_annotation_is_scalar_sequence(annotation) is (
        scalar_sequence or annotation == list[int] | None
    )


def test_annotations_of_files_are_known():
    """Bytes and uploads, alone, optional and in sequences."""
    assert _compat.is_bytes_or_nonable_bytes_annotation(bytes | None)
    assert not _compat.is_bytes_or_nonable_bytes_annotation(str)
    assert _compat.is_bytes_sequence_annotation(list[bytes] | None)
    assert not _compat.is_bytes_sequence_annotation(list[str])
    assert _compat.is_uploadfile_or_nonable_uploadfile_annotation(UploadFile | None)
    assert _compat.is_uploadfile_sequence_annotation(list[UploadFile])
    assert not _compat.is_uploadfile_sequence_annotation(UploadFile)


def test_values_are_sequences():
    """Text and bytes are none."""
    found = [_compat.value_is_sequence(value) for value in ([], (), set(), "a", b"", {})]
    assert found == [True, True, True, False, False, False]


def test_subclass_question_never_fails():
    """What is no class is no subclass."""
    assert _compat.lenient_issubclass(bool, int)
    assert not _compat.lenient_issubclass(list[int], list)
    assert not _compat.lenient_issubclass("text", int)


def test_version_of_pydantic_is_known():
    """Major and minor, as numbers."""
    assert tuple(map(int, VERSION.split(".")[:2])) == _compat.PYDANTIC_VERSION_MINOR_TUPLE


def test_models_of_pydantic_1_are_found():
    """At any depth of a type."""
    old = pytest.importorskip("pydantic.v1", exc_type=Exception)

    class Old(old.BaseModel):
        a: int

    assert shared.annotation_is_pydantic_v1(Old)
    assert shared.annotation_is_pydantic_v1(list[Old] | None)
    assert not shared.annotation_is_pydantic_v1(Item)
    assert shared.is_pydantic_v1_model_class(Old)
    assert not shared.is_pydantic_v1_model_class(list[Old])
    with pytest.raises(PydanticV1NotSupportedError):
        utils.create_model_field("a", Old)


# ------------------------------------------------------------------------------------------ fields


def test_fields_of_a_model_are_kept():
    """The same list for the same model, a new one on demand."""
    fields = _compat.get_cached_model_fields(Item)
    assert [field.name for field in fields] == ["name", "colour"]
    assert fields[0].alias == "Name"
    assert _compat.get_cached_model_fields(Item) is fields
    assert v2.get_model_fields(Item) is not fields


def test_marker_is_copied_with_an_annotation():
    """Rules inside `Annotated` join those of the marker; the marker itself stays as it is."""
    marker = Query(3, gt=2)
    copied = _compat.copy_field_info(field_info=marker, annotation=Annotated[int, Field(lt=9)])
    assert (type(copied), copied.annotation, copied.default) == (type(marker), int, 3)
    field = _compat.ModelField(copied, "n")
    assert field.validate(5) == (5, [])
    assert field.validate(12)[1][0]["type"] == "less_than"
    assert marker.annotation is None
    assert _compat.copy_field_info(field_info=marker, annotation=str).annotation is str


def test_body_model_has_the_fields():
    """Several body parameters as one model."""
    marker = Body("x", alias="B", annotation=str)
    fields = [utils.create_model_field("a", int), utils.create_model_field("b", str, field_info=marker)]
    model = _compat.create_body_model(fields=fields, model_name="Both")
    assert model.__name__ == "Both"
    assert model(a="1", B="y").model_dump() == {"a": 1, "b": "y"}
    strict = _compat.create_body_model(fields=fields, model_name="Strict", config={"extra": "forbid"})
    assert strict.model_config == {"extra": "forbid"}


def test_field_is_made_of_a_type():
    """With default and alias, for input or output; impossible types are refused with advice."""
    field = utils.create_model_field("a", list[int], default=[1], alias="A", mode="serialization")
    assert (field.name, field.alias, field.default, field.mode) == ("a", "A", [1], "serialization")
    assert field.validate(["2"]) == ([2], [])
    assert utils.create_model_field("a", int).required
    with pytest.raises(FastAPIError, match="Hint"):
        utils.create_model_field("a", object())


def test_scalar_field_is_not_of_the_body():
    """Markers of the body make everything a part of it."""
    assert _compat.is_scalar_field(utils.create_model_field("a", int, field_info=Query(annotation=int)))
    assert not _compat.is_scalar_field(utils.create_model_field("a", int, field_info=Body(annotation=int)))
    assert not _compat.is_scalar_field(utils.create_model_field("a", Item))


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (list[int], [1, 2]),
        (set[int], {1, 2}),
        (tuple[int, ...], (1, 2)),
        (frozenset[int] | None, frozenset({1, 2})),
    ],
)
def test_sequence_has_the_kind_of_its_field(annotation, expected):
    """Values become what the field is declared as."""
    field = utils.create_model_field("a", annotation)
    found = _compat.serialize_sequence_value(field=field, value=[1, 2])
    assert (found, type(found)) == (expected, type(expected))
    with pytest.raises(AssertionError):
        _compat.serialize_sequence_value(field=utils.create_model_field("a", int), value=[1])


def test_missing_value_has_fastapis_error():
    """The error of a value that was not sent."""
    error = _compat.get_missing_field_error(("body", "x"))
    assert error == {"type": "missing", "loc": ("body", "x"), "msg": "Field required", "input": None}


def test_forward_references_are_evaluated():
    """Text becomes a type, an unknown name a reference."""
    assert _compat.evaluate_forwardref("Item", globals(), {}) is Item
    assert _compat.evaluate_forwardref(ForwardRef("list[int]"), {}, {}) == list[int]
    assert _compat.evaluate_forwardref("Nope", {}, {}) == ForwardRef("Nope")
    assert _compat.evaluate_forwardref(int, {}, {}) is int


# ------------------------------------------------------------------------------------------ schemas


def test_models_are_found_and_named():
    """All models and enums behind fields, under the names of components."""
    field = utils.create_model_field("a", list[Item])
    found = _compat.get_flat_models_from_fields([field], known_models=set())
    assert found == {Item, Colour}
    assert v2.get_flat_models_from_model(Item) == {Item, Colour}
    assert v2.get_flat_models_from_field(field, set()) == {Item, Colour}
    assert v2.get_flat_models_from_annotation(Colour | None, {Item}) == {Item, Colour}
    assert _compat.get_model_name_map(found) == {Item: "Item", Colour: "Colour"}
    assert v2.normalize_name("a b[c]") == "a_b_c_"


def test_schemas_are_made_of_fields():
    """References for fields, definitions for components."""
    field = utils.create_model_field("a", Item)
    names = _compat.get_model_name_map(_compat.get_flat_models_from_fields([field], known_models=set()))
    mapping, definitions = _compat.get_definitions(fields=[field], model_name_map=names)
    schema = _compat.get_schema_from_model_field(field=field, model_name_map=names, field_mapping=mapping)
    assert schema["$ref"] == "#/components/schemas/Item"
    assert sorted(definitions) == ["Colour", "Item"]


# ------------------------------------------------------------------------------------------ fastapi.utils


def test_names_in_a_path_are_what_stands_in_braces():
    """With convertors, as FastAPI gives them."""
    assert utils.get_path_param_names("/a/{x}/{y:path}") == {"x", "y:path"}


def test_dicts_are_merged_deeply():
    """Mappings are merged, lists joined, all else replaced."""
    main = {"a": {"x": 1}, "l": [1], "z": 0}
    utils.deep_dict_update(main, {"a": {"y": 2}, "l": [3], "z": 1, "n": {}})
    assert main == {"a": {"x": 1, "y": 2}, "l": [1, 3], "z": 1, "n": {}}


def test_first_explicit_value_counts():
    """Defaults step back, the first of them holds when there is nothing else."""
    first, second = Default(1), Default(2)
    assert utils.get_value_or_default(first, second, 3, 4) == 3
    assert utils.get_value_or_default(first, second) is first
    assert utils.get_value_or_default(0, second) == 0


def test_operation_id_of_a_path_is_deprecated():
    """Nothing calls the function any more."""
    with pytest.warns(FastAPIDeprecationWarning):
        found = utils.generate_operation_id_for_path(name="n", path="/a/{b}", method="GET")
    assert found == "n_a__b__get"


# ------------------------------------------------------------------------------------------ limits


def test_form_limits_are_checked():
    """Only the three keys, only counts."""
    assert _form_limits._validate_form_limits(None) == {}
    assert _form_limits._validate_form_limits({"max_files": 3}) == {"max_files": 3}
    with pytest.raises(ValueError, match="Extra"):
        _form_limits._validate_form_limits({"files": 3})
    assert _form_limits._FormLimits.__annotations__.keys() == {"max_fields", "max_files", "max_part_size"}


def test_body_limits_are_checked():
    """A non-negative integer, or nothing."""
    _body_limit.validate_max_body_size(None)
    _body_limit.validate_max_body_size(0)
    for wrong in (-1, True, 1.5, "1"):
        with pytest.raises(ValueError, match="non-negative"):
            _body_limit.validate_max_body_size(wrong)
    assert _body_limit.get_body_size_limit(None, 3, 2) == 3
    assert _body_limit.get_body_size_limit() is None


@pytest.mark.parametrize("wrap", [_body_limit.wrap_app_with_body_limit, _body_limit.AppBodyLimitMiddleware])
def test_application_is_put_under_a_limit(wrap):
    """What is too long is refused before the application is asked."""
    app = FastAPI()
    app.post("/")(lambda text=Body(""): len(text))
    client = TestClient(wrap(app, 10))
    assert client.post("/", json="short").json() == 5
    assert client.post("/", json="much too long").status_code == 413
    assert _body_limit.wrap_app_with_body_limit(app, None) is app


def test_excess_is_recognised():
    """Also inside the group of a task group."""
    from rapide._run.body import ContentTooLargeError

    excess = ContentTooLargeError()
    assert _body_limit.get_body_limit_error(excess) is excess
    assert _body_limit.get_body_limit_error(ExceptionGroup("g", [excess])) is excess
    assert _body_limit.get_body_limit_error(ValueError()) is None


def test_submodules_are_attributes():
    """FastAPI loads most of its modules when it is imported; code uses them without an import."""
    import importlib
    import subprocess
    import sys

    names = (
        "background concurrency encoders exceptions middleware params responses security sse types websockets"
    )
    code = (
        "import rapide.fastapi as f\n"
        + "\n".join(f"f.{name}" for name in names.split())
        + "\nf.openapi.utils"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="nothing"):
        importlib.import_module("rapide.fastapi").nothing  # noqa: B018 -- asked for its error
