"""Errors over HTTP (RFC 9457)."""

from pydantic import BaseModel, ConfigDict, Field


class Problem(BaseModel):
    """What went wrong. Further members hold the facts that belong to the type."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Identifies the kind of problem; stable, made for programs.")
    title: str = Field(description="The kind of problem, for people.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened this time, for people.")
