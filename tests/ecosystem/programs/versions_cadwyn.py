"""cadwyn: one set of routes in several versions, chosen by a header; older ones are migrated."""

from datetime import date
from typing import Annotated

from cadwyn import (
    Cadwyn,
    HeadVersion,
    RequestInfo,
    ResponseInfo,
    Version,
    VersionBundle,
    VersionChange,
    VersionedAPIRouter,
    convert_request_to_next_version_for,
    convert_response_to_previous_version_for,
    endpoint,
    schema,
)
from pydantic import BaseModel

from fastapi import Depends, Query


class UserCreate(BaseModel):
    addresses: list[str]


class UserRead(UserCreate):
    number: int


router = VersionedAPIRouter(tags=["users"])
stored: dict[int, list[str]] = {}


def get_scale(scale: Annotated[int, Query(ge=1)] = 1) -> int:
    return scale


@router.post("/users", response_model=UserRead)
async def create_user(user: UserCreate):
    number = len(stored) + 1
    stored[number] = user.addresses
    return {"number": number, "addresses": user.addresses}


@router.get("/users/{number}", response_model=UserRead)
async def read_user(number: int, scale: Annotated[int, Depends(get_scale)]):
    return {"number": number * scale, "addresses": stored[number]}


@router.delete("/users/{number}", status_code=204)
async def delete_user(number: int) -> None:
    del stored[number]


class OneAddressBecomesMany(VersionChange):
    """A user has several addresses; before, there was one."""

    description = "A user has several addresses"
    instructions_to_migrate_to_previous_version = (
        schema(UserCreate).field("addresses").didnt_exist,
        schema(UserCreate).field("address").existed_as(type=str),
        endpoint("/users/{number}", ["DELETE"]).didnt_exist,
    )

    @convert_request_to_next_version_for(UserCreate)
    def many(request: RequestInfo):  # noqa: N805 -- cadwyn's own form
        request.body["addresses"] = [request.body.pop("address")]

    @convert_response_to_previous_version_for(UserRead)
    def one(response: ResponseInfo):  # noqa: N805 -- cadwyn's own form
        response.body["address"] = response.body.pop("addresses")[0]


app = Cadwyn(
    versions=VersionBundle(
        HeadVersion(),
        Version(date(2026, 6, 1), OneAddressBecomesMany),
        Version(date(2025, 1, 1)),
    )
)
app.generate_and_include_versioned_routers(router)
