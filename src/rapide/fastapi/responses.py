"""`fastapi.responses`."""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from rapide import responses
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


class _Forwarding(ModuleType):
    """Gives the libraries that somebody sets here to the classes that use them."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("orjson", "ujson"):
            setattr(responses, name, value)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Forwarding
__getattr__ = load_on_demand(
    __name__,
    {
        "orjson": "rapide.responses",
        "ujson": "rapide.responses",
    },
    optional=True,
)
