"""mangum: events of API Gateway and of a load balancer, in a program that is no server."""

import base64
import json

from rapide.fastapi import alias_fastapi

alias_fastapi()

from fastapi.responses import Response
from mangum import Mangum

from fastapi import FastAPI, Request

started: list[str] = []
app = FastAPI(root_path="")


@app.get("/items/{item_id}")
def item(request: Request, item_id: int, q: list[str] | None = None):
    return {"item": item_id, "stage": request.scope["aws.event"]["requestContext"]["stage"]}


@app.post("/items")
async def add(item: dict[str, int]):
    return item


@app.get("/picture")
async def picture():
    return Response(b"\x89PNG", media_type="image/png")


def event(method: str, path: str, body: str | None = None) -> dict[str, object]:
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "api.example.org"},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"},
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


handler = Mangum(app, lifespan="auto")
answers = [
    handler(event("GET", "/items/7"), {}),
    handler(event("GET", "/items/seven"), {}),
    handler(event("POST", "/items", '{"a": 1}'), {}),
    handler(event("GET", "/picture"), {}),
]
answers[3]["body"] = base64.b64decode(answers[3]["body"]).hex()
print(json.dumps([[answer["statusCode"], answer["body"]] for answer in answers]))
