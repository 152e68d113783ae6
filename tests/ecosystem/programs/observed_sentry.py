"""sentry-sdk: transactions named by the route, errors, the body of the request; SENTRY_DSN says where to."""

import sentry_sdk

sentry_sdk.init(traces_sample_rate=1.0, send_default_pii=True, max_request_body_size="always")

from observed import add_routes

from fastapi import FastAPI

app = FastAPI()
add_routes(app)
