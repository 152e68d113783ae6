"""How an application ends, and what watches it while it runs.

In: signals, lifespan messages, streams and sockets that are open. Out: a drain: whoever serves something
without an end is told to end it, requests in flight get time to finish, and then the lifespan is left.
Must not know: routes, plans, handlers.
"""

from rapide.lifecycle.drain import begin_drain, is_draining, wait_for_drain

__all__ = ["begin_drain", "is_draining", "wait_for_drain"]
