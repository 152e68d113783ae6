"""From plans to the OpenAPI document: `rapide.openapi.document.get_openapi`.

In: routes (objects with FastAPI's attributes and a `plan`). Out: the document as plain data, and as bytes
with an ETag.
Must not know: requests, how handlers are generated, routers, the application.
"""
