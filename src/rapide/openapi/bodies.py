"""Request bodies: one value, an object of several, or a form composed of models and single fields."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, ClassVar, get_args

from pydantic import AliasChoices, BaseModel, GetJsonSchemaHandler, create_model
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue

from rapide._pydantic import ModelField, model_fields, set_title
from rapide.declare.params import Body, File, Form
from rapide.inputs.scalars import bare_type, is_subclass, union_members
from rapide.openapi.fragments import heading
from rapide.openapi.parameters import example_members
from rapide.openapi.schemas import SchemaSource, public_name
from rapide.plan import BodyPlan, Call, Input, RoutePlan

__all__ = ["body_field", "describe_body", "field_of_inputs", "form_models"]

_MULTIPART = "multipart/form-data"
_URLENCODED = "application/x-www-form-urlencoded"
_JSON = "application/json"


# ------------------------------------------------------------------------------------- the field of a body


@lru_cache(maxsize=1024)  # fields are compared by identity: whoever asks again means the same one
def body_field(plan: RoutePlan, unique_id: str) -> ModelField | None:
    """Return the one field that describes the whole body of a route; None when nothing reads a body.

    It is the field of the only input, or one whose type is a component `Body_<unique id>` with a member for
    each input.
    """
    if plan.body is None:
        return None
    return field_of_inputs([*_body_inputs(plan.endpoint)], unique_id, embed=plan.body.embed)


def field_of_inputs(uses: Sequence[Input], unique_id: str, *, embed: bool) -> ModelField:
    """Return the one field that describes a body with these inputs, each as often as it is used."""
    first = uses[0]
    if len({item.name for item in uses}) == 1:
        if form_models(first):
            if not _is_nullable(first):
                return first.field
        elif not embed:
            return first.field
    return _composed_field(uses, unique_id)


def _composed_field(uses: Sequence[Input], unique_id: str) -> ModelField:
    marker = _marker(uses)
    marker.annotation = _component_type(f"Body_{unique_id}", uses)
    if not any(item.required for item in uses) and marker.is_required():
        marker.default = None
    return ModelField(marker, "body")


def _body_inputs(call: Call) -> Iterator[Input]:
    """Yield the inputs that take from the body, those of a dependency as often as it is used."""
    yield from call.inputs_of("body", "form")
    for edge in call.dependencies:
        yield from _body_inputs(edge.call)


def _marker(inputs: Sequence[Input]) -> Body:
    """Return a marker with the media type of all inputs together."""
    if len({item.name for item in inputs}) == 1 and form_models(inputs[0]):
        only = inputs[0].field.field_info
        marker = Form(media_type=only.media_type)  # type: ignore[attr-defined]  # only body markers come here
        marker.openapi_examples = getattr(only, "openapi_examples", None)
        if not any(item.required for item in inputs):
            marker.default, marker.default_factory = only.default, only.default_factory
        return marker
    infos = [item.field.field_info for item in inputs]
    if any(isinstance(info, File) for info in infos):
        return File()
    forms = [info for info in infos if isinstance(info, Form)]
    media_types = {info.media_type for info in forms or infos if isinstance(info, Body)}
    if forms:
        return Form(media_type=_MULTIPART if _MULTIPART in media_types else _only(media_types, _URLENCODED))
    return Body(media_type=_only(media_types, _JSON))


def _only(values: set[str], otherwise: str) -> str:
    return next(iter(values)) if len(values) == 1 else otherwise


def _component_type(name: str, inputs: Sequence[Input]) -> type[BaseModel]:
    """Return a model with a member for each input; Pydantic names it and writes its schema."""
    if any(form_models(item) for item in inputs):
        return _composed_type(name, inputs)
    members: dict[str, Any] = {}
    # Of several inputs with one name the last is shown, at the place of the first.
    for number, item in enumerate({item.name: item for item in inputs}.values()):
        info = copy.copy(item.field.field_info)
        if info.alias is None and info.validation_alias is None:
            _rename(info, item.name)
        members[item.name if _is_free(item.name) else f"member_{number}"] = (info.annotation, info)
    return create_model(name, **members)


def _is_free(name: str) -> bool:
    """Tell whether a model can have a field of a name: Pydantic reserves some."""
    return not hasattr(BaseModel, name) and not name.startswith(("_", "model_"))


def _rename(info: FieldInfo, name: str) -> None:
    info.alias = info.validation_alias = info.serialization_alias = name


# ------------------------------------------------------------------------------------------ composed forms


def form_models(item: Input) -> tuple[type[BaseModel], ...]:
    """Return the models whose fields are fields of the form: of `M`, `M | None`, or a union of models."""
    if not item.group or not isinstance(item.field.field_info, Form):
        return ()
    annotation = item.field.field_info.annotation
    members = [member for member in union_members(annotation) if member is not type(None)]
    members = members or [bare_type(annotation)]
    models = [bare_type(member) for member in members] if len(members) > 1 else members
    return tuple(models) if all(is_subclass(model, BaseModel) for model in models) else ()


def _is_nullable(item: Input) -> bool:
    return type(None) in get_args(bare_type(item.field.field_info.annotation))


def _composed_type(name: str, inputs: Sequence[Input]) -> type[BaseModel]:
    """Return the model of a form in which models and single fields stand side by side."""
    members: dict[str, Any] = {}
    for number, item in enumerate(inputs):
        info = copy.copy(item.field.field_info)
        if not form_models(item):
            set_title(info, info.title or heading(item.name))
        _rename(info, _key(number))
        members[f"member_{number}"] = (info.annotation, info)
    model = create_model(name, __base__=_ComposedForm, **members)
    model.form_inputs = tuple(inputs)
    return model


def _key(number: int) -> str:
    return f"member {number}"


class _ComposedForm(BaseModel):
    """A form of models and single fields: an `allOf` of the models next to the properties."""

    form_inputs: ClassVar[tuple[Input, ...]] = ()

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler.resolve_ref_schema(handler(core_schema))
        members = schema.pop("properties")
        schema.pop("required", None)
        parts: list[dict[str, Any]] = []
        properties: dict[str, Any] = {}
        required: dict[str, None] = {}
        for number, item in enumerate(cls.form_inputs):
            member, name = members[_key(number)], public_name(item.field)
            if form_models(item):
                parts.extend(_model_parts(item, member, handler))
                continue
            if item.required:
                required[name] = None
            if name in properties:  # both must hold
                parts.append({"properties": {name: member}})
            else:
                properties[name] = member
        schema["allOf"] = parts
        schema.update({"properties": properties} if properties else {})
        schema.update({"required": list(required)} if required else {})
        return schema


def _model_parts(item: Input, schema: dict[str, Any], handler: GetJsonSchemaHandler) -> list[dict[str, Any]]:
    """Return what one form model adds to `allOf`."""
    schema.pop("default", None)
    models = form_models(item)
    if not _is_nullable(item):
        if "$ref" in schema and len(models) == 1:
            return [_with_choices(models[0], schema, handler)]
        schema["title"] = item.field.field_info.title or heading(item.name)
        return [schema]
    present = {**schema, "title": item.field.field_info.title or heading(item.name)}
    present["anyOf"] = [
        _with_choices(models[0], member, handler) if len(models) == 1 else member
        for member in schema["anyOf"]
        if member != {"type": "null"}
    ]
    absent = _nothing_sent(models)
    if item.required:
        return [{"not": absent}, present]
    return [{"anyOf": [absent, present]}]


def _nothing_sent(models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """Return the schema of a form in which none of the models was sent."""
    if any(model.model_config.get("extra") in ("allow", "forbid") for model in models):
        return {"maxProperties": 0}
    names = sorted({name for model in models for names in _accepted_names(model).values() for name in names})
    return {"not": {"anyOf": [{"required": [name]} for name in names]}} if names else {}


def _accepted_names(model: type[BaseModel]) -> dict[str, list[str]]:
    """Return for each field of a model the names under which a form may send it."""
    config = model.model_config
    accepted = {}
    for name, info in model_fields(model).items():
        alias = info.validation_alias if info.validation_alias is not None else info.alias
        choices = list(alias.choices) if isinstance(alias, AliasChoices) else [alias]
        # Paths into a value are not names; FastAPI then goes by the field's name alone.
        texts = [choice for choice in choices if isinstance(choice, str)]
        names = texts if len(texts) == len(choices) and config.get("validate_by_alias", True) else []
        by_name = config.get("populate_by_name") or config.get("validate_by_name")
        if (by_name or not names) and name not in names:
            names.append(name)
        accepted[name] = names
    return accepted


def _with_choices(
    model: type[BaseModel], reference: dict[str, Any], handler: GetJsonSchemaHandler
) -> dict[str, Any]:
    """Return the schema of a form model, written out where a required field has several names."""
    several = [names for names in _accepted_names(model).values() if len(names) > 1]
    if "$ref" not in reference or not several:
        return reference
    target = handler.resolve_ref_schema({"$ref": reference["$ref"]})
    required = target.get("required", [])
    choices = [names for names in several if names[0] in required]
    if not choices:
        return reference
    first_names = {names[0] for names in choices}
    written = {**target, **{name: value for name, value in reference.items() if name != "$ref"}}
    written["required"] = [name for name in required if name not in first_names]
    written["allOf"] = [{"anyOf": [{"required": [name]} for name in names]} for names in choices]
    return written


# -------------------------------------------------------------------------------------- the OpenAPI object


def describe_body(field: ModelField, schemas: SchemaSource, body: BodyPlan | None = None) -> dict[str, Any]:
    """Return the Request Body Object. `body` is how it is read, for what its schema does not say."""
    info = field.field_info
    schema = schemas.schema(field, field.validation_alias or field.alias)
    media: dict[str, Any] = {"schema": schema, **example_members(info)}
    described: dict[str, Any] = {"required": True} if field.required else {}
    media_type = getattr(info, "media_type", _JSON)
    encoding = {} if body is None or media_type != _MULTIPART else _encoding(body)
    if encoding:
        media["encoding"] = encoding
    described["content"] = {media_type: media}
    return described


def _encoding(body: BodyPlan) -> dict[str, Any]:
    """Return the Encoding Objects of a form: which parts are JSON (OAS 3.1.1, section 4.8.15)."""
    fields = [field for item in body.inputs for field in item.members or (item,)]
    return {field.key: {"contentType": _JSON} for field in fields if field.part in ("json", "declared_json")}
