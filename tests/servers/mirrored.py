"""What a request is when it reaches the application: for servers that read the same bytes."""

# ruff: noqa: D103 -- the names of these endpoints say it

from typing import Any

from rapide import Rapide, Request

app = Rapide(allowed_hosts=["example.com", "127.0.0.1"])  # the second one is asked whether it is up


@app.get("/notes", include_in_schema=False)
async def notes() -> None: ...


async def mirror(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.scope["path"],
        "query": request.scope["query_string"].decode("latin-1"),
        "scheme": request.url.scheme,
        "client": request.client and request.client.host,
        "body": (await request.body()).decode("latin-1"),
        "names": [name.decode() for name, _ in request.scope["headers"] if name.startswith(b"x")],
    }


app.add_api_route("/mirror", mirror, methods=["GET", "POST"])
app.add_api_route("/mirror/{rest:path}", mirror, methods=["GET", "POST"])
