"""What servers other than Uvicorn need from outside: a port number before they start, and proxy headers."""

from __future__ import annotations

import importlib.util
import socket

from rapide.cli.options import ServeSettings
from rapide.cli.worker import log

__all__ = ["free_port", "trusted_proxies"]


def free_port(host: str) -> int:
    """Return a port that nobody uses at this moment; these servers do not tell which one they took."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as probe:
        port: int = probe.getsockname()[1]
        return port


def trusted_proxies(settings: ServeSettings) -> str | None:
    """Return whose X-Forwarded headers count under a server that does not read them; None for nobody's."""
    if not settings.proxy_headers:
        return None
    if importlib.util.find_spec("uvicorn") is None:
        log.warning("X-Forwarded headers are ignored: reading them under %s needs uvicorn.", settings.server)
        return None
    return settings.forwarded_allow_ips or "127.0.0.1,::1"
