from typing import Annotated

from pydantic import BaseModel

from rapide import File, Form, Rapide, UploadFile

app = Rapide(title="Library")


class Application(BaseModel):
    name: str
    age: int
    newsletter: bool = False


@app.post("/cards")
async def apply_for_card(application: Annotated[Application, Form()]) -> Application:
    return application


@app.post("/covers")
async def add_cover(
    number: Annotated[int, Form(gt=0)],
    cover: UploadFile,
    notes: Annotated[tuple[bytes, ...], File()] = (),
) -> dict[str, object]:
    start = await cover.read(4)
    return {
        "book": number,
        "file": cover.filename,
        "type": cover.content_type,
        "size": cover.size,
        "starts_with": start.hex(),
        "notes": len(notes),
    }
