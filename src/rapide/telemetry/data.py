"""What span processors and the like may know about the request they see.

Importing this module does not import OpenTelemetry.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.websockets import WebSocket

if TYPE_CHECKING:
    from opentelemetry.context import Context
else:
    # Annotations are read at run time too, with OpenTelemetry or without.
    Context = Any

__all__ = ["DATA_KEY", "TelemetryData", "get_telemetry_data"]

# Where an OpenTelemetry context keeps the data of its request.
DATA_KEY = "rapide.telemetry.data"


@dataclass(kw_only=True)
class TelemetryData:
    """The request as far as it has come. Nothing of this is recorded by itself.

    Attributes:
        request: The request, once its handler has started.
        websocket: The WebSocket, once its handler has started.
        body: The body as it was read, before validation: JSON data, a form, or bytes.
        values: The arguments of the endpoint, once the dependencies are done.
        errors: What did not fit, submitted values included; empty when everything fits.
    """

    request: Request | None = None
    websocket: WebSocket | None = None
    body: Any = None
    values: dict[str, Any] | None = None
    errors: Sequence[Any] | None = None


def get_telemetry_data(context: Context | None = None) -> TelemetryData | None:
    """Return the data of the request that is being served, None outside of one.

    For synchronous processors of spans and log records, while the request runs: what they put on a span is
    theirs to answer for.

    Args:
        context: The OpenTelemetry context to look into, such as the parent context of a span that starts.
            None, the default, stands for the current one.
    """
    # Without OpenTelemetry nobody has made a context.
    current = sys.modules.get("opentelemetry.context")
    if current is None:
        return None
    found = (current.get_current() if context is None else context).get(DATA_KEY)
    return found if isinstance(found, TelemetryData) else None
