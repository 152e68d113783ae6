"""Requests and answers."""

import math
from enum import Enum
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator, model_validator

T = TypeVar("T")


class TextPart(BaseModel):
    type: Literal["text"]
    text: str


class ImagePart(BaseModel):
    type: Literal["image_url"]
    image_url: dict[Literal["url", "detail"], str]


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]


class Role(str, Enum):
    system = "system"
    user = "user"
    assistant = "assistant"


class ChatMessage(BaseModel):
    role: Role
    content: str | list[Part]
    name: str | None = None


class StreamOptions(BaseModel):
    include_usage: bool = False


class ChatRequest(BaseModel):
    """Most of OpenAI's, and what it does not know is kept."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"model": "parrot", "messages": [{"role": "user", "content": "Hello"}]}]
        },
    )
    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0
    max_tokens: int | None = Field(
        None, ge=1, validation_alias=AliasChoices("max_tokens", "max_completion_tokens")
    )
    stop: str | list[str] | None = None
    stream: bool = False
    stream_options: StreamOptions | None = None
    logit_bias: dict[int, float] | None = None

    @model_validator(mode="after")
    def _options_need_a_stream(self):
        if self.stream_options and not self.stream:
            raise ValueError("stream_options needs stream")
        return self


class Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


class Choice(BaseModel):
    index: int = 0
    message: ChatMessage
    finish_reason: Literal["stop", "length"] | None = None


class ChatAnswer(BaseModel):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    model: str
    choices: list[Choice]
    usage: Usage


class Listed(BaseModel, Generic[T]):
    object: Literal["list"] = "list"
    data: list[T]


class Card(BaseModel):
    model_config = ConfigDict(protected_namespaces=())
    id: str
    object: Literal["model"] = "model"
    owned_by: str = "us"
    model_size: int | None = None


class Tensor(BaseModel):
    name: str
    shape: list[int]
    datatype: Literal["FP32", "INT64"]
    data: list[float]

    @field_validator("data")
    @classmethod
    def _is_finite(cls, value: list[float]) -> list[float]:
        if any(math.isnan(number) for number in value):
            raise ValueError("not a number")
        return value


class Infer(BaseModel):
    id: str | None = None
    inputs: list[Tensor]
    parameters: dict[str, Any] = {}


class ErrorBody(BaseModel):
    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ErrorAnswer(BaseModel):
    error: ErrorBody
