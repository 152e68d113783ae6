"""What a program sees of FastAPI when the alias is in force and the real one is installed too."""

import importlib.metadata
import importlib.util
import sys

import fastapi.dependencies.utils
import fastapi_injectable

import fastapi

app = fastapi.FastAPI()


@app.get("/")
def seen() -> dict[str, object]:
    return {
        "file": fastapi.__file__,
        "name": fastapi.FastAPI.__mro__[1].__module__,
        "version": fastapi.__version__,
        "metadata": importlib.metadata.version("fastapi"),
        "found": importlib.util.find_spec("fastapi") is not None,
        "same": sys.modules["fastapi"] is sys.modules["rapide.fastapi"],
        "plug_in": fastapi_injectable.main.solve_dependencies
        is fastapi.dependencies.utils.solve_dependencies,
    }
