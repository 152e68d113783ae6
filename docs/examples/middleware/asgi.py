from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rapide import Rapide, Request


class RequestNumber:
    """Give every request a number, and send it back."""

    def __init__(self, app: ASGIApp, header: str = "X-Request-Id") -> None:
        self.app = app
        self.header = header

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number = scope.setdefault("state", {})["number"] = uuid4().hex

        async def send_numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[self.header] = number
            await send(message)

        await self.app(scope, receive, send_numbered)


app = Rapide(title="Library")
app.add_middleware(RequestNumber)


@app.get("/number")
async def read_number(request: Request) -> str:
    return str(request.state.number)
