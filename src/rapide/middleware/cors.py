"""Cross-origin requests from browsers (the CORS protocol of the Fetch standard)."""

from starlette.middleware.cors import CORSMiddleware

__all__ = ["CORSMiddleware"]
