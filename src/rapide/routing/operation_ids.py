"""Operation ids made of function names."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["function_operation_id"]


def function_operation_id(route: Any) -> str:
    """Return the route's name as an identifier; the document tells several methods of a route apart."""
    return re.sub(r"\W", "_", str(route.name))
