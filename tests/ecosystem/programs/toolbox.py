"""Packages that help with one thing each; PACKAGE says which."""

import os
from typing import Annotated, ClassVar

from pydantic import BaseModel

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, WebSocket

app = FastAPI()

match os.environ["PACKAGE"]:
    case "fastapi-offline":
        from fastapi_offline import FastAPIOffline

        app = FastAPIOffline(title="Offline", version="3")

        @app.get("/hello")
        def hello():
            return "hello"

    case "fastapi-health":
        from fastapi_health import health

        state = {"ready": True}

        def is_ready():
            return state["ready"]

        def count(n: int = 1):
            return {"count": n}

        app.add_api_route("/health", health([is_ready, count]))

        @app.put("/ready/{ready}")
        def set_ready(ready: bool):
            state["ready"] = ready

    case "fastapi-problem":
        from fastapi_problem.error import NotFoundProblem
        from fastapi_problem.handler import add_exception_handler, new_exception_handler

        class UserNotFoundError(NotFoundProblem):
            title = "User not found"

        add_exception_handler(app, new_exception_handler(documentation_uri_template="https://docs/{type}"))

        @app.get("/users/{number}")
        def read_user(number: int):
            if number == 3:
                raise HTTPException(418, "a teapot")
            if number == 4:
                raise RuntimeError("secret")
            raise UserNotFoundError(f"no user {number}")

    case "fastapi-etag":
        from fastapi_etag import Etag, add_exception_handler

        add_exception_handler(app)

        async def get_etag(request: Request):
            return "of-" + request.path_params["name"]

        @app.get("/hello/{name}", dependencies=[Depends(Etag(get_etag))])
        def hello(name: str):
            return name

    case "fastapi-restful":
        from fastapi_restful import Resource, set_responses
        from fastapi_restful.cbv_base import Api
        from fastapi_restful.enums import StrEnum

        class Kind(StrEnum):
            short: ClassVar = "short"

        class Book(BaseModel):
            title: str

        def get_library(library: str = "city") -> str:
            return library

        class Books(Resource):
            def __init__(self, shelf: str) -> None:
                self.shelf = shelf

            @set_responses(Book)
            def get(self, number: int, library: Annotated[str, Depends(get_library)]):
                return Book(title=f"{self.shelf} {number} {library}")

            @set_responses(Book, 201)
            def post(self, book: Book):
                return book

        Api(app).add_resource(Books("A"), "/books")

    case "fastapi-class":
        from fastapi_class import View, endpoint

        class Item(BaseModel):
            number: int

        @View(app, path="/items")
        class Items:
            async def post(self, item: Item) -> Item:
                return item

            async def get(self, number: int = Query(..., gt=0)):
                return {"number": number}

            @endpoint(("PUT",), path="/all")
            async def everything(self):
                return "all"

    case "classy-fastapi":
        from classy_fastapi import Routable, get, post

        class Users(Routable):
            def __init__(self, store: dict[str, int]) -> None:
                super().__init__(prefix="/users")
                self.store = store

            @get("/{name}")
            async def read(self, name: str) -> int:
                return self.store[name]

            @post("/{name}")
            async def write(self, name: str, age: int) -> int:
                self.store[name] = age
                return age

        app.include_router(Users({"ada": 36}).router)

    case "fastapi-controllers":
        from fastapi_controllers import create_router, get, router, websocket

        def get_user(x_user: Annotated[str, Header()]) -> str:
            return x_user

        @router(prefix="/c", tags=["c"])
        class Controller:
            def __init__(self, user: Annotated[str, Depends(get_user)]) -> None:
                self.user = user

            @get("/me")
            async def me(self, times: int = 1) -> str:
                return self.user * times

            @websocket("/ws")
            async def echo(self, socket: WebSocket) -> None:
                await socket.accept()
                await socket.send_text(f"{self.user} {await socket.receive_text()}")
                await socket.close()

        app.include_router(create_router(Controller))

    case "fastapi-views":
        from uuid import UUID

        from fastapi_views import ViewRouter, configure_app
        from fastapi_views.views.viewsets import AsyncAPIViewSet

        class Thing(BaseModel):
            id: UUID
            name: str

        class Things(AsyncAPIViewSet):
            api_component_name = "Thing"
            response_schema = Thing
            things: ClassVar[dict[UUID, Thing]] = {}

            async def list(self) -> list[Thing]:
                return [*self.things.values()]

            async def create(self, thing: Thing) -> Thing:
                self.things[thing.id] = thing
                return thing

            async def retrieve(self, id: UUID) -> Thing | None:
                return self.things.get(id)

            async def update(self, id: UUID, thing: Thing) -> Thing:
                self.things[id] = thing
                return thing

            async def destroy(self, id: UUID) -> None:
                self.things.pop(id, None)

        router = ViewRouter(prefix="/things")
        router.register_view(Things)
        app.include_router(router)
        configure_app(app)

    case "fastapi-hypermodel":
        from fastapi_hypermodel import FrozenDict, HALFor, HALHyperModel, HALLinks, HALResponse

        class Person(HALHyperModel):
            id_: str
            name: str
            links: HALLinks = FrozenDict({"self": HALFor("read_person", {"id_": "<id_>"})})

        HALHyperModel.init_app(app)

        @app.get("/people/{id_}", response_model=Person, response_class=HALResponse)
        def read_person(id_: str):
            return {"id_": id_, "name": "Ada"}

    case "fastapi-websocket-rpc":
        from fastapi_websocket_rpc import RpcMethodsBase, WebsocketRPCEndpoint

        class Calculator(RpcMethodsBase):
            async def add(self, a: int, b: int) -> int:
                return a + b

        WebsocketRPCEndpoint(Calculator()).register_route(app, "/ws")

    case "fastapi-websocket-pubsub":
        from fastapi_websocket_pubsub import PubSubEndpoint

        endpoint = PubSubEndpoint()
        endpoint.register_route(app, "/pubsub")

        @app.post("/publish/{topic}")
        async def publish(topic: str, text: str):
            await endpoint.publish([topic], data=text)

    case "msgpack-asgi":
        from msgpack_asgi import MessagePackMiddleware

        app.add_middleware(MessagePackMiddleware)

        class Point(BaseModel):
            x: int

        @app.post("/double")
        def double(point: Point) -> Point:
            return Point(x=2 * point.x)

    case "brotli-asgi":
        from brotli_asgi import BrotliMiddleware

        app.add_middleware(BrotliMiddleware, minimum_size=100)

        @app.get("/long")
        def long() -> str:
            return "a" * 10_000

    case "starlette-context":
        from starlette_context import context, plugins
        from starlette_context.middleware import RawContextMiddleware

        app.add_middleware(
            RawContextMiddleware, plugins=(plugins.RequestIdPlugin(), plugins.CorrelationIdPlugin())
        )

        def get_id() -> str:
            return context["X-Request-ID"]

        @app.get("/id")
        async def read_id(number: Annotated[str, Depends(get_id)]):
            return [number, context["X-Request-ID"]]

    case "secure":
        from secure import Secure
        from secure.middleware import SecureASGIMiddleware

        app.add_middleware(SecureASGIMiddleware, secure=Secure.with_default_headers())

        @app.get("/hello")
        def hello():
            return "hello"

    case "fastapi-redis-sdk":
        from redis_fastapi import FastAPIRedis, cache, rate_limit

        FastAPIRedis(app).lifespan().caching().rate_limiting()
        calls: list[int] = []

        @app.get(
            "/products/{number}", dependencies=[Depends(cache(ttl=30, eviction_group="rapide-products"))]
        )
        async def product(number: int):
            calls.append(number)
            return {"number": number, "calls": len(calls)}

        @app.get("/search", dependencies=[Depends(rate_limit("2/minute", scope=f"rapide-{os.getpid()}"))])
        async def search():
            return "found"

    case "fastapi-plugins":
        import contextlib

        import fastapi_plugins
        from fastapi_plugins import TRedisPlugin

        class Settings(fastapi_plugins.ControlSettings, fastapi_plugins.RedisSettings):
            api_name: str = "ours"

        @contextlib.asynccontextmanager
        async def lifespan(app: FastAPI):
            settings = Settings()
            await fastapi_plugins.config_plugin.init_app(app, settings)
            await fastapi_plugins.config_plugin.init()
            await fastapi_plugins.redis_plugin.init_app(app, config=settings)
            await fastapi_plugins.redis_plugin.init()
            await fastapi_plugins.control_plugin.init_app(
                app, config=settings, version="7", environ={"a": "b"}
            )
            await fastapi_plugins.control_plugin.init()
            yield
            await fastapi_plugins.control_plugin.terminate()
            await fastapi_plugins.redis_plugin.terminate()
            await fastapi_plugins.config_plugin.terminate()

        app = fastapi_plugins.register_middleware(FastAPI(lifespan=lifespan))

        @app.get("/ping")
        async def ping(redis: TRedisPlugin) -> bool:
            return await redis.ping()

    case "fastapi-profiler":
        from fastapi_profiler import PyInstrumentProfilerMiddleware

        app.add_middleware(PyInstrumentProfilerMiddleware, server_app=app, enable_dashboard=True)

        @app.get("/hello")
        def hello():
            return "hello"

    case "broadcaster":
        from broadcaster import Broadcast

        broadcast = Broadcast("memory://")
        app = FastAPI(on_startup=[broadcast.connect], on_shutdown=[broadcast.disconnect])

        @app.websocket("/listen")
        async def listen(socket: WebSocket):
            async with broadcast.subscribe("all") as subscriber:
                await socket.accept()
                async for event in subscriber:
                    await socket.send_text(event.message)

        @app.post("/say/{text}")
        async def say(text: str):
            await broadcast.publish("all", text)

    case other:
        raise ValueError(other)
