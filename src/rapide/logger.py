"""The framework's logger. It has no handler and no level of its own: the application configures both."""

import logging

__all__ = ["logger"]

logger = logging.getLogger("rapide")
