"""Serves an ASGI application on a free port of 127.0.0.1, in a thread of the test's own process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

__all__ = ["serve"]

_USUAL = {"log_level": "warning", "ws": "none"}


@contextmanager
def serve(app: Any, **settings: Any) -> Iterator[str]:
    """Serve an application until the block ends, and give the URL of its root, without the last slash.

    `settings` are those of `uvicorn.Config`.

    Raises:
        RuntimeError: the server did not start.
    """
    config = uvicorn.Config(app, host="127.0.0.1", port=0, **{**_USUAL, **settings})
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="server")
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
