"""`fastapi.openapi.utils`, as extensions call it."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from rapide.errors import FastAPIDeprecationWarning
from rapide.fastapi import Depends, FastAPI, Header, Query
from rapide.fastapi.openapi import utils
from rapide.fastapi.security import HTTPBearer


class Item(BaseModel):
    name: str


class Paging(BaseModel):
    page: int = 1
    x_size: int = 10


def _app() -> FastAPI:
    app = FastAPI()

    def user(token: Annotated[Any, Depends(HTTPBearer())], q: int = 3) -> str: ...

    @app.post("/items/{item_id}", tags=["t"])
    def update_item(
        item_id: int,
        item: Item,
        other: Item,
        paging: Annotated[Paging, Query()],
        name: Annotated[str, Depends(user)],
    ) -> list[Item]:
        """Text."""

    return app


def _route(app: FastAPI) -> Any:
    return next(route for route in app.routes if getattr(route, "path", "") == "/items/{item_id}")


def test_path_made_of_its_parts_is_the_one_in_the_document() -> None:
    """Fields, definitions and path item, one by one, are what `get_openapi` puts together."""
    app = _app()
    route = _route(app)
    fields = utils.get_fields_from_routes([route])
    names = utils.get_model_name_map(utils.get_flat_models_from_fields(fields, known_models=set()))
    mapping, definitions = utils.get_definitions(fields=fields, model_name_map=names)
    item, schemes, more = utils.get_openapi_path(
        route=route, operation_ids=set(), model_name_map=names, field_mapping=mapping
    )
    document = app.openapi()
    assert item == document["paths"]["/items/{item_id}"]
    assert schemes == document["components"]["securitySchemes"]
    assert {**definitions, **more} == document["components"]["schemas"]
    assert names[Item] == "Item"
    body = next(field for field in fields if field.name == "body")
    described = utils.get_openapi_operation_request_body(
        body_field=body, model_name_map=names, field_mapping=mapping
    )
    assert described == item["post"]["requestBody"]
    response = next(field for field in fields if field.name.startswith("Response_"))
    assert (
        utils.get_schema_from_model_field(field=response, model_name_map=names, field_mapping=mapping)
        == item["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    )


def test_route_without_a_body_has_no_request_body() -> None:
    """None gives None."""
    assert (
        utils.get_openapi_operation_request_body(body_field=None, model_name_map={}, field_mapping={}) is None
    )


def test_metadata_of_an_operation() -> None:
    """Tags, summary, description and id; the id is remembered, and a second use warned of."""
    route = _route(_app())
    ids: set[str] = set()
    metadata = utils.get_openapi_operation_metadata(route=route, method="POST", operation_ids=ids)
    assert metadata == {
        "tags": ["t"],
        "summary": "Update Item",
        "description": "Text.",
        "operationId": "update_item_items__item_id__post",
    }
    assert ids == {"update_item_items__item_id__post"}
    with pytest.warns(UserWarning, match="Duplicate Operation ID"):
        utils.get_openapi_operation_metadata(route=route, method="POST", operation_ids=ids)
    assert utils.generate_operation_summary(route=route, method="POST") == "Update Item"


def test_generating_an_operation_id_is_deprecated() -> None:
    """It still gives FastAPI's id."""
    with pytest.warns(FastAPIDeprecationWarning):
        given = utils.generate_operation_id(route=_route(_app()), method="PUT")
    assert given == "update_item_items__item_id__put"


def test_422_can_be_documented_in_another_way() -> None:
    """Changing FastAPI's definitions changes the documents that are made afterwards."""
    original = dict(utils.validation_error_definition)
    try:
        utils.validation_error_definition["description"] = "Ours"
        schemas = _app().openapi()["components"]["schemas"]
        assert schemas["ValidationError"]["description"] == "Ours"
    finally:
        utils.validation_error_definition.clear()
        utils.validation_error_definition.update(original)


class _Dependant:
    """What `Dependant` has that the functions look at."""

    def __init__(self, call: Any = None, dependencies: list[Any] | None = None, **fields: list[Any]) -> None:
        self.call = call
        self.dependencies = dependencies or []
        self.own_oauth_scopes: list[str] = []
        for place in ("path", "query", "header", "cookie"):
            setattr(self, f"{place}_params", fields.get(place, []))


def test_parameters_of_a_dependant() -> None:
    """Parameters are collected from the whole graph, models taken apart, and described."""

    def endpoint(paging: Annotated[Paging, Header()], q: int = 1) -> None: ...

    app = FastAPI()
    app.get("/a")(endpoint)
    route = next(route for route in app.routes if getattr(route, "path", "") == "/a")
    by_kind = {item.kind: item.field for item in route.plan.endpoint.inputs}
    scheme = _Dependant(call=HTTPBearer())
    inner = _Dependant(dependencies=[scheme], header=[by_kind["header"]])
    outer = _Dependant(dependencies=[inner], query=[by_kind["query"]])
    data = utils._get_openapi_dependency_data(outer)
    assert data.security_dependencies == [(scheme, [])]
    mapping, _ = utils.get_definitions(fields=utils.get_fields_from_routes([route]), model_name_map={})
    described = utils._get_openapi_operation_parameters(
        dependency_data=data, model_name_map={}, field_mapping=mapping
    )
    document = app.openapi()
    assert described == document["paths"]["/a"]["get"]["parameters"]
    assert [parameter["name"] for parameter in described] == ["q", "page", "x-size"]
