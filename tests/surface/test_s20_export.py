"""Section 20.8: exporters from environment variables, in processes of their own, against a local receiver."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from surface_target import TARGET

_SWITCH = "FASTAPI_OTEL_AUTO_CONFIGURE"
_ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:PORT"}
_PROTOBUF = "application/x-protobuf"
_ON = {"auto_configure": True}


def run(environment, **task):
    """Return what the program reports that runs with these variables."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    inherited.pop(_SWITCH, None)
    inherited["RAPIDE_SURFACE_TARGET"] = TARGET
    program = Path(__file__).with_name("telemetry_export_run.py")
    inherited["PYTHONPATH"] = os.pathsep.join([str(program.parent), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, str(program), json.dumps(task)],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def paths(life):
    """Return where something was sent to."""
    return [path for path, _ in life]


@pytest.mark.parametrize(
    ("environment", "config"), [({_SWITCH: "true"}, {}), ({_SWITCH: "TRUE"}, {}), ({}, _ON)]
)
def test_all_signals_are_exported_when_switched_on(environment, config):
    """20.8: over HTTP with protobuf, flushed when the application ends; providers are there at its start."""
    report = run({**_ENDPOINT, **environment}, config=config)
    wanted = ["/v1/logs", "/v1/metrics", "/v1/traces"]
    assert report["lives"] == [[[path, _PROTOBUF] for path in wanted]]
    assert report["sdk"] == [True, True, True]
    assert report["started"][0] == "opentelemetry.sdk.trace"
    assert report["warnings"] == []


@pytest.mark.parametrize(
    ("environment", "config"),
    [
        (_ENDPOINT, {}),
        ({**_ENDPOINT, _SWITCH: "1"}, {}),
        ({**_ENDPOINT, _SWITCH: "true"}, {"auto_configure": False}),
        ({**_ENDPOINT, "OTEL_SDK_DISABLED": "true"}, _ON),
        ({}, _ON),
    ],
)
def test_nothing_is_exported_otherwise(environment, config):
    """20.8: not without the switch, nor without an endpoint, nor when the SDK is disabled."""
    report = run(environment, config=config)
    assert (report["lives"], report["sdk"], report["warnings"]) == ([[]], [False] * 3, [])


def test_a_signal_without_endpoint_is_not_exported():
    """20.8: endpoints of single signals are taken as they are."""
    report = run({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:PORT/custom"}, config=_ON)
    assert paths(report["lives"][0]) == ["/custom"]
    assert report["sdk"] == [True, False, False]


def test_single_signals_can_be_left_out():
    """20.8: by `none`, or by the settings of the application."""
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:PORT/base/",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_TRACES_EXPORTER": "otlp",
    }
    report = run(environment, config={**_ON, "logs": False})
    assert paths(report["lives"][0]) == ["/base/v1/traces"]


@pytest.mark.parametrize("existing", ["global", "own"])
def test_existing_providers_get_an_exporter(existing):
    """20.8: what the application has configured itself is kept; one exporter for all lives."""
    report = run(_ENDPOINT, config=_ON, existing=existing, lives=2)
    assert [paths(life) for life in report["lives"]] == [["/v1/logs", "/v1/metrics", "/v1/traces"]] * 2
    assert report["processors"] == 1
    assert report["replaced"] is (existing == "own")


@pytest.mark.parametrize(
    "environment",
    [
        {"OTEL_LOGS_EXPORTER": "console"},
        {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
        {"OTEL_EXPORTER_OTLP_LOGS_PROTOCOL": "http/json"},
    ],
)
def test_what_cannot_be_configured_is_a_warning(environment):
    """20.8: other exporters and protocols: nothing is configured, and the application starts."""
    report = run({**_ENDPOINT, **environment}, config=_ON)
    assert (report["lives"], report["sdk"]) == ([[]], [False] * 3)
    assert len(report["warnings"]) == 1
