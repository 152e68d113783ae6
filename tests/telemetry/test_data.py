"""What processors may know, and the types of it."""

import typing

import pytest
from opentelemetry.context import Context, set_value

from rapide.telemetry import TelemetryConfig, TelemetryData, get_telemetry_data
from rapide.telemetry.data import DATA_KEY


def test_a_context_is_looked_into_when_it_is_given():
    """Processors get the parent context of a span that starts."""
    data = TelemetryData(body=1)
    assert get_telemetry_data(set_value(DATA_KEY, data, Context())) is data
    assert get_telemetry_data(Context()) is None


def test_foreign_values_are_no_data():
    """Whatever somebody else puts under the key."""
    assert get_telemetry_data(set_value(DATA_KEY, "text", Context())) is None


def test_data_takes_keywords_only():
    """So that fields can be added."""
    with pytest.raises(TypeError):
        TelemetryData(1)
    assert TelemetryData() == TelemetryData(request=None, websocket=None, body=None, values=None, errors=None)


@pytest.mark.parametrize("thing", [TelemetryConfig, TelemetryData, get_telemetry_data])
def test_annotations_can_be_read(thing):
    """With OpenTelemetry or without."""
    assert typing.get_type_hints(thing)
