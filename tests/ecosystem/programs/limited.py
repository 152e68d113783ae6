"""slowapi: limits of single routes, a default for the others, and one route that has none."""

from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.middleware import SlowAPIMiddleware

from fastapi import FastAPI, Request, Response

limiter = Limiter(
    key_func=lambda request: request.headers.get("user", ""),
    key_style="endpoint",
    default_limits=["3/hour"],
    headers_enabled=True,
)
app = FastAPI()
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)
app.add_middleware(SlowAPIMiddleware)


@app.get("/twice")
@limiter.limit("2/hour")
async def twice(request: Request, response: Response) -> str:
    return "one of two"


@app.get("/once/{name}")
@limiter.limit("1/hour")
def once(request: Request, response: Response, name: str) -> dict[str, str]:
    return {"name": name}


@app.get("/default")
async def default() -> str:
    return "one of three"


@app.get("/free")
@limiter.exempt
async def free() -> str:
    return "as often as you like"
