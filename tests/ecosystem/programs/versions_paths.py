"""fastapi-versioning: versions in the path, each an application of its own that is mounted."""

from fastapi_versioning import VersionedFastAPI, version

from fastapi import FastAPI

plain = FastAPI(title="Books")


@plain.get("/books")
@version(1)
def list_books():
    return ["Emma"]


@plain.get("/books")
@version(2)
def list_more_books(limit: int = 10):
    return [{"title": "Emma"}][:limit]


app = VersionedFastAPI(plain, version_format="{major}", prefix_format="/v{major}", enable_latest=True)
