"""asgi-correlation-id: an id for each request, taken over or made; in the log, in tasks and in errors."""

from asgi_correlation_id import CorrelationIdMiddleware, correlation_id

from fastapi import BackgroundTasks, FastAPI, HTTPException

app = FastAPI()
app.add_middleware(CorrelationIdMiddleware, validator=None)
seen: list[str | None] = []


@app.get("/here")
async def here(tasks: BackgroundTasks):
    tasks.add_task(lambda: seen.append(correlation_id.get()))
    return correlation_id.get()


@app.get("/thread")
def thread():
    return correlation_id.get()


@app.get("/refused")
async def refused():
    raise HTTPException(418)


@app.get("/seen")
async def get_seen():
    return seen
