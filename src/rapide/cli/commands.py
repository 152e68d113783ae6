"""The commands and their arguments. What a command does is in a module of its own, imported when it runs."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import typer

from rapide.cli.configuration import resolve_settings
from rapide.cli.discover import LoadedApplication, Target, find_target, load_target
from rapide.cli.failures import CommandError
from rapide.cli.options import ApplicationSettings, CommandName, ServeSettings, SettingField, settings_of

__all__ = ["cli", "run_command"]

cli = typer.Typer(
    name="rapide",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # failures of ours have texts; anything else is a fault to report
    rich_markup_mode="rich",
)
_EPILOG = (
    r"Every option is also RAPIDE_<OPTION> in the environment and a key of \[tool.rapide] in pyproject.toml."
)


def run_command(arguments: Sequence[str] | None = None) -> None:
    """Parse the arguments and run the command they name. Always ends in SystemExit."""
    cli(args=None if arguments is None else list(arguments), prog_name="rapide")


@dataclass(frozen=True)
class Choice:
    """What the shared arguments of a command say: which application, and with which settings.

    The application is looked for when a command first asks, for not every use of every command has one.
    """

    values: dict[str, Any]
    settings_class: type[ApplicationSettings]
    command: CommandName
    verbose: bool

    @property
    def path(self) -> Path | None:
        """The file or folder that was named."""
        path: Path | None = self.values["path"]
        return path

    @property
    def target(self) -> Target:
        """Which application."""
        return self._resolved.target

    @property
    def settings(self) -> ApplicationSettings:
        """How it is used."""
        return self._resolved.settings

    @property
    def origins(self) -> dict[str, str]:
        """Where settings that are not defaults were written."""
        return self._resolved.origins

    @cached_property
    def _resolved(self) -> _Resolved:
        return _resolve(dict(self.values), self.settings_class, self.command, verbose=self.verbose)

    @property
    def pinned(self) -> bool:
        """Whether the user named module and object."""
        return "entrypoint" in self.origins and self.target.origin == self.origins["entrypoint"]

    def load(self) -> LoadedApplication:
        """Import the application. What its module prints goes to stderr: stdout is for the result."""
        with contextlib.redirect_stdout(sys.stderr):
            return load_target(self.target)


@dataclass(frozen=True, slots=True)
class _Resolved:
    target: Target
    settings: ApplicationSettings
    origins: dict[str, str]


def _resolve(
    values: dict[str, Any], settings_class: type[ApplicationSettings], command: CommandName, *, verbose: bool
) -> _Resolved:
    path, app_name = values.pop("path"), values.pop("app")
    if values["entrypoint"] and (path or app_name):
        raise CommandError(
            "--entrypoint cannot be used together with PATH or --app.", remedy="Leave one of them out."
        )
    resolved = resolve_settings(settings_class, command, values, directory=Path.cwd())
    settings = dataclasses.replace(resolved.settings, verbose=verbose or resolved.settings.verbose)
    origins = dict(resolved.origins)
    target = find_target(
        path=path,
        app_name=app_name,
        entrypoint=settings.entrypoint,
        entrypoint_origin=origins.get("entrypoint", ""),
    )
    # What the file says about its entry point says nothing about a path that is given instead.
    factory = settings.factory and (not (path or app_name) or origins["factory"].startswith("--"))
    target = dataclasses.replace(target, factory=factory, alias_fastapi=settings.alias_fastapi)
    return _Resolved(target, settings, origins)


def _command(
    name: str,
    command: CommandName = "inspect",
    settings_class: type[ApplicationSettings] = ApplicationSettings,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command whose function takes a `Choice` and its own options.

    Path, `--app` and the options of the settings class are added to the signature that Typer reads.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        shared = [_path_parameter(), _app_parameter()]
        shared += [
            _option(setting, command)
            for setting in settings_of(settings_class)
            if command in setting.setting.commands
        ]

        def run(context: typer.Context, **values: Any) -> None:
            arguments = {parameter.name: values.pop(parameter.name) for parameter in own}
            verbose = bool(context.obj)
            try:
                choice = Choice(values, settings_class, command, verbose or bool(values["verbose"]))
                function(choice, **arguments)
            except CommandError as error:
                _print_failure(error, verbose=verbose or bool(values["verbose"]))
                raise typer.Exit(error.exit_code) from None

        context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
        parameters = [
            context,
            *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own),
            *shared,
        ]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # Typer reads it
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        cli.command(name, help=inspect.getdoc(function), epilog=_EPILOG)(run)
        return function

    return register


def _path_parameter() -> inspect.Parameter:
    text = (
        "A Python file, a package, or a directory with main.py, app.py or api.py. Default: the current one."
    )
    argument = typer.Argument(help=text, show_default=False)
    return _parameter("path", Annotated[Path | None, argument])


def _app_parameter() -> inspect.Parameter:
    text = "The object in that file. Without it: app, then api, then the first application."
    return _parameter(
        "app", Annotated[str | None, typer.Option("--app", help=text, rich_help_panel="Application")]
    )


def _option(setting: SettingField, command: CommandName) -> inspect.Parameter:
    kind = list[get_args(setting.type)[0]] if get_origin(setting.type) is tuple else setting.type  # type: ignore[misc]  # a type made at run time
    switch = f"--{setting.key}/--no-{setting.key}"
    flags = setting.setting.flags or ((switch,) if setting.type is bool else (setting.flag,))
    option = typer.Option(
        *flags, help=_help_text(setting, command), rich_help_panel=setting.setting.panel, show_default=False
    )
    return _parameter(setting.name, Annotated[kind | None, option])


def _help_text(setting: SettingField, command: CommandName) -> str:
    default = setting.default_for(command)
    notes = []
    if isinstance(default, bool):
        notes.append(f"default: {'on' if default else 'off'}")
    elif default not in {None, "", ()}:
        notes.append(f"default: {default}")
    notes += [f"env: {variable}" for variable in setting.setting.environment]
    return setting.setting.help + (rf" \[{'; '.join(notes)}]" if notes else "")


def _parameter(name: str, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _print_failure(error: CommandError, *, verbose: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text.assemble(("Error: ", "bold red"), error.text(verbose=verbose)))


def _print_version(wanted: bool) -> None:
    if wanted:
        import rapide

        typer.echo(f"Rapide {rapide.__version__}")
        raise typer.Exit


@cli.callback()
def _global_options(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit."),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose/--no-verbose", help="Say more, whatever the command.")
    ] = False,
) -> None:
    """Serve and inspect applications written with Rapide."""
    context.obj = verbose


@_command("dev", "dev", ServeSettings)
def _dev(choice: Choice) -> None:
    """Serve an application for development: on this machine only, restarting when its files change."""
    _serve("dev", choice)


@_command("run", "run", ServeSettings)
def _run(choice: Choice) -> None:
    """Serve an application in production: on every interface, without restarts."""
    _serve("run", choice)


def _serve(command: CommandName, choice: Choice) -> None:
    from rapide.cli.serve import serve

    if not isinstance(choice.settings, ServeSettings):  # the commands above ask for them
        raise TypeError(choice.settings)
    code = serve(command, choice.target, choice.settings, origins=choice.origins, pinned=choice.pinned)
    raise typer.Exit(code)


@_command("routes")
def _routes(
    choice: Choice,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array for machines.")] = False,
) -> None:
    """List the routes of an application: methods, paths, names, endpoints with file and line, tags."""
    from rapide.cli.routes import list_routes, render_json, render_table

    rows = list_routes(choice.load().app)
    print(render_json(rows) if as_json else render_table(rows))


@_command("audit")
def _audit(
    choice: Choice,
    *,
    allow_file: Annotated[
        Path | None,
        typer.Option(
            help="A file with what may be open, one `METHOD /path` or `/path` in a line.", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array for machines.")] = False,
) -> None:
    """List who may call each route.

    Exits with 1 when one is open that is neither marked nor allowed to be.
    """
    from rapide.cli.audit import audit_application

    raise typer.Exit(audit_application(choice.load().app, allow_file=allow_file, as_json=as_json))


@_command("openapi")
def _openapi(
    choice: Choice,
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write this file instead of stdout.")
    ] = None,
    format_: Annotated[
        Literal["json", "yaml"], typer.Option("--format", help="How the document is written.")
    ] = "json",
    openapi_version: Annotated[
        Literal["3.0", "3.1", "3.2"] | None,
        typer.Option(help="Which OpenAPI. Without it, the application's own."),
    ] = None,
) -> None:
    """Write the OpenAPI document of an application. The same application always gives the same bytes."""
    from rapide.cli.openapi import export_document

    export_document(choice.load().app, output=output, text_format=format_, openapi_version=openapi_version)


@_command("explain")
def _explain(
    choice: Choice,
    *,
    method: Annotated[str, typer.Argument(help="For example GET.", show_default=False)],
    route: Annotated[
        str, typer.Argument(help="The path of the route, for example /items/{id}.", show_default=False)
    ],
) -> None:
    """Show what a route needs and gives, and the source of the handler that Rapide generated for it."""
    from rapide.cli.explain import explain_route

    print(explain_route(choice.load().app, method, route))


@cli.command("explain-error")
def _explain_error(
    code: Annotated[str, typer.Argument(help="For example RAP104.", show_default=False)],
) -> None:
    """Explain the code of a declaration mistake."""
    from rapide.cli.explain import explain_error

    try:
        print(explain_error(code))
    except CommandError as error:
        _print_failure(error, verbose=False)
        raise typer.Exit(error.exit_code) from None


@_command("check")
def _check(
    choice: Choice,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array for machines.")] = False,
    from_fastapi: Annotated[
        bool,
        typer.Option(
            "--from-fastapi",
            help="Say what would change for a FastAPI application. PATH is read, not imported; . by default.",
        ),
    ] = False,
) -> None:
    """Import an application, compile every route, report mistakes. Exits with 1 when there is an error."""
    if from_fastapi:
        from rapide.cli.moving import check_from_fastapi

        raise typer.Exit(check_from_fastapi(choice.path or Path(), as_json=as_json))
    from rapide.cli.check import check_application

    raise typer.Exit(check_application(choice.load, as_json=as_json))
