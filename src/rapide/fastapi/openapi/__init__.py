"""`fastapi.openapi`."""
