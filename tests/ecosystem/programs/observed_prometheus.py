"""prometheus-fastapi-instrumentator: metrics by the route's path."""

from observed import add_routes
from prometheus_fastapi_instrumentator import Instrumentator

from fastapi import FastAPI

app = FastAPI()
add_routes(app)
Instrumentator().instrument(app).expose(app)
