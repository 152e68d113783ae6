"""Problem documents that an application makes and documents itself (RFC 9457)."""

import json
from typing import Any

from rapide import Rapide
from rapide.problems import ProblemDetails, problem_response
from rapide.testclient import TestClient


def _document(**members: Any) -> dict[str, Any]:
    return dict(json.loads(bytes(problem_response(409, **members).body)))


def test_type_is_made_of_the_title_unless_it_is_given() -> None:
    """A program that documents its problems says where."""
    assert _document()["type"].endswith("/conflict")
    assert _document(title="Sold out")["type"].endswith("/sold-out")
    given = _document(type="https://example.com/sold-out", title="Sold out", left=0)
    assert given == {
        "type": "https://example.com/sold-out",
        "title": "Sold out",
        "status": 409,
        "left": 0,
    }


class SoldOut(ProblemDetails):
    left: int


def _app() -> Rapide:
    app = Rapide()

    @app.put("/carts", responses={409: {"model": ProblemDetails}, 410: {"model": SoldOut}})
    async def fill(book: int) -> None: ...

    return app


def test_model_documents_problems_as_the_frameworks_own() -> None:
    """A document has one component for problems, whoever answers with them."""
    document = _app().openapi()
    responses = document["paths"]["/carts"]["put"]["responses"]
    schemas = document["components"]["schemas"]
    reference = {"$ref": "#/components/schemas/ProblemDetails"}
    assert responses["409"]["content"]["application/json"]["schema"] == reference
    assert "RapideProblemDetails" not in schemas
    assert schemas["ProblemDetails"]["required"] == ["type", "title", "status"]
    assert schemas["SoldOut"]["properties"]["left"] == {"title": "Left", "type": "integer"}


def test_model_reads_problems() -> None:
    """A client written in Python reads what the server sends, members that it does not know included."""
    answer = TestClient(_app()).put("/carts")
    problem = ProblemDetails.model_validate_json(answer.content)
    assert (problem.status, problem.title) == (422, "Unprocessable Content")
    assert problem.model_extra is not None
    assert problem.model_extra["errors"][0]["type"] == "missing"
