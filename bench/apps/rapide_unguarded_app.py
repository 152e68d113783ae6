"""Rapide's own face without its guards, to see what they cost: no limits, no strictness towards clients."""

from dataclasses import replace

from bench.apps import hinted
from rapide import RAPIDE

app = hinted.make_app(
    "rapide",
    "Rapide",
    behaviour=replace(
        RAPIDE,
        max_json_size=None,
        max_form_size=None,
        strict_json=False,
        unsupported_media_type=False,
        strict_credentials=False,
    ),
)
