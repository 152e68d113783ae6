"""What handlers call while a request runs.

In: the ASGI scope and messages, values and plan nodes. Out: values, responses, errors.
Must not know: signatures, how plans are made, how handlers are generated, OpenAPI.
"""
