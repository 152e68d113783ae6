"""`fastapi.concurrency`."""

from anyio.lowlevel import checkpoint_if_cancelled

from rapide.concurrency import (
    asynccontextmanager,
    contextmanager_in_threadpool,
    iterate_in_threadpool,
    run_in_threadpool,
    run_until_first_complete,
)

__all__ = [
    "asynccontextmanager",
    "checkpoint_if_cancelled",
    "contextmanager_in_threadpool",
    "iterate_in_threadpool",
    "run_in_threadpool",
    "run_until_first_complete",
]
