"""Large applications for FastAPI and both faces of Rapide: resources with own models and five routes."""

import importlib
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, create_model

from bench.cases import Case

__all__ = ["ROUTES_OF_A_RESOURCE", "declare", "make_models", "requests"]

ROUTES_OF_A_RESOURCE = 5

Models = list[tuple[type[BaseModel], type[BaseModel]]]


def make_models(resources: int) -> Models:
    """Make what each resource receives and what it gives back."""
    return [
        (
            create_model(
                f"Thing{number}In",
                name=(str, ...),
                price=(float, ...),
                note=(str | None, None),
                tags=(list[str], []),
            ),
            create_model(
                f"Thing{number}Out",
                id=(int, ...),
                name=(str, ...),
                price=(float, ...),
                note=(str | None, None),
                tags=(list[str], []),
            ),
        )
        for number in range(resources)
    ]


def requests(resources: int) -> Iterator[Case]:
    """One request for each route."""
    sent: dict[str, Any] = {
        "headers": [(b"content-type", b"application/json")],
        "body": b'{"name": "thing", "price": 1.0}',
    }
    for number in range(resources):
        things, thing = f"/things{number}/", f"/things{number}/3"
        for method, path, status, more in (
            ("GET", things, 200, {}),
            ("POST", things, 201, sent),
            ("GET", thing, 200, {}),
            ("PUT", thing, 200, sent),
            ("DELETE", thing, 204, {}),
        ):
            yield Case(f"{method} {path}", "", path, lambda _: None, method, statuses=(status,), **more)


def declare(package: str, class_name: str, models: Models, **options: Any) -> Any:
    """Declare the application: one included router with five routes for each pair of models."""
    framework = importlib.import_module(package)
    app = getattr(framework, class_name)(**options)
    for number, (thing_in, thing_out) in enumerate(models):
        router = framework.APIRouter(prefix=f"/things{number}", tags=[f"things {number}"])
        _add_routes(router, number, thing_in, thing_out)
        app.include_router(router)
    return app


def _add_routes(router: Any, number: int, thing_in: Any, thing_out: Any) -> None:
    async def list_things(limit: int = 20, offset: int = 0, q: str | None = None) -> list[thing_out]:
        """List things."""
        return [thing_out(id=offset, name=q or "thing", price=1.0)][:limit]

    async def create_thing(thing: thing_in) -> thing_out:
        """Create a thing."""
        return thing_out(id=1, **thing.model_dump())

    async def read_thing(thing_id: int) -> thing_out:
        """Read a thing."""
        return thing_out(id=thing_id, name="thing", price=1.0)

    async def replace_thing(thing_id: int, thing: thing_in) -> thing_out:
        """Replace a thing."""
        return thing_out(id=thing_id, **thing.model_dump())

    async def delete_thing(thing_id: int) -> None:
        """Delete a thing."""

    for endpoint in (list_things, create_thing, read_thing, replace_thing, delete_thing):
        endpoint.__name__ += str(number)  # every endpoint of an application has a name of its own
    router.get("/")(list_things)
    router.post("/", status_code=201)(create_thing)
    router.get("/{thing_id}")(read_thing)
    router.put("/{thing_id}")(replace_thing)
    router.delete("/{thing_id}", status_code=204)(delete_thing)
