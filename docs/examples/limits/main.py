from rapide import APIRouter, Rapide, UploadFile

app = Rapide(title="Library", max_body_size=2_000)

scans = APIRouter(prefix="/scans", max_body_size=1_000, form_limits={"max_files": 1})


@scans.post("")
async def add_scan(scan: UploadFile) -> int | None:
    return scan.size


@scans.post("/large", max_body_size=1_500)
async def add_large_scan(scan: UploadFile) -> int | None:
    return scan.size


app.include_router(scans)


@app.post("/notes")
async def add_note(note: dict[str, object]) -> int:
    return len(note)
