"""a2wsgi and Starlette's own bridge: Flask below a path, and this application as WSGI."""

from io import BytesIO

from a2wsgi import ASGIMiddleware, WSGIMiddleware
from fastapi.middleware.wsgi import WSGIMiddleware as FastAPIsOwn
from flask import Flask, request

from fastapi import FastAPI

flask = Flask(__name__)


@flask.post("/echo/<name>")
def echo(name: str):
    return {
        "name": name,
        "query": request.args.get("q"),
        "body": request.get_json(),
        "root": request.script_root,
    }


app = FastAPI()
app.mount("/flask", WSGIMiddleware(flask))
app.mount("/own", FastAPIsOwn(flask))


@app.get("/items/{item_id}")
async def item(item_id: int):
    return {"item": item_id}


@app.get("/as-wsgi")
def as_wsgi():
    status: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/items/7", "QUERY_STRING": "",
        "SERVER_NAME": "x", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
    }  # fmt: skip
    body = b"".join(ASGIMiddleware(app)(environ, lambda line, headers, error=None: status.append(line)))
    return {"status": status[0], "body": body.decode()}
