"""A program that serves a few requests and prints, as JSON, what became of automatic export.

Arguments: a JSON object with `config` (the telemetry settings), `existing` ("global", "own" or none: which
tracer provider the program has itself) and `lives` (how often the application starts). Every PORT in the
environment's OTEL variables stands for the port of a receiver inside this program.
"""

import json
import logging
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

received = []


class Receiver(BaseHTTPRequestHandler):
    """Notes where something is sent to."""

    def do_POST(self):
        """Take one export."""
        self.rfile.read(int(self.headers["content-length"]))
        received.append((self.path, self.headers["content-type"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        """Keep quiet."""


class Warnings(logging.Handler):
    """Keeps warnings."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.texts = []

    def emit(self, record):
        """Keep one."""
        self.texts.append(record.getMessage())


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
for name, value in list(os.environ.items()):
    if name.startswith("OTEL_"):
        os.environ[name] = value.replace("PORT", str(server.server_port))

from opentelemetry import _logs, metrics, trace  # noqa: E402 -- they read the environment
from opentelemetry.sdk.trace import TracerProvider  # noqa: E402
from surface_target import FastAPI, TestClient, load  # noqa: E402

task = json.loads(sys.argv[1])
warned = Warnings()
load("logger").logger.addHandler(warned)
provider = TracerProvider()
if task.get("existing") == "global":
    trace.set_tracer_provider(provider)
config = dict(task.get("config", {}))
if task.get("existing") == "own":
    config["tracer_provider"] = provider

started = []


async def lifespan(app):
    """Note what is configured when the application starts."""
    started.append(type(trace.get_tracer_provider()).__module__)
    yield
    started.append(len(received))


app = FastAPI(telemetry=config, lifespan=lifespan)


@app.get("/")
def endpoint(n: int = 1):
    """Answer."""
    return n


lives = []
for _ in range(task.get("lives", 1)):
    with TestClient(app) as client:
        client.get("/")
        client.get("/?n=x")
    lives.append(sorted(received))
    received.clear()

signals = (trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider())
print(
    json.dumps(
        {
            "lives": lives,
            "started": started,
            "sdk": [".sdk." in type(found).__module__ for found in signals],
            "replaced": signals[0] is not provider,
            "processors": len(provider._active_span_processor._span_processors),
            "warnings": warned.texts,
        }
    )
)
