from rapide import Rapide, UploadFile

app = Rapide(title="Library", max_body_size=64 * 1024)


@app.post("/scans", max_body_size=1024, form_limits={"max_files": 1})
async def add_scan(scan: UploadFile) -> int | None:
    return scan.size
