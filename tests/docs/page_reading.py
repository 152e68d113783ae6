"""What a page holds once it is parsed: its elements, its title, its data, its policy."""

import json
from html.parser import HTMLParser
from typing import Any

from hypothesis import strategies as st
from starlette.responses import Response

__all__ = ["HOSTILE", "HOSTILE_TEXT", "ParsedPage", "read_page", "read_policy"]

HOSTILE = '</script></title><img src=x onerror="alert(1)"><!--\'"&amp;\\\u2028-->'

_PIECES = [
    *(
        "</script>",
        "</SCRIPT ",
        "<script>",
        "<!--",
        "-->",
        "]]>",
        "</title>",
        "<img onerror=x>",
        "&lt;",
        "&",
        "'",
        '"',
    ),
    *(
        "\\",
        "\\u003c",
        "`",
        "${x}",
        "//host",
        "javascript:",
        "\u2028",
        "\n",
        "\0",
        "%",
        "é",
        "😀",
        "{}",
        "\ud800",
    ),
]
#: Text made of what could end a tag, an attribute, a string or a script too early, among any other text.
HOSTILE_TEXT = st.lists(st.sampled_from(_PIECES) | st.text(max_size=5), max_size=8).map("".join)


class ParsedPage(HTMLParser):
    """A parsed document."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        #: Every element in order: its name and its attributes, decoded.
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        #: The text of each element that has some, by the element's position in `elements`.
        self.texts: dict[int, str] = {}
        self._open: list[int] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(len(self.elements))
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self.elements[self._open.pop()][0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open[-1]] = self.texts.get(self._open[-1], "") + data

    @property
    def shape(self) -> list[tuple[str, list[str]]]:
        """The names of all elements and of their attributes, in order."""
        return [(name, sorted(attributes)) for name, attributes in self.elements]

    def attributes(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of every element of a name."""
        return [attributes for element, attributes in self.elements if element == name]

    def text(self, name: str, position: int = 0) -> str:
        """The text inside one of the elements of a name."""
        positions = [index for index, (element, _) in enumerate(self.elements) if element == name]
        return self.texts.get(positions[position], "")

    @property
    def data(self) -> Any:
        """What the page carries as data for its script."""
        kinds = [attributes.get("type") for attributes in self.attributes("script")]
        return json.loads(self.text("script", kinds.index("application/json")))


def read_page(response: Response) -> ParsedPage:
    """Parse the body of a page."""
    return ParsedPage(bytes(response.body).decode())


def read_policy(response: Response) -> dict[str, list[str]]:
    """Return the directives of a page's Content Security Policy."""
    directives = response.headers["content-security-policy"].split("; ")
    return {name: sources for name, *sources in map(str.split, directives)}
