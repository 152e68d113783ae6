"""The framework's own errors in the documents of the native face: problem documents (RFC 9457)."""

from dataclasses import replace
from typing import Annotated, Any

import pytest
from openapi_spec_validator import validate
from pydantic import BaseModel

from rapide import APIRouter, Body, Depends, Form, Rapide, UploadFile
from rapide.behaviour import RAPIDE
from rapide.security import HTTPBearer


class Item(BaseModel):
    name: str


def _responses(app: Rapide, path: str, method: str) -> dict[str, Any]:
    responses: dict[str, Any] = app.openapi()["paths"][path][method]["responses"]
    return responses


def _component(status: str, responses: dict[str, Any]) -> str:
    media = responses[status]["content"]["application/problem+json"]
    return str(media["schema"]["$ref"]).removeprefix("#/components/schemas/")


def test_nothing_is_added_when_the_framework_cannot_refuse() -> None:
    """An operation without inputs has no error of the framework's."""
    app = Rapide()

    @app.get("/a")
    def a() -> int: ...

    assert set(_responses(app, "/a", "get")) == {"200"}
    assert "components" not in app.openapi()


def test_parameters_can_be_invalid() -> None:
    """Parameters bring 422 as a problem document that lists the errors."""
    app = Rapide()

    @app.get("/a")
    def a(q: int) -> int: ...

    responses = _responses(app, "/a", "get")
    assert set(responses) == {"200", "422"}
    assert responses["422"]["description"] == "Unprocessable Content"
    assert _component("422", responses) == "ValidationProblem"
    component = app.openapi()["components"]["schemas"]["ValidationProblem"]
    assert set(component["properties"]) == {"type", "title", "status", "detail", "instance", "errors"}
    assert set(component["properties"]["errors"]["items"]["properties"]) == {"loc", "msg", "type"}
    assert component["required"] == ["type", "title", "status", "errors"]


def test_bodies_can_be_unreadable_too_large_and_of_another_type() -> None:
    """A body brings 400, 413 and 415 as problem documents, and 422."""
    app = Rapide()

    @app.post("/json")
    def json(item: Item) -> Item: ...

    @app.post("/form")
    def form(name: Annotated[str, Form()]) -> Item: ...

    for path in ("/json", "/form"):
        responses = _responses(app, path, "post")
        assert set(responses) == {"200", "400", "413", "415", "422"}
        assert {_component(status, responses) for status in ("400", "413", "415")} == {"ProblemDetails"}
        assert _component("422", responses) == "ValidationProblem"


def test_bodies_without_a_limit_are_never_too_large() -> None:
    """413 is documented where there is a limit: the behaviour's, or the route's own."""
    app = Rapide(behaviour=replace(RAPIDE, max_json_size=None, unsupported_media_type=False))

    @app.post("/unlimited")
    def unlimited(item: Item) -> Item: ...

    @app.post("/limited", max_body_size=10)
    def limited(item: Item) -> Item: ...

    assert set(_responses(app, "/unlimited", "post")) == {"200", "400", "422"}
    assert set(_responses(app, "/limited", "post")) == {"200", "400", "413", "422"}


def test_credentials_can_be_missing() -> None:
    """A security scheme that refuses brings 401, also deep in the graph; one that does not, does not."""
    app = Rapide()

    def user(token: Annotated[Any, Depends(HTTPBearer())]) -> str: ...

    @app.get("/strict")
    def strict(name: Annotated[str, Depends(user)]) -> int: ...

    @app.get("/lax")
    def lax(token: Annotated[Any, Depends(HTTPBearer(auto_error=False))]) -> int: ...

    assert set(_responses(app, "/strict", "get")) == {"200", "401"}
    assert set(_responses(app, "/lax", "get")) == {"200"}


def test_paths_with_a_convertor_can_be_unknown() -> None:
    """A segment that does not fit its convertor is not found; any text fits the others."""
    app = Rapide()

    @app.get("/int/{n:int}")
    def number(n: int) -> int: ...

    @app.get("/text/{n}/{rest:path}")
    def text(n: str, rest: str) -> int: ...

    assert set(_responses(app, "/int/{n}", "get")) == {"200", "404", "422"}
    assert set(_responses(app, "/text/{n}/{rest}", "get")) == {"200", "422"}


@pytest.mark.parametrize(
    ("declared", "statuses"),
    [
        ({422: {"description": "Mine"}}, {"200", "400", "413", "415", "422"}),
        ({"4XX": {"description": "Mine"}}, {"200", "4XX"}),
        ({"default": {"description": "Mine"}}, {"200", "default"}),
        ({"413": {"description": "Mine"}, 500: {}}, {"200", "400", "413", "415", "422", "500"}),
    ],
)
def test_declared_responses_come_before_the_frameworks(declared: dict[Any, Any], statuses: set[str]) -> None:
    """What the user says of a status stays, and a range or default covers what it covers."""
    app = Rapide()

    @app.post("/a", responses=declared)
    def a(item: Item) -> int: ...

    responses = _responses(app, "/a", "post")
    assert set(responses) == statuses
    for status, response in declared.items():
        if "description" in response:
            assert responses[str(status)] == {"description": "Mine"}


def test_problem_documents_step_aside_for_components_of_their_name() -> None:
    """A model called ProblemDetails keeps its name and its schema."""
    app = Rapide()

    class ProblemDetails(BaseModel):
        mine: int

    @app.post("/a")
    def a(item: Annotated[ProblemDetails, Body()]) -> int: ...

    assert _component("400", _responses(app, "/a", "post")) == "RapideProblemDetails"
    schemas = app.openapi()["components"]["schemas"]
    assert set(schemas["ProblemDetails"]["properties"]) == {"mine"}
    assert "detail" in schemas["RapideProblemDetails"]["properties"]


def test_callbacks_and_webhooks_are_answered_by_others() -> None:
    """The framework's errors are not in responses that somebody else gives."""
    app = Rapide()
    router = APIRouter()

    @router.post("{$request.body#/name}")
    def called(item: Item) -> int: ...

    @app.post("/a", callbacks=router.routes)
    def a(item: Item) -> int: ...

    @app.webhooks.post("hook")
    def hook(item: Item) -> int: ...

    document = app.openapi()
    callback = document["paths"]["/a"]["post"]["callbacks"]["called"]["{$request.body#/name}"]["post"]
    assert set(callback["responses"]) == {"200"}
    assert set(document["webhooks"]["hook"]["post"]["responses"]) == {"200"}


def test_native_document_is_valid() -> None:
    """A document with all of the framework's errors is valid OpenAPI 3.1."""
    app = Rapide()

    @app.post("/a/{n:int}")
    def a(n: int, item: Item, token: Annotated[Any, Depends(HTTPBearer())]) -> Item: ...

    document = app.openapi()
    assert set(document["paths"]["/a/{n}"]["post"]["responses"]) == {
        "200", "400", "401", "404", "413", "415", "422",
    }  # fmt: skip
    validate(document)


def test_fastapis_errors_can_be_documented_on_the_native_face() -> None:
    """`documented_errors` alone decides how errors are documented."""
    app = Rapide(behaviour=replace(RAPIDE, documented_errors="validation"))

    @app.post("/a")
    def a(item: Item) -> int: ...

    responses = _responses(app, "/a", "post")
    assert set(responses) == {"200", "422"}
    schema = responses["422"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/HTTPValidationError"}


def test_uploads_can_find_the_disk_full() -> None:
    """A 507 is documented where a body is written to a disk, and only there."""
    app = Rapide()

    @app.post("/upload")
    def upload(file: UploadFile) -> None: ...

    @app.post("/form")
    def form(name: Annotated[str, Form()]) -> None: ...

    assert _component("507", _responses(app, "/upload", "post")) == "ProblemDetails"
    assert "507" not in _responses(app, "/form", "post")


def test_json_parts_of_forms_say_so() -> None:
    """Encoding Objects (OAS 3.1.1, section 4.8.15) name the parts that are JSON."""
    app = Rapide()

    @app.post("/upload")
    def upload(
        file: UploadFile, item: Annotated[dict[str, int], Form()], note: Annotated[str, Form()]
    ) -> None: ...

    content = app.openapi()["paths"]["/upload"]["post"]["requestBody"]["content"]
    assert content["multipart/form-data"]["encoding"] == {"item": {"contentType": "application/json"}}
