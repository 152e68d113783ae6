"""HTML of the pages: the one place where text becomes markup.

Everything that varies passes through one of four functions, each for one place in a page: `escape_text`
between tags, `escape_attribute` inside a quoted attribute, `script_json` and `script_string` inside a script
element.
"""

import html
import json
from typing import Any

from rapide.encoders import jsonable_encoder

__all__ = ["data_block", "escape_attribute", "escape_text", "page", "script_json", "script_string"]

# Inside a script element nothing is decoded, and `</script` or `<!--` in any letter case would end or change
# it. Written as escapes of JSON and JavaScript alike, these characters cannot.
_SCRIPT_ESCAPES = {ord("<"): r"\u003c", ord(">"): r"\u003e", ord("&"): r"\u0026"}
_SINGLE_QUOTED_ESCAPES = {ord("<"): r"\u003c", ord(">"): r"\u003e", ord("'"): r"\u0027"}

# A lone surrogate is no text: it cannot be encoded.
_REPLACE_SURROGATES = ("utf-8", "replace")


def escape_text(text: str) -> str:
    """Return text to stand between tags."""
    return html.escape(_encodable(text), quote=False)


def escape_attribute(text: str) -> str:
    """Return text to stand inside a double-quoted attribute."""
    return html.escape(_encodable(text), quote=True)


def script_json(value: Any) -> str:
    """Return a value as JSON to stand inside a script element.

    Values that JSON does not know become what `jsonable_encoder` makes of them; NaN and infinities are null.
    """
    encoded = jsonable_encoder(value, sqlalchemy_safe=False)  # a setting's name may begin as it likes
    return json.dumps(_finite(encoded), allow_nan=False).translate(_SCRIPT_ESCAPES)


def script_string(text: str) -> str:
    """Return text as a single-quoted JavaScript string to stand inside a script element."""
    body = json.dumps(_encodable(text))[1:-1].replace(r"\"", '"')
    return f"'{body.translate(_SINGLE_QUOTED_ESCAPES)}'"


def data_block(element_id: str, value: Any) -> str:
    """Return a script element that holds a value as data: the browser runs nothing of it."""
    return (
        f'<script type="application/json" id="{escape_attribute(element_id)}">{script_json(value)}</script>'
    )


def page(*, title: str, head: str, body: str) -> str:
    """Return a whole document. `head` and `body` are markup already, the title is text."""
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n'
        "<head>\n"
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1.0">\n'
        f"<title>{escape_text(title)}</title>\n"
        f"{head}\n"
        "</head>\n"
        "<body>\n"
        f"{body}\n"
        "</body>\n"
        "</html>\n"
    )


def _encodable(text: str) -> str:
    return text.encode(*_REPLACE_SURROGATES).decode()


def _finite(value: Any) -> Any:
    """Put None where JSON has no number."""
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, dict):
        return {key: _finite(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_finite(member) for member in value]
    return value
