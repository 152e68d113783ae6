from typing import Annotated

from pydantic import BaseModel

from rapide import Header, Rapide

app = Rapide(title="Library")


class TraceHeaders(BaseModel):
    x_request_id: str
    x_tenant: str = "main"


@app.get("/trace")
async def read_trace(headers: Annotated[TraceHeaders, Header()]) -> TraceHeaders:
    return headers
