"""Applications with one route that grows, for FastAPI, both faces of Rapide and bare ASGI."""

import importlib
import json
from typing import Annotated, Any

from pydantic import TypeAdapter

from bench.apps.hinted import Item
from bench.cases import Case, Headers
from bench.contract import item_values

__all__ = ["make_bare", "make_hinted"]

_JSON: Headers = [(b"content-type", b"application/json")]


def make_hinted(package: str, class_name: str, kind: str, size: int) -> tuple[Any, Case]:
    """Make the application and its request: `depth` of dependencies, items of a `body` or of a `list`."""
    framework = importlib.import_module(package)
    app = getattr(framework, class_name)()
    makers = {"depth": _add_depth, "body": _add_body, "list": _add_list}
    makers[kind](app, framework, size)
    return app, _case(kind, size)


def make_bare(kind: str, size: int) -> tuple[Any, Case]:
    """Make the application without a framework; the depth of dependencies means nothing to it."""
    items = TypeAdapter(list[Item])
    values = items.validate_python([item_values(number) for number in range(size)])

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for phase in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{phase}.complete"})
            return
        content = b"%d" % size
        if kind == "body":
            content = b"%d" % len(items.validate_json(await _read(receive)))
        elif kind == "list":
            content = items.dump_json(values)
        headers = [(b"content-length", b"%d" % len(content)), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return app, _case(kind, size)


async def _read(receive: Any) -> bytes:
    chunks, more = [], True
    while more:
        message = await receive()
        chunks.append(message["body"])
        more = message.get("more_body", False)
    return b"".join(chunks)


def _case(kind: str, size: int) -> Case:
    items = [item_values(number) for number in range(size)]
    expected: Any = items if kind == "list" else size

    def judge(body: bytes) -> str | None:
        return None if json.loads(body) == expected else f"not what was expected: {body[:80]!r}"

    if kind == "body":
        body = json.dumps(items).encode()
        return Case(f"body/{size}", "body", "/", judge, "POST", headers=_JSON, body=body)
    return Case(f"{kind}/{size}", kind, "/", judge)


def _add_depth(app: Any, framework: Any, size: int) -> None:
    async def first() -> int:
        return 1

    dependency = first
    for _ in range(size - 1):

        async def following(value: Annotated[int, framework.Depends(dependency)]) -> int:
            return value + 1

        dependency = following

    @app.get("/")
    async def read(value: Annotated[int, framework.Depends(dependency)]):
        return value


def _add_body(app: Any, framework: Any, size: int) -> None:
    @app.post("/")
    async def read(items: list[Item]):
        return len(items)


def _add_list(app: Any, framework: Any, size: int) -> None:
    items = [Item.model_validate(item_values(number)) for number in range(size)]

    @app.get("/")
    async def read() -> list[Item]:
        return items
