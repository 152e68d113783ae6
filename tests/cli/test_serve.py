"""What is settled before a server starts."""

import dataclasses
import importlib.metadata
import importlib.util
import socket

import pytest

from rapide.cli import serve
from rapide.cli.discover import find_target
from rapide.cli.failures import CommandError, StartupError, UsageError
from rapide.cli.options import ServeSettings


def test_a_flag_for_workers_outweighs_reload_from_elsewhere():
    """The file may ask for reloading in general; `--workers 4` asks for something else now."""
    settings = ServeSettings(reload=True, workers=4)
    agreed = serve._agree(settings, {"workers": "--workers", "reload": "[tool.rapide] reload"})
    assert (agreed.reload, agreed.workers) == (False, 4)


def test_reload_outweighs_workers_from_the_environment():
    """WEB_CONCURRENCY is set by the platform, --reload by a person."""
    agreed = serve._agree(
        ServeSettings(reload=True, workers=4), {"workers": "WEB_CONCURRENCY", "reload": "--reload"}
    )
    assert (agreed.reload, agreed.workers) == (True, None)


@pytest.mark.parametrize(
    ("changes", "origins", "said"),
    [
        (
            {"reload": True, "workers": 2},
            {"reload": "--reload", "workers": "--workers"},
            "exclude each other",
        ),
        ({"reload": True, "server": "granian"}, {"reload": "--reload"}, "works with uvicorn"),
        (
            {"server": "hypercorn", "limit_concurrency": 5},
            {"limit_concurrency": "--limit-concurrency"},
            "--limit-concurrency: hypercorn has no such setting",
        ),
        (
            {"server": "granian", "timeout_keep_alive": 5},
            {"timeout_keep_alive": "[tool.rapide] timeout-keep-alive"},
            "[tool.rapide] timeout-keep-alive: granian has no such setting",
        ),
    ],
)
def test_options_that_contradict_each_other_are_wrong_usage(changes, origins, said):
    """A limit that is not applied must not look as if it were."""
    with pytest.raises(UsageError) as caught:
        serve._agree(ServeSettings(**changes), origins)
    assert said in caught.value.message


def test_a_key_without_a_certificate_is_wrong_usage(project):
    """And a certificate that is not there is an error before anything starts."""
    with pytest.raises(UsageError, match="needs --ssl-certfile"):
        serve._agree(ServeSettings(ssl_keyfile=project.write("key.pem", "")), {})
    with pytest.raises(CommandError, match=r"missing\.pem does not exist"):
        serve._agree(ServeSettings(ssl_certfile=project.folder / "missing.pem"), {})


def test_a_server_that_is_not_installed_is_named_with_its_package(monkeypatch):
    """The remedy is a command to copy."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CommandError) as caught:
        serve._require_server(ServeSettings(server="granian"))
    assert caught.value.text() == (
        "The server granian is not installed.\n  What to do: Install it: pip install granian"
    )


@pytest.mark.parametrize(
    ("version", "fits"), [("0.50.9", False), ("0.51.0", True), ("1.0", True), ("0.54.0rc1", True)]
)
def test_a_server_that_is_too_old_is_refused(monkeypatch, version, fits):
    """An old Uvicorn would fail in the middle of the start, with a TypeError about its own signature."""
    monkeypatch.setattr(importlib.metadata, "version", lambda name: version)
    if fits:
        serve._require_server(ServeSettings())
        return
    with pytest.raises(CommandError, match=r"uvicorn 0\.50\.9 is too old: 0\.51 is needed"):
        serve._require_server(ServeSettings())


def test_a_port_in_use_is_noticed_before_the_application_is_imported():
    """The message names address and way out; the exit code is that of a failed start."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = ServeSettings(host="127.0.0.1", port=taken.getsockname()[1])
        with pytest.raises(StartupError, match=r"Cannot listen on 127\.0\.0\.1") as caught:
            serve._require_free_port(settings)
    assert "--port" in str(caught.value.remedy)
    serve._require_free_port(settings)


def test_an_address_of_another_machine_cannot_be_listened_on():
    """192.0.2.1 is kept for documentation: no machine has it."""
    with pytest.raises(StartupError, match=r"Cannot listen on 192\.0\.2\.1:8000"):
        serve._require_free_port(ServeSettings(host="192.0.2.1"))


def test_every_setting_that_workers_need_is_in_the_plan(project):
    """Verbose means debug logs unless another level was asked for, and TLS changes the address."""
    settings = ServeSettings(
        verbose=True,
        ssl_certfile=project.folder / "c.pem",
        log_format="json",
        limit_header_count=7,
        allow_debug=True,
    )
    plan = serve.make_plan("run", find_target(entrypoint="main:app"), settings, pinned=True)
    assert (plan.logs.level, plan.logs.log_format, plan.head.count) == ("debug", "json", 7)
    assert (plan.scheme, plan.allow_debug, plan.pinned, plan.development) == ("https", True, True, False)
    quiet = dataclasses.replace(settings, log_level="error")
    assert serve.make_plan("dev", plan.target, quiet, pinned=False).logs.level == "error"


@pytest.mark.parametrize("variable", ["RAPIDE_PUBLIC_URL", "FASTAPI_PUBLIC_URL"])
def test_the_public_address_comes_from_the_environment(project, monkeypatch, variable):
    """Development containers know the address under which the browser reaches them."""
    monkeypatch.setenv(variable, "https://dev.example.org")
    plan = serve.make_plan("dev", find_target(entrypoint="main:app"), ServeSettings(), pinned=True)
    assert plan.base_url == "https://dev.example.org"
