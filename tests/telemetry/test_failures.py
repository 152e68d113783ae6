"""Layers of an application."""

from starlette.applications import Starlette
from starlette.middleware.errors import ServerErrorMiddleware

from rapide.telemetry.failures import FailureObserver, is_instrumented, observe_failures


class OpenTelemetryMiddleware:
    """Stands in for contrib's layer, which is known by its name."""

    def __init__(self, app):
        self.app = app


OpenTelemetryMiddleware.__module__ = "opentelemetry.instrumentation.asgi"


def test_instrumentation_is_found_at_any_depth():
    """Whatever stands around it, as long as layers keep what is inside in `app`."""
    inside = ServerErrorMiddleware(FailureObserver(OpenTelemetryMiddleware(Starlette())))
    assert is_instrumented(inside)
    assert not is_instrumented(ServerErrorMiddleware(Starlette()))


def test_layers_in_a_circle_come_to_an_end():
    """A layer that is its own application does not stop the search."""
    layer = FailureObserver(Starlette())
    layer.app = layer
    assert not is_instrumented(layer)


def test_a_stack_is_observed_once():
    """Deciding again puts no second observer in."""
    inner = Starlette()
    stack = ServerErrorMiddleware(inner)
    for _ in range(2):
        observe_failures(stack)
    assert isinstance(stack.app, FailureObserver)
    assert stack.app.app is inner
