"""Sections 18.2.6 and 18.2.7: additional responses and the automatic 422."""

import http
from typing import Annotated, Literal

import pytest
from described import Problem, operation_of, plain_endpoint, responses_of
from document_files import plain
from pydantic import BaseModel
from surface_target import (
    BackgroundTasks,
    Body,
    Depends,
    FastAPI,
    FileResponse,
    HTMLResponse,
    JSONResponse,
    Query,
    RedirectResponse,
    Response,
    StreamingResponse,
    load,
)

EventSourceResponse = load("sse").EventSourceResponse


class Item(BaseModel):
    name: str
    size: int = 1


class ProblemResponse(JSONResponse):
    media_type = "application/problem+json"


class PDFResponse(StreamingResponse):
    media_type = "application/pdf"


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


# --- additional responses


@pytest.mark.parametrize(
    ("key", "documented"),
    [
        (404, "404"),
        ("404", "404"),
        (http.HTTPStatus.NOT_FOUND, "404"),
        ("4XX", "4XX"),
        ("4xx", "4XX"),
        ("default", "default"),
        ("DEFAULT", "default"),
    ],
)
def test_additional_response_key_is_written_in_its_standard_form(key, documented):
    """18.2.6: codes as text, ranges in upper case, default in lower case."""
    found = responses_of(plain_endpoint, responses={key: {"description": "Other."}})
    assert found[documented] == {"description": "Other."}
    assert set(found) == {"200", documented}


@pytest.mark.parametrize("key", ["6XX", "4X", "abc", "", "XXX"])
def test_additional_response_key_is_refused_when_it_is_no_status(key):
    """18.2.6: an invalid key is a ValueError when the document is built."""
    app = FastAPI()
    app.get("/x", responses={key: {"description": "d"}})(plain_endpoint)
    with pytest.raises(ValueError):
        app.openapi()


@pytest.mark.parametrize("value", [None, "text", ["list"]])
def test_additional_response_is_refused_when_it_is_no_dict(value):
    """4.4: an additional response that is not a dict fails at registration."""
    with pytest.raises(AssertionError):
        FastAPI().get("/x", responses={404: value})(plain_endpoint)


@pytest.mark.parametrize(
    ("key", "description"),
    [
        (400, "Bad Request"),
        (404, "Not Found"),
        (418, "I'm a Teapot"),
        (503, "Service Unavailable"),
        (299, "Additional Response"),
        (499, "Additional Response"),
        ("1XX", "Information"),
        ("2XX", "Success"),
        ("3XX", "Redirection"),
        ("4XX", "Client Error"),
        ("5XX", "Server Error"),
        ("default", "Default Response"),
    ],
)
def test_additional_response_without_description_gets_one(key, description):
    """18.2.6: the phrase of the status or the text of the range, else "Additional Response"."""
    found = responses_of(plain_endpoint, responses={key: {"model": Problem}})
    assert found[str(key)]["description"] == description


def test_additional_main_status_keeps_the_main_description():
    """18.2.6: an entry for the main status without description keeps the main one, and merges content."""
    found = responses_of(
        plain_endpoint,
        response_model=Item,
        responses={200: {"content": {"image/png": {"schema": {"type": "string"}}}}},
    )
    assert found == {
        "200": {
            "description": "Successful Response",
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Item"}},
                "image/png": {"schema": {"type": "string"}},
            },
        }
    }


def test_additional_model_is_documented_under_the_media_type_of_the_route():
    """18.2.6: the schema of `model` sits under the response class's media type."""
    found = responses_of(plain_endpoint, response_class=ProblemResponse, responses={404: {"model": Problem}})
    assert found["404"]["content"] == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }


@pytest.mark.parametrize(
    ("response_class", "media_type"),
    [
        (HTMLResponse, "text/html"),
        (PDFResponse, "application/pdf"),
        (EventSourceResponse, "text/event-stream"),
        (RedirectResponse, "application/json"),
        (FileResponse, "application/json"),
        (Response, "application/json"),
        (StreamingResponse, "application/json"),
    ],
)
def test_additional_model_of_other_classes_is_documented(response_class, media_type):
    """18.2.6: a class without media type documents additional models as JSON, others under their own."""
    found = responses_of(plain_endpoint, response_class=response_class, responses={404: {"model": Problem}})
    assert found["404"]["content"] == {media_type: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def test_additional_model_of_a_stream_is_json():
    """18.2.6: beside JSON Lines an additional model is ordinary JSON."""

    def endpoint():
        yield 1

    found = responses_of(endpoint, responses={404: {"model": Problem}})
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    assert found["404"]["content"] == {"application/json": reference}


def test_additional_model_is_merged_with_given_content():
    """18.2.6: examples given in `content` stay beside the schema of `model`."""
    found = responses_of(
        plain_endpoint,
        responses={404: {"model": Problem, "content": {"application/json": {"example": {"code": 1}}}}},
    )
    assert found["404"]["content"]["application/json"] == {
        "example": {"code": 1},
        "schema": {"$ref": "#/components/schemas/Problem"},
    }


def test_additional_model_that_is_no_class_carries_a_title():
    """18.2.6: a union or list as additional model has a title with status and unique id."""
    found = responses_of(plain_endpoint, responses={404: {"model": Cat | Dog}, 409: {"model": list[Problem]}})
    titles = {code: found[code]["content"]["application/json"]["schema"]["title"] for code in ("404", "409")}
    assert titles == {
        "404": "Response 404 Plain Endpoint X Get",
        "409": "Response 409 Plain Endpoint X Get",
    }


def test_registered_responses_are_not_changed_by_documenting():
    """18.2.6: the dict that was passed stays as it was."""
    given = {404: {"model": Problem, "content": {"application/json": {"example": 1}}}}
    responses_of(plain_endpoint, responses=given)
    assert given == {404: {"model": Problem, "content": {"application/json": {"example": 1}}}}


# --- 422

VALIDATION = {
    "description": "Validation Error",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/HTTPValidationError"}}},
}


def _with_query(n: int): ...


def _with_body(item: Item): ...


def _with_dependency(n: None = Depends(_with_query)): ...


def _with_model(page: Annotated[Item, Query()]): ...


@pytest.mark.parametrize("endpoint", [_with_query, _with_body, _with_dependency, _with_model])
def test_validation_error_is_documented_when_something_is_validated(endpoint):
    """18.2.7: any parameter or body adds 422."""
    assert responses_of(endpoint, "post")["422"] == VALIDATION


def _with_nothing(response: Response, tasks: BackgroundTasks): ...


@pytest.mark.parametrize("endpoint", [plain_endpoint, _with_nothing])
def test_validation_error_is_not_documented_when_nothing_is_validated(endpoint):
    """18.2.7: without parameters and body there is no 422."""
    assert set(responses_of(endpoint)) == {"200"}


@pytest.mark.parametrize(
    ("key", "added"),
    [
        (422, False),
        ("422", False),
        ("4XX", False),
        ("4xx", False),
        ("default", False),
        (400, True),
        ("5XX", True),
    ],
)
def test_validation_error_is_not_added_beside_a_declared_one(key, added):
    """18.2.7: 422, 4XX or default declared by the user stand for it."""
    found = responses_of(_with_query, responses={key: {"description": "Mine."}})
    assert (found.get("422") == VALIDATION) is added


def test_validation_error_components_are_left_out_when_unused():
    """18.2.7: a document whose operations declare their own 422 has no such components."""
    app = FastAPI()
    app.get("/x", responses={422: {"model": Problem}})(_with_query)
    assert set(app.openapi()["components"]["schemas"]) == {"Problem"}


def test_own_error_model_for_422_is_documented():
    """18.2.7: a model for 422 replaces the standard one for this operation only."""
    app = FastAPI()
    app.get("/own", responses={422: {"model": Problem}})(_with_query)
    app.get("/standard")(_with_query)
    paths = plain(app.openapi()["paths"])
    reference = paths["/own"]["get"]["responses"]["422"]["content"]["application/json"]["schema"]["$ref"]
    assert reference == "#/components/schemas/Problem"
    assert paths["/standard"]["get"]["responses"]["422"] == VALIDATION


def test_undeclared_path_parameter_alone_documents_no_422():
    """18.2.7: a path parameter that no function declares is not validated."""
    app = FastAPI()
    app.get("/{x}")(plain_endpoint)
    assert set(app.openapi()["paths"]["/{x}"]["get"]["responses"]) == {"200"}


def test_raised_http_exceptions_are_not_documented():
    """24.11: what an endpoint raises is unknown to the document."""

    def endpoint():
        raise load("exceptions").HTTPException(404)

    assert set(responses_of(endpoint)) == {"200"}


def test_body_of_options_still_documents_422():
    """18.2.3: the body of an OPTIONS operation is hidden; its parameters are validated all the same."""

    def endpoint(n: int, item: Annotated[Item, Body()]): ...

    operation = operation_of(endpoint, "options")
    assert "requestBody" not in operation
    assert operation["responses"]["422"] == VALIDATION
