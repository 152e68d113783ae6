"""Responses that are made while they are sent.

In: iterators of chunks. Out: responses that close their iterator whatever happens, and that keep silent
connections open. Must not know: routes, plans, dependencies.
"""

from rapide.streaming.responses import ClosingStreamingResponse, KeepAliveStreamingResponse, chunks_of

__all__ = ["ClosingStreamingResponse", "KeepAliveStreamingResponse", "chunks_of"]
