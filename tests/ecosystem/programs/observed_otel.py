"""opentelemetry-instrumentation-fastapi: every application, or this one, as INSTRUMENTED says."""

import os

from opentelemetry import trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
EVERY = os.environ["INSTRUMENTED"] == "every"
if EVERY:
    FastAPIInstrumentor().instrument(excluded_urls="/spans")

import observed

import fastapi

app = fastapi.FastAPI()
observed.add_routes(app)
if not EVERY:
    FastAPIInstrumentor.instrument_app(app, excluded_urls="/spans")


@app.get("/spans")
def spans() -> list[dict[str, object]]:
    return [
        {
            "name": span.name,
            "kind": span.kind.name,
            "attributes": dict(span.attributes or {}),
            "status": span.status.status_code.name,
            "events": [event.name for event in span.events],
            "trace": f"{span.context.trace_id:032x}",
        }
        for span in exporter.get_finished_spans()
    ]
