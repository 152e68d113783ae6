"""OpenAPI's objects as models."""

import logging
import subprocess
import sys

import pytest
from pydantic import TypeAdapter, ValidationError

from rapide.openapi import constants, models
from rapide.openapi.email import UncheckedEmailStr


def round_trip(model, document):
    """Return what the model writes after it has read the document."""
    return model.model_validate(document).model_dump(mode="json", by_alias=True, exclude_none=True)


@pytest.mark.parametrize(
    ("model", "document"),
    [
        (models.Info, {"title": "a", "version": "1", "license": {"name": "MIT"}, "x-logo": {"url": "/l"}}),
        (models.Contact, {"name": "x", "url": "https://example.com/", "email": "a@example.com"}),
        (models.Server, {"url": "/v1", "variables": {"v": {"enum": ["a"], "default": "a"}}}),
        (
            models.Schema,
            {"$ref": "#/x", "$defs": {"A": {"type": "object"}, "B": True}, "not": {"type": "null"}},
        ),
        (models.Schema, {"type": ["string", "null"], "if": True, "then": False, "else": {"minLength": 1}}),
        (models.Schema, {"items": {"anyOf": [{"const": 1}, {"enum": [1, "a"]}]}, "itemSchema": {"a": 1}}),
        (models.MediaType, {"schema": {"type": "object"}, "itemSchema": {"a": 1}, "encoding": {"a": {}}}),
        (models.Parameter, {"name": "a", "in": "path", "required": True, "schema": {"type": "integer"}}),
        (models.RequestBody, {"content": {"a/b": {"examples": {"x": {"value": 1}, "y": {"$ref": "z"}}}}}),
        (
            models.Response,
            {
                "description": "d",
                "headers": {"X-A": {"schema": {"type": "string"}}, "X-B": {"$ref": "r"}},
                "links": {"next": {"operationId": "o", "parameters": {"a": 1}, "server": {"url": "/"}}},
            },
        ),
        (
            models.Operation,
            {
                "responses": {"200": {"description": "a"}, "default": {"anything": 1}},
                "callbacks": {"c": {"{$url}": {"post": {"tags": ["a"]}}}, "r": {"$ref": "z"}},
                "security": [{"a": ["b"]}],
            },
        ),
        (
            models.OpenAPI,
            {
                "openapi": "3.1.0",
                "info": {"title": "t", "version": "1"},
                "paths": {"/a": {"get": {"responses": {}}}, "/b": {"$ref": "#/components/pathItems/b"}},
                "webhooks": {"w": {"post": {}}},
                "components": {"schemas": {"A": {"type": "string"}}},
                "tags": [{"name": "a", "externalDocs": {"url": "https://example.com/"}}],
                "x-internal": True,
            },
        ),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_document_is_written_as_it_was_read(model, document):
    """Aliases, references, extensions and unknown keywords come through."""
    assert round_trip(model, document) == document


@pytest.mark.parametrize(
    ("scheme", "class_"),
    [
        ({"type": "apiKey", "in": "header", "name": "x"}, models.APIKey),
        ({"type": "http", "scheme": "basic"}, models.HTTPBase),
        ({"type": "oauth2", "flows": {"password": {"scopes": {}, "tokenUrl": "t"}}}, models.OAuth2),
        ({"type": "openIdConnect", "openIdConnectUrl": "u"}, models.OpenIdConnect),
        ({"$ref": "#/x"}, models.Reference),
    ],
)
def test_security_scheme_is_recognised(scheme, class_):
    """Components hold each scheme as its own class."""
    components = models.Components.model_validate({"securitySchemes": {"s": scheme}})
    assert type(components.securitySchemes["s"]) is class_
    assert round_trip(models.Components, {"securitySchemes": {"s": scheme}}) == {
        "securitySchemes": {"s": scheme}
    }


@pytest.mark.parametrize(
    ("model", "document", "place"),
    [
        (models.Schema, {"type": "text"}, "type"),
        (models.Schema, {"maxLength": -1}, "maxLength"),
        (models.Schema, {"multipleOf": 0}, "multipleOf"),
        (models.Parameter, {"name": "a", "in": "body"}, "in"),
        (models.ServerVariable, {"default": "a", "enum": []}, "enum"),
        (models.HTTPBearer, {"scheme": "basic"}, "scheme"),
        (models.Contact, {"email": "no address"}, "email"),
        (models.Info, {"title": "t"}, "version"),
        (models.SecurityBase, {"type": "mutualTLS"}, "type"),
    ],
)
def test_mistake_in_a_document_is_reported_at_its_place(model, document, place):
    """The place is the name in the document."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(document)
    assert caught.value.errors()[0]["loc"][0] == place


def test_constants_name_methods_and_components():
    """References point below `components`."""
    assert {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"} == constants.METHODS_WITH_BODY
    assert (
        constants.REF_TEMPLATE.format(model="Item")
        == constants.REF_PREFIX + "Item"
        == "#/components/schemas/Item"
    )


def test_every_object_is_exported():
    """Whoever needs an object finds it in one module."""
    for name in models.__all__:
        assert getattr(models, name) is not None


def test_unchecked_address_is_any_text_and_logs_that_it_is(caplog):
    """Without email-validator the document can still be made."""
    adapter = TypeAdapter(UncheckedEmailStr)
    with caplog.at_level(logging.WARNING, "rapide"):
        assert adapter.validate_python("no address") == "no address"
    assert "email-validator is not installed" in caplog.text
    assert adapter.json_schema() == {"type": "string", "format": "email"}


def test_addresses_are_unchecked_without_the_package():
    """The stand-in is taken where email-validator cannot be found."""
    source = (
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'email_validator' else find(name, *rest)\n"
        "from rapide.openapi.models import Contact, EmailStr\n"
        "assert EmailStr.__name__ == 'UncheckedEmailStr'\n"
        "assert Contact(email='no address').email == 'no address'\n"
    )
    subprocess.run([sys.executable, "-c", source], check=True)
