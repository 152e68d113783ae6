"""Health over HTTP."""

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    """What a load balancer wants to know."""

    status: Literal["ok"] = "ok"
