from pydantic import BaseModel

from rapide import Rapide

app = Rapide(title="Library")


class NewReader(BaseModel):
    name: str
    password: str


class Reader(BaseModel):
    number: int
    name: str


readers: dict[int, dict[str, object]] = {}


@app.post("/readers", status_code=201)
async def add_reader(reader: NewReader) -> Reader:
    record = {"number": len(readers) + 1, **reader.model_dump()}
    readers[len(readers) + 1] = record
    return record  # type: ignore[return-value]


@app.get("/readers", response_model=list[Reader])
async def list_readers() -> list[dict[str, object]]:
    return list(readers.values())
