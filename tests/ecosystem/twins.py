"""One script of requests, driven through the same application on two frameworks, and what each answered."""

from __future__ import annotations

import json
import re
from typing import Any

from httpx2 import Client, Response

__all__ = ["Recorder"]

# What differs between two runs of one program on one framework.
_CHANGING = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "id"),
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+"), "token"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?"), "time"),
    (re.compile(r"(?<=127\.0\.0\.1:)\d+"), "port"),
]
_NOT_COMPARED = {"date", "server", "x-process-time"}
# With a document Rapide sends more headers, and its length depends on how numbers are written.
_OF_DOCUMENTS = {"cache-control", "content-length", "etag", "x-content-type-options"}
_LINKS = re.compile(r'(?:src|href|spec-url)="([^"]+)"')
_SETTINGS = re.compile(r"SwaggerUIBundle\((\{.*\})\)", re.DOTALL)


class Recorder:
    """Sends requests, and notes what was answered: what changes from run to run under names of its own."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._names: dict[str, str] = {}
        self.answers: list[tuple[str, Any]] = []

    def send(self, method: str, target: str, **more: Any) -> Response:
        """Send a request, note its answer and return it."""
        answer = self.client.request(method, target, **more)
        self.note(f"{method} {target} {more}", _content(answer))
        return answer

    def note(self, what: str, value: Any) -> None:
        """Note something else that both must show alike."""
        self.answers.append((self._without_names(what), json.loads(self._without_names(json.dumps(value)))))

    def _without_names(self, text: str) -> str:
        for pattern, kind in _CHANGING:
            text = pattern.sub(lambda found, kind=kind: self._called(found[0], kind), text)
        return text

    def _called(self, value: str, kind: str) -> str:
        if kind in {"time", "token"}:  # two may be equal by chance
            return f"<{kind}>"
        return self._names.setdefault(value, f"<{kind} {len(self._names)}>")


def _content(answer: Response) -> list[Any]:
    headers = {name: value for name, value in answer.headers.items() if name not in _NOT_COMPARED}
    if "allow" in headers:  # the real FastAPI's order is that of a set
        headers["allow"] = ", ".join(sorted(headers["allow"].split(", ")))
    if ("<title>" in answer.text and "- Swagger UI<" in answer.text) or "- ReDoc<" in answer.text:
        return [answer.status_code, headers["content-type"], _page(answer.text)]
    if "Swagger UI: OAuth2 Redirect" in answer.text:
        return [answer.status_code, headers["content-type"], "swaggerUIRedirectOauth2" in answer.text]
    if headers.get("content-type") != "application/json" or not answer.content:
        return [answer.status_code, headers, answer.text]
    body = answer.json()
    if isinstance(body, dict) and "openapi" in body:
        headers = {name: value for name, value in headers.items() if name not in _OF_DOCUMENTS}
    return [answer.status_code, headers, body]


def _page(text: str) -> list[Any]:
    """Return what a page of the documentation is called, loads and sets, without how it is written."""
    title = text.partition("<title>")[2].partition("</title>")[0]
    settings = "".join("".join(_SETTINGS.findall(text)).split())
    settings = settings.replace(",]", "]").replace(",}", "}")
    return [title, sorted(_LINKS.findall(text)), settings]
