"""Pydantic's schema generator as a document needs it: many types at once, short names, quickly."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, Literal

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from rapide.openapi.constants import REF_PREFIX, REF_TEMPLATE

__all__ = ["Generator", "Mode", "renamed", "short_names"]

Mode = Literal["validation", "serialization"]
# Values that are their own JSON whatever a model's configuration says.
_AS_IS = frozenset({str, int, bool, type(None)})


class Generator(GenerateJsonSchema):
    """Pydantic's generator with OpenAPI's words for bytes.

    `make` returns the schema of one type. References in it, and the keys of `definitions`, are long and
    unique; `choices` has the names that each may have in the document, the nicest first.
    """

    def __init__(self) -> None:
        super().__init__(ref_template=REF_TEMPLATE)
        self.choices: dict[str, list[str]] = {}

    def make(self, core_schema: Any, mode: Mode) -> JsonSchemaValue:
        """Return the schema of a type on input or on output, and keep the definitions that it refers to."""
        self._mode = mode
        return self.generate_inner(core_schema)

    def get_defs_ref(self, core_mode_ref: Any) -> Any:
        """Note the names that Pydantic proposes for a definition."""
        long_name = super().get_defs_ref(core_mode_ref)
        self.choices[long_name] = list(self._prioritized_defsref_choices[long_name])
        return long_name

    def bytes_schema(self, schema: Any) -> JsonSchemaValue:
        """Describe bytes as content (JSON Schema 2020-12, section 8), not by `format`."""
        made = super().bytes_schema(schema)
        made.pop("format", None)
        made["contentMediaType"] = "application/octet-stream"
        # Pydantic looks at the setting for output alone.
        config = self._config
        if (config.val_json_bytes if self.mode == "validation" else config.ser_json_bytes) == "base64":
            made["contentEncoding"] = "base64"
        return made

    def encode_default(self, dft: Any) -> Any:
        """Return a default as JSON; most need no serialiser."""
        if type(dft) in _AS_IS or (type(dft) is float and math.isfinite(dft)):
            return dft
        return [] if type(dft) is list and not dft else super().encode_default(dft)


def _canonical(schema: JsonSchemaValue, names: dict[str, str]) -> str:
    """Return text that is equal for equal schemas, under the names chosen so far."""
    return json.dumps(renamed(schema, names), sort_keys=True, default=repr)


def short_names(
    definitions: Mapping[Any, JsonSchemaValue], choices: Mapping[str, list[str]]
) -> dict[str, str]:
    """Return the name of each definition in the document: the nicest that no different schema could claim.

    Definitions that look alike share a name. As that depends on the names of what they refer to, names are
    chosen until they stay as they are. So does Pydantic; here only definitions with rivals are compared.
    """
    rivals = Counter(choices[long_name][0] for long_name in definitions)
    contested = [long_name for long_name in definitions if rivals[choices[long_name][0]] > 1]
    names = {long_name: choices[long_name][0] for long_name in definitions}
    names.update((long_name, long_name) for long_name in contested)
    while True:
        claims: defaultdict[str, set[str]] = defaultdict(set)
        for long_name in contested:
            text = _canonical(definitions[long_name], names)
            for choice in choices[long_name]:
                claims[choice].add(text)
        chosen = {
            long_name: next(choice for choice in choices[long_name] if len(claims[choice]) == 1)
            for long_name in contested
        }
        if all(names[long_name] == name for long_name, name in chosen.items()):
            return names
        names.update(chosen)


def renamed(value: Any, names: dict[str, str]) -> Any:
    """Return a copy of a schema with the definitions called by their names in the document."""
    if type(value) is str:
        if value.startswith(REF_PREFIX):
            name = value[len(REF_PREFIX) :]
            return REF_PREFIX + names.get(name, name)
        return value
    if type(value) is dict:
        return {key: renamed(member, names) for key, member in value.items()}
    if type(value) is list:
        return [renamed(item, names) for item in value]
    return value
