"""strawberry-graphql: queries, mutations, subscriptions, with a context made by dependencies."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry
from strawberry.fastapi import BaseContext, GraphQLRouter

from fastapi import BackgroundTasks, Depends, FastAPI, Header

added: list[str] = []


class Context(BaseContext):
    def __init__(self, user: str) -> None:
        super().__init__()
        self.user = user


def get_user(user: Annotated[str, Header()] = "nobody") -> str:
    return user


async def get_context(user: Annotated[str, Depends(get_user)]) -> Context:
    return Context(user)


@strawberry.type
class Book:
    title: str
    pages: int


@strawberry.type
class Query:
    @strawberry.field
    def books(self, at_least: int = 0) -> list[Book]:
        return [
            book
            for book in (Book(title="Emma", pages=474), Book(title="Persuasion", pages=249))
            if book.pages >= at_least
        ]

    @strawberry.field
    async def me(self, info: strawberry.Info) -> str:
        return info.context.user


@strawberry.type
class Mutation:
    @strawberry.mutation
    def add(self, info: strawberry.Info, title: str) -> Book:
        tasks: BackgroundTasks = info.context.background_tasks
        tasks.add_task(added.append, title)
        info.context.response.headers["x-added"] = title
        return Book(title=title, pages=1)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, target: int) -> AsyncGenerator[int, None]:
        for number in range(target):
            await asyncio.sleep(0)
            yield number


schema = strawberry.Schema(Query, Mutation, Subscription)
app = FastAPI()
app.include_router(GraphQLRouter(schema, context_getter=get_context), prefix="/graphql")


@app.get("/added")
def get_added():
    return added
