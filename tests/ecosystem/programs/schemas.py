"""schemathesis: requests made from the document, straight to the application."""

from rapide.fastapi import alias_fastapi

alias_fastapi()

import schemathesis
from hypothesis import given, settings
from pydantic import BaseModel, Field

from fastapi import FastAPI, Path

app = FastAPI()
asked: list[str] = []


class Item(BaseModel):
    name: str = Field(max_length=5)
    price: float = Field(gt=0)


@app.put("/items/{item_id}", responses={400: {}})
def put(item: Item, item_id: int = Path(ge=1)) -> Item:
    asked.append(item.name)
    return item


schema = schemathesis.openapi.from_asgi("/openapi.json", app)


for operation in schema.get_all_operations():
    strategy = operation.ok().as_strategy()

    @settings(max_examples=30, deadline=None, database=None)
    @given(case=strategy)
    def check(case):
        case.call_and_validate()

    check()
print(len(asked))
