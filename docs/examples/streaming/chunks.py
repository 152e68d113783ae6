from collections.abc import Iterator

from rapide import Rapide
from rapide.responses import StreamingResponse

app = Rapide(title="Library")


class CSVResponse(StreamingResponse):
    media_type = "text/csv"


@app.get("/export.csv", response_class=CSVResponse)
def export_books() -> Iterator[str]:
    yield "number,title\n"
    for number, title in enumerate(["Momo", "Emil"], 1):
        yield f"{number},{title}\n"
