"""Packages about who is calling: each by itself; PACKAGE says which."""

import os
from typing import Annotated

from fastapi.responses import JSONResponse
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel

from fastapi import Depends, FastAPI, HTTPException, Request, Response, Security

app = FastAPI()
SECRET = "a secret of at least thirty-two bytes"

match os.environ["PACKAGE"]:
    case "authx":
        from authx import AuthX, AuthXConfig, TokenPayload

        auth = AuthX(config=AuthXConfig(JWT_SECRET_KEY=SECRET, JWT_TOKEN_LOCATION=["headers", "cookies"]))
        auth.handle_errors(app)

        @app.post("/login")
        def login(username: str, response: Response):
            token = auth.create_access_token(uid=username, fresh=True)
            auth.set_access_cookies(token, response)
            return {"access_token": token, "refresh_token": auth.create_refresh_token(uid=username)}

        @app.get("/me")
        def me(payload: Annotated[TokenPayload, Depends(auth.access_token_required)]):
            return payload.sub

        @app.post("/refresh")
        def refresh(payload: Annotated[TokenPayload, Depends(auth.refresh_token_required)]):
            return {"access_token": auth.create_access_token(uid=payload.sub)}

        @app.delete("/all", dependencies=[Depends(auth.fresh_token_required)])
        def delete_all():
            return "gone"

    case "fastapi-login":
        from fastapi_login import LoginManager
        from fastapi_login.exceptions import InvalidCredentialsException

        manager = LoginManager(SECRET, token_url="/login", use_cookie=True)
        people = {"ada": {"name": "ada", "password": "right"}}

        @manager.user_loader()
        def load(name: str):
            return people.get(name)

        @app.post("/login")
        def login(response: Response, data: Annotated[OAuth2PasswordRequestForm, Depends()]):
            user = load(data.username)
            if not user or user["password"] != data.password:
                raise InvalidCredentialsException
            token = manager.create_access_token(data={"sub": data.username}, scopes=["read"])
            manager.set_cookie(response, token)
            return {"access_token": token}

        @app.get("/me")
        def me(user: Annotated[dict, Depends(manager)]):
            return user["name"]

        @app.get("/read")
        def read(user: Annotated[dict, Security(manager, scopes=["read"])]):
            return user["name"]

        @app.get("/write")
        def write(user: Annotated[dict, Security(manager, scopes=["write"])]):
            return user["name"]

    case "fastapi-jwt":
        from fastapi_jwt import JwtAccessBearerCookie, JwtAuthorizationCredentials

        access = JwtAccessBearerCookie(secret_key=SECRET, auto_error=True)

        @app.post("/login")
        def login(response: Response):
            token = access.create_access_token(subject={"name": "ada"})
            access.set_access_cookie(response, token)
            return {"access_token": token}

        @app.get("/me")
        def me(credentials: JwtAuthorizationCredentials = Security(access)):
            return credentials["name"]

    case "fastapi-csrf-protect":
        from fastapi_csrf_protect import CsrfProtect
        from fastapi_csrf_protect.exceptions import CsrfProtectError

        class CsrfSettings(BaseModel):
            secret_key: str = SECRET
            cookie_samesite: str = "lax"

        @CsrfProtect.load_config
        def get_settings():
            return CsrfSettings()

        @app.exception_handler(CsrfProtectError)
        def refuse(request: Request, error: CsrfProtectError):
            return JSONResponse({"detail": error.message}, error.status_code)

        @app.get("/form")
        def form(protect: Annotated[CsrfProtect, Depends()]):
            token, signed = protect.generate_csrf_tokens()
            response = JSONResponse({"token": token})
            protect.set_csrf_cookie(signed, response)
            return response

        @app.post("/form")
        async def send(request: Request, protect: Annotated[CsrfProtect, Depends()]):
            await protect.validate_csrf(request)
            response = JSONResponse("sent")
            protect.unset_csrf_cookie(response)
            return response

    case "fastapi-sso":
        from fastapi_sso.sso.generic import DiscoveryDocument, OpenID, create_provider

        provider = os.environ["PROVIDER"]

        def to_openid(response: dict, session=None) -> OpenID:
            return OpenID(id=response["sub"], email=response["email"], provider="ours")

        discovery: DiscoveryDocument = {
            "authorization_endpoint": f"{provider}/authorize",
            "token_endpoint": f"{provider}/token",
            "userinfo_endpoint": f"{provider}/userinfo",
        }
        sso = create_provider(name="ours", discovery_document=discovery, response_convertor=to_openid)(
            client_id="us",
            client_secret="secret",
            redirect_uri="http://localhost/callback",
            allow_insecure_http=True,
        )

        @app.get("/login")
        async def login():
            async with sso:
                return await sso.get_login_redirect()

        @app.get("/callback")
        async def callback(request: Request) -> OpenID | None:
            async with sso:
                return await sso.verify_and_process(request)

    case "fastapi-permissions":
        from fastapi_permissions import Allow, Authenticated, Everyone, configure_permissions

        class Note:
            def __init__(self, owner: str) -> None:
                self.owner = owner

            def __acl__(self):
                return [(Allow, Authenticated, "read"), (Allow, f"user:{self.owner}", "write")]

        def get_principals(request: Request):
            name = request.headers.get("x-user")
            return [Everyone, Authenticated, f"user:{name}"] if name else [Everyone]

        Permission = configure_permissions(get_principals)

        def get_note(owner: str) -> Note:
            return Note(owner)

        @app.get("/notes/{owner}")
        def read(note: Note = Permission("read", get_note)):
            return note.owner

        @app.put("/notes/{owner}")
        def write(note: Note = Permission("write", get_note)):
            return note.owner

    case "starsessions":
        from starsessions import InMemoryStore, SessionAutoloadMiddleware, SessionMiddleware

        app.add_middleware(SessionAutoloadMiddleware)
        app.add_middleware(SessionMiddleware, store=InMemoryStore(), lifetime=60, cookie_https_only=False)

        @app.post("/count")
        def count(request: Request) -> int:
            request.session["count"] = request.session.get("count", 0) + 1
            return request.session["count"]

    case "starlette-csrf":
        from starlette_csrf import CSRFMiddleware

        app.add_middleware(CSRFMiddleware, secret=SECRET)

        @app.get("/form")
        def form():
            return "a form"

        @app.post("/form")
        def send():
            return "sent"

    case "casbin":
        import casbin

        model = casbin.Model()
        model.load_model_from_text(
            "[request_definition]\nr = sub, obj, act\n[policy_definition]\np = sub, obj, act\n"
            "[policy_effect]\ne = some(where (p.eft == allow))\n"
            "[matchers]\nm = r.sub == p.sub && keyMatch(r.obj, p.obj) && r.act == p.act\n"
        )
        enforcer = casbin.Enforcer(model)
        enforcer.add_policy("ada", "/notes/*", "GET")

        def enforce(request: Request):
            user = request.headers.get("x-user", "")
            if not enforcer.enforce(user, request.url.path, request.method):
                raise HTTPException(403, "Not allowed")

        @app.api_route("/notes/{number}", methods=["GET", "POST"], dependencies=[Depends(enforce)])
        def note(number: int) -> int:
            return number

    case other:
        raise ValueError(other)
