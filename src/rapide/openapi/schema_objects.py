# ruff: noqa: N815 -- the field names are JSON Schema's
"""The schema object of an OpenAPI 3.1 document, and what it holds (OAS 3.1.1, sections 4.8.24 to 4.8.26).

All objects of a document, and these too, are in `rapide.openapi.models`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AnyUrl, BaseModel, Field

from rapide.security.schemes import BaseModelWithConfig

__all__ = ["XML", "Discriminator", "ExternalDocumentation", "Schema", "SchemaOrBool", "SchemaType"]


class Discriminator(BaseModel):
    """How to tell the members of a union apart."""

    propertyName: str
    mapping: dict[str, str] | None = None


class XML(BaseModelWithConfig):
    """How a value looks in XML."""

    name: str | None = None
    namespace: str | None = None
    prefix: str | None = None
    attribute: bool | None = None
    wrapped: bool | None = None


class ExternalDocumentation(BaseModelWithConfig):
    """More documentation elsewhere."""

    description: str | None = None
    url: AnyUrl


SchemaType = Literal["array", "boolean", "integer", "null", "number", "object", "string"]
_Count = Annotated[int, Field(ge=0)]


class Schema(BaseModelWithConfig):
    """A JSON Schema (draft 2020-12), with OpenAPI's `discriminator`, `xml`, `externalDocs` and `example`."""

    # The core vocabulary (JSON Schema Core, section 8).
    schema_: str | None = Field(default=None, alias="$schema")
    vocabulary: str | None = Field(default=None, alias="$vocabulary")
    id: str | None = Field(default=None, alias="$id")
    anchor: str | None = Field(default=None, alias="$anchor")
    dynamicAnchor: str | None = Field(default=None, alias="$dynamicAnchor")
    ref: str | None = Field(default=None, alias="$ref")
    dynamicRef: str | None = Field(default=None, alias="$dynamicRef")
    defs: dict[str, SchemaOrBool] | None = Field(default=None, alias="$defs")
    comment: str | None = Field(default=None, alias="$comment")
    # Applying other schemas (Core, section 10, and unevaluated members, section 11).
    allOf: list[SchemaOrBool] | None = None
    anyOf: list[SchemaOrBool] | None = None
    oneOf: list[SchemaOrBool] | None = None
    not_: SchemaOrBool | None = Field(default=None, alias="not")
    if_: SchemaOrBool | None = Field(default=None, alias="if")
    then: SchemaOrBool | None = None
    else_: SchemaOrBool | None = Field(default=None, alias="else")
    dependentSchemas: dict[str, SchemaOrBool] | None = None
    prefixItems: list[SchemaOrBool] | None = None
    items: SchemaOrBool | None = None
    contains: SchemaOrBool | None = None
    properties: dict[str, SchemaOrBool] | None = None
    patternProperties: dict[str, SchemaOrBool] | None = None
    additionalProperties: SchemaOrBool | None = None
    propertyNames: SchemaOrBool | None = None
    unevaluatedItems: SchemaOrBool | None = None
    unevaluatedProperties: SchemaOrBool | None = None
    # Validation (JSON Schema Validation, section 6).
    type: SchemaType | list[SchemaType] | None = None
    enum: list[Any] | None = None
    const: Any | None = None
    multipleOf: Annotated[float, Field(gt=0)] | None = None
    maximum: float | None = None
    exclusiveMaximum: float | None = None
    minimum: float | None = None
    exclusiveMinimum: float | None = None
    maxLength: _Count | None = None
    minLength: _Count | None = None
    pattern: str | None = None
    maxItems: _Count | None = None
    minItems: _Count | None = None
    uniqueItems: bool | None = None
    maxContains: _Count | None = None
    minContains: _Count | None = None
    maxProperties: _Count | None = None
    minProperties: _Count | None = None
    required: list[str] | None = None
    dependentRequired: dict[str, set[str]] | None = None
    # Format, content and notes (Validation, sections 7 to 9).
    format: str | None = None
    contentEncoding: str | None = None
    contentMediaType: str | None = None
    contentSchema: SchemaOrBool | None = None
    title: str | None = None
    description: str | None = None
    default: Any | None = None
    deprecated: bool | None = None
    readOnly: bool | None = None
    writeOnly: bool | None = None
    examples: list[Any] | None = None
    # OpenAPI's own (OAS 3.1.1, section 4.8.24).
    discriminator: Discriminator | None = None
    xml: XML | None = None
    externalDocs: ExternalDocumentation | None = None
    example: Any | None = None


SchemaOrBool = Schema | bool

# It names itself through an alias that was defined after it.
Schema.model_rebuild()
