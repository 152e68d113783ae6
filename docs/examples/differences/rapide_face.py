from library import router

from rapide import Rapide

app = Rapide(title="Library")
app.include_router(router)
