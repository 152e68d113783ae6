from library import router

from rapide.fastapi import FastAPI

app = FastAPI(title="Library")
app.include_router(router)
