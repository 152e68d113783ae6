"""What the user wrote.

In: the arguments of markers (`Query(...)`, `Depends(...)`). Out: objects that are never changed after they
are made. Must not know: HTTP, plans, handlers, OpenAPI.
"""
