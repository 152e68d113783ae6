"""What stands on the pages was run: every block of code is an included file, or is compared with one."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fragments import FRAGMENTS
from loading import DOCS, EXAMPLES

from rapide.cli.options import ServeSettings, settings_of

_ROOT = DOCS.parent
_PAGES = sorted(path for path in DOCS.rglob("*.md") if EXAMPLES not in path.parents)
_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<body>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_INCLUDE = re.compile(r'^ *--8<-- "(?P<file>[^":]+)(?:[^"]*)"$', re.MULTILINE)
# Commands that a page may name without showing what they print: they install, or serve until stopped.
_UNSHOWN = re.compile(
    r"(pip install|python -m venv|\. \.venv|rapide (dev|run)|scripts/demo"
    r"|rapide openapi main.py .*(-o openapi.yaml|--openapi-version 3.0)$)"
)
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
_LONGEST = 120
# Options of single commands, and of other programs that the pages name.
_OF_COMMANDS = {"--from-fastapi", "--allow-file", "--format", "--json", "--openapi-version"}
_OF_OTHERS = {
    "--clients",
    "--quick",
    "--write",
    "--graceful-timeout",
    "--no-cache-dir",
    "--no-create-home",
    "--require-hashes",
    "--requests",
    "--seconds",
    "--seed",
}
# Not examples: the linter's settings.
_NOT_SHOWN = {"ruff.toml"}


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    title: str | None
    body: str


def _blocks(page: Path) -> Iterator[Block]:
    for match in _FENCE.finditer(page.read_text("utf-8")):
        yield Block(match["language"], match["title"], match["body"])


def _included(text: str) -> list[str]:
    return [match["file"] for match in _INCLUDE.finditer(text)]


def _relative(path: Path) -> str:
    return str(path.relative_to(DOCS))


@pytest.mark.parametrize("page", _PAGES, ids=_relative)
def test_block_is_an_included_file_or_part_of_one(page: Path) -> None:
    """Code that is written into a page is part of a file; commands whose output matters are recorded."""
    for block in _blocks(page):
        if _INCLUDE.fullmatch(block.body.rstrip("\n")) or block.language == "text":
            continue
        if block.language == "console":
            commands = block.body.splitlines()
            assert all(line.startswith("$ ") and _UNSHOWN.match(line[2:]) for line in commands), block.body
            continue
        assert block.title, f"{page.name}: a block that no test runs:\n{block.body}"
        source = (_ROOT / block.title).read_text("utf-8")
        assert block.body in source, f"{page.name}: {block.title} does not hold this any more:\n{block.body}"


@pytest.mark.parametrize("page", _PAGES, ids=_relative)
def test_included_files_exist(page: Path) -> None:
    """The site cannot be built without them."""
    for name in _included(page.read_text("utf-8")):
        assert (EXAMPLES / name).is_file() or (DOCS / name).is_file(), name


@pytest.mark.parametrize("page", _PAGES, ids=_relative)
def test_chapter_is_short(page: Path) -> None:
    """One idea needs no more than a screen or two."""
    if page.parent.name == "tutorial":
        assert len(page.read_text("utf-8").splitlines()) <= _LONGEST


def test_every_example_is_on_a_page() -> None:
    """An example that no page shows is kept up for nobody."""
    texts = [page.read_text("utf-8") for page in _PAGES]
    texts += [(DOCS / "generated" / f"{name}.txt").read_text("utf-8") for name in FRAGMENTS]
    shown = {name for text in texts for name in _included(text)} | _NOT_SHOWN
    files = {str(path.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("*") if path.is_file()}
    hidden = {name for name in files - shown if "__pycache__" not in name and not _is_support(name)}
    assert hidden == set()


def _is_support(name: str) -> bool:
    """Tell whether a file is there for others: packages, and what the examples serve."""
    return name.endswith("__init__.py") or name.startswith(("static_files/public/", "static_files/app/"))


def test_every_page_is_in_the_navigation() -> None:
    """And nothing else is."""
    settings = tomllib.loads((_ROOT / "zensical.toml").read_text("utf-8"))

    def pages(entry: object) -> Iterator[str]:
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, dict):
            for value in entry.values():
                yield from pages(value)
        elif isinstance(entry, list):
            for value in entry:
                yield from pages(value)

    listed = list(pages(settings["project"]["nav"]))
    assert sorted(listed) == sorted(_relative(page) for page in _PAGES)


def test_every_public_module_has_a_page() -> None:
    """The reference has a page for each module without an underscore, and for each package of features."""
    engine = {"declare", "frontends", "inputs", "outputs", "plan", "streaming", "app_options"}
    package = _ROOT / "src" / "rapide"
    names = {
        path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    public = {name for name in names if not name.startswith("_")} - engine - {"param_functions"}
    assert public <= {page.stem for page in (DOCS / "reference").iterdir()}


def test_named_options_of_commands_exist() -> None:
    """A page that tells of an option which is not there is worse than one that tells of none."""
    files = [*_PAGES, EXAMPLES / "deploying" / "Dockerfile"]
    named = {option for file in files for option in _OPTION.findall(file.read_text("utf-8"))}
    settings = {setting.flag for setting in settings_of(ServeSettings)}
    unknown = named - settings - _OF_COMMANDS - _OF_OTHERS
    unknown = {option for option in unknown if option.replace("--no-", "--") not in settings}
    assert unknown == set()


@pytest.mark.parametrize("page", _PAGES, ids=_relative)
def test_page_loads_nothing_from_another_host(page: Path) -> None:
    """Links are for readers to follow; pictures, scripts and styles are loaded without asking them."""
    text = _FENCE.sub("", page.read_text("utf-8"))
    assert not re.search(r"!\[[^\]]*\]\((https?:)?//|<\w[^>]*\b(src|href|data)=", text)


def test_theme_loads_nothing_from_another_host() -> None:
    """Fonts, numbers of a repository, and further scripts would come from elsewhere."""
    project = tomllib.loads((_ROOT / "zensical.toml").read_text("utf-8"))["project"]
    assert project["theme"]["font"] is False
    assert project.keys().isdisjoint({"repo_url", "extra_javascript", "extra_css"})
