"""`import fastapi` gives Rapide's modules, and who has a hand in imports notices (compatibility 13.5)."""

import subprocess
import sys
import textwrap

# Import hooks as agents have them: they ask the finders behind them, wrap the loader, and look at `__name__`.
_HOOK = """
import importlib.util, sys

class Loader:
    def __init__(self, loader):
        self.loader = loader

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        self.loader.exec_module(module)
        if module.__name__ == "fastapi.routing":
            told.append(module.__spec__.name)
            original = module.run_endpoint_function

            async def replacement(*, dependant, values, is_coroutine):
                called.append(dependant.call.__name__)
                return await original(dependant=dependant, values=values, is_coroutine=is_coroutine)

            module.run_endpoint_function = replacement

class Finder:
    def __init__(self):
        self.asking = set()

    def find_spec(self, fullname, path=None, target=None):
        if fullname != "fastapi.routing" or fullname in self.asking:
            return None
        self.asking.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
            spec.loader = Loader(spec.loader)
            return spec
        finally:
            self.asking.remove(fullname)

told, called = [], []
sys.meta_path.insert(0, Finder())
"""


def run(program: str) -> str:
    """Run a program by itself, and return what it printed."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_module_has_two_names():
    """Classes keep their identity, and each module its own name and place."""
    program = """
        import sys
        from rapide.fastapi import alias_fastapi
        alias_fastapi()
        alias_fastapi()
        import fastapi, fastapi.dependencies.utils, rapide.fastapi.dependencies.utils
        assert fastapi is rapide.fastapi
        assert fastapi.dependencies.utils is rapide.fastapi.dependencies.utils
        assert fastapi.__spec__.name == fastapi.__name__ == "rapide.fastapi"
        assert [type(finder).__module__ for finder in sys.meta_path].count("rapide.fastapi.alias") == 1
        print("done")
    """
    assert run(textwrap.dedent(program)) == "done\n"


def test_modules_are_there_as_after_an_import_of_fastapi():
    """Agents that come later look in sys.modules for what they replace functions of."""
    program = """
        import sys
        from rapide.fastapi import alias_fastapi
        alias_fastapi()
        print(sys.modules["fastapi.routing"].__name__, sys.modules["fastapi.applications"].__name__)
    """
    assert run(textwrap.dedent(program)) == "rapide.fastapi.routing rapide.fastapi.applications\n"


def test_an_import_hook_from_before_the_alias_is_told():
    """An agent that started the program sees the module under FastAPI's name; what it replaces is called."""
    program = """
        from rapide.fastapi import alias_fastapi
        alias_fastapi()
        import fastapi
        from fastapi.testclient import TestClient
        app = fastapi.FastAPI()

        @app.get("/")
        async def endpoint():
            return 1

        assert TestClient(app).get("/").json() == 1
        print(told, called)
    """
    assert run(_HOOK + textwrap.dedent(program)) == "['fastapi.routing'] ['endpoint']\n"


def test_the_metadata_tell_the_version_that_the_module_tells():
    """Packages look FastAPI's version up, whichever is installed, or none; other look-ups are not touched."""
    program = """
        import importlib.metadata
        from rapide.fastapi import __version__, alias_fastapi
        alias_fastapi()
        assert importlib.metadata.version("fastapi") == __version__
        assert importlib.metadata.distribution("fastapi").read_text("RECORD") is None
        assert importlib.metadata.distribution("fastapi").files is None
        assert importlib.metadata.metadata("fastapi")["Name"] == "fastapi"
        assert importlib.metadata.version("starlette")
        print("done")
    """
    assert run(textwrap.dedent(program)) == "done\n"


def test_the_alias_refuses_when_fastapi_is_there():
    """Two frameworks in one process would have classes that do not know each other."""
    program = """
        import sys, types
        sys.modules["fastapi"] = types.ModuleType("fastapi")
        from rapide.fastapi import alias_fastapi
        try:
            alias_fastapi()
        except RuntimeError as error:
            print(error)
    """
    assert "FastAPI is already imported (fastapi)" in run(textwrap.dedent(program))
