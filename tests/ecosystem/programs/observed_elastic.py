"""elastic-apm: transactions named by the route, errors; ELASTIC_APM_SERVER_URL says where to."""

from elasticapm.contrib.starlette import ElasticAPM, make_apm_client
from observed import add_routes

from fastapi import FastAPI

app = FastAPI()
app.add_middleware(ElasticAPM, client=make_apm_client())
add_routes(app)
