"""One file per server: each turns `ServeSettings` into the server's own configuration and runs it.

In: a plan and settings. Out: an exit code (0 after SIGTERM and SIGINT, 3 when it could not start).
No file here knows how an application is found or what its routes are.
"""

from __future__ import annotations

__all__: list[str] = []
