"""starlette-exporter: metrics by the route's path."""

from observed import add_routes
from starlette_exporter import PrometheusMiddleware, handle_metrics

from fastapi import FastAPI

app = FastAPI()
app.add_middleware(PrometheusMiddleware, app_name="shop", group_paths=True)
app.add_route("/metrics", handle_metrics)
add_routes(app)
