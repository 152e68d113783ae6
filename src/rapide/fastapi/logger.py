"""`fastapi.logger`."""

import logging

__all__ = ["logger"]

# FastAPI's name: logging configurations of applications that move over mention it.
logger = logging.getLogger("fastapi")
