"""`fastapi.responses`."""

from typing import TYPE_CHECKING

from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from rapide._lazy import load_on_demand
from rapide.exceptions import FastAPIDeprecationWarning
from rapide.responses import (  # type: ignore[deprecated]  # FastAPI has them too
    EventSourceResponse,
    ORJSONResponse,
    UJSONResponse,
)

if TYPE_CHECKING:
    from rapide.responses import orjson, ujson


__all__ = [
    "EventSourceResponse",
    "FastAPIDeprecationWarning",
    "FileResponse",
    "HTMLResponse",
    "JSONResponse",
    "ORJSONResponse",
    "PlainTextResponse",
    "RedirectResponse",
    "Response",
    "StreamingResponse",
    "UJSONResponse",
    "orjson",
    "ujson",
]

__getattr__ = load_on_demand(
    __name__,
    {
        "orjson": "rapide.responses",
        "ujson": "rapide.responses",
    },
    optional=True,
)
