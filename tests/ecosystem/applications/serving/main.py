"""The application."""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import UUID4, BaseModel, Json
from starlette.exceptions import HTTPException as StarletteHTTPException

from fastapi import (
    APIRouter,
    Body,
    Depends,
    FastAPI,
    File,
    Form,
    HTTPException,
    Path,
    Query,
    Request,
    UploadFile,
)

from .batching import Batcher
from .models import (
    Card,
    ChatAnswer,
    ChatMessage,
    ChatRequest,
    Choice,
    ErrorAnswer,
    ErrorBody,
    Infer,
    Listed,
    Tensor,
    Usage,
)

WEIGHTS = np.array([[1.0, 2.0], [3.0, 4.0]])


def predict(rows: list[list[float]]) -> list[list[float]]:
    return (np.array(rows) @ WEIGHTS).tolist()


@dataclass
class Models:
    batcher: Batcher
    cards: dict[str, Card]


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with AsyncExitStack() as stack:
        batcher = await stack.enter_async_context(Batcher(predict, size=4, seconds=0.05))
        app.state.models = Models(
            batcher, {"parrot": Card(id="parrot", model_size=7), "linear": Card(id="linear")}
        )
        app.state.requests = Counter()
        yield


bearer = HTTPBearer(scheme_name="Key", description="A key of yours", auto_error=False)
admin_key = APIKeyHeader(name="X-Admin-Key")


class ApiError(Exception):
    def __init__(self, status: int, body: ErrorBody) -> None:
        self.status, self.body = status, body


async def check_key(request: Request, credentials: Annotated[Any, Depends(bearer)]) -> str:
    if credentials is None or not credentials.credentials.startswith("sk-"):
        raise ApiError(401, ErrorBody(message="No key", type="invalid_request_error", code="invalid_api_key"))
    request.app.state.requests[credentials.credentials] += 1
    return credentials.credentials


def get_models(request: Request) -> Models:
    return request.app.state.models


def get_card(models: Annotated[Models, Depends(get_models)], model: str) -> Card:
    if model not in models.cards:
        raise ApiError(404, ErrorBody(message=f"No model {model}", type="not_found", param="model"))
    return models.cards[model]


ModelsDep = Annotated[Models, Depends(get_models)]
errors: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorAnswer},
    404: {"model": ErrorAnswer, "description": "No such model"},
    "4XX": {"model": ErrorAnswer},
    "default": {"description": "Anything else"},
}
v1 = APIRouter(prefix="/v1", dependencies=[Depends(check_key)], responses=errors, tags=["openai"])


@v1.get("/models")
async def list_models(models: ModelsDep) -> Listed[Card]:
    return Listed(data=list(models.cards.values()))


@v1.get("/models/{model}", response_model_exclude_none=True)
def read_model(card: Annotated[Card, Depends(get_card)]) -> Card:
    return card


async def words_of(request: ChatRequest) -> AsyncIterable[str]:
    text = request.messages[-1].content
    text = text if isinstance(text, str) else " ".join(part.type for part in text)
    for word in text.split()[: request.max_tokens]:
        await asyncio.sleep(0)
        yield word


@v1.post(
    "/chat/completions",
    response_model=ChatAnswer,
    response_model_exclude_none=True,
    responses={200: {"content": {"text/event-stream": {"example": "data: [DONE]"}}}},
)
async def chat(request: ChatRequest, models: ModelsDep):
    if request.model not in models.cards:
        raise ApiError(404, ErrorBody(message=f"No model {request.model}", type="not_found", param="model"))
    number = hashlib.sha256(request.model_dump_json().encode()).hexdigest()[:12]
    if request.stream:

        async def send():
            count = 0
            async for word in words_of(request):
                count += 1
                yield f"data: {json.dumps({'id': number, 'choices': [{'delta': {'content': word}}]})}\n\n"
            if request.stream_options and request.stream_options.include_usage:
                yield f"data: {json.dumps({'id': number, 'usage': {'completion_tokens': count}})}\n\n"
            yield "data: [DONE]\n\n"

        return StreamingResponse(send(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})
    words = [word async for word in words_of(request)]
    answer = ChatMessage(role="assistant", content=" ".join(words))
    return ChatAnswer(
        id=number,
        model=request.model,
        choices=[
            Choice(message=answer, finish_reason="length" if request.max_tokens == len(words) else "stop")
        ],
        usage=Usage(prompt_tokens=len(request.messages), completion_tokens=len(words)),
    )


class Piece(BaseModel):
    index: int
    word: str


@v1.post("/stream/events", response_class=EventSourceResponse)
async def stream_events(request: ChatRequest) -> AsyncIterable[Piece]:
    index = 0
    async for word in words_of(request):
        yield Piece(index=index, word=word)
        index += 1


@v1.post("/stream/named", response_class=EventSourceResponse)
async def stream_named(request: ChatRequest):
    async for word in words_of(request):
        yield ServerSentEvent(data=word, event="word")
    yield ServerSentEvent(raw_data="[DONE]", comment="that is all")


@v1.post("/stream/lines")
async def stream_lines(request: ChatRequest) -> AsyncIterable[Piece]:
    index = 0
    async for word in words_of(request):
        yield Piece(index=index, word=word)
        index += 1


@v1.post("/embeddings")
async def embed(
    models: ModelsDep,
    input: Annotated[list[str] | str, Body()],
    dimensions: Annotated[int, Body(ge=1, le=4)] = 2,
    encoding_format: Annotated[Literal["float", "base64"], Body()] = "float",
) -> Listed[list[float]]:
    texts = [input] if isinstance(input, str) else input
    return Listed(data=[[float(len(text) + n) for n in range(dimensions)] for text in texts])


v2 = APIRouter(prefix="/v2", tags=["inference"])


@v2.get("/health/{kind}")
async def health(kind: Annotated[Literal["live", "ready"], Path()]):
    return {kind: True}


@v2.post("/models/{model}/infer")
@v2.post("/models/{model}/versions/{version}/infer", name="infer_version")
async def infer(
    models: ModelsDep, card: Annotated[Card, Depends(get_card)], body: Infer, version: int | None = None
) -> dict[str, str | int | list[Tensor] | None]:
    outputs = []
    for tensor in body.inputs:
        if len(tensor.data) != 2:
            raise HTTPException(422, detail=[{"loc": ["body", "inputs"], "msg": "two numbers"}])
        result = await models.batcher(tensor.data)
        outputs.append(Tensor(name=tensor.name, shape=[2], datatype="FP32", data=result))
    return {"id": body.id, "model_name": card.id, "outputs": outputs, "version": version}


@v2.post("/predict")
async def predict_one(
    models: ModelsDep, row: Annotated[list[float], Body(embed=True, min_length=2, max_length=2)]
):
    return await models.batcher(row)


@v2.get("/batches")
async def batches(models: ModelsDep) -> int:
    return sum(models.batcher.batches)


@v2.post("/images")
async def classify(
    image: Annotated[UploadFile, File(description="A picture")],
    top: Annotated[int, Form(ge=1)] = 1,
    labels: Annotated[list[str] | None, Form()] = None,
    options: Annotated[Json[dict[str, int]] | None, Form()] = None,
    mask: Annotated[bytes | None, File()] = None,
):
    content = await image.read()
    return {
        "name": image.filename,
        "type": image.content_type,
        "size": image.size,
        "sum": sum(content),
        "top": top,
        "labels": labels,
        "options": options,
        "mask": None if mask is None else len(mask),
    }


@v2.post("/images/many")
async def classify_many(images: list[UploadFile]) -> dict[str, int | None]:
    return {image.filename or "": image.size for image in images}


class Job(BaseModel):
    source: str
    epochs: int = 1


class Settings(BaseModel):
    model_config = {"extra": "forbid"}
    rate: float
    name: str = "job"


jobs = APIRouter(prefix="/jobs", tags=["jobs"], dependencies=[Depends(admin_key)])
callbacks = APIRouter()


@callbacks.post("{$callback_url}/done/{$request.body.source}")
def job_done(body: Job) -> None:
    """The job is done."""


@jobs.post("/", callbacks=callbacks.routes, status_code=202)
async def start(
    job: Annotated[
        Job,
        Body(openapi_examples={"short": {"summary": "A short one", "value": {"source": "a", "epochs": 1}}}),
    ],
    settings: Settings,
    callback_url: Annotated[str | None, Query(pattern="^https://")] = None,
    priority: Annotated[int, Body()] = 0,
):
    return {"job": job, "settings": settings, "priority": priority, "callback": callback_url}


@jobs.post("/form")
async def start_by_form(settings: Annotated[Settings, Form()]) -> Settings:
    return settings


@jobs.get("/{job_id}", response_class=PlainTextResponse, response_description="A line")
async def read_job(job_id: UUID4, verbose: bool = False) -> str:
    return f"job {job_id.version} {verbose}"


app = FastAPI(lifespan=lifespan, title="Serving", redoc_url=None, docs_url="/", root_path="/ml")
app.add_middleware(GZipMiddleware, minimum_size=2000)
app.include_router(v1)
app.include_router(v2)
app.include_router(jobs)


@app.exception_handler(ApiError)
async def api_error(request: Request, error: ApiError):
    return JSONResponse(ErrorAnswer(error=error.body).model_dump(), error.status)


@app.exception_handler(StarletteHTTPException)
async def http_error(request: Request, error: StarletteHTTPException):
    if not request.url.path.startswith("/v1"):
        return await http_exception_handler(request, error)
    body = ErrorBody(message=str(error.detail), type="http_error", code=str(error.status_code))
    return JSONResponse(ErrorAnswer(error=body).model_dump(), error.status_code, error.headers)


@app.exception_handler(RequestValidationError)
async def not_valid(request: Request, error: RequestValidationError):
    first = error.errors()[0]
    body = ErrorBody(message=first["msg"], type=first["type"], param=".".join(map(str, first["loc"])))
    return JSONResponse(ErrorAnswer(error=body).model_dump(), 400)


@app.exception_handler(Exception)
async def fault(request: Request, error: Exception):
    return JSONResponse({"fault": type(error).__name__}, 500)


@app.get("/fault", include_in_schema=False)
async def raise_fault(kind: str = "value"):
    if kind == "answer":
        return JSONResponse({"not": "an error"}, 418)
    raise ValueError(kind)


@app.get("/metrics", response_class=PlainTextResponse, include_in_schema=False)
async def metrics(request: Request):
    return "\n".join(f"requests {count}" for count in request.app.state.requests.values())


admin = FastAPI(title="Admin")


@admin.get("/limits/{name}")
def read_limit(name: str, request: Request) -> dict[str, str]:
    return {"name": name, "root": request.scope["root_path"], "url": str(request.url)}


app.mount("/admin", admin)


def documented():
    if app.openapi_schema is None:
        document = get_openapi(title="Serving", version="9", routes=app.routes, description="Ours")
        document["info"]["x-logo"] = {"url": "https://serving.example/logo.png"}
        document["paths"]["/v2/batches"]["get"]["x-ours"] = True
        app.openapi_schema = document
    return app.openapi_schema


app.openapi = documented
