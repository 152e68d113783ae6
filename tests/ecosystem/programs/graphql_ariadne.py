"""ariadne: an ASGI application that is mounted, and one called from a route."""

from ariadne import QueryType, make_executable_schema
from ariadne.asgi import GraphQL

from fastapi import FastAPI, Request

query = QueryType()


@query.field("hello")
def hello(_, info, name):
    return f"hello {name}, from {info.context['request'].url.path}"


schema = make_executable_schema("type Query { hello(name: String!): String! }", query)
graphql = GraphQL(schema)
app = FastAPI()
app.mount("/mounted", graphql)


@app.post("/called")
async def called(request: Request):
    return await graphql.handle_request(request)
