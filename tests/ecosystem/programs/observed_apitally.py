"""apitally: spans by the route's path, and the application's routes; APITALLY_OTLP_ENDPOINT says where to."""

import apitally.fastapi
from observed import add_routes

from fastapi import FastAPI

app = FastAPI()
apitally.fastapi.init(app)
add_routes(app)
