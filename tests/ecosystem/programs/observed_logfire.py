"""logfire: spans for requests, their arguments and endpoints; kept in memory."""

import logfire
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
logfire.configure(
    send_to_logfire=False, console=False, additional_span_processors=[SimpleSpanProcessor(exporter)]
)

from observed import add_routes

from fastapi import FastAPI

app = FastAPI()
add_routes(app)
logfire.instrument_fastapi(app, excluded_urls="/spans", extra_spans=True)


@app.get("/spans")
def spans():
    finished = exporter.get_finished_spans()
    return [{"name": span.name, "attributes": dict(span.attributes or {})} for span in finished]
