"""Finding the module and the object that a command is about."""

import sys
from pathlib import Path

import pytest

from rapide.cli.discover import DEFAULT_FILES, Target, find_target, load_target
from rapide.cli.failures import CommandError, ImportFailedError, StartupError, UsageError


@pytest.mark.parametrize("position", range(len(DEFAULT_FILES)))
def test_find_target_takes_the_first_usual_file_when_nothing_is_named(project, position):
    """Without a path, main.py comes before app.py, api.py and the same three in app/."""
    for name in DEFAULT_FILES[position:]:
        project.write(name, "")
    target = find_target()
    assert target.module == Path(DEFAULT_FILES[position]).stem
    assert Path(target.search_path) == (project.folder / DEFAULT_FILES[position]).parent
    assert target.origin == "auto-discovered"


def test_find_target_names_the_usual_files_when_none_is_there(project):
    """The error says what was looked for, where, and how to pin the application."""
    with pytest.raises(CommandError) as caught:
        find_target()
    assert caught.value.exit_code == 1
    assert str(project.folder) in caught.value.message
    assert all(name in caught.value.message for name in DEFAULT_FILES)
    assert "[tool.rapide]" in str(caught.value.remedy)


def test_find_target_walks_up_to_the_root_of_the_package_when_the_file_is_in_one(project):
    """A module of a package is imported under its full name, from the directory above the package."""
    for name in ("shop/__init__.py", "shop/web/__init__.py", "shop/web/main.py"):
        project.write(name, "")
    target = find_target(path=Path("shop/web/main.py"))
    assert (target.module, target.search_path) == ("shop.web.main", str(project.folder))


def test_find_target_imports_the_package_when_the_path_is_a_package(project):
    """A directory with __init__.py stands for the package itself."""
    project.write("shop/__init__.py", "")
    target = find_target(path=Path("shop"))
    assert (target.module, target.search_path) == ("shop", str(project.folder))


def test_find_target_looks_for_usual_files_in_a_directory_that_is_no_package(project):
    """A plain directory is searched like the current one."""
    project.write("backend/api.py", "")
    target = find_target(path=Path("backend"))
    assert (target.module, target.search_path) == ("api", str(project.folder / "backend"))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("missing.py", "Path does not exist: missing.py"),
        ("notes.txt", "Not a Python file: notes.txt"),
        ("my-shop.py", '"my-shop" cannot be imported'),
    ],
)
def test_find_target_fails_when_the_path_cannot_be_imported(project, path, said):
    """Each kind of wrong path has its own message."""
    project.write("notes.txt", "")
    project.write("my-shop.py", "")
    with pytest.raises(CommandError) as caught:
        find_target(path=Path(path))
    assert said in caught.value.message
    assert caught.value.remedy


def test_find_target_suggests_the_option_when_an_entry_point_stands_for_the_path(project):
    """`rapide run main:app` is a frequent slip; the error shows the right form."""
    with pytest.raises(CommandError) as caught:
        find_target(path=Path("main:app"))
    assert "-e main:app" in str(caught.value.remedy)


def test_find_target_takes_an_entry_point_as_it_is(project):
    """module:object needs no file system, and is imported from the current directory."""
    target = find_target(entrypoint="shop.main:services.app", entrypoint_origin="--entrypoint")
    assert target == Target(
        "shop.main", "services.app", str(project.folder), origin="--entrypoint"
    )  # the file need not exist yet


@pytest.mark.parametrize(
    "entrypoint", ["main", "main:", ":app", "main:app:x", "my-shop:app", "main.py:1app", "a b:c"]
)
def test_find_target_refuses_an_entry_point_that_is_no_import_string(project, entrypoint):
    """The form is module:object, each a Python name with dots."""
    with pytest.raises(CommandError, match="is not an entry point"):
        find_target(entrypoint=entrypoint)


def test_load_target_prefers_app_then_api_then_the_first_name(project):
    """`app` wins over `api`, and both over other names, which go by the alphabet."""
    project.write_api("three.py", "zeta = Api()\nalpha = Api()\napi = Api()\napp = Api()\n")
    project.write_api("two.py", "zeta = Api()\nalpha = Api()\napi = Api()\n")
    project.write_api("one.py", "zeta = Api()\nalpha = Api()\n")
    names = [
        load_target(find_target(path=Path(name))).import_string for name in ("three.py", "two.py", "one.py")
    ]
    assert names == ["three:app", "two:api", "one:alpha"]


def test_load_target_says_that_it_chose_when_there_are_several_applications(project):
    """A choice by the alphabet must not be silent."""
    project.write_api("main.py", "zeta = Api()\nalpha = Api()\n")
    (remark,) = load_target(find_target()).remarks
    assert "alpha, zeta" in remark
    assert "--app" in remark


def test_load_target_says_that_it_passed_over_a_wrapped_app(project):
    """Serving another application without a word would hide the middleware around `app`."""
    project.write_api(
        "main.py", "class Wrapped:\n    def __call__(self): ...\napp = Wrapped()\ninner = Api()\n"
    )
    loaded = load_target(find_target())
    assert loaded.import_string == "main:inner"
    assert any("--app app" in remark for remark in loaded.remarks)


def test_load_target_takes_the_named_object(project):
    """`--app` and entry points name the object, attributes of objects included."""
    project.write_api("main.py", "class Services:\n    web = Api()\nother = Api()\n")
    assert load_target(find_target(entrypoint="main:Services.web")).import_string == "main:Services.web"
    assert load_target(find_target(app_name="other")).import_string == "main:other"


def test_load_target_lists_the_applications_when_the_named_object_is_missing(project):
    """A misspelt name is answered with the names that exist."""
    project.write_api("main.py", "app = Api()\nadmin = Api()\n")
    with pytest.raises(CommandError, match='no object "apps"') as caught:
        load_target(find_target(entrypoint="main:apps"))
    assert "admin, app" in str(caught.value.remedy)


def test_load_target_refuses_an_object_that_is_no_application(project):
    """A number, a class or a function cannot be served."""
    project.write_api("main.py", "app = Api()\nnumber = 3\ndef make(): return app\n")
    for name, remedy in (
        ("number", "Name the application object."),
        ("Api", "Name the"),
        ("make", "--factory"),
    ):
        with pytest.raises(CommandError, match="not an application") as caught:
            load_target(find_target(app_name=name), any_asgi=True)
        assert remedy in str(caught.value.remedy)


def test_load_target_accepts_any_asgi_callable_when_it_is_named_for_serving(project):
    """What wraps an application can be served, but cannot be inspected."""
    project.write("main.py", "async def app(scope, receive, send): ...\n")
    target = find_target(app_name="app")
    assert load_target(target, any_asgi=True).import_string == "main:app"
    with pytest.raises(CommandError, match="is a function, not an application"):
        load_target(target)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("def create_app(): ...\n", "--factory --app create_app"),
        ("class W:\n    def __call__(self): ...\napp = W()\n", "--app app"),
        ("x = 1\n", "app = Rapide()"),
    ],
)
def test_load_target_says_what_to_do_when_the_module_holds_no_application(project, text, remedy):
    """The remedy depends on what the module does hold."""
    project.write("main.py", text)
    with pytest.raises(CommandError, match='"main" holds no application') as caught:
        load_target(find_target())
    assert caught.value.exit_code == 1
    assert remedy in str(caught.value.remedy)


def _factory(module: str, attribute: str | None, folder: Path) -> Target:
    return Target(module, attribute, str(folder), factory=True)


@pytest.mark.parametrize("attribute", [None, "create_app"])
def test_load_target_calls_the_factory_when_it_is_asked_to(project, attribute):
    """The factory is found by name, or named."""
    project.write_api("main.py", "def create_app():\n    return Api()\n")
    loaded = load_target(_factory("main", attribute, project.folder))
    assert type(loaded.app).__name__ == "Api"
    assert loaded.import_string == "main:create_app"


def test_load_target_fails_when_the_factory_does(project):
    """What the factory raises is a failure at start-up with the factory's traceback."""
    project.write("main.py", "def create_app():\n    return {}['missing']\n")
    with pytest.raises(ImportFailedError) as caught:
        load_target(_factory("main", None, project.folder))
    assert isinstance(caught.value.cause, KeyError)
    assert "main:create_app()" in caught.value.message


def test_load_target_refuses_a_factory_that_is_none(project):
    """An application is no factory, and a module without functions has none."""
    project.write_api("main.py", "app = Api()\n")
    project.write("empty.py", "")
    with pytest.raises(UsageError, match="is not a factory"):
        load_target(_factory("main", "app", project.folder))
    with pytest.raises(CommandError, match="has no function called create_app"):
        load_target(_factory("empty", None, project.folder))


def test_load_target_fails_without_a_traceback_when_the_module_itself_is_missing(project):
    """A wrong module name is a mistake on the command line, not in the code."""
    with pytest.raises(CommandError, match='No module named "nowhere"') as caught:
        load_target(find_target(entrypoint="nowhere.main:app"))
    assert not isinstance(caught.value, ImportFailedError)
    assert str(project.folder) in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("missing", "remedy"),
    [
        ("fastapi", "--alias-fastapi"),
        ("fastapi.security", "--alias-fastapi"),
        ("package_nobody_has", 'Install "package_nobody_has"'),
        ("settings", "__init__.py"),
    ],
)
def test_load_target_says_what_to_do_when_the_module_imports_what_is_not_there(
    project, missing, remedy, monkeypatch
):
    """FastAPI, a package of someone else and a file next door need different remedies."""
    monkeypatch.setitem(sys.modules, "fastapi", None)
    project.write("shop/main.py", f"raise ModuleNotFoundError('no', name={missing!r})\n")
    project.write("shop/settings.py", "")
    with pytest.raises(ImportFailedError) as caught:
        load_target(find_target(path=Path("shop/main.py")))
    assert caught.value.exit_code == StartupError.exit_code
    assert remedy in str(caught.value.remedy)


@pytest.mark.parametrize(
    "text", ["raise ValueError('no')", "def broken(:", "import sys\nsys.exit(4)", "1 / 0"]
)
def test_load_target_reports_whatever_the_module_raises(project, text):
    """Errors, syntax errors and sys.exit() at import are all failures of the import."""
    project.write("main.py", text)
    with pytest.raises(ImportFailedError) as caught:
        load_target(find_target())
    assert caught.value.exit_code == 3


def test_load_target_lets_ctrl_c_through_while_the_module_is_imported(project):
    """Whoever interrupts a slow import wants to stop, not to read about the import."""
    project.write("main.py", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load_target(find_target())


def test_load_target_puts_the_project_first_on_the_path(project):
    """A module of the project wins over an installed one of the same name."""
    project.write_api("main.py", "app = Api()\n")
    load_target(find_target())
    assert sys.path[0] == str(project.folder)
