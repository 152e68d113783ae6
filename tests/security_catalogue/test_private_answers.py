"""HDR-11: what is for one is given to nobody else by a cache."""

from pathlib import Path
from typing import Annotated, Any

import pytest
from catalogue_asking import ask
from catalogue_faces import Face


@pytest.mark.row("HDR-11")
def test_hdr_11_answers_to_credentials_are_not_kept(face: Face):
    """No cache may keep what a route gives to whoever showed credentials, unless it says so itself."""
    app = face.app()
    scheme = face.part("security").HTTPBearer()

    @app.get("/mine", dependencies=[face.Depends(scheme)])
    def read():
        return {"mine": True}

    @app.get("/injected", dependencies=[face.Depends(scheme)])
    def inject(response: face.Response):
        response.headers["x-a"] = "1"
        return {"mine": True}

    @app.get("/object", dependencies=[face.Depends(scheme)])
    def make():
        return face.part("responses").PlainTextResponse("mine")

    @app.get("/missing", dependencies=[face.Depends(scheme)])
    def miss():
        raise face.HTTPException(404)

    @app.get("/header")
    def look(authorization: Annotated[str | None, face.Header()] = None):
        return {"authorization": authorization}

    @app.get("/public", dependencies=[face.Depends(scheme)])
    def share(response: face.Response):
        response.headers["Cache-Control"] = "public, max-age=60"
        return {"logo": True}

    @app.get("/open")
    def tell():
        return {"open": True}

    def kept(path: str, *credentials: tuple[bytes, bytes]) -> str | None:
        return ask(app, "GET", path, headers=credentials).header("cache-control")

    bearer = (b"authorization", b"Bearer a")
    private = [kept(path, bearer) for path in ("/mine", "/injected", "/object", "/missing", "/header")]
    private.append(kept("/mine"))
    if face.follows_fastapi("leaves it to the endpoint"):
        assert private == [None] * 6
    else:
        assert private == ["no-store"] * 6
    assert kept("/public", bearer) == "public, max-age=60"
    assert kept("/open", bearer) is None


@pytest.mark.row("HDR-11")
@pytest.mark.parametrize("path", ["/files/a.txt", "/raw"])
def test_hdr_11_holds_for_what_stands_behind_auth(face: Face, path: str, tmp_path: Path):
    """A mounted folder and a raw endpoint that `auth` closes are kept by no cache either."""
    face.native_only("FastAPI's face adds no headers")
    (tmp_path / "a.txt").write_text("mine")
    scheme = face.part("security").HTTPBearer()
    app = face.app(auth=scheme)
    app.mount("/files", face.part("staticfiles").StaticFiles(directory=tmp_path))

    async def raw(scope: Any, receive: Any, send: Any) -> None:
        await face.part("responses").PlainTextResponse("mine")(scope, receive, send)

    app.mount("/raw", raw)
    answer = ask(app, "GET", path, headers=[(b"authorization", b"Bearer a")])
    assert (answer.status, answer.header("cache-control")) == (200, "no-store")
