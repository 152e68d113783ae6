from rapide.fastapi import alias_fastapi

alias_fastapi()  # before anything imports fastapi

import fastapi  # noqa: E402
from rapide.fastapi import FastAPI  # noqa: E402

print(fastapi.__version__, fastapi.FastAPI is FastAPI)
